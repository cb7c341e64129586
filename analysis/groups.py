"""Groups of nets, {value of a knob: one value a net}: what verdicts and panels are about.

by(nets, "width", solved)                      {width: (R,) whether each net solved its problem}
by(nets, ("depth", "width"), "born_dead")      {depth: {width: (R,) a column of the nets}}
runs(data, "scaling")                          {scaling: its runs}
soonest(by(nets, "lr", epochs))                the learning rate that is ready first, its nets
"""

import numpy as np
import pandas as pd

from analysis.measured import measured
from analysis.values import whole


def by(nets, knobs, measure=None):
    """{value: rows} of a frame of nets by a knob, in order; or {value: measure(rows)}.

    Args:
        knobs: the name of a knob; several names nest the groups, {first: {second: ...}}.
        measure: a function of the rows, such as `epochs`, or the name of a column.
    """
    first, *others = [knobs] if isinstance(knobs, str) else knobs
    groups = {whole(value): rows for value, rows in nets.groupby(first, observed=True)}
    if others:
        return {value: by(rows, others, measure) for value, rows in groups.items()}
    if measure is None:
        return groups
    take = measure if callable(measure) else lambda rows: rows[measure].to_numpy()
    return {value: take(rows) for value, rows in groups.items()}


def lowest(curves, knobs, column):
    """{...: (R,) the lowest value on each net's curve} of a frame of points; knobs as in `by`."""
    knobs = [knobs] if isinstance(knobs, str) else list(knobs)
    nets = curves.groupby(["run_id", "seed", *knobs], observed=True)[column].min()
    return by(nets.reset_index(), knobs, column)


def tables(nets, knob, columns, values):
    """{value of a knob: a frame of `values`}, one row a seed, one column a value of `columns`."""
    return {
        value: rows.pivot(index="seed", columns=columns, values=values)
        for value, rows in by(nets, knob).items()
    }


def runs(data, knob, values=None):
    """{value: the runs that have it} of a `Data` by a knob: of all its values, or of these."""
    return {v: data.select(**{knob: v}) for v in (data.values(knob) if values is None else values)}


def gathered(data, measure):
    """(R, ...): what a function of a run's arrays says of each of its nets, run after run."""
    return np.concatenate([measure(data.arrays(run_id)) for run_id in data.runs.run_id])


def solved(nets):
    """(R,) whether each net solved its problem."""
    return measured(nets.solved.to_numpy(dtype=bool), "solved", nets)


def failed(nets):
    """(R,) whether each net did not solve its problem."""
    return ~solved(nets)


def epochs(nets):
    """(R,) epochs until each net solved its problem; infinity means "never"."""
    values = nets.epochs_to_solve.fillna(np.inf).to_numpy(dtype=float)
    return measured(values, "epochs", nets)


def finite(values):
    """The values of nets that have solved their problem."""
    values = np.asarray(values, dtype=float)
    return values[np.isfinite(values)]


def soonest(groups):
    """(value, epochs) of the group with the lowest median over all its nets.

    Of equal medians, such as two that are infinite, the one in which more nets arrive.
    """
    return min(groups.items(), key=lambda item: (np.median(item[1]), -len(finite(item[1]))))


def fastest(groups):
    """(value, epochs) of the group with the lowest median over the nets that arrive."""
    return min(groups.items(), key=lambda item: np.median(finite(item[1])))


def surest(groups):
    """(value, epochs) of the group in which most nets arrive."""
    return max(groups.items(), key=lambda item: len(finite(item[1])))


def pooled(groups):
    """The values of all groups, however nested, in one array."""
    return np.concatenate([*map(_pooled, groups.values())])


def count(groups):
    """The number of nets in all groups, however nested."""
    return sum(count(group) if isinstance(group, dict) else len(group) for group in groups.values())


def percent(groups):
    """The same groups in per cent, however nested; a table becomes {column: values}."""

    def of(group):
        nested = isinstance(group, dict | pd.DataFrame)
        return percent(group) if nested else 100.0 * np.asarray(group, dtype=float)

    return {value: of(group) for value, group in groups.items()}


def _pooled(group):
    return pooled(group) if isinstance(group, dict) else np.asarray(group)
