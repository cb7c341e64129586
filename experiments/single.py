"""A single run: in MLflow from its start, updated while it trains, and marked as it ended."""

import time

from experiments import console, stacks
from experiments.config import Config, parse_settings
from experiments.data import load
from experiments.errors import Interrupted
from experiments.records import aggregate, data_digest, record
from experiments.store import open_store

UPDATE = 1.0  # seconds between two updates of the run in the store


def train(mapping):
    """Trains one composed configuration in this process and stores it.

    Returns:
        The objective: the run's final `objective` metric.

    Raises:
        ConfigError: The configuration is not allowed; nothing has been trained.
        StoreError: The store cannot be used.
    """
    config, settings = Config.from_mapping(mapping), parse_settings(mapping)
    with open_store(settings["tracking"]["uri"], settings["experiment"]) as store:
        store.mark_dead()
        fingerprint = config.fingerprint()
        done = store.finished([fingerprint]) if settings["resume"] else {}
        if done:
            run_id, note = done[fingerprint], "done already; resume=false trains it anew"
        else:
            run_id, note = _train(config, store), f"{config.seeds} nets"
        summary = store.metrics(run_id)
    console.table(
        f"{config.name()}: {note}", ["at the end, median over nets", ""], list(summary.items())
    )
    console.say(f"run {run_id} of experiment {settings['experiment']}")
    console.say("look: python -m experiments.ui")
    return summary.get(settings["objective"])


def _train(config, store):
    """Trains all nets as one stack, so that the medians shown meanwhile are over all of them."""
    (task,) = stacks.cut({0: config}, size=config.seeds, real=load)
    began = shown = time.time()
    training = stacks.trainer(task)
    data = stacks.lineage(config)
    data["digest"] = data_digest(stacks.digests(task, training.data))
    start = int(began * 1000)
    run_id = store.start(record(config, None, data, start, status="RUNNING"))
    status, written = "FAILED", -1
    try:
        with console.Bar(config.epochs, "epochs") as bar:
            for epoch in training.run():
                bar.update(epoch)
                if time.time() - shown > UPDATE:
                    metrics = aggregate(training.arrays())
                    store.update(run_id, [m for m in metrics if written < m[2] <= epoch])
                    written, shown = epoch, time.time()
        ((_, _, arrays),) = stacks.results(task, training)
        done = record(config, arrays, data, start, int(time.time() * 1000))
        store.finish(run_id, "FINISHED", record=done)
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise Interrupted("stopped; the run is marked KILLED") from None
    finally:
        if status != "FINISHED":
            store.finish(run_id, status)
    return run_id
