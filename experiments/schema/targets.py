"""The columns of targets as numbers: classes, or a regression, as their values say."""

from typing import TYPE_CHECKING

import numpy as np

from experiments.errors import ConfigError
from experiments.schema.columns import is_number, some, words

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_RATED = 20  # different whole numbers as targets that may be classes, or may be amounts


def targets(
    table: "DataFrame", target: tuple[str, ...], problem: str | None
) -> tuple[str, np.ndarray, tuple[str, ...] | None]:
    """(problem, y, names of classes or None)."""
    if len(target) > 1:
        others = [name for name in target if not is_number(table[name])]
        if others or problem not in (None, "regression"):
            raise ConfigError(
                f"several targets are a regression, and have to be numbers; got {some(others)}"
                if others
                else f"several targets are a regression; got problem={problem}"
            )
        return "regression", table[list(target)].to_numpy(dtype=float), None
    (name,) = target
    values = table[name]
    if problem is None:
        problem = _problem(name, values)
    if problem == "regression":
        if not is_number(values):
            raise ConfigError(f"target {name} holds words, so that it is no regression")
        y = values.to_numpy(dtype=float)
        if y.min() == y.max():
            raise ConfigError(f"target {name} is constant: {y[0]:g} in each of {len(y):,} rows")
        if not np.isfinite(y).all():
            raise ConfigError(f"target {name} has values that are infinite")
        return problem, y, None
    return _classes(name, values, problem)


def _problem(name, values):
    """What one column of targets says."""
    distinct = values.unique()
    if len(distinct) <= 2:
        return "binary"
    if not is_number(values):
        return "multiclass"
    numbers = np.sort(distinct.astype(float))
    rated = (numbers == np.arange(numbers[0], numbers[0] + len(numbers))).all()
    if rated and len(numbers) <= MOST_RATED:
        span = f"the whole numbers {numbers[0]:g} to {numbers[-1]:g}"
        raise ConfigError(
            f"target {name} holds {span}, which may be classes or amounts; "
            "say problem=multiclass or problem=regression"
        )
    return "regression"


def _classes(name, values, problem):
    """Classes 0, 1, ... in the order of their numbers or words: -1 and 1 become 0 and 1."""
    distinct, y = np.unique(
        values.to_numpy(dtype=float) if is_number(values) else words(values), return_inverse=True
    )
    names = tuple(f"{one:g}" if isinstance(one, float) else str(one) for one in distinct)
    if len(names) < 2:
        raise ConfigError(f"target {name} is constant: {names[0]} in each of {len(y):,} rows")
    if len(names) > max(2, len(y) // 2):
        raise ConfigError(f"target {name} has {len(names):,} classes in {len(y):,} rows")
    kind = "binary" if len(names) == 2 else "multiclass"
    if kind != problem:
        raise ConfigError(f"target {name} has {len(names):,} classes, so that problem={kind}")
    return kind, y.astype(float), names
