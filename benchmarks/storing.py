"""What it costs to store a run: 20 params, 13 metrics with 250 points, three files; in SQLite.

The peers are MLflow's own two ways: its client with one `log_batch`, and the calls of its guides,
`start_run`, `log_params`, `log_metrics` for each epoch, `log_artifact` for each file.
"""

import shutil
import time
from pathlib import Path

import numpy as np

from benchmarks.measure import in_turn, ratio, scratch, table
from experiments.running.results import aggregate
from experiments.tracking import tables
from experiments.tracking.client import import_mlflow
from experiments.tracking.npz import to_npz
from experiments.tracking.record import RunRecord, now_ms, to_csv
from experiments.tracking.store import open_store

RUNS, FEW = 200, 10  # in a turn of ours, and of MLflow's
GROWN = (0, 1000, 5000)  # runs that the store holds already


def sample(number):
    """A run of 20 nets of a 2-4-1 shape with 28 points a curve."""
    rng = np.random.default_rng(number)
    names = ("train/loss", "train/accuracy", "test/loss", "test/accuracy", "gradient_norm")
    arrays = {f"curve/{name}": rng.random((20, 28)) for name in names}
    arrays |= {f"final/{name}": arrays[f"curve/{name}"][:, -1] for name in names}
    arrays |= {"seed": np.arange(20), "epoch": np.arange(28), "final/lr": rng.random(20)}
    arrays |= {"final/solved": rng.random(20) < 0.5, "final/diverged": np.zeros(20, dtype=bool)}
    arrays |= {"final/epochs_to_solve": rng.random(20), "weights/W1": rng.random((20, 2, 4))}
    return RunRecord(
        name=f"run {number}",
        params={f"knob{i}": str(i) for i in range(20)},
        metrics=aggregate(arrays),
        artifacts={"nets.npz": to_npz(arrays), "nets.csv": to_csv(arrays), "config.yaml": b"a: 1"},
        start_ms=now_ms() + 20 * number,
        end_ms=now_ms() + 20 * number + 900,
        fingerprint=f"{number:064d}",
    )


class Stores:
    """One new store a contender, all copies of one."""

    def __init__(self, folder):
        self.folder = Path(folder)
        open_store(self.uri("empty"), "benchmark").close()

    def uri(self, name):
        return f"sqlite:///{self.folder / name / 'mlflow.db'}"

    def new(self, name):
        shutil.copytree(self.folder / "empty", self.folder / name)
        return self.uri(name)


def together(uri, runs):
    with open_store(uri, "benchmark") as store:
        before = time.perf_counter()
        store.write_many(runs)
        return (time.perf_counter() - before) / len(runs)


def one_by_one(uri, runs):
    with open_store(uri, "benchmark") as store:
        before = time.perf_counter()
        for run in runs:
            store.write(run)
        return (time.perf_counter() - before) / len(runs)


def through_client(uri, runs):
    known, tables.TESTED_REVISIONS = tables.TESTED_REVISIONS, ()
    try:
        return one_by_one(uri, runs)
    finally:
        tables.TESTED_REVISIONS = known


def as_in_guides(uri, runs):
    mlflow = import_mlflow()
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("benchmark")
    folder = scratch()
    before = time.perf_counter()
    for run in runs:
        with mlflow.start_run(run_name=run.name):
            mlflow.log_params(run.params)
            for step in sorted({step for _, _, step in run.metrics}):
                values = {key: value for key, value, at in run.metrics if at == step}
                mlflow.log_metrics(values, step=step)
            for name, data in run.artifacts.items():
                Path(folder, name).write_bytes(data)
                mlflow.log_artifact(f"{folder}/{name}")
    return (time.perf_counter() - before) / len(runs)


def grown(uri):
    """Seconds a run, many in a transaction, when the store holds so many already."""
    seconds, held = [], 0
    with open_store(uri, "benchmark") as store:
        for wanted in GROWN:
            while held < wanted:
                store.write_many([sample(held + i) for i in range(RUNS)])
                held += RUNS
            runs = [sample(held + i) for i in range(RUNS)]
            before = time.perf_counter()
            store.write_many(runs)
            seconds.append((time.perf_counter() - before) / RUNS)
            held += RUNS
    return seconds


def main():
    ways = {
        "ours, a hundred runs a transaction": (together, RUNS),
        "ours, one run a transaction": (one_by_one, RUNS),
        "MLflow's client, one log_batch": (through_client, FEW),
        "MLflow's guides": (as_in_guides, FEW),
    }
    import_mlflow()
    runs = [sample(i) for i in range(RUNS)]
    folder = scratch()
    stores = Stores(folder)
    uris = {way: stores.new(str(i)) for i, way in enumerate(ways)}
    seconds = in_turn(
        {way: lambda f=f, n=n, uri=uris[way]: f(uri, runs[:n]) for way, (f, n) in ways.items()}
    )
    first = next(iter(ways))
    rows = [
        (
            way,
            f"{1000 * sorted(values)[len(values) // 2]:.1f}",
            f"{ratio(seconds, way, first):.0f}",
        )
        for way, values in seconds.items()
    ]
    storing = table("Logging: milliseconds a run", ("", "ms (median of 5)", "times"), rows)
    costs = grown(stores.new("grown"))
    size = (stores.folder / "grown" / "mlflow.db").stat().st_size / (GROWN[-1] + RUNS)
    rows = [(f"{held:,}", f"{1000 * cost:.1f}") for held, cost in zip(GROWN, costs, strict=True)]
    note = f"In the end the database holds {size / 1000:.0f} kB a run."
    return (
        storing + "\n" + table("Logging: as the store grows", ("runs held", "ms a run"), rows, note)
    )
