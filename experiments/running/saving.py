"""The way of results into the store: the nets of a run come together, then its record is stored."""

from collections import Counter, defaultdict

from experiments.process.clock import Stopwatch, milliseconds
from experiments.running.arrays import join
from experiments.running.results import failure, record

FLUSH = 0.5  # seconds that finished runs wait at most, to be stored together


class Gathering:
    """The parts of each run, which may come from several tasks, until all of them are there."""

    def __init__(self):
        self.missing = Counter()  # job -> how many of its parts are not there yet
        self.parts = defaultdict(list)  # job -> [(first seed, arrays), ...]
        self.starts = {}  # job -> when its first part was begun

    def expect(self, *tasks):
        """Parts of these tasks will come."""
        self.missing.update(part.job for task in tasks for part in task.parts)

    def take_stored(self, job, parts, now):
        """Adds parts that the store holds; returns whether the run is complete without training."""
        self.parts[job] += parts
        self.starts[job] = now
        return not self.missing[job]

    def add(self, job, first_seed, arrays, start):
        """Adds a part; returns whether the run is complete."""
        self.parts[job].append((first_seed, arrays))
        self.starts[job] = min(start, self.starts.get(job, start))
        self.missing[job] -= 1
        return not self.missing[job]

    def take(self, job):
        """(arrays, start) of a complete run."""
        return join(self.parts.pop(job)), self.starts[job]

    def drop(self, job):
        self.parts.pop(job, None)


class Saver:
    """Stores what becomes of the runs of one launch, and notes it in the ledger.

    It must be told which tasks to `expect` before the first result is received.

    Args:
        announce: function of the ledger and a job, which tells the user that the job failed.
        watched: the Watcher of a run that is in MLflow already; None for new runs, which are stored
            below the ledger's parent.
    """

    def __init__(self, store, ledger, announce=lambda ledger, job: None, watched=None):
        self.store, self.ledger = store, ledger
        self.announce, self.watched = announce, watched
        self.gathering = Gathering()
        self.unflushed = Stopwatch()  # since the last flush

    def expect(self, tasks, stored):
        """These tasks will be received, beside parts from the store, {job: [(seed, arrays)]}."""
        self.gathering.expect(*tasks)
        now = Stopwatch().start
        for job, parts in stored.items():
            if self.gathering.take_stored(job, parts, now):
                self.complete(job, now)

    def receive(self, task, result):
        """Takes in the result of a task, or the exception in its place."""
        if isinstance(result, BaseException):
            now = Stopwatch()
            failed = [(part.job, part.first, result) for part in task.parts]
            result = failed, now.start, now.start
        parts, start, end = result
        ledger = self.ledger
        ledger.seconds["training"] += end - start
        for (job, first_seed, arrays), part in zip(parts, task.parts, strict=True):
            if job in ledger.errors:
                continue
            if isinstance(arrays, BaseException):
                self.fail(job, arrays)
            else:
                ledger.nets += part.nets
                if self.gathering.add(job, first_seed, arrays, start):
                    self.complete(job, end)
            if self.unflushed.seconds > FLUSH:  # one task of tiny nets has thousands of runs
                self.flush()

    def complete(self, job, end):
        """All nets of a run are trained: its record waits to be stored."""
        try:
            arrays, start = self.gathering.take(job)
        except ValueError as error:  # stored nets whose arrays are of other shapes
            self.fail(job, ValueError(f"stored nets do not fit; use resume=false ({error})"))
            return
        ledger, times = self.ledger, (milliseconds(start), milliseconds(end))
        config, identity = ledger.configs[job], ledger.identities[job]
        done = record(config, arrays, *times, varied=ledger.grid, identity=identity)
        ledger.unsaved.append((job, done))
        ledger.tabled.add(job, arrays, done)

    def fail(self, job, error, watch=None):
        """Announces and stores a failed run, at once; without a configuration there is no run.

        Args:
            watch: the Stopwatch of the run; None for a run that took no time.
        """
        self.ledger.fail(job, error)
        self.announce(self.ledger, job)
        self.gathering.drop(job)
        if job in self.ledger.configs:
            self._write([failure(self.ledger.configs[job], error, watch, self.ledger.grid)])

    def flush(self):
        """Stores all runs that wait, and tells the parent how far the sweep has come."""
        watch, ledger = Stopwatch(), self.ledger
        ledger.saved(self._write([done for _, done in ledger.unsaved]))
        if ledger.parent:
            self.store.update(ledger.parent, metrics=metrics(ledger))
        self.unflushed = Stopwatch()
        ledger.seconds["storing"] += watch.seconds

    def _write(self, records):
        """Run ids of the stored records."""
        if self.watched is None or self.watched.run_id is None:
            return self.store.write_many(records, self.ledger.parent)
        for each in records:
            self.store.finish(self.watched.run_id, each.status, record=each)
        return [self.watched.run_id for _ in records]


def metrics(ledger):
    """[(key, value, step)] of a parent run: how many runs there are, done, failed and diverged."""
    counts = {
        "runs": ledger.total(),
        "runs/done": len(ledger.runs),
        "runs/failed": len(ledger.errors),
        "runs/diverged": ledger.diverged,
    }
    step = len(ledger.runs) + len(ledger.errors)
    return [(key, float(value), step) for key, value in counts.items()]
