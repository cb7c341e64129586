"""Generators: the functions that make the examples of a data set.

A generator takes a NumPy generator, a number of examples and the knobs that it names. It returns
X, (N, D), and targets, (N,): classes 0, 1, ... or, for a regression, numbers.

`datasets.py` has the table of all data sets, with a row for each generator.
"""

import numpy as np


def blobs(rng, n_samples, *, noise, n_features, n_classes):
    """Normal clouds of width `noise` around centres two apart; classes of almost equal size.

    Two centres are at -1 and +1 on the first axis. More centres lie on a circle in the first two
    axes.
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


def blobs_need_a_plane(knobs):
    """A sentence if more than two classes, whose centres lie on a circle, have one axis."""
    if (knobs["n_classes"] or 0) > 2 and knobs["n_features"] == 1:
        yield f"n_features must be >= 2 for blobs of n_classes={knobs['n_classes']}; got 1"


def moons(rng, n_samples, *, noise):
    """Two interleaved half circles of radius 1."""
    y = np.arange(n_samples) % 2
    angle = rng.uniform(0.0, np.pi, n_samples)
    X = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    X[y == 1] = [1.0, 0.5] - X[y == 1]
    return X + noise * rng.standard_normal(X.shape), y


def circles(rng, n_samples, *, noise):
    """Two concentric circles, of radius 1 and 1/2."""
    y = np.arange(n_samples) % 2
    angle = rng.uniform(0.0, 2.0 * np.pi, n_samples)
    X = np.stack([np.cos(angle), np.sin(angle)], axis=1) * np.where(y, 0.5, 1.0)[:, None]
    return X + noise * rng.standard_normal(X.shape), y


def spirals(rng, n_samples, *, noise, n_classes):
    """Arms that wind around each other once (after Lang & Witbrock 1988)."""
    y = np.arange(n_samples) % n_classes
    along = np.sqrt(rng.uniform(0.0, 1.0, n_samples))
    angle = 2.0 * np.pi * (along + y / n_classes)
    X = along[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return X + noise * rng.standard_normal(X.shape), y


def rings(rng, n_samples, *, noise, n_classes):
    """Filled concentric rings with gaps between them: ring k has radii in [k, k + 1/2]."""
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

    It has one example for each feature, and nothing in it is random. n_samples has no meaning.
    """
    spectrum = np.geomspace(1.0, 1.0 / condition, n_features)
    X = np.diag(np.sqrt(n_features * spectrum))
    return X, X.sum(axis=1)


def rotated(rng, n_samples, *, condition, n_features):
    """The quadratic under a random rotation: its axes are no longer those of single weights."""
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
    """x = 1, y = 0: one example, enough to see one unit learn (Nielsen 2015, chapter 3)."""
    return np.ones((n_samples, 1)), np.zeros(n_samples, dtype=int)
