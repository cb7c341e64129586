"""MNIST-1D: digits that are curves of 40 numbers (Greydanus 2020, "Scaling down deep learning").

A digit is drawn as a curve of 12 points. Its place, width, height and slope are random, and noise
lies beside it, so that a net has to look for the curve. A linear model is right for a third of
the digits, people for 96 %.
"""

import numpy as np

# Heights of the curve of each digit, from left to right, as Greydanus drew them.
CURVES = (
    (5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5),
    (5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5),
    (5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5),
    (5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5),
    (5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5),
    (5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5),
    (5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5),
    (5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5),
    (5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5),
    (5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5),
)
PADDING = 36, 60  # points of silence after the curve, at least and at most
LONG, SHORT = 12 + 60, 40  # points of the signal, before it is sampled down and after
HEIGHT, SLOPE = 0.4, 0.75  # ranges of the factor of the height, and of the slope
SHIFT = 48  # the signal is moved by fewer points, around the end to the beginning
CORRELATED, WHITE = 0.25, 0.02  # deviations of the noise beside the curve, and of that everywhere
SMOOTH = 2.0  # points of the deviation of the bell that correlates noise
BLOCK = 1024  # digits that are made together: what they need meanwhile is a dozen such arrays


def templates():
    """(10, 12): the curves, each with deviation 1/6 and starting at 0."""
    curves = np.array(CURVES, dtype=float)
    curves /= 6.0 * curves.std(axis=1, keepdims=True)
    return curves - curves[:, :1]


def at(signals, places):
    """(N, M): signals (N, L) between their points, at places (N, M) or (M,) from 0 to L - 1."""
    left = np.minimum(places.astype(int), signals.shape[1] - 2)
    rows, share = np.arange(len(signals))[:, None], places - left
    return (1.0 - share) * signals[rows, left] + share * signals[rows, left + 1]


def smoothed(noise):
    """(N, L): noise averaged under a normal bell, cut at four deviations, mirrored at the ends."""
    radius = int(4 * SMOOTH)
    bell = np.exp(-0.5 * (np.arange(-radius, radius + 1) / SMOOTH) ** 2)
    bell /= bell.sum()
    wide, n = np.pad(noise, ((0, 0), (radius, radius)), mode="symmetric"), noise.shape[1]
    return sum(weight * wide[:, i : i + n] for i, weight in enumerate(bell))


def mnist1d(rng, n_samples):
    """X (N, 40) and y (N,): digits of 40 numbers, in turn 0, 1, ..., 9.

    The numbers have mean 0 and deviation 1 over all digits. Chance is drawn for all digits at once.
    The digits are then made in blocks, in place of the noise beside them. So a digit needs about
    1 kB, of which its 40 numbers are a third.
    """
    y = np.arange(n_samples) % len(CURVES)
    length = np.shape(CURVES)[1]
    ends = length + rng.integers(*PADDING, n_samples, endpoint=True) - 1
    heights = 1.0 + HEIGHT * (rng.random((n_samples, 1)) - 0.5)
    signals = rng.standard_normal((n_samples, LONG))
    moves = rng.integers(0, SHIFT, (n_samples, 1))
    blocks = [slice(i, i + BLOCK) for i in range(0, n_samples, BLOCK)]
    for block in blocks:
        beside = CORRELATED * signals[block]
        signals[block] = _signals(y[block], ends[block], heights[block], beside, moves[block])
        signals[block] += WHITE * rng.standard_normal(beside.shape)
    slopes = SLOPE * (rng.random((n_samples, 1)) - 0.5)
    X, line = np.empty((n_samples, SHORT)), np.linspace(-0.5, 0.5, LONG)
    for block in blocks:
        X[block] = at(signals[block] - slopes[block] * line, np.linspace(0.0, LONG - 1.0, SHORT))
    del signals  # before the deviation, which takes as much as X
    mean, std = X.mean(), X.std()
    X -= mean
    X /= std
    return X, y


def _signals(y, ends, heights, beside, moves):
    """(N, LONG): curves of digits y, squeezed and moved, with smoothed noise beside them."""
    length = np.shape(CURVES)[1]
    silent = np.concatenate([templates()[y], np.zeros((len(y), PADDING[1] + 1))], axis=1)
    places = np.linspace(0.0, ends, LONG, axis=1)  # the longer the silence, the shorter the curve
    X = at(silent, places) * heights
    moved = (np.arange(LONG) - moves) % LONG
    is_curve = np.take_along_axis(places < length, moved, axis=1)
    return np.where(is_curve, np.take_along_axis(X, moved, axis=1), smoothed(beside))
