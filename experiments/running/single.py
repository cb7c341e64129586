"""A single run: in MLflow from its start, updated while it trains, and marked as it ended."""

import time

from experiments import console, interrupts
from experiments.console import plural
from experiments.errors import ConfigError, Interrupted, RunsFailed, reason
from experiments.running import stacks
from experiments.running.arrays import digests, results
from experiments.running.results import aggregate, data_digest, failure, lineage, record
from experiments.schema.config import Config, parse_settings
from experiments.schema.constraints import MEMORY_LIMIT
from experiments.schema.sizes import memory
from experiments.schema.sources import load
from experiments.tracking.errors import StoreError
from experiments.tracking.record import now_ms
from experiments.tracking.store import open_store

UPDATE = 1.0  # seconds between two updates of the run in the store


def train(mapping):
    """Trains one composed configuration in this process and stores it.

    Returns:
        The objective: the run's final `objective` metric.

    Raises:
        ConfigError: The configuration is not allowed; nothing has been trained.
        StoreError: The store cannot be used.
        RunsFailed: Training raised an error; the run is FAILED.
        Interrupted: After Ctrl-C; the run is KILLED.
    """
    config, settings = Config.from_mapping(mapping), parse_settings(mapping)
    size = config.seeds * memory(config)
    if size > MEMORY_LIMIT:
        raise ConfigError(
            f"{config.seeds:,} nets at once need about {size / 2**30:,.0f} GiB, and the limit is "
            f"{MEMORY_LIMIT / 2**30:.0f} GiB; with -m they are trained some at a time"
        )
    with open_store(settings["tracking"]["uri"], settings["experiment"]) as store:
        store.mark_dead()
        fingerprint = config.fingerprint()
        done = store.finished([fingerprint]) if settings["resume"] else {}
        if done:
            run_id, note = done[fingerprint], "done already; resume=false trains it anew"
        else:
            with interrupts.counted(limit=1) as asked:
                run_id, note = _train(config, store, asked), plural(config.seeds, "net")
        final = store.metrics(run_id)
    title = f"{config.name()}: {note}"
    console.table(title, ["at the end, median over nets", ""], list(final.items()))
    console.say(f"run {run_id} of experiment {settings['experiment']}")
    console.say("look: python -m experiments.ui")
    return final.get(settings["objective"])


def _train(config, store, asked):
    """Trains all nets as one stack, so that the medians shown meanwhile are over all of them."""
    start, run_id = now_ms(), None
    try:
        (task,) = stacks.cut({0: config}, size=config.seeds, real=load)
        training = stacks.trainer(task)
        data = lineage(config)
        data["digest"] = data_digest(digests(task, training.data))
        run_id = store.start(record(config, None, data, start, status="RUNNING"))
        _watch(training, config.epochs, store, run_id, asked)
        ((_, _, arrays),) = results(task, training)
        store.finish(run_id, "FINISHED", record=record(config, arrays, data, start, now_ms()))
    except KeyboardInterrupt:
        if run_id is not None:
            store.finish(run_id, "KILLED")
        said = "stopped; the run is marked KILLED, and the same command starts it anew"
        raise Interrupted(said) from None
    except StoreError:
        raise
    except Exception as error:
        failed = failure(config, error, start)
        if run_id is None:
            store.write(failed)
        else:
            store.finish(run_id, "FAILED", record=failed)
        raise RunsFailed(f"failed: {config.name()}: {reason(error)}") from error
    return run_id


def _watch(training, epochs, store, run_id, asked):
    """Trains, and tells the store now and then; a store that is busy is told later."""
    written, shown = -1, time.monotonic()
    with console.Bar(epochs) as bar:
        run = training.run()
        while True:
            with interrupts.interruptible():
                epoch = next(run, None)
            if epoch is None:
                return
            if asked.times:
                raise KeyboardInterrupt
            bar.update(epoch, f"epoch {epoch:,} of {epochs:,}")
            if time.monotonic() - shown > UPDATE:
                metrics = aggregate(training.arrays())
                try:
                    store.update(run_id, [m for m in metrics if written < m[2] <= epoch])
                    written = epoch
                except StoreError as error:
                    console.complain(f"going on, though {error}")
                shown = time.monotonic()
