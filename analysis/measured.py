"""Values that remember the runs whose nets they are of, so that a verdict can be given again."""

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


def measured(values, measure, nets):
    """The values of a frame of nets with their Source, if these are all nets of their runs."""
    values = values.view(Measured)
    if {"run_id", "seeds"} <= {*nets.columns}:
        counts = nets.groupby("run_id", observed=True, sort=False).seeds.agg(["size", "max"])
        if (counts["size"] == counts["max"]).all():
            values.source = Source(measure, False, tuple(map(str, counts.index)))
    return values
