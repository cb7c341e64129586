"""Ctrl-C and termination.

Python raises KeyboardInterrupt wherever it happens to be, and a library that is at work there may
swallow it or make another error of it (seen while modules were imported and while Hydra composed).
So a command that has nothing at stake ends at once; one that has counts signals, and looks when it
suits; and only mathematics of our own is interrupted in the middle.
"""

import os
import signal
import threading
from contextlib import contextmanager

CODE = 130  # the exit status of a command that Ctrl-C ended
SIGNALS = {signal.SIGINT: 1, signal.SIGTERM: 2}  # termination is meant like Ctrl-C given twice
ENOUGH = 4  # who asks so often is not kept any longer


def at_once(message="stopped"):
    """From now on a signal ends this process, with a message; for the first line of a command."""

    def leave(*_):
        os.write(2, f"{message}\n".encode())
        os._exit(CODE)

    for number in SIGNALS:
        signal.signal(number, leave)


class Asked:
    """How often the user has asked to stop."""

    times = 0


@contextmanager
def counted(limit):
    """Yields an Asked, which counts signals; from `limit` on, what is `interruptible` is.

    Outside the main thread, which alone hears signals, nothing is counted.
    """
    asked = Asked()

    def count(number, _):
        asked.times += SIGNALS[number]
        if asked.times >= ENOUGH:
            os._exit(CODE)
        if asked.times >= limit and _interruptible:
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = {number: signal.signal(number, count) for number in SIGNALS}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_interruptible = False


@contextmanager
def interruptible():
    """What is done inside may be left in the middle, by a KeyboardInterrupt."""
    global _interruptible
    _interruptible = True
    try:
        yield
    finally:
        _interruptible = False
