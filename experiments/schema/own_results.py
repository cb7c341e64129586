"""Arrays that a function of the user's own is handed and returns: not to be changed, and sound."""

import math
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from experiments import own
from experiments.own import Fault

MODERATE = 30.0  # an argument at which no function of a net may be infinite


def fixed(array: np.ndarray) -> np.ndarray:
    """A view that cannot be written to."""
    view = array.view()
    view.flags.writeable = False
    return view


def of_evaluation(function: Callable, evaluation: Any, *more: Any) -> Any:
    """Calls a function of an Evaluation, whose arrays cannot be written to meanwhile."""
    arrays = evaluation.theta, evaluation.X, evaluation.Y
    before = [array.flags.writeable for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    try:
        return function(evaluation, *more)
    finally:
        for array, flag in zip(arrays, before, strict=True):
            if flag:
                array.flags.writeable = True


def sound(out: Any, shape: tuple, like: str, arguments: tuple, function: Callable, what: str):
    """The result as an array of float64 that may be written to; raises Fault if it is unsound."""
    try:
        array = np.asarray(out)
    except ValueError:  # lists of unequal lengths
        array = np.asarray(None)
    if array.dtype.kind not in "biuf" or array.shape != shape:
        fault(function, f"{what} must return numbers of the shape of {like}, {shape}; "
              f"got {seen(out)}")  # fmt: skip
    array = array if array.dtype == float else array.astype(float)
    if not math.isfinite(array.sum()) and all(np.isfinite(each).all() for each in arguments):
        bad, first = np.isnan(array), arguments[0] if arguments else None
        if first is not None and first.shape == array.shape:
            bad |= np.isinf(array) & (np.abs(first) <= MODERATE)
        if bad.any():
            at = f" for {first[bad][0]:.6g}" if np.shape(first) == shape else ""
            value = "NaN" if np.isnan(array[bad][0]) else array[bad][0]
            fault(function, f"{what} returned {value}{at}")
    return array if array.flags.writeable else array.copy()


def seen(out: Any) -> str:
    """What was returned, for the end of a sentence."""
    if isinstance(out, np.ndarray):
        return f"{out.dtype} of shape {out.shape}"
    return (
        f"{type(out).__name__} of {len(out)}" if isinstance(out, list | tuple) else repr(out)[:60]
    )


def fault(function: Callable, said: str) -> NoReturn:
    """Raises a Fault that names the file and line of a function."""
    raise Fault(f"{own.place(function)}: {said}")
