"""The columns of targets as numbers: classes, labels, or a regression, as their values say."""

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
    """(problem, y, names of classes or None).

    The names of several labels are those of their values, such as `no/yes`, in the order of y.

    Raises:
        ConfigError: The values are infinite, constant, or none of the problem.
    """
    for name in target:
        if is_number(table[name]) and np.isinf(table[name].to_numpy(dtype=float)).any():
            raise ConfigError(f"target {name} has values that are infinite")
    if len(target) > 1:
        return _several(table[list(target)], problem)
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
        return problem, y, None
    return _classes(name, values, problem)


def _several(table, problem):
    """Several targets: labels, if each column has two values, and otherwise a regression."""
    many = [name for name in table if table[name].nunique() > 2]
    if problem is None:
        problem = "regression" if many else "multilabel"
    if problem == "multilabel":
        if many:
            raise ConfigError(f"labels have two values each; {some(many)} has more")
        each = [_classes(name, table[name], "binary")[1:] for name in table]
        y, names = zip(*each, strict=True)
        return problem, np.stack(y, axis=1), tuple("/".join(two) for two in names)
    words = [name for name in table if not is_number(table[name])]
    if words or problem != "regression":
        raise ConfigError(
            f"several targets of more than two values are a regression, and have to be numbers; "
            f"got {some(words)}"
            if words
            else f"several targets are a regression or labels; got problem={problem}"
        )
    return problem, table.to_numpy(dtype=float), None


def _problem(name, values):
    """What one column of targets says."""
    distinct = values.unique()
    if len(distinct) <= 2:
        return "binary"
    if not is_number(values):
        return "multiclass"
    numbers = np.sort(distinct.astype(float))
    rated = numbers[0].is_integer() and (np.diff(numbers) == 1).all()
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
