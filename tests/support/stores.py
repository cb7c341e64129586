"""Runs to store, and empty stores to put them in, for the tests of who writes, reads and shows."""

import hashlib
import shutil
from dataclasses import dataclass
from functools import cache

import numpy as np

from experiments.running.results import record
from experiments.schema.defaults import defaults
from experiments.tracking import database
from experiments.tracking.client import import_mlflow
from experiments.tracking.uris import sqlite_uri


@dataclass
class Sample:
    """Stands in for a Config: what `record` asks of one; all other knobs are the default ones."""

    lr: float = 0.1
    seeds: int = 5

    def __post_init__(self):
        vars(self).update(dict(defaults("xor", "mlp")) | vars(self))

    def canonical(self):
        return {"dataset": "xor", "width": 4, "lr": self.lr, "bias": True, "measure": ["dead"]}

    def name(self, varied=()):
        return f"xor mlp tanh w=4 lr={self.lr:g} x{self.seeds}"

    def identity(self):
        return {"knobs": hashlib.sha256(self.name().encode()).hexdigest(), "seeds": "0:5"}


def arrays(nets=5, epochs=(0, 1, 2, 5, 10, 100), solved=None, seed=0):
    """What training returns, in small: losses fall, gradients shrink, some nets solve it."""
    rng = np.random.default_rng(seed)
    shape = nets, len(epochs)
    loss = np.sort(rng.random(shape), axis=1)[:, ::-1].copy()
    solved = rng.random(nets) < 0.6 if solved is None else np.full(nets, solved)
    curves = {"train/loss": loss, "train/accuracy": rng.random(shape), "gradient_norm": loss / 2}
    return {
        "seed": np.arange(nets),
        "epoch": np.array(epochs),
        **{f"curve/{name}": curve for name, curve in curves.items()},
        **{f"final/{name}": curve[:, -1] for name, curve in curves.items()},
        "final/solved": solved,
        "final/diverged": np.zeros(nets, dtype=bool),
        "final/epochs": np.full(nets, epochs[-1]),
        "final/epochs_to_solve": np.where(solved, rng.integers(1, 100, nets), np.nan),
        "final/lr": np.full(nets, 0.1),
        "weights/W1": rng.normal(size=(nets, 2, 4)),
        "digest": np.ones((nets, 32), dtype=np.uint8),
    }


def sample(lr=0.1, nets=5, start_ms=1_700_000_000_000, **more):
    """A record of a finished run."""
    return record(Sample(lr, nets), arrays(nets), start_ms, start_ms + 60_000, **more)


def empty_store(tmp_path_factory, folder):
    """URI of a store without runs, a copy: versions of MLflow without our schema take seconds."""
    shared = tmp_path_factory.getbasetemp()
    if shared.name.startswith("popen-gw"):  # pytest-xdist gives each worker a folder of its own
        shared = shared.parent
    master = shared / "store" / "mlflow.db"
    database.create(f"sqlite:///{master}", "file:///nowhere")
    remember_the_newest_migration()
    shutil.copy(master, folder / "mlflow.db")
    return sqlite_uri(folder / "mlflow.db")


@cache
def remember_the_newest_migration():
    """MLflow's client finds it once in this process; by itself it takes 0.1 s for every store."""
    import_mlflow()
    from mlflow.store.db import utils

    utils._get_latest_schema_revision = cache(utils._get_latest_schema_revision)
