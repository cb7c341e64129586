"""Datasets: what the nets are asked to learn.

A generator takes a NumPy generator, a number of examples and the knobs it names, and returns X,
(N, D), and targets, (N,): classes 0, 1, ... or, for regression, numbers. `sample` adds what all
share: held-out examples, label noise and scaling. One seed draws the same data in every run that
asks for the same data, whatever the model.

A new dataset is one function here, one line in the table below and a file in `conf/dataset/`.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

# Truth tables with a name, of two inputs and of three.
TABLES = {
    2: {"and": 8, "or": 14, "nand": 7, "nor": 1, "xor": 6, "xnor": 9},
    3: {"and": 128, "or": 254, "nand": 127, "nor": 1, "xor": 150, "xnor": 105},
}


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


def permutation(items, index):
    """The index-th permutation of `items` in lexicographic order, counted modulo their number."""
    items, order = list(items), []
    index %= math.factorial(len(items))
    while items:
        which, index = divmod(index, math.factorial(len(items) - 1))
        order.append(items.pop(which))
    return order


def truth_table(rng, n_samples, *, table, inputs, coding, noise, order):
    """The rows of a logical function in counting order, again and again up to n_samples.

    Bit i of the number `table` is the output of row i, so that AND is 8 and XOR is 6. Inputs are
    coded 0 and 1, or -1 and +1 (`coding` bipolar), and blurred by N(0, noise^2); `order` presents
    the rows in the order-th permutation of them.
    """
    n_rows = 2**inputs
    rows = np.array(permutation(range(n_rows), order))
    rows = np.resize(rows, n_samples)
    X = (rows[:, None] >> np.arange(inputs)[::-1] & 1).astype(float)
    if coding == "bipolar":
        X = 2.0 * X - 1.0
    if noise:
        X += noise * rng.standard_normal(X.shape)
    return X, table >> rows & 1


def blobs(rng, n_samples, *, noise, n_features, n_classes):
    """Normal clouds of width `noise` around centres two apart, as many of each class as can be.

    Two classes sit at -1 and +1 on the first axis; more sit on a circle in the first two.
    """
    y = np.arange(n_samples) % n_classes
    if n_classes == 2:
        centres = np.array([[-1.0], [1.0]])
    else:
        angle = 2.0 * np.pi * np.arange(n_classes) / n_classes
        centres = np.stack([np.cos(angle), np.sin(angle)], axis=1) / np.sin(np.pi / n_classes)
    X = noise * rng.standard_normal((n_samples, n_features))
    X[:, : centres.shape[1]] += centres[y]
    return X, y


def moons(rng, n_samples, *, noise):
    """Two half circles of radius 1 that reach into each other."""
    y = np.arange(n_samples) % 2
    angle = rng.uniform(0.0, np.pi, n_samples)
    X = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    X[y == 1] = [1.0, 0.5] - X[y == 1]
    return X + noise * rng.standard_normal(X.shape), y


def circles(rng, n_samples, *, noise):
    """Two circles around one centre, of radius 1 and 1/2."""
    y = np.arange(n_samples) % 2
    angle = rng.uniform(0.0, 2.0 * np.pi, n_samples)
    X = np.stack([np.cos(angle), np.sin(angle)], axis=1) * np.where(y, 0.5, 1.0)[:, None]
    return X + noise * rng.standard_normal(X.shape), y


def spirals(rng, n_samples, *, noise, n_classes):
    """Arms that wind once around each other (after Lang & Witbrock 1988)."""
    y = np.arange(n_samples) % n_classes
    along = np.sqrt(rng.uniform(0.0, 1.0, n_samples))
    angle = 2.0 * np.pi * (along + y / n_classes)
    X = along[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return X + noise * rng.standard_normal(X.shape), y


def rings(rng, n_samples, *, noise, n_classes):
    """Filled rings around one centre with gaps between them: ring k lies in [k, k + 1/2]."""
    y = np.arange(n_samples) % n_classes
    inner = y.astype(float)
    radius = np.sqrt(inner**2 + rng.uniform(0.0, 1.0, n_samples) * (inner + 0.25))
    angle = rng.uniform(0.0, 2.0 * np.pi, n_samples)
    X = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return X + noise * rng.standard_normal(X.shape), y


def linear(rng, n_samples, *, noise, n_features):
    """y = x . u + noise e: x from N(0, I), |u| = 1 in a random direction, e from N(0, 1)."""
    u = rng.standard_normal(n_features)
    u /= np.sqrt(u @ u)
    X = rng.standard_normal((n_samples, n_features))
    return X, X @ u + noise * rng.standard_normal(n_samples)


def quadratic(rng, n_samples, *, condition, n_features):
    """Least squares whose Hessian is diagonal, from 1 down to 1/condition, with minimum at 1.

    One example a feature, whatever n_samples says; nothing is drawn.
    """
    spectrum = np.geomspace(1.0, 1.0 / condition, n_features)
    X = np.diag(np.sqrt(n_features * spectrum))
    return X, X.sum(axis=1)


def turned(rng, n_samples, *, condition, n_features):
    """The quadratic turned in a random way: its axes are no longer those of single weights."""
    X, y = quadratic(rng, n_samples, condition=condition, n_features=n_features)
    Q, _ = np.linalg.qr(rng.standard_normal((n_features, n_features)))
    return X @ Q.T, y


def sawtooth(rng, n_samples):
    """x_i = i / (n-1) in [0, 1] labelled 0, 1, 0, 1, ... (Telgarsky 2015)."""
    i = np.arange(n_samples)
    return (i / (n_samples - 1.0))[:, None], i % 2


def chebyshev(rng, n_samples, *, degree):
    """The Chebyshev polynomial of a degree at n evenly spaced points of [-1, 1] (Cohen 2021)."""
    x = np.linspace(-1.0, 1.0, n_samples)
    return x[:, None], np.cos(degree * np.arccos(x))


def point(rng, n_samples):
    """x = 1, y = 0: one example, enough to watch one unit move (Nielsen 2015, chapter 3)."""
    return np.ones((n_samples, 1)), np.zeros(n_samples, dtype=int)


class Dataset(NamedTuple):
    """A generator, what its targets are, and which knobs it takes."""

    make: Callable
    knobs: tuple = ()
    regression: bool = False
    drawn: bool = True  # False where the generator draws nothing but its noise


_ROWS = ("inputs", "coding", "noise", "order")

DATASETS = {
    **{name: Dataset(truth_table, _ROWS, drawn=False) for name in TABLES[2]},
    "table": Dataset(truth_table, ("table", *_ROWS), drawn=False),
    "blobs": Dataset(blobs, ("noise", "n_features", "n_classes")),
    "moons": Dataset(moons, ("noise",)),
    "circles": Dataset(circles, ("noise",)),
    "spirals": Dataset(spirals, ("noise", "n_classes")),
    "rings": Dataset(rings, ("noise", "n_classes")),
    "linear": Dataset(linear, ("noise", "n_features"), regression=True),
    "quadratic": Dataset(quadratic, ("condition", "n_features"), regression=True, drawn=False),
    "turned": Dataset(turned, ("condition", "n_features"), regression=True),
    "sawtooth": Dataset(sawtooth, drawn=False),
    "chebyshev": Dataset(chebyshev, ("degree",), regression=True, drawn=False),
    "point": Dataset(point, drawn=False),
}


def differs_by_seed(knobs):
    """Whether nets of different seeds see different data; where not, they can share one array."""
    dataset = DATASETS.get(knobs["dataset"])
    return bool(
        (dataset.drawn if dataset else knobs["n_samples"])
        or knobs["noise"]
        or knobs["label_noise"]
        or knobs["test_fraction"]
        or knobs["order"] == "seed"
    )


def sample(knobs, rng, seed=0, real=None):
    """The data of one net.

    Args:
        knobs: a mapping with every knob of the data (see `conf/dataset/`).
        rng: the net's generator for data.
        seed: which order the rows of a truth table come in, if `order` is "seed".
        real: (X, y), all examples of a real data set, where `dataset` is not in `DATASETS`.

    Returns:
        Data, unstacked: X (N, D), Y (N, K).
    """
    n, fraction = knobs["n_samples"], knobs["test_fraction"]
    if real is None:
        dataset = DATASETS[knobs["dataset"]]
        arguments = {name: knobs[name] for name in dataset.knobs}
        if dataset.make is truth_table:
            arguments["order"] = seed if knobs["order"] == "seed" else 0
            arguments.setdefault("table", TABLES[knobs["inputs"]].get(knobs["dataset"]))
            n = n or 2 ** knobs["inputs"]
        n = n or 1
        n_test = round(n * fraction / (1.0 - fraction))
        X, y = dataset.make(rng, n + n_test, **arguments)
        n = len(X) - n_test  # quadratic has a size of its own
        regression = dataset.regression
        n_classes = knobs["n_classes"] or 2
    else:
        X, y = real
        n_test = round(len(X) * fraction)
        n = n or len(X) - n_test
        if n < len(X):
            order = rng.permutation(len(X))
            X, y = X[order], y[order]
        regression = False
        n_classes = int(y.max()) + 1
    X, X_test = X[: len(X) - n_test][:n], X[len(X) - n_test :]
    y, y_test = y[: len(y) - n_test][:n], y[len(y) - n_test :]
    if knobs["label_noise"]:
        wrong = rng.random(len(y)) < knobs["label_noise"]
        y = np.where(wrong, rng.integers(0, n_classes, len(y)), y)
    if knobs["scaling"] != "none":
        mean = X.mean(axis=0)
        spread = X.std(axis=0) if knobs["scaling"] == "standard" else np.ones(X.shape[1])
        spread[spread == 0.0] = 1.0  # a constant feature stays zero
        X, X_test = (X - mean) / spread, (X_test - mean) / spread
    problem = "regression" if regression else "binary" if n_classes == 2 else "multiclass"
    Y, Y_test = _targets(problem, y, n_classes), _targets(problem, y_test, n_classes)
    return Data(problem, X, Y, X_test, Y_test) if n_test else Data(problem, X, Y)


def _targets(problem, y, n_classes):
    """(N,) -> (N, K): one-hot for more than two classes, one column otherwise."""
    return np.eye(n_classes)[y] if problem == "multiclass" else y[:, None].astype(float)


def stack(datas):
    """The Data of a stack of nets from those of its nets: (N, D) each -> (R, N, D)."""
    arrays = zip(*(data[1:] for data in datas), strict=True)
    return Data(datas[0].problem, *(None if a[0] is None else np.stack(a) for a in arrays))
