"""Starts the reader's code in a process of its own, and hears what it answers."""

import json
import os
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from experiments.process import startup

RUNNER = Path(__file__).with_name("runner.py")
LOADING = 30.0  # seconds that a file may take until its functions are there
LIMIT = 10.0  # seconds that one call may take
GRACE = 5.0  # seconds more until a process that does not even tell its line is ended


class Runner:
    """A process that does one job. Use it in a `with`: at the end the process is gone.

    Attributes:
        answers: a queue of dicts, one for each line of the process, and None at its end.
    """

    def __init__(self, folder, file, limit=LIMIT, **job):
        settings = os.environ | dict.fromkeys(startup.THREADS, "1") | {"PYTHONHASHSEED": "0"}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-B", str(RUNNER)],
            cwd=folder,
            env=settings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            errors="replace",
        )
        job |= {"folder": str(Path(folder).resolve()) + os.sep, "file": file}
        with suppress(BrokenPipeError), self.process.stdin as pipe:
            json.dump(job | {"limit": limit, "loading": max(limit, LOADING)}, pipe)
        self.answers = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.answers.put(json.loads(line))
        self.answers.put(None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def ask(folder, file, calls, limit=LIMIT):
    """What functions of a file answer to calls, in order.

    Args:
        calls: dicts with the name of a `gap`, the number of its `case`, and its `arguments`.

    Returns:
        A list of dicts. The last one is {"end": True} if nothing has stopped the process.
    """
    found = []
    with Runner(folder, file, limit, calls=calls) as runner:
        wait = max(limit, LOADING) + GRACE
        while True:
            try:
                answer = runner.answers.get(timeout=wait)
            except queue.Empty:  # not even the thread that watches could run
                return [*found, {"slow": {}}]
            if answer is None:
                return found
            found.append(answer)
            wait = limit + GRACE
