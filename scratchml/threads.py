"""BLAS on one thread while an estimator is fitted, in a process that belongs to somebody else.

The bits of a product depend on how many threads compute it. Commands of scratchml and their workers
have one thread all the time. An estimator is a guest: it takes one thread for its `fit`, so that
the weights do not depend on thread settings, and then gives back what there was. Predictions are
computed with all threads of the process; they may differ in the last digit.
"""

import threading
from functools import cache

from threadpoolctl import ThreadpoolController


@cache  # it looks at every library of the process, which takes longer than a small fit
def _libraries():
    """The libraries that are loaded at the first fit; NumPy's BLAS is one of them."""
    return ThreadpoolController()


class OneThread:
    """A limit for `with`. Several threads may be inside: the last one that leaves lifts it."""

    def __init__(self):
        self._lock, self._inside, self._limit = threading.Lock(), 0, None

    def __enter__(self):
        with self._lock:
            if not self._inside:
                self._limit = _libraries().limit(limits=1, user_api="blas")
            self._inside += 1

    def __exit__(self, *_):
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._limit.restore_original_limits()


one_thread = OneThread()
