"""Scales: which axis suits its numbers."""

import numpy as np

DECADES = 100.0  # an axis that spans more than two decades is logarithmic


def choose_scale(set_scale, values):
    """Makes an axis logarithmic if its numbers span more than two decades, with room for 0.

    Args:
        set_scale: `ax.set_xscale` or `ax.set_yscale`.
    """
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    positive = values[values > 0.0]
    if (
        not len(values)
        or values.min() < 0.0
        or not len(positive)
        or positive.max() / positive.min() <= DECADES
    ):
        return
    if values.min() > 0.0:
        set_scale("log")
    else:
        set_scale("symlog", linthresh=positive.min(), linscale=0.3)


def is_geometric(values):
    """Whether numbers up to two decades apart are spaced more evenly by ratio than by difference.

    So 1, 2, 4, 8 is geometric, and 1, 2, 3, 4 is not.
    """
    values = np.unique(np.asarray(values, dtype=float))
    if len(values) < 3 or values[0] <= 0.0 or not 4.0 <= values[-1] / values[0] <= DECADES:
        return False
    steps, ratios = np.diff(values), np.diff(np.log(values))
    return np.std(ratios) / np.mean(ratios) < np.std(steps) / np.mean(steps) - 1e-9
