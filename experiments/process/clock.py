"""Time: when something began, by the wall clock, and how long it takes, by a monotonic clock.

The wall clock may be set, forwards or backwards, while a sweep runs. So a duration is never the
difference of two of its times. No other module subtracts or compares times of the wall clock.
"""

import time


class Stopwatch:
    """A stopwatch that starts when it is made. `start` is that moment, in seconds since 1970."""

    def __init__(self):
        self.start = time.time()
        self._began = time.monotonic()

    @property
    def seconds(self):
        """How long it has run: never negative. It is 0 within one tick of a coarse clock."""
        return time.monotonic() - self._began

    @property
    def end(self):
        """This moment, in seconds since 1970, for a clock that was right at the start."""
        return self.start + self.seconds


def milliseconds(seconds):
    """A moment as MLflow stores it."""
    return int(seconds * 1000)
