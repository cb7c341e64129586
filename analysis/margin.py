"""The widest margin of all lines between two classes, or the fact that there is no such line."""

import numpy as np
from scipy.optimize import nnls


def widest(X, Y):
    """The shortest weights that keep all examples at least 1 on their side (Vapnik & Lerner 1963).

        min |v|^2   so that   s_n v . (x_n, 1) >= 1,   s_n = -1 for class 0 and +1 for class 1

    The bias counts as a weight, so that 1/|v| is the margin as the perceptron sees it. Solved by
    least distance programming (Lawson & Hanson 1974, chapter 23), exactly except for rounding.

    Args:
        X, Y: (N, D) inputs, and (N,) or (N, 1) classes 0 and 1.

    Returns:
        v, (D+1,), with the bias at its end; None if no line separates the classes.
    """
    signed = np.where(np.ravel(Y) > 0.5, 1.0, -1.0)[:, None] * with_one(X)
    E = np.vstack([signed.T, np.ones(len(signed))])
    target = np.append(np.zeros(len(E) - 1), 1.0)
    u, distance = nnls(E, target)
    if distance < 1e-9:
        return None
    residual = E @ u - target
    return -residual[:-1] / residual[-1]


def bound(X, Y):
    """(R/gamma)^2, the most mistakes that a perceptron from zero can make (Novikoff 1962).

    R is the length of the longest (x, 1), and gamma = 1/|v| is the widest margin. The bound is None
    without a line.
    """
    v = widest(X, Y)
    return None if v is None else float((with_one(X) ** 2).sum(axis=1).max() * (v @ v))


def best_share(X, Y):
    """The largest share of the rows of a truth table, X and Y, that some line gets right."""
    tables = [np.array([table >> row & 1 for row in range(len(X))]) for table in range(2 ** len(X))]
    return max((t == Y).mean() for t in tables if widest(X, t) is not None)


def with_one(X):
    """(N, D) -> (N, D+1): inputs and a 1, of which the bias is the weight."""
    return np.hstack([X, np.ones((len(X), 1))])
