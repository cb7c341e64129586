"""Calls of code that is not ours: with random numbers of its own, a limit of time, and in silence.

An error of such code becomes one sentence that names the line in which it was raised.
"""

import contextlib
import io
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from experiments import own
from experiments.own import Fault
from experiments.process.clock import Stopwatch
from experiments.process.limits import TookTooLong, limited

LONGEST = 600.0  # seconds that any call may take
SLOWER = 100.0  # times as long, an epoch, as those before it a call may take, if that is longer


class Randomness:
    """The random numbers of one net, in the modules `random` and `numpy.random`."""

    def __init__(self, seed):
        self.python = random.Random(seed).getstate()
        self.numpy = np.random.MT19937(seed)

    @contextmanager
    def used(self) -> Iterator[None]:
        """Inside, both modules go on with the numbers of this net. See `preserved`."""
        random.setstate(self.python)
        np.random.set_bit_generator(self.numpy)
        try:
            yield
        finally:
            self.python = random.getstate()


_one_at_a_time = threading.RLock()  # random numbers and output belong to the whole process


@contextmanager
def preserved() -> Iterator[None]:
    """Afterwards the modules `random` and `numpy.random` are as they were before.

    One thread at a time is inside.
    """
    with _one_at_a_time:
        before = random.getstate(), np.random.get_bit_generator()
        try:
            yield
        finally:
            random.setstate(before[0])
            np.random.set_bit_generator(before[1])


class Patience:
    """How long calls may take: as long as they took before, an epoch, and very much longer."""

    def __init__(self):
        self.epochs, self.seconds = 0, 0.0

    def limit(self, epochs):
        """Seconds that a call may take which trains for so many epochs."""
        if not self.epochs:
            return LONGEST
        return max(LONGEST, SLOWER * epochs * self.seconds / self.epochs)

    def add(self, epochs, seconds):
        self.epochs, self.seconds = self.epochs + epochs, self.seconds + seconds


@contextmanager
def theirs(doing: str, randomness: Randomness, seconds: float = LONGEST) -> Iterator[Stopwatch]:
    """Inside, code is called that is not ours, within `preserved`. It prints nothing.

    Args:
        doing: what it does, such as `TinyNet.train, after epoch 36`, for messages.

    Raises:
        Fault: It raises an error, or does not return in time.
    """
    watch = Stopwatch()
    try:
        with (
            randomness.used(),
            contextlib.redirect_stdout(io.StringIO()),
            np.errstate(all="ignore"),
            limited(seconds, TookTooLong, doing),
        ):
            yield watch
    except Fault:
        raise
    except TookTooLong as error:
        raise Fault(f"{own.at(error)}{doing} has not returned for {seconds:,.0f} s") from error
    except (Exception, SystemExit) as error:
        said = own.where(error) or f"{type(error).__name__}: {error}"
        raise Fault(f"{said} ({doing})") from error
