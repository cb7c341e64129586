"""One entry of each kind."""

import numpy as np

from scratchml.activations import sigmoid
from scratchml.datasets import Dataset
from scratchml.stopping import Stop

BETA = 1.0


def swish(z):
    return z * sigmoid(BETA * z)


def swish_slope(z, a):
    s = sigmoid(BETA * z)
    return s + BETA * z * s * (1.0 - s)


def plaid(rng, n_samples=40, *, noise=0.05):
    """Two inputs, two classes: whether both have the same sign."""
    X = rng.uniform(-1.0, 1.0, (n_samples, 2))
    return X + noise * rng.standard_normal(X.shape), (X[:, 0] * X[:, 1] > 0).astype(int)


def bowl(rng, n_samples, *, n_features):
    X = rng.uniform(-1.0, 1.0, (n_samples, n_features))
    return X, (X * X).sum(axis=1)


def absolute_error(Z, Y):
    return np.abs(sigmoid(Z) - Y).sum(axis=-1).mean(axis=-1)


def absolute_error_gradient(Z, Y):
    A = sigmoid(Z)
    return np.sign(A - Y) * A * (1.0 - A) / Z.shape[-2]


def sign_descent(theta, gradient, slots, lr, momentum, t):
    theta -= lr * np.sign(gradient)


def halves(rng, shapes, scale):
    return scale * rng.choice([-0.5, 0.5], sum(a * b for a, b in shapes.values()))


def largest(evaluation):
    return np.abs(evaluation.theta).max(axis=1)


def far(evaluation, stop_at, memory):
    return largest(evaluation) > stop_at


ACTIVATIONS = {"swish": (swish, swish_slope)}
DATASETS = {"plaid": plaid, "bowl": Dataset(bowl, ("n_features",), "n_features", "regression")}
LOSSES = {("sigmoid", "absolute"): (absolute_error, absolute_error_gradient)}
OPTIMIZERS = {"signs": sign_descent}
INITIALIZERS = {"halves": halves}
DIAGNOSTICS = {"largest": largest}
STOPS = {"far": Stop(far, needs_stop_at=True)}
