"""What the user sees while a sweep trains: a bar, and failures when they happen."""

import math
from itertools import islice

from experiments import console
from experiments.console import plural
from experiments.errors import reason
from experiments.process.clock import Stopwatch

OVERHEAD = 1e4  # cost of a task without nets: to send it, to take it in, to store its runs
MAX_ANNOUNCED = 3  # failures for one reason that are shown when they happen; others are counted


class Share:
    """How much of the time of a sweep is over, between 0 and 1, from its tasks that are done.

    A task counts with the root of its cost. Costs are for all epochs, and nets that stop early need
    a small part of them: in six lessons a task of 100 times the cost took about 10 times as long,
    and none took less than some hundredths of a second. A task that runs is half done.

    Args:
        tasks: in the order in which they are begun.
        slots: how many of them run at once.
    """

    def __init__(self, tasks, slots):
        self.left = {id(task): math.sqrt(task.cost + OVERHEAD) for task in tasks}
        self.slots = slots
        self.all = self.rest = sum(self.left.values())

    def done(self, task):
        """Notes that a task is done; returns the share."""
        self.rest -= self.left.pop(id(task))
        running = sum(islice(self.left.values(), self.slots))
        return 1 - (self.rest - running / 2) / self.all if self.left else 1


class Progress:
    """The bar of one launch. Use it in a `with`.

    Args:
        tasks: see `Share`; so are slots.
        title: the name of the sweep among others, which the bar shows.
    """

    def __init__(self, ledger, tasks, slots=1, title=""):
        self.ledger, self.title = ledger, title
        self.watch, self.nets_before = Stopwatch(), ledger.nets
        self.share = Share(tasks, slots)
        self.bar = console.Bar(1, self._runs())

    def __enter__(self):
        self.bar.__enter__()
        return self

    def __exit__(self, *exception):
        self.bar.__exit__(*exception)

    def update(self, task):
        """A task is done."""
        notes, nets, seconds = self._runs(), self.ledger.nets - self.nets_before, self.watch.seconds
        if seconds > 0:
            notes += f" · {nets / seconds:,.0f} nets/s"
        self.bar.update(self.share.done(task), notes)

    def _runs(self):
        ledger = self.ledger
        done = len(ledger.runs) + len(ledger.unsaved) + len(ledger.errors)
        title = f"{self.title} · " if self.title else ""
        return f"{title}{done:,} of {plural(ledger.total(), 'run')}{ledger.trouble()}"


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
