"""The data that a net learns from: sampled from a data set, split, and scaled.

`sample` makes the data of one net: it calls a generator, or splits a real data set, and adds
held-out examples, label noise and scaling. One seed gives the same data in every run that asks for
the same data, with any model.
"""

import hashlib
from typing import NamedTuple

import numpy as np

from scratchml.datasets import DATASETS, draws_rows, n_held_out, problem, shape
from scratchml.problems import PROBLEMS
from scratchml.scaling import FILLS, fills, scale
from scratchml.splitting import SPLITS, n_out_of


class Data(NamedTuple):
    """Training and held-out examples of one net, or of a stack of nets.

    X is (N, D), shared by all nets, or (R, N, D); Y likewise with K columns. Held-out arrays are
    None where nothing is held out. Weights of the training examples have a mean of 1 and one
    column; None stands for ones. `units` are the mean and the std of the training targets, (2, K)
    or (R, 2, K), if Y and Y_test were scaled by them; see `scaling.rescaled`.
    """

    problem: str  # a key of `PROBLEMS`
    X: np.ndarray
    Y: np.ndarray
    X_test: np.ndarray | None = None
    Y_test: np.ndarray | None = None
    weights: np.ndarray | None = None
    units: np.ndarray | None = None


class Examples(NamedTuple):
    """All examples of a data set that is read, and not made by a generator."""

    problem: str
    X: np.ndarray  # (N, D); NaN is a value that is missing
    y: np.ndarray  # (N,), classes 0, 1, ... or numbers; (N, K) for several labels or numbers
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

    Of several labels, each has two classes, 0 and 1. Nothing is missing from a part that does not
    exist, and from a regression.
    """
    facts, parts = PROBLEMS[data.problem], {"train": data.Y, "test": data.Y_test}
    if not facts.classes:
        return {}
    return {
        part: _missing(Y if facts.one_hot else np.concatenate([Y, 1.0 - Y], axis=-1))
        for part, Y in parts.items()
        if Y is not None
    }


def _missing(present):
    """Of a column (..., N, C) for each class: how many classes have no example."""
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
        wrong = rng.random(y.shape) < knobs["label_noise"]
        y = np.where(wrong, rng.integers(0, n_classes, y.shape), y)
    if knobs["scaling"] != "none":
        mean, std = scale(X, knobs["scaling"])
        X, X_test = (X - mean) / std, (X_test - mean) / std
    if knobs.get("class_weight") == "balanced":
        weights = balanced(y, n_classes) * (1.0 if weights is None else weights)
    if weights is not None:
        weights = weights[:, None] / weights.mean()
    Y, Y_test, units = _targets(kind, y, n_classes), _targets(kind, y_test, n_classes), None
    if (knobs.get("target_scaling") or "none") != "none":
        units = np.stack(scale(Y, knobs["target_scaling"]))
        Y, Y_test = ((A - units[0]) / units[1] for A in (Y, Y_test))
    held_out = (X_test, Y_test) if len(X_test) else (None, None)
    return Data(kind, X, Y, *held_out, weights, units)


def balanced(y, n_classes):
    """(N,): weights N / (K N_k) of labels, by which each class k counts as much as any other."""
    counts = np.bincount(y.astype(int), minlength=n_classes)
    return (len(y) / (n_classes * np.maximum(counts, 1)))[y.astype(int)]


def _generated(knobs, rng, seed):
    """The problem, the number of classes, (X, y) of training and of held-out examples, weights.

    The number is that of the values that a target may have: 2 for each of several labels.
    """
    dataset, fraction = DATASETS[knobs["dataset"]], knobs["test_fraction"]
    arguments = {name: knobs[name] for name in dataset.knobs}
    if "order" in arguments:
        arguments["order"] = None if draws_rows(knobs) else seed if knobs["order"] == "seed" else 0
    n, d, k = shape(dataset, knobs)
    total = n + n_held_out(n, fraction)
    X, y = dataset.make(rng, total, **arguments)
    kind = problem(dataset, knobs)
    facts = PROBLEMS[kind]
    n_classes = k if facts.one_hot else 2
    of_y = (total, k) if facts.classes and not facts.exclusive else (total,)
    if np.shape(X) != (total, d) or np.shape(y) != of_y:
        raise ValueError(
            f"the generator of dataset {knobs['dataset']} must make {total} examples, X of "
            f"({total}, {d}) and y of {of_y}; got {np.shape(X)} and {np.shape(y)}"
        )
    if facts.classes:
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


def _targets(problem, y, n_classes):
    """(N, K): one-hot for more than two classes, otherwise a column for each target."""
    if PROBLEMS[problem].one_hot:
        return np.eye(n_classes)[y.astype(int)]
    return (y if y.ndim > 1 else y[:, None]).astype(float)
