"""A run that can be watched: it is in MLflow from its start, and grows while it trains."""

from experiments import console
from experiments.process import interrupts
from experiments.process.clock import Stopwatch, milliseconds
from experiments.running import stacks
from experiments.running.arrays import digests, results
from experiments.running.results import aggregate, record
from experiments.tracking.errors import StoreError
from experiments.tracking.layout import DIGEST

UPDATE = 1.0  # seconds between two updates of the run in the store


class Watcher:
    """Executes a task in this process, and keeps the run of its nets in the store up to date.

    `run_id` is the run's, once it is in the store; `watch` is the Stopwatch of its training.

    Args:
        growing: whether the run is in the store from its start, and not only at its end.
    """

    def __init__(self, store, config, growing=True):
        self.store, self.config, self.growing = store, config, growing
        self.run_id = None
        self.watch = Stopwatch()

    def run(self, task, counter):
        """The result of the task, as from `stacks.train`.

        All nets are one stack, so the medians that are shown meanwhile are over all of them.

        Raises:
            KeyboardInterrupt: The user has asked to stop.
            StoreError: The run could not be begun in the store.
        """
        training = stacks.trainer(task)
        data = {DIGEST: digests(task, training.data)}
        start_ms = milliseconds(self.watch.start)
        if self.growing:
            self.run_id = self.store.start(record(self.config, data, start_ms, status="RUNNING"))
        self._train(training, counter)
        return results(task, training), self.watch.start, self.watch.end

    def _train(self, training, counter):
        shown, epochs = Stopwatch(), self.config.epochs
        with console.Bar(epochs) as bar:
            points = training.run()
            while True:
                with interrupts.interruptible():
                    epoch = next(points, None)
                if epoch is None:
                    return
                if counter.times:
                    raise KeyboardInterrupt
                bar.update(epoch, f"epoch {epoch:,} of {epochs:,}")
                if self.growing and shown.seconds > UPDATE:
                    self._update(training, epoch)
                    shown = Stopwatch()

    def _update(self, training, epoch):
        """Adds the curves up to `epoch`; what a busy store does not take is added later."""
        metrics = aggregate(training.arrays())
        try:
            self.store.update(self.run_id, [metric for metric in metrics if metric[2] <= epoch])
        except StoreError as error:
            console.complain(f"going on, though {error}")

    def kill(self):
        """Marks the run KILLED, if it is in the store."""
        if self.run_id is not None:
            self.store.finish(self.run_id, "KILLED", milliseconds(self.watch.end))
