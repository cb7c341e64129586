"""Checks of the arguments of statistics; each raises ValueError."""

import numpy as np


def counts(k, n):
    """k successes in n attempts as whole numbers; booleans of NumPy are whole, 3.5 is not."""
    if int(k) != k or int(n) != n or not 0 <= k <= n or n < 1:
        raise ValueError(f"a proportion needs whole numbers 0 <= k <= n, n >= 1; got {k} of {n}")
    return int(k), int(n)


def numbers(values, name):
    """`values` as (N,) floats, without gaps."""
    values = np.asarray(values, dtype=float).ravel()
    if not len(values) or np.isnan(values).any():
        missing = f"{int(np.isnan(values).sum())} of {len(values)} are missing"
        raise ValueError(f"{name} must be numbers without gaps; {missing}")
    return values


def finite(values, name):
    """`values` as (N,) finite floats."""
    values = numbers(values, name)
    if not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite; {int(np.isinf(values).sum())} are not")
    return values
