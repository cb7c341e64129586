"""The columns of a table as numbers: words become one-hot columns, and targets become classes.

Whatever cannot be told for sure is refused, with the words that decide it.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from experiments.errors import ConfigError
from experiments.schema.columns import check_cells, is_number, reads_as_number, some, words
from experiments.schema.targets import targets
from scratchml.columns import one_hot
from scratchml.sampling import Examples

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_WORDS = 100  # different words in a column; more are names, not kinds


class Column(NamedTuple):
    """A column that a net learns from: its name, and its words if it holds words."""

    name: str
    words: tuple[str, ...] | None = None


class Encoding(NamedTuple):
    """How a table became numbers: its columns in order, its targets, and the names of classes.

    Each of several labels has its two names in one text, `no/yes`.
    """

    columns: tuple[Column, ...]
    targets: tuple[str, ...]
    classes: tuple[str, ...] | None
    groups: tuple[str, ...] | None  # the words of the column that decides about the split
    dropped: int  # rows that had missing values


def encode(
    table: "DataFrame",
    target: tuple[str, ...],
    features: tuple[str, ...] | None = None,
    problem: str | None = None,
    missing: str | None = None,
    weights: str | None = None,
    by: str | None = None,
) -> tuple[Examples, Encoding]:
    """The Examples of a table, and how they came about.

    Args:
        target: names of the columns to predict: one, or several labels or numbers.
        features: names of the columns to learn from; None is all others.
        problem: a key of `scratchml.problems.PROBLEMS`; None is what the targets say.
        missing: what becomes of missing values: None refuses them, `drop` leaves out their rows,
            another word keeps them as NaN, to be filled from the training examples.
        weights, by: names of the columns that say how much an example counts and that decide about
            the split. No net sees them.

    Raises:
        ConfigError: The table has no such columns, or its values cannot be learned from.
    """
    others = [name for name in (weights, by) if name is not None]
    features = _features(table, target, features, weights, by)
    used = dict.fromkeys([*features, *target, *others])
    for name in used:
        check_cells(table[name])
    filled = [name for name in features if name not in others]
    table, dropped = _without_missing(table[list(used)], filled, missing)
    columns, blocks = [], []
    for name in features:
        column, block = _inputs(name, table[name])
        columns.append(column)
        blocks.append(block)
    problem, y, classes = targets(table, target, problem)
    groups = None if by is None else np.unique(words(table[by]), return_inverse=True)
    X = np.concatenate(blocks, axis=1)
    counts = None if weights is None else _weights(weights, table[weights])
    n_classes = 0 if classes is None else 2 if y.ndim > 1 else len(classes)
    examples = Examples(problem, X, y, n_classes, groups and groups[1], counts)
    names = groups and tuple(groups[0])
    return examples, Encoding(tuple(columns), target, classes, names, dropped)


def _features(table, target, features, weights, by):
    """The names of the columns to learn from."""
    named = {"target": target, "features": features or (), "weights": (weights,), "split_by": (by,)}
    for knob, names in named.items():
        for name in names:
            if name is not None and name not in table.columns:
                columns = some(list(table.columns), 20)
                raise ConfigError(f"{knob}: there is no column {name!r}; there are {columns}")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ConfigError(f"{knob} names a column twice; got {some(twice)}")
    if not target:
        raise ConfigError("target must name a column, or several; got []")
    both = set(target) & set(features or ())
    if both:
        raise ConfigError(f"a column cannot be a feature and a target; got {some(sorted(both))}")
    chosen = features or [n for n in table.columns if n not in (*target, weights, by)]
    if not chosen:
        raise ConfigError("there is no column to learn from beside the target")
    return list(chosen)


def _without_missing(table, filled, missing):
    """The table, and how many rows were left out, as `missing` says; it may fill some columns."""
    counts = table.isna().sum()
    if missing not in (None, "drop"):
        counts = counts.drop(filled)
    counts = counts[counts > 0].sort_values(ascending=False)
    if not len(counts):
        return table, 0
    rows = table[list(counts.index)].isna().any(axis=1)
    if missing != "drop":
        each = some([f"{n:,} in {name}" for name, n in counts.items()])
        how = "missing=drop leaves these rows out"
        if missing is None:
            how += ", missing=mean or missing=median fills numbers from the training examples"
        raise ConfigError(
            f"values are missing in {rows.sum():,} of {len(table):,} rows: {each}; {how}"
        )
    if rows.all():
        raise ConfigError("every row has a missing value; choose columns with features=[...]")
    return table[~rows].reset_index(drop=True), int(rows.sum())


def _weights(name, values):
    """(N,): how much each example counts."""
    numbers = values.to_numpy(dtype=float) if is_number(values) else np.array([np.nan])
    if not np.isfinite(numbers).all() or numbers.min() < 0 or not numbers.any():
        raise ConfigError(f"weights={name}: they must be numbers >= 0, and not all 0")
    return numbers


def _inputs(name, values) -> tuple[Column, np.ndarray]:
    """A column, and the block (N, 1) or (N, number of words) of inputs that it becomes."""
    if is_number(values):
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        if np.isinf(numbers).any():
            raise ConfigError(f"column {name} has values that are infinite")
        return Column(name), numbers[:, None]
    missing, texts = values.isna().to_numpy(), words(values)
    kinds = tuple(sorted(set(texts[~missing])))
    _check_words(name, kinds, values)
    texts[missing] = None  # no word, and not the empty one
    return Column(name, kinds), one_hot(texts, kinds)


def _check_words(name, kinds, values):
    """Raises ConfigError for words that are names, or strays among numbers."""
    remedy = "leave it out: features=[...] lists the columns to learn from"
    strays = [word for word in kinds if not reads_as_number(word)]
    if len(kinds) > 2 and not strays:
        raise ConfigError(
            f"column {name} holds numbers as texts, {kinds[0]!r}; mend them, or {remedy}"
        )
    if len(kinds) > 2 and len(strays) <= len(kinds) / 2:
        shown = some([repr(word) for word in strays])
        raise ConfigError(f"column {name} has words among numbers, {shown}; mend them, or {remedy}")
    if len(kinds) > MOST_WORDS:
        n = len(values)
        raise ConfigError(
            f"column {name} has {len(kinds):,} different words in {n:,} rows; {remedy}"
        )
