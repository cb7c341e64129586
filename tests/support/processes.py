"""Processes that a test starts, watches and kills."""

import os
import signal
import time
from pathlib import Path


def wait_for(condition, seconds=30.0):
    """Waits until `condition()` is true and returns what it returned; fails if it stays false."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain"
        time.sleep(0.02)
    return value


def is_alive(pid):
    """Whether a process is there and has not ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def in_session(number):
    """The living processes of a session: what a process that was started with one has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, session = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(session) == number and state != "Z":
            found.append(int(path.parent.name))
    return found


def kill(pid):
    os.kill(pid, signal.SIGKILL)
