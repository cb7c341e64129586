"""The only reader: from the runs of an experiment to data frames and arrays, through MLflow's API.

    data = load("xor")                  # the runs of the newest finished sweep
    data.runs                           # one row a run: knobs, metrics
    data.nets                           # one row a net: knobs, seed, final values
    data.curves                         # one row a net and recorded epoch
    data.select(model="mlp", width=2)   # the same, of fewer runs
    data.arrays(run_id)                 # everything a run has stored

Nothing is filled in: a knob that a run does not have is missing (NaN or None) in its row, and what
is in no run at all is a `LookupError` that says what to launch.
"""

import json
import math
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis import fetch
from scratchml.datasets import DATASETS, sample
from scratchml.datasets import Data as Examples
from scratchml.losses import OUTPUTS
from scratchml.models import build
from scratchml.training import DATA, stream


def load(experiment, uri=None, sweep=None):
    """The finished runs of an experiment.

    Args:
        experiment: the MLflow experiment, which for a lesson is its name.
        uri: the store; by default MLFLOW_TRACKING_URI or else the project's own.
        sweep: the run id of a sweep, or "all" for every finished run, the newest of each
            configuration; by default the newest finished sweep, with the runs that it found done.

    Raises:
        LookupError: No such store, experiment, sweep or run; with the command that makes it.
        ConnectionError: The store cannot be read.
    """
    uri = fetch.store_uri(uri)
    client = fetch.connect(uri, experiment)
    with fetch.explained(uri):
        found, runs, missing, command = fetch.find(client, experiment, sweep)
    knobs = tuple(sorted({knob for run in runs for knob in run.data.params}))
    return Data(
        experiment=experiment,
        runs=_frame(runs, knobs),
        knobs=knobs,
        experiment_id=found.experiment_id,
        command=command,
        missing=missing,
        _artifacts=fetch.Artifacts(client, runs),
    )


@dataclass(frozen=True, eq=False)
class Data:
    """Runs of one experiment, in the order of their sweep.

    Attributes:
        experiment: its name.
        runs: one row a run: run_id, name, fingerprint, knobs with their types, metrics.
        knobs: the names of the columns that are knobs.
        experiment_id: MLflow's id.
        command: what launches this sweep again.
        missing: names of runs that the sweep lists and the store does not hold as finished.
    """

    experiment: str
    runs: pd.DataFrame
    knobs: tuple
    experiment_id: str
    command: str
    missing: tuple
    _artifacts: object = field(repr=False)

    def __len__(self):
        return len(self.runs)

    @cached_property
    def nets(self):
        """One row a net: run_id, knobs, `seed` of the net, and its final values.

        Final values are named without `final/`; one that shares its name with a knob is NAME_used:
        `lr_used` is the absolute learning rate, `epochs_used` how many epochs a net trained.
        """
        self._artifacts.fetch(self.runs.run_id)
        columns = []
        for run_id in self.runs.run_id:
            arrays = self._artifacts.read(run_id, lambda name: name.startswith(("seed", "final/")))
            named = {"seed": arrays["seed"]}
            for name, values in arrays.items():
                if name.startswith("final/") and values.ndim == 1:
                    name = name.removeprefix("final/")
                    named[_unlike(self.knobs, name)] = values
            columns.append(named)
        return self._long(columns, self.runs)

    @cached_property
    def curves(self):
        """One row a net and recorded epoch: run_id, knobs, seed, `epoch`, and one column a curve.

        A curve of one number a layer has one column a layer: NAME/1, NAME/2, ... Words are
        categories, so that a million rows stay small.
        """
        self._artifacts.fetch(self.runs.run_id)
        columns = []
        for run_id in self.runs.run_id:
            arrays = self._artifacts.read(
                run_id, lambda name: name in ("seed", "epoch") or name.startswith("curve/")
            )
            R, T = len(arrays["seed"]), len(arrays["epoch"])
            named = {"seed": np.repeat(arrays["seed"], T), "epoch": np.tile(arrays["epoch"], R)}
            for name, curve in arrays.items():
                name = name.removeprefix("curve/")
                if name in ("seed", "epoch"):
                    continue
                if curve.ndim == 2:
                    named[name] = curve.ravel()
                else:
                    layers = curve.reshape(R * T, -1).T
                    named |= {f"{name}/{i}": layer for i, layer in enumerate(layers, start=1)}
            columns.append(named)
        runs = self.runs.copy()
        for name in ("run_id", *self.knobs):
            if runs[name].dtype.kind not in "biuf":
                runs[name] = pd.Categorical(runs[name], categories=runs[name].dropna().unique())
        return self._long(columns, runs)

    def select(self, **knobs):
        """The runs whose knobs have these values, each one value, a list of values, or None.

        Raises:
            LookupError: No such knob, or no run with these values; the message lists what there is.
        """
        chosen = np.ones(len(self.runs), dtype=bool)
        for knob, wanted in knobs.items():
            if knob not in self.knobs:
                raise LookupError(
                    f"no knob {knob!r} in {self.experiment}; it has {list(self.knobs)}"
                )
            several = list(wanted) if isinstance(wanted, list | set | range) else [wanted]
            hit = np.array([any(_same(v, w) for w in several) for v in self.runs[knob]])
            if not hit.any():
                raise LookupError(
                    f"no run of {self.experiment} has {knob}={wanted!r}; "
                    f"there are {self.values(knob)}"
                )
            chosen &= hit
        if not chosen.any():
            raise LookupError(f"no run of {self.experiment} has all of {knobs}")
        return replace(self, runs=self.runs[chosen].reset_index(drop=True))

    def values(self, knob):
        """The values a knob takes, sorted; runs without that knob do not count."""
        return sorted({v for v in self.runs[knob] if not _is_missing(v)}, key=rank)

    @property
    def varied(self):
        """The knobs that have more than one value, or that only some runs have."""
        return tuple(k for k in self.knobs if self.runs[k].nunique(dropna=False) > 1)

    @property
    def run_id(self):
        """The id of the one run there is.

        Raises:
            LookupError: There are several; the message says by which knobs they differ.
        """
        if len(self.runs) != 1:
            raise LookupError(f"{len(self.runs)} runs, not one; select by {list(self.varied)}")
        return self.runs.run_id[0]

    def arrays(self, run_id=None):
        """All arrays of a run, {name: array}; of the only run there is if none is named.

        Raises:
            LookupError: No such run here, or it has lost its arrays.
        """
        return self._artifacts.read(run_id or self.run_id)

    def net(self, run_id=None, index=0):
        """One net as it was when it stopped: a function of X, (N, D), to outputs, (N, K)."""
        run_id = run_id or self.run_id
        arrays = self._artifacts.read(run_id, lambda name: name.startswith("weights/"))
        weights = {name.removeprefix("weights/"): a[index] for name, a in arrays.items()}
        return self.function(weights, run_id)

    def function(self, weights, run_id=None):
        """What a run's model makes of X with other weights, {"W1": (D, H), "b1": (1, H), ...}.

        With `paths` kept, `{n.removeprefix("path/"): a[net, t] ...}` is a net at its t-th record.
        """
        knobs = self._knobs(run_id or self.run_id) | {"bias": "b1" in weights}
        knobs["model"] = knobs["model"].removeprefix("sklearn_")  # what it is like
        layers = max(int(name[1:]) for name in weights)
        n_inputs, n_outputs = len(weights["W1"]), weights[f"W{layers}"].shape[1]
        problem = "multiclass" if n_outputs > 1 else "binary"
        if knobs["dataset"] in DATASETS and DATASETS[knobs["dataset"]].regression:
            problem = "regression"
        sizes = Examples(problem, np.empty((1, n_inputs)), np.empty((1, n_outputs)))
        model = build(knobs, sizes)
        net = {name: array[None] for name, array in weights.items()}

        def outputs(X):
            Z, _ = model.forward(net, np.asarray(X, dtype=float))
            return OUTPUTS[model.output](Z)[0]

        return outputs

    def examples(self, run_id=None, index=0):
        """What one net was shown, drawn again from its seed: X, (N, D), Y, (N, K), held-out."""
        run_id = run_id or self.run_id
        knobs = self._knobs(run_id)
        seed = int(self._artifacts.read(run_id, lambda name: name == "seed")["seed"][index])
        real = None
        if knobs["dataset"] not in DATASETS:
            import sklearn.datasets  # slow to import, and needed for real data only

            real = getattr(sklearn.datasets, f"load_{knobs['dataset']}")(return_X_y=True)
        return sample(knobs, stream(seed, DATA), seed, real)

    def _knobs(self, run_id):
        """A run's knobs as training saw them: a knob that the run does not have is None."""
        found = self.runs[self.runs.run_id == run_id]
        if found.empty:
            raise LookupError(f"no run {run_id!r} here")
        row = found.iloc[0]
        return defaultdict(
            lambda: None, {k: None if _is_missing(row[k]) else _whole(row[k]) for k in self.knobs}
        )

    def _long(self, columns, runs):
        """One frame of each run's columns, {name: (n,)}, with the run's id and knobs repeated."""
        counts = [len(named["seed"]) for named in columns]
        which = np.repeat(np.arange(len(columns)), counts)
        knobs = [knob for knob in self.knobs if knob != "seed"]  # each net has its own
        repeated = runs[["run_id", *knobs]].iloc[which].reset_index(drop=True)
        frame = {}
        for name in dict.fromkeys(name for named in columns for name in named):
            parts = [
                named[name] if name in named else np.full(count, np.nan)
                for named, count in zip(columns, counts, strict=True)
            ]
            kinds = {part.dtype.kind for part in parts}
            if "b" in kinds and len(kinds) > 1:  # truth values with gaps stay truth values
                parts = [part.astype(object) for part in parts]
            frame[name] = np.concatenate(parts)
        return pd.concat([repeated, pd.DataFrame(frame)], axis="columns")


# ------------------------------------------------------------------------------------------ values


def _frame(runs, knobs):
    """One row a run: run_id, name, fingerprint, knobs, metrics; `lr_used` as in `Data.nets`."""
    rows = []
    for run in runs:
        row = {"run_id": run.info.run_id, "name": run.info.run_name}
        row["fingerprint"] = run.data.tags.get("scratchml.fingerprint")
        row |= {name: typed(text) for name, text in run.data.params.items()}
        rows.append(row | {_unlike(knobs, name): v for name, v in run.data.metrics.items()})
    frame = pd.DataFrame(rows)
    first = ["run_id", "name", "fingerprint"]
    metrics = sorted(set(frame.columns) - set(first) - set(knobs))
    return frame[[*first, *knobs, *metrics]]


def _unlike(knobs, name):
    """The name of a measured value, which differs from that of every knob."""
    return f"{name}_used" if name in knobs else name


def typed(text):
    """The value that a parameter's text stands for: a truth value, a number, a tuple or the text.

    Only what Python's `str` or JSON writes counts, and only finite numbers: `01`, `nan` and `null`
    remain texts. A list becomes a tuple, so that it can be compared and grouped by.
    """
    if text in ("True", "true"):
        return True
    if text in ("False", "false"):
        return False
    try:
        value = json.loads(text, parse_constant=lambda name: name)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, list):
        return _frozen(value)
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, int) and abs(value) < 2**63:
        return value
    return text


def _frozen(value):
    """Lists as tuples, all the way down, so that they can be compared and counted."""
    return tuple(_frozen(v) for v in value) if isinstance(value, list) else value


def rank(value):
    """Sorts numbers by size before words and lists by their text."""
    number = isinstance(value, bool | int | float | np.number)
    return (not number, value if number else 0, "" if number else str(value))


def _is_missing(value):
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _same(value, wanted):
    if _is_missing(wanted):
        return _is_missing(value)
    return bool(value == (tuple(wanted) if isinstance(wanted, list) else wanted))


def _whole(value):
    """2.0 -> 2: a column with gaps turns whole numbers into floats."""
    value = value.item() if hasattr(value, "item") else value
    return int(value) if isinstance(value, float) and value.is_integer() else value
