"""The data that a net learns from: sampled from a data set, split, and scaled.

`sample` makes the data of one net: it calls a generator, or splits a real data set, and adds
held-out examples, label noise and scaling. One seed gives the same data in every run that asks for
the same data, with any model.
"""

import hashlib
from typing import NamedTuple

import numpy as np

from scratchml.datasets import DATASETS, n_held_out, problem, shape
from scratchml.splitting import SPLITS, n_out_of


class Data(NamedTuple):
    """Training and held-out examples of one net, or of a stack of nets.

    X is (N, D), shared by all nets, or (R, N, D); Y likewise with K columns. Held-out arrays are
    None where nothing is held out. Weights of the training examples have a mean of 1 and one
    column; None stands for ones.
    """

    problem: str  # binary, multiclass or regression
    X: np.ndarray
    Y: np.ndarray
    X_test: np.ndarray | None = None
    Y_test: np.ndarray | None = None
    weights: np.ndarray | None = None


class Examples(NamedTuple):
    """All examples of a data set that is read, and not made by a generator."""

    problem: str
    X: np.ndarray  # (N, D); NaN is a value that is missing
    y: np.ndarray  # (N,), classes 0, 1, ... or numbers; (N, K) for several numbers
    n_classes: int = 0
    groups: np.ndarray | None = None  # (N,), by which examples are split, see `splitting`
    weights: np.ndarray | None = None  # (N,), how much each example counts in training


def digest(data):
    """(32,): SHA-256 of the Data of one net, bytes as numbers."""
    found = hashlib.sha256()
    for array in data[1:]:
        if array is not None:
            found.update(str(array.shape).encode() + np.ascontiguousarray(array).tobytes())
    return np.frombuffer(found.digest(), dtype=np.uint8)


def missing_classes(data):
    """{"train": (R,) or (), "test": ...}: how many classes have no example in that part.

    Nothing is missing from a part that does not exist, and from a regression.
    """
    if data.problem == "regression":
        return {}
    parts = {"train": data.Y, "test": data.Y_test}
    return {part: _missing(Y) for part, Y in parts.items() if Y is not None}


def _missing(Y):
    """Of targets (..., N, K): how many of the K classes, or of two, have no example."""
    present = Y if Y.shape[-1] > 1 else np.concatenate([Y, 1.0 - Y], axis=-1)
    return (~present.any(axis=-2)).sum(axis=-1)


def stack(datas):
    """The Data of a stack of nets from those of its nets: (N, D) each -> (R, N, D)."""
    arrays = zip(*(data[1:] for data in datas), strict=True)
    return Data(datas[0].problem, *(None if a[0] is None else np.stack(a) for a in arrays))


def sample(knobs, rng, seed=0, real=None):
    """The data of one net.

    Args:
        knobs: a mapping with every knob of the data (see `conf/dataset/`).
        rng: the random generator of the net for data.
        seed: the number of the order of a truth table's rows, if `order` is "seed".
        real: the Examples of a data set that is not in `DATASETS`.

    Returns:
        Data, unstacked: X (N, D), Y (N, K).

    Raises:
        ValueError: A generator does not keep its contract, labels are not 0, 1, ... without gaps,
            or the training examples of a real data set are all of one class.
    """
    made = _generated(knobs, rng, seed) if real is None else _split(real, knobs, rng)
    kind, n_classes, (X, y), (X_test, y_test), weights = made
    if knobs.get("missing") in FILLS:
        values = fills(X, knobs["missing"])
        X, X_test = (np.where(np.isnan(each), values, each) for each in (X, X_test))
    if knobs["label_noise"]:
        wrong = rng.random(len(y)) < knobs["label_noise"]
        y = np.where(wrong, rng.integers(0, n_classes, len(y)), y)
    if knobs["scaling"] != "none":
        mean, std = scale(X, knobs["scaling"])
        X, X_test = (X - mean) / std, (X_test - mean) / std
    if knobs.get("class_weight") == "balanced":
        weights = balanced(y, n_classes) * (1.0 if weights is None else weights)
    if weights is not None:
        weights = weights[:, None] / weights.mean()
    Y, Y_test = _targets(kind, y, n_classes), _targets(kind, y_test, n_classes)
    held_out = (X_test, Y_test) if len(X_test) else (None, None)
    return Data(kind, X, Y, *held_out, weights)


def balanced(y, n_classes):
    """(N,): weights N / (K N_k) of labels, by which each class k counts as much as any other."""
    counts = np.bincount(y.astype(int), minlength=n_classes)
    return (len(y) / (n_classes * np.maximum(counts, 1)))[y.astype(int)]


def _generated(knobs, rng, seed):
    """The problem, the number of classes, (X, y) of training and of held-out examples, weights."""
    dataset, fraction = DATASETS[knobs["dataset"]], knobs["test_fraction"]
    arguments = {name: knobs[name] for name in dataset.knobs}
    if "order" in arguments:
        arguments["order"] = seed if knobs["order"] == "seed" else 0
    n, d, k = shape(dataset, knobs)
    total = n + n_held_out(n, fraction)
    X, y = dataset.make(rng, total, **arguments)
    kind, n_classes = problem(dataset, knobs), max(k, 2)
    if np.shape(X) != (total, d) or np.shape(y) != (total,):
        raise ValueError(
            f"the generator of dataset {knobs['dataset']} must make {total} examples, X of "
            f"({total}, {d}) and y of ({total},); got {np.shape(X)} and {np.shape(y)}"
        )
    if kind != "regression":
        _check_labels(y, range(n_classes), f"dataset {knobs['dataset']}")
    return kind, n_classes, (X[:n], y[:n]), (X[n:], y[n:]), None


def _check_labels(y, allowed, where):
    """Raises ValueError if a label is none of the classes 0, 1, ..."""
    strange = set(np.unique(y).tolist()) - set(allowed)
    if strange:
        raise ValueError(
            f"labels of {where} must be from 0 to {len(allowed) - 1}; got {sorted(strange)}"
        )


def _split(real, knobs, rng):
    """As `_generated`, of a data set that is read, as the knob `split` says."""
    kind, X, y, n_classes, _, weights = real
    n, n_test = knobs["n_samples"], n_out_of(len(X), knobs["test_fraction"])
    train, test, split = np.arange(len(X)), np.arange(0), knobs.get("split") or "random"
    if split == "column" or (n or len(X) - n_test) < len(X):
        train, test = SPLITS[split](real, n_test, n, rng)
    if n_classes:
        _check_labels(y, range(n_classes), f"{n_classes} classes")
        if len(np.unique(y[train])) == 1:
            said = "use more n_samples, or split=stratified"
            raise ValueError(f"all {len(train)} training examples are of one class; {said}")
    if weights is not None:
        weights = weights[train]
        if not weights.any():
            raise ValueError(f"all {len(train)} training examples have a weight of 0")
    return kind, n_classes, (X[train], y[train]), (X[test], y[test]), weights


FILLS = {"mean": np.nanmean, "median": np.nanmedian}


def fills(X, missing):
    """(D,): what stands for missing values, NaN, in each column of X; 0 where all are missing."""
    known = np.isfinite(X).any(axis=0)
    values = np.zeros(X.shape[1])
    values[known] = FILLS[missing](X[:, known], axis=0)
    return values


def scale(X, scaling):
    """(mean, std), (D,) each, that `scaling` subtracts from X, (N, D), and divides it by.

    A feature is constant if its deviation is rounding of the sum of N such numbers: at most N eps
    times its largest number. Then its std is 1 and its mean is its first number, so that equal
    numbers become exactly zero.
    """
    mean = X.mean(axis=0) if scaling != "none" else np.zeros(X.shape[1])
    std = X.std(axis=0) if scaling == "standard" else np.ones(X.shape[1])
    if scaling != "none":
        rounding = len(X) * np.finfo(float).eps * np.abs(X).max(axis=0)
        constant = X.std(axis=0) <= rounding
        mean[constant], std[constant] = X[0, constant], 1.0
    return mean, std


def _targets(problem, y, n_classes):
    """(N, K): one-hot for more than two classes, otherwise a column for each target."""
    if problem == "multiclass":
        return np.eye(n_classes)[y.astype(int)]
    return (y if y.ndim > 1 else y[:, None]).astype(float)
