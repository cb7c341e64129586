"""Runs that `analysis.data.load` has found, as data frames, arrays, nets and examples."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis import frames, nets
from experiments.tracking.errors import Missing
from experiments.tracking.layout import CURVE, DIGEST, EPOCH, FINAL, SEED, WEIGHTS
from experiments.tracking.text import plural, printable
from scratchml.sampling import digest


@dataclass(frozen=True, eq=False, repr=False)
class Data:
    """Runs of one experiment, in the order of their sweep.

    Attributes:
        experiment: its name.
        runs: one row a run: run_id, name, fingerprint, knobs with their types, metrics.
        knobs: the names of the columns that are knobs.
        experiment_id: MLflow's id.
        command: the command that launches this sweep again.
        missing: names of runs that the sweep lists and the store does not hold as finished.
    """

    experiment: str
    runs: pd.DataFrame
    knobs: tuple
    experiment_id: str
    command: str
    missing: tuple
    _arrays: object = field(repr=False)
    _code: tuple = field(repr=False, default=())
    _identities: dict = field(repr=False, default_factory=dict)

    def __len__(self):
        return len(self.runs)

    def __repr__(self):
        varied = f", {', '.join(self.varied)} varied" if self.varied else ""
        missing = f", {len(self.missing):,} missing" if self.missing else ""
        return printable(f"<{self.experiment}: {plural(len(self), 'run')}{varied}{missing}>", "")

    def _repr_html_(self):
        """A small table for notebooks: the first runs, with what was varied and how they ended."""
        return frames.as_html(repr(self), self.runs, self.varied)

    @property
    def code_digests(self):
        """SHA-256 of each file of the user's own that these runs are evaluated with."""
        return tuple(code.digest for code in self._code)

    @cached_property
    def nets(self):
        """One row a net: run_id, knobs, `seed` of the net, and its final values.

        Final values are named without `final/`. A value that shares its name with a knob is
        NAME_used: `lr_used` is the absolute learning rate, `epochs_used` the epochs of a net.

        A net that several runs hold (those of seeds=5 and of seeds=10) is one row, of the last run.
        """
        arrays = self._counted_once(SEED, FINAL)
        return frames.long([frames.of_nets(a, self.knobs) for a in arrays], self.runs, self.knobs)

    @cached_property
    def curves(self):
        """One row a net and point: run_id, knobs, seed, `epoch`, and one column a curve.

        A curve of one number a layer has one column a layer: NAME/1, NAME/2, ... Words are
        categories, so that a million rows stay small. Equal nets count once, as in `nets`.
        """
        arrays = self._counted_once(SEED, EPOCH, CURVE)
        runs = frames.with_categories(self.runs, ("run_id", *self.knobs))
        return frames.long([*map(frames.of_points, arrays)], runs, self.knobs)

    def select(self, **knobs):
        """The runs whose knobs have these values, each one value, a list of values, or None.

        Raises:
            LookupError: No such knob, or no run with these values; the message lists what there is.
        """
        chosen = frames.chosen(self.runs, self.knobs, knobs, self.experiment)
        return replace(self, runs=chosen)

    def values(self, knob):
        """The values of a knob, sorted; runs without that knob do not count."""
        return frames.values(self.runs, knob)

    @property
    def varied(self):
        """The knobs that have more than one value, or that only some runs have."""
        return tuple(k for k in self.knobs if self.runs[k].nunique(dropna=False) > 1)

    @property
    def run_id(self):
        """The id of the one run there is.

        Raises:
            LookupError: There are several; the message lists the knobs by which they differ.
        """
        if len(self.runs) != 1:
            raise LookupError(f"{len(self.runs)} runs, not one; select by {list(self.varied)}")
        return self.runs.run_id[0]

    def arrays(self, run_id=None, *beginnings):
        """All arrays of a run, {name: array}; of the only run there is if none is named.

        Args:
            beginnings: of the names of the arrays to read; by default all.

        Raises:
            Missing: No such run here, or it has lost its arrays.
            Damaged: Its arrays are damaged.
        """
        return self._read(run_id or self.run_id, *(beginnings or ("",)))

    def net(self, run_id=None, index=0):
        """One net as it was when it stopped: a function of X, (N, D), to outputs, (N, K).

        Outputs are in the units of `examples`, also where training has scaled its targets.
        """
        run_id = run_id or self.run_id
        arrays = self._read(run_id, WEIGHTS)
        weights = {n.removeprefix(WEIGHTS): a[index] for n, a in arrays.items()}
        return self.function(weights, run_id, index)

    def function(self, weights, run_id=None, index=0):
        """The outputs of a run's model with other weights, as a function of X.

        Args:
            weights: {"W1": (D, H), "b1": (1, H), ...}. Where paths are stored,
                `{name.removeprefix("path/"): a[net, t] ...}` is a net at its t-th point.
            index: of the net by whose training targets outputs are scaled back.
        """
        run_id = run_id or self.run_id
        own = self._code, self._identities.get(run_id)
        knobs, units = self._knobs(run_id), None
        if (knobs["target_scaling"] or "none") != "none":
            units = self.as_trained(run_id, index).units
        return nets.function(knobs, weights, *own, units=units)

    def examples(self, run_id=None, index=0):
        """The examples of one net, sampled again from its seed: X, (N, D), Y, (N, K), held-out.

        X is as the net saw it; Y is in the targets' own units.

        Raises:
            Missing: They are not those that the net learned from: its file has changed.
        """
        run_id = run_id or self.run_id
        data = self.as_trained(run_id, index)
        if data.units is None:
            return data
        seed = int(self._read(run_id, SEED)[SEED][index])
        own = self._code, self._identities.get(run_id)
        return nets.examples(self._knobs(run_id), seed, *own, scaled=False)

    def form(self, weights, run_id):
        """The `nets.Form` of a run's nets, for whoever computes their outputs by other means.

        Args:
            weights: of one of its nets, as in `function`.

        Raises:
            Missing: The nets cannot be computed here; the message says why.
        """
        own = self._code, self._identities.get(run_id)
        return nets.form(self._knobs(run_id), weights, *own)

    def as_trained(self, run_id, index):
        """The examples of one net, inputs and targets as the net saw them; raises as `examples`."""
        arrays = self._read(run_id, SEED, DIGEST)
        own = self._code, self._identities.get(run_id)
        data = nets.examples(self._knobs(run_id), int(arrays[SEED][index]), *own)
        if not np.array_equal(digest(data), arrays[DIGEST][index]):
            raise Missing(
                f"the examples of run {run_id} have changed since it was trained; train it again"
            )
        return data

    def _read(self, run_id, *beginnings):
        """The arrays of a run whose names begin so."""
        return self._arrays.read(run_id, lambda name: name.startswith(beginnings))

    def _counted_once(self, *beginnings):
        """Yields the arrays of each run whose names begin so, without nets that a later run has."""
        self._arrays.prepare(self.runs.run_id)
        chosen = frames.counted_once(
            self.runs, self.knobs, lambda run_id: self._read(run_id, SEED)[SEED]
        )
        for run_id in self.runs.run_id:
            arrays = self._read(run_id, *beginnings)
            which = chosen.get(run_id)
            if which is not None:
                arrays = {n: a if n == EPOCH else a[which] for n, a in arrays.items()}
            yield arrays

    def _knobs(self, run_id):
        """A run's knobs as training saw them: a knob that the run does not have is None."""
        found = self.runs[self.runs.run_id == run_id]
        if found.empty:
            raise LookupError(f"no run {run_id!r} here")
        return nets.knobs(found.iloc[0], self.knobs)
