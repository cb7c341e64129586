"""Measures: what the stored arrays of a run say of each of its nets."""

import numpy as np

from analysis import margin
from scratchml.activations import ACTIVATIONS, sigmoid


def coefficients(arrays, prefix="weights"):
    """(R, P), or of a path (R, T, P): weights and biases in a row, of nets without hidden units."""
    W, b = arrays[f"{prefix}/W1"], arrays[f"{prefix}/b1"]
    return np.concatenate([W.reshape(*W.shape[:-2], -1), b.reshape(*b.shape[:-2], -1)], axis=-1)


def states(arrays):
    """(R, T, D+1): the path of nets without hidden units, of one output, through their weights."""
    return coefficients(arrays, "path")


def lengths(states):
    """(...,): the length of each state."""
    return np.sqrt((states**2).sum(axis=-1))


def lap(state, examples):
    """(N+1, D+1): states while the rows are shown once more, by the perceptron's rule at lr 1."""
    found = [np.array(state)]
    for x, y in zip(margin.with_one(examples.X), examples.Y[:, 0], strict=True):
        found.append(found[-1] + (y - (found[-1] @ x > 0.0)) * x)
    return np.array(found)


def settling(paths):
    """(R,): the last epoch that moved the states of `paths`, (R, T, D+1)."""
    moved = (np.diff(paths, axis=1) != 0.0).any(axis=-1)
    return np.where(moved.any(axis=1), moved.shape[1] - np.argmax(moved[:, ::-1], axis=1), 0)


def moved(arrays):
    """(R,): whether a weight or bias of the first layer is not what it was at the start."""
    parts = [arrays[f"path/{w}"][:, 0] != arrays[f"weights/{w}"] for w in ("W1", "b1")]
    return np.any([part.any(axis=(1, 2)) for part in parts], axis=0)


def outputs(arrays, X):
    """(R, N): outputs of sigmoid nets with one hidden layer, or none, in the end."""
    A = sigmoid(X @ arrays["weights/W1"] + arrays["weights/b1"])
    if "weights/W2" in arrays:
        A = sigmoid(A @ arrays["weights/W2"] + arrays["weights/b2"])
    return A[..., 0]


def slopes(run, first=1):
    """(n,): phi'(z) of all units and examples of a run's first net, from the layer `first` on."""
    f, df = ACTIVATIONS[run.runs.activation[0]]
    arrays, A, found = run.arrays(), run.examples().X, []
    for layer in range(1, sum(name.startswith("weights/W") for name in arrays)):
        Z = A @ arrays[f"weights/W{layer}"][0] + arrays[f"weights/b{layer}"][0]
        A = f(Z)
        found.append(df(Z, A).ravel())
    return np.concatenate(found[first - 1 :])


def reached(arrays, loss):
    """(R,): the first point at which the loss of each net is below `loss`; infinity for never."""
    hit = arrays["curve/train/loss"] < loss
    return np.where(hit.any(axis=1), arrays["epoch"][hit.argmax(axis=1)], np.inf)


def rises(arrays):
    """(R,): whether the loss was ever higher than at the point before, by more than rounding."""
    return (np.diff(arrays["curve/train/loss"], axis=1) > 1e-12).any(axis=1)


def grows(arrays):
    """(R,): whether the gradient was ever larger than at the start."""
    gradient = arrays["curve/gradient_norm"]
    return gradient.max(axis=1) > gradient[:, 0]


def times_edge(arrays):
    """(R, T): the position of each net in units of its edge, lr x sharpness / 2."""
    return 0.5 * arrays["final/lr"][:, None] * arrays["curve/sharpness"]


def late(arrays, share=0.75):
    """(T,): which points come after this share of training."""
    return arrays["epoch"] > share * arrays["epoch"][-1]


def at(time, path):
    """(R,): the values of nets at a time between two points, straight in the logarithm of time.

    Args:
        path: a frame with one row a net and one column a time.
    """
    with np.errstate(divide="ignore"):
        times = np.log(path.columns.to_numpy())
    return np.array([np.interp(np.log(time), times, net) for net in path.to_numpy()])


def descent_over_penalty(paths, penalized, d):
    """{(n, l2): mean risk of descent at time 1/l2 over that of the penalty}, within the time.

    Args:
        paths: {n: one row a net, one column a time}.
        penalized: {n: one row a net, one column a strength, l2 n/d}.
        d: the number of features.
    """
    found = {}
    for n, table in penalized.items():
        path = paths[n]
        for strength in table:
            l2 = strength * d / n
            if path.columns[1] <= 1.0 / l2 <= path.columns[-1]:
                found[n, l2] = at(1.0 / l2, path).mean() / table[strength].mean()
    return found
