"""Timing commands and functions in turn, so that a noisy machine is noisy for all of them."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).with_name("results.md")


def in_turn(contenders, repeats=5):
    """{name: [seconds, ...]}: every contender once, then every one again, ..."""
    seconds = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, contender in contenders.items():
            before = time.perf_counter()
            own = contender()
            seconds[name].append(own if own is not None else time.perf_counter() - before)
    return seconds


def ratio(seconds, a, b):
    """The median over repeats of a's time over b's, each pair measured one after the other."""
    return median(x / y for x, y in zip(seconds[a], seconds[b], strict=True))


def scratch():
    """A new folder, which stays until the end of the session.

    ext4 without a journal takes long to make a file where many have been deleted a minute ago.
    """
    folder = tempfile.mkdtemp(prefix="scratchml-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def command(*words, cwd=ROOT, **environment):
    """Runs a Python command to its end; returns (seconds, peak MiB of it and its children)."""
    before = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *map(str, words)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{words} ended with {process.returncode}:\n{output[-2000:]}")
    return time.perf_counter() - before, usage.ru_maxrss / 1024


def table(title, columns, rows, note=""):
    """Prints a Markdown table and returns it."""
    lines = [f"## {title}", "", "| " + " | ".join(columns) + " |"]
    lines += ["|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    text = "\n".join([*lines, "", *([note, ""] if note else [])])
    print(text, flush=True)
    return text
