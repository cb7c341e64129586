"""What the user sees while a sweep trains: a bar, and failures when they happen."""

import time

from experiments import console
from experiments.console import plural
from experiments.errors import reason

MAX_ANNOUNCED = 3  # failures for one reason that are shown when they happen; others are counted


class Progress:
    """The bar of one launch. Use it in a `with`.

    Args:
        cost: of all tasks together.
    """

    def __init__(self, ledger, cost):
        self.ledger = ledger
        self.began, self.nets_before = time.time(), ledger.nets
        self.cost = 0
        self.bar = console.Bar(cost, self._runs())

    def __enter__(self):
        self.bar.__enter__()
        return self

    def __exit__(self, *exception):
        self.bar.__exit__(*exception)

    def update(self, cost):
        """A task of this cost is done."""
        self.cost += cost
        speed = (self.ledger.nets - self.nets_before) / (time.time() - self.began)
        self.bar.update(self.cost, f"{self._runs()} · {speed:,.0f} nets/s")

    def _runs(self):
        ledger = self.ledger
        done = len(ledger.runs) + len(ledger.unsaved) + len(ledger.errors)
        return f"{done:,} of {plural(ledger.total(), 'run')}{ledger.trouble()}"


def announce_failure(ledger, job):
    """Tells the user that a job failed; of many failures for one reason, the first few."""
    why = reason(ledger.errors[job])
    count = ledger.failures_by_reason[why]
    if count <= MAX_ANNOUNCED:
        console.complain(f"failed: {ledger.name(job)}: {why}")
    elif count == MAX_ANNOUNCED + 1:
        console.complain(f"failed: more, which are only counted from now on: {why}")


class Stop:
    """A function that returns how often the user has asked to stop, and announces it once."""

    def __init__(self, counter):
        self.counter = counter
        self.announced = False

    def __call__(self):
        if self.counter.times == 1 and not self.announced:
            self.announced = True
            console.complain("stopping when what runs now is stored; Ctrl-C again stops at once")
        return self.counter.times
