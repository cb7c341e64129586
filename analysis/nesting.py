"""Arrays and tables in nested cells: found by their paths, compared, and replaced."""

from types import SimpleNamespace

import numpy as np
import pandas as pd


def leaves(value, path=()):
    """(path, array) of each array and table in nested cells."""
    if isinstance(value, np.ndarray | pd.DataFrame | pd.Series):
        if np.ndim(value):
            yield path, value
        return
    for name, part in _parts(value):
        yield from leaves(part, (*path, name))


def rebuilt(value, change, path=()):
    """The cells with each array and table replaced by change(path, it)."""
    if isinstance(value, np.ndarray | pd.DataFrame | pd.Series):
        return change(path, value)
    parts = {name: rebuilt(part, change, (*path, name)) for name, part in _parts(value)}
    if isinstance(value, SimpleNamespace):
        return SimpleNamespace(**parts)
    if isinstance(value, dict):
        return parts
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*parts.values())
    return type(value)(parts.values()) if isinstance(value, list | tuple) else value


def _parts(value):
    if isinstance(value, SimpleNamespace):
        return vars(value).items()
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list | tuple) else ()


def same(a, b):
    """Whether two arrays hold the same, NaN being equal to NaN."""
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return False
    if a.dtype.kind == b.dtype.kind == "f":
        return np.array_equal(a, b, equal_nan=True)
    return a.dtype.kind == b.dtype.kind and bool((a == b).all())
