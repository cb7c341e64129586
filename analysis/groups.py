"""Groups of nets, {value of a knob: one value a net}: what verdicts and panels are about."""

import numpy as np


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
    return nets.solved.to_numpy(dtype=bool)


def failed(nets):
    """(R,) whether each net did not solve its problem."""
    return ~solved(nets)


def epochs(nets):
    """(R,) epochs until each net solved its problem; infinity means "never"."""
    return nets.epochs_to_solve.fillna(np.inf).to_numpy(dtype=float)


def finite(values):
    """The values of nets that have solved their problem."""
    values = np.asarray(values, dtype=float)
    return values[np.isfinite(values)]


def _whole(value):
    """2.0 -> 2, so that groups are named as knobs are written."""
    value = value.item() if hasattr(value, "item") else value
    return int(value) if isinstance(value, float) and value.is_integer() else value
