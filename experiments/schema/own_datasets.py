"""Data sets of the user's own: a plain function as a row, and the knobs that it brings along."""

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import numpy as np

from experiments import own
from experiments.errors import ConfigError
from experiments.schema import own_guards
from experiments.schema.own_calls import in_time
from scratchml.datasets import DATASETS, Dataset, all_knobs

EXAMPLES = 16  # of the call that shows what a plain function makes
USUAL = {"noise": 0.0, "n_features": 2, "n_classes": 2}  # knobs with which it is called then


def check_knobs(knobs: Iterable[str], what: str) -> None:
    """Raises ValueError for a knob that no configuration has."""
    wrong = [knob for knob in knobs if knob not in all_knobs()]
    if wrong:
        allowed = sorted({knob for each in DATASETS.values() for knob in each.knobs})
        raise ValueError(f"{what} has a knob {wrong[0]!r}; knobs of data sets are {allowed}")


def from_function(make: Callable, what: str) -> Dataset:
    """The Dataset of a plain function, which is called once to see what it makes.

    Raises:
        ValueError: Its knobs, or the kind of its targets, cannot be told.
        ConfigError: It raises an error, or makes no examples.
    """
    knobs = tuple(_keywords(make))
    check_knobs(knobs, what)
    wanted = [knob for knob in knobs if _keywords(make)[knob] is None and knob not in USUAL]
    if wanted:
        raise ValueError(f"{what} must be Dataset(...), or {wanted[0]} must have a default")
    values = {knob: USUAL.get(knob) if v is None else v for knob, v in _keywords(make).items()}
    made = []

    @wraps(make)
    def watched(*arguments, **given):
        made[:] = [make(*arguments, **given)]
        return made[0]

    try:
        X, y = own_guards.data(in_time(watched, "make", what), what)(
            np.random.default_rng(0), EXAMPLES, **values
        )
    except Exception as error:
        raise ConfigError(own.where(error) or str(error)) from error
    _check_targets(np.asarray(made[0][1]), y, what, "n_classes" in knobs)
    d = "n_features" if "n_features" in knobs else X.shape[1]
    is_binary = "n_classes" in knobs or np.isin(y, (0.0, 1.0)).all()
    return Dataset(make, knobs, d, "binary" if is_binary else "regression")


def _check_targets(made, y, what, classes):
    """Refuses targets that a plain function does not tell enough about.

    Args:
        made: as the function returned them: whole numbers are no regression.
        y: the same as floats, (N,) or (N, K).
        classes: whether a knob tells the number of classes.

    Raises:
        ValueError: They have several columns, or are whole numbers other than 0 and 1.
    """
    are_bits = np.isin(y, (0.0, 1.0)).all()
    if y.ndim == 2 and not (are_bits and y.shape[1] > 1):
        raise ValueError(f"{what} makes y of {y.shape}; a number an example is y (N,), and several "
                         "columns, (N, K), are labels of 0 and 1")  # fmt: skip
    if y.ndim == 2:
        raise ValueError(f"{what} makes {y.shape[1]} labels; write Dataset(make, ..., "
                         f'problem="multilabel", n_outputs={y.shape[1]})')  # fmt: skip
    if made.dtype.kind in "iu" and not are_bits and not classes:
        low, high = int(y.min()), int(y.max())
        if low < 0 or high < 2:
            raise ValueError(f"{what} makes whole numbers from {low} to {high}; classes are 0, 1, "
                             "..., and numbers of a regression are floats")  # fmt: skip
        raise ValueError(f"{what} makes whole numbers up to {high}; write Dataset(make, ..., "
                         f'problem="multiclass", n_outputs={high + 1}), or return floats for a '
                         "regression")  # fmt: skip


def _keywords(make):
    """{knob: default or None} of the arguments that can only be given by name."""
    return {
        name: None if each.default is each.empty else each.default
        for name, each in inspect.signature(make).parameters.items()
        if each.kind is each.KEYWORD_ONLY
    }


def settings(name: str, dataset: Dataset) -> dict[str, Any]:
    """The knobs that a data set brings along, as a file of conf/dataset/ does.

    They are the defaults of its function's arguments.
    """
    try:
        arguments = list(inspect.signature(dataset.make).parameters.values())
    except ValueError:  # of a function that is not written in Python
        return {"dataset": name}
    given = {each.name: each.default for each in arguments if each.default is not each.empty}
    n_samples = {"n_samples": arguments[1].default} if arguments[1].name in given else {}
    own_knobs = {knob: given[knob] for knob in dataset.knobs if knob in given}
    return {"dataset": name} | n_samples | own_knobs
