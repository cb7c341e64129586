"""A function that takes the user's own code along to where it is called: a worker, or a cluster.

Executors know nothing of it: they are handed a function and its tasks, as ever.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from experiments import own
from experiments.own import Code
from experiments.schema import own_entries

_changed = threading.Condition()
_calls = 0  # that are being made in this process


class Carried:
    """A function with the files of code that must be named where it is called."""

    def __init__(self, function: Callable, codes: tuple[Code, ...]):
        self.function, self.codes = function, codes

    def __call__(self, *arguments: Any) -> Any:
        with named(self.codes):
            return self.function(*arguments)


def carrying(function: Callable) -> Callable:
    """The function, with the code that is named in this process.

    Where none is named, nothing of an earlier command's code may stay where it is called.
    """
    return Carried(function, tuple(own.NAMED.values()))


@contextmanager
def named(codes: tuple[Code, ...]) -> Iterator[None]:
    """Inside, these files are named in this process; they stay so until others take their place.

    Where a worker makes several calls at once, in threads, one with other code waits for the end of
    those before it.
    """
    global _calls
    with _changed:
        if tuple(own.NAMED.values()) != codes:
            _changed.wait_for(lambda: not _calls)
            _use(codes)
        _calls += 1
    try:
        yield
    finally:
        with _changed:
            _calls -= 1
            _changed.notify_all()


def _use(codes):
    """Names these files, or none if one cannot be used, so that the next call says so, too."""
    try:
        own_entries.use(codes)
    except BaseException:
        own_entries.use(())
        raise
