"""Groups of nets, {value of a knob: one value a net}: what verdicts and panels are about.

What a net has done, such as `solved`, remembers the runs whose nets it is of, so that a verdict can
be given again on some of them.
"""

from typing import NamedTuple

import numpy as np


class Source(NamedTuple):
    """Where values come from, one value for each net of some runs.

    Attributes:
        measure: "solved", or "epochs" until it was.
        negated: whether true stands for the opposite.
        runs: their ids.
    """

    measure: str
    negated: bool
    runs: tuple


class Measured(np.ndarray):
    """(R,) values with their `source`; what is computed from them is a plain array without one."""

    source = None

    def __invert__(self):
        found = np.invert(np.asarray(self)).view(Measured)
        if self.source is not None:
            found.source = self.source._replace(negated=not self.source.negated)
        return found

    def __array_wrap__(self, array, context=None, return_scalar=False):
        return array[()] if return_scalar else np.asarray(array)


def source(values):
    """The Source of values, or of several groups of one measure; None where it is not known."""
    if not isinstance(values, list | tuple):
        return getattr(values, "source", None)
    found = [source(each) for each in values]
    if not found or None in found or len({one[:2] for one in found}) > 1:
        return None
    return found[0]._replace(runs=tuple(dict.fromkeys(run for one in found for run in one.runs)))


def _measured(values, measure, nets):
    """The values of a frame of nets with their Source, if these are all nets of their runs."""
    values = values.view(Measured)
    if {"run_id", "seeds"} <= {*nets.columns}:
        counts = nets.groupby("run_id", observed=True, sort=False).seeds.agg(["size", "max"])
        if (counts["size"] == counts["max"]).all():
            values.source = Source(measure, False, tuple(map(str, counts.index)))
    return values


def by(nets, knob, measure=None):
    """{value: rows} of a frame of nets by a knob, in order; or {value: measure(rows)}.

    Args:
        measure: a function of the rows, such as `epochs`, or the name of a column.
    """
    groups = {_whole(value): rows for value, rows in nets.groupby(knob, observed=True)}
    if measure is None:
        return groups
    take = measure if callable(measure) else lambda rows: rows[measure].to_numpy()
    return {value: take(rows) for value, rows in groups.items()}


def solved(nets):
    """(R,) whether each net solved its problem."""
    return _measured(nets.solved.to_numpy(dtype=bool), "solved", nets)


def failed(nets):
    """(R,) whether each net did not solve its problem."""
    return ~solved(nets)


def epochs(nets):
    """(R,) epochs until each net solved its problem; infinity means "never"."""
    values = nets.epochs_to_solve.fillna(np.inf).to_numpy(dtype=float)
    return _measured(values, "epochs", nets)


def finite(values):
    """The values of nets that have solved their problem."""
    values = np.asarray(values, dtype=float)
    return values[np.isfinite(values)]


def _whole(value):
    """2.0 -> 2, so that groups are named as knobs are written."""
    value = value.item() if hasattr(value, "item") else value
    return int(value) if isinstance(value, float) and value.is_integer() else value
