"""Datasets: the table of all data sets, and the data that a net learns from.

`sample` makes the data of one net: it calls a generator and adds held-out examples, label noise and
scaling. One seed gives the same data in every run that asks for the same data, with any model.

A new data set is one function in `generators.py`, one line in the table below and a file in
`conf/dataset/`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scratchml import generators
from scratchml.generators import TABLES


class Data(NamedTuple):
    """Training and held-out examples of one net, or of a stack of nets.

    X is (N, D), shared by all nets, or (R, N, D); Y likewise with K columns. Held-out arrays are
    None where nothing is held out.
    """

    problem: str  # binary, multiclass or regression
    X: np.ndarray
    Y: np.ndarray
    X_test: np.ndarray | None = None
    Y_test: np.ndarray | None = None


# --- facts ----------------------------------------------------------------------------------------


def no_constraints(*arguments):
    """No sentence: the limits of each knob are enough."""
    return ()


class Dataset(NamedTuple):
    """A generator, and the facts about its data that are known before they are made."""

    make: Callable  # (rng, n_samples, *, knobs) -> X (N, D), targets (N,)
    knobs: tuple = ()  # names of the arguments that `make` takes beside these two
    n_features: int | str = 2  # D, or the name of the knob that holds it
    problem: str = "binary"  # or "regression"; a knob n_classes > 2 makes it multiclass
    size: str | Callable | None = None  # examples if n_samples is null, see `shape`
    least: int = 1  # the smallest number of examples
    drawn: bool = True  # False: only noise is random
    constraints: Callable = no_constraints  # (knobs) -> sentences about values that do not fit


SHARED_KNOBS = ("dataset", "n_samples", "label_noise", "test_fraction", "scaling")
_ROWS = ("inputs", "coding", "noise", "order")
_OF_ROWS = {"n_features": "inputs", "size": generators.all_rows, "drawn": False}
_OF_A_VALLEY = {"n_features": "n_features", "problem": "regression", "size": "one_per_feature"}

# fmt: off
DATASETS = {
    **{name: Dataset(generators.named_table(name), _ROWS, **_OF_ROWS) for name in TABLES[2]},
    "table": Dataset(generators.truth_table, ("table", *_ROWS), **_OF_ROWS,
                     constraints=generators.table_has_bits),
    "blobs": Dataset(generators.blobs, ("noise", "n_features", "n_classes"), "n_features",
                     constraints=generators.blobs_need_a_plane),
    "moons": Dataset(generators.moons, ("noise",)),
    "circles": Dataset(generators.circles, ("noise",)),
    "spirals": Dataset(generators.spirals, ("noise", "n_classes")),
    "rings": Dataset(generators.rings, ("noise", "n_classes")),
    "linear": Dataset(generators.linear, ("noise", "n_features"), "n_features", "regression"),
    "quadratic": Dataset(generators.quadratic, ("condition", "n_features"), **_OF_A_VALLEY,
                         drawn=False),
    "rotated": Dataset(generators.rotated, ("condition", "n_features"), **_OF_A_VALLEY),
    "sawtooth": Dataset(generators.sawtooth, n_features=1, least=2, drawn=False),
    "chebyshev": Dataset(generators.chebyshev, ("degree",), 1, "regression", drawn=False),
    "point": Dataset(generators.point, n_features=1, size=lambda knobs: 1, drawn=False),
}
# fmt: on


def problem(dataset, knobs):
    """The kind of targets of a Dataset with these knobs: binary, multiclass or regression."""
    if dataset.problem == "binary" and "n_classes" in dataset.knobs:
        return "multiclass" if (knobs["n_classes"] or 2) > 2 else "binary"
    return dataset.problem


def shape(dataset, knobs):
    """(N, D, K): training examples, inputs and outputs of a Dataset with these knobs.

    N is `n_samples`. If that is null, N is `size(knobs)`. A data set with a size of None needs
    n_samples. With "one_per_feature" N is D, and n_samples has no meaning. A missing number counts
    as 1 example or 2 inputs, so that a configuration with a mistake also has a shape.
    """
    d = dataset.n_features
    d = d if isinstance(d, int) else knobs[d] or 2
    if dataset.size == "one_per_feature":
        n = d
    else:
        n = knobs["n_samples"] or (dataset.size(knobs) if dataset.size else 1)
    return n, d, knobs["n_classes"] if problem(dataset, knobs) == "multiclass" else 1


def all_knobs():
    """The names of all knobs that data depend on: of all data sets, and of single generators."""
    return {*SHARED_KNOBS, *(name for dataset in DATASETS.values() for name in dataset.knobs)}


def differs_by_seed(knobs):
    """Whether nets of different seeds see different data. If not, they can share one array."""
    dataset = DATASETS.get(knobs["dataset"])
    return bool(
        (dataset.drawn if dataset else knobs["n_samples"])
        or knobs["noise"]
        or knobs["label_noise"]
        or knobs["test_fraction"]
        or knobs["order"] == "seed"
    )


# --- data -----------------------------------------------------------------------------------------


def sample(knobs, rng, seed=0, real=None):
    """The data of one net.

    Args:
        knobs: a mapping with every knob of the data (see `conf/dataset/`).
        rng: the random generator of the net for data.
        seed: the number of the order of a truth table's rows, if `order` is "seed".
        real: (X, y), all examples of a real data set, if `dataset` is not in `DATASETS`.

    Returns:
        Data, unstacked: X (N, D), Y (N, K).

    Raises:
        ValueError: A generator does not keep its contract, labels are not 0, 1, ... without gaps,
            or the training examples of a real data set are all of one class.
    """
    made = _generated(knobs, rng, seed) if real is None else _split(real, knobs, rng)
    kind, n_classes, (X, y), (X_test, y_test) = made
    if knobs["label_noise"]:
        wrong = rng.random(len(y)) < knobs["label_noise"]
        y = np.where(wrong, rng.integers(0, n_classes, len(y)), y)
    if knobs["scaling"] != "none":
        mean, std = scale(X, knobs["scaling"])
        X, X_test = (X - mean) / std, (X_test - mean) / std
    Y, Y_test = _targets(kind, y, n_classes), _targets(kind, y_test, n_classes)
    return Data(kind, X, Y, X_test, Y_test) if len(X_test) else Data(kind, X, Y)


def _generated(knobs, rng, seed):
    """The problem, the number of classes, and (X, y) of training and of held-out examples."""
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
    return kind, n_classes, (X[:n], y[:n]), (X[n:], y[n:])


def n_held_out(n, fraction):
    """The number of held-out examples that, beside n training examples, are this fraction."""
    return round(n * fraction / (1.0 - fraction))


def _check_labels(y, allowed, where):
    """Raises ValueError if a label is none of the classes 0, 1, ..."""
    strange = set(np.unique(y).tolist()) - set(allowed)
    if strange:
        raise ValueError(
            f"labels of {where} must be from 0 to {len(allowed) - 1}; got {sorted(strange)}"
        )


def _split(real, knobs, rng):
    """As `_generated`, of a real data set: its last examples are held out."""
    X, y = real
    n_test = round(len(X) * knobs["test_fraction"])
    most = len(X) - n_test
    n = knobs["n_samples"] or most
    if n < len(X):
        order = rng.permutation(len(X))
        X, y = X[order], y[order]
    n_classes = len(np.unique(y))
    _check_labels(y, range(n_classes), f"{n_classes} classes")
    kind = "binary" if n_classes == 2 else "multiclass"
    learned = y[:most][:n]
    if len(np.unique(learned)) == 1 < n_classes:
        raise ValueError(f"all {n} training examples are of one class; use more n_samples")
    return kind, n_classes, (X[:most][:n], learned), (X[most:], y[most:])


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
    """(N,) -> (N, K): one-hot for more than two classes, one column otherwise."""
    if problem == "multiclass":
        return np.eye(n_classes)[y.astype(int)]
    return y[:, None].astype(float)


def stack(datas):
    """The Data of a stack of nets from those of its nets: (N, D) each -> (R, N, D)."""
    arrays = zip(*(data[1:] for data in datas), strict=True)
    return Data(datas[0].problem, *(None if a[0] is None else np.stack(a) for a in arrays))
