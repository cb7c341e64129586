"""Ctrl-C and termination.

Python raises KeyboardInterrupt wherever the process happens to be, and a library that is at work
there may swallow it or make another error of it (seen while modules were imported, and while Hydra
composed). So a command that has nothing to lose ends at once. A command that has something to lose
counts the signals, and asks for the count at moments that suit it. Only our own mathematics is
interrupted in the middle.
"""

import os
import signal
import sys
import threading
from contextlib import contextmanager

CODE = 130  # the exit status of a command that Ctrl-C ended
SIGNALS = {signal.SIGINT: 1, signal.SIGTERM: 2}  # termination counts like Ctrl-C twice
FORCE_QUIT = 4  # at this count the process ends, whatever it is doing


def at_once(message="stopped"):
    """From now on a signal ends this process, with a message; for the first line of a command."""

    def leave(*_):
        os.write(2, f"{message}\n".encode())
        os._exit(CODE)

    for number in SIGNALS:
        signal.signal(number, leave)


def in_a_word():
    """From now on Ctrl-C that nobody catches ends this process with a word, and no traceback.

    What is unfinished is removed on the way out. The exit status is that of a process which Ctrl-C
    has ended; a shell says 130.
    """
    told = sys.excepthook

    def tell(kind, error, trace):
        if not issubclass(kind, KeyboardInterrupt):
            told(kind, error, trace)
        elif sys.stderr:
            print("stopped", file=sys.stderr)

    sys.excepthook = tell


class Counter:
    """A handler that counts signals: `times` is how often the user has asked to stop.

    From `limit` on, code inside `interruptible()` is left by a KeyboardInterrupt.
    """

    def __init__(self, limit):
        self.limit = limit
        self.times = 0
        self.may_raise = False

    def __call__(self, number, _frame):
        self.times += SIGNALS[number]
        if self.times >= FORCE_QUIT:
            os._exit(CODE)
        if self.times >= self.limit and self.may_raise:
            raise KeyboardInterrupt


@contextmanager
def counted(limit):
    """Yields a Counter that handles signals inside.

    Only the main thread hears signals; in another thread nothing is counted.
    """
    counter = Counter(limit)
    if threading.current_thread() is not threading.main_thread():
        yield counter
        return
    before = {number: signal.signal(number, counter) for number in SIGNALS}
    try:
        yield counter
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def interruptible():
    """Code inside may be left in the middle, by the KeyboardInterrupt of a Counter."""
    counter = signal.getsignal(signal.SIGINT)
    if not isinstance(counter, Counter):
        yield
        return
    counter.may_raise = True
    try:
        yield
    finally:
        counter.may_raise = False
