"""Losses: how wrong the outputs are, and in which direction they should move.

A loss takes logits Z, the weighted sums of the output units, (R, N, K), and targets Y, (N, K) or
(R, N, K), with one column a class (one column for two classes or for one number). Which function
turns logits into outputs is part of it, because only the pair is stable for logits of any size.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scratchml.activations import sigmoid, step


def softmax(Z):
    """Probabilities of K classes, exp(z_k) / sum_j exp(z_j), shifted so that nothing overflows."""
    E = np.exp(Z - _largest(Z))
    return E / _sum(E)


# Over a handful of classes that lie side by side NumPy's own reductions take four times as long.
def _largest(Z):
    """The largest of each example's K numbers: (R, N, K) -> (R, N, 1)."""
    return np.ascontiguousarray(Z.mT).max(axis=-2)[..., None]


def _sum(Z):
    """The sum of each example's K numbers: (R, N, K) -> (R, N, 1)."""
    return Z @ np.ones((Z.shape[-1], 1))


OUTPUTS = {"identity": lambda Z: Z, "step": step, "sigmoid": sigmoid, "softmax": softmax}


class Loss(NamedTuple):
    """A loss and its gradient; training needs only the second, so they are two functions."""

    value: Callable  # (Z, Y) -> L, (R,): the mean over examples
    gradient: Callable  # (Z, Y) -> dL/dZ, (R, N, K)


def _mean(per_example):
    """The mean over examples of a sum over outputs: (R, N, K) -> (R,)."""
    # In one layout, as NumPy adds in another order in another.
    return np.ascontiguousarray(per_example).sum(axis=-1).mean(axis=-1)


def _error(A, Y):
    """(A - Y) / N, the outputs' error, in the memory of A."""
    A -= Y
    A /= A.shape[-2]
    return A


def binary_cross_entropy(Z, Y):
    """Mean cross-entropy of 0/1 targets under sigmoid(Z), in nats per example.

    L = 1/N sum_n log(1 + exp(z_n)) - y_n z_n            dL/dZ = (sigmoid(Z) - Y) / N
    """
    return _mean(np.maximum(Z, 0.0) - Y * Z + np.log1p(np.exp(-np.abs(Z))))


def categorical_cross_entropy(Z, Y):
    """Mean cross-entropy of one-hot targets under softmax(Z), in nats per example.

    L = 1/N sum_n logsumexp(z_n) - y_n . z_n             dL/dZ = (softmax(Z) - Y) / N
    """
    # The largest logit is subtracted first: both terms then stay small where the answer is right.
    Z = Z - _largest(Z)
    return _mean(Y * (np.log(_sum(np.exp(Z))) - Z))


def squared_error(Z, Y):
    """Half the mean squared error of the logits themselves, as in least squares.

    L = 1/2N sum_n |z_n - y_n|^2                         dL/dZ = (Z - Y) / N
    """
    return 0.5 * _mean((Z - Y) ** 2)


def sigmoid_squared_error(Z, Y):
    """Half the mean squared error of A = sigmoid(Z).

    L = 1/2N sum_n |a_n - y_n|^2                         dL/dZ = (A - Y) A (1 - A) / N
    """
    return 0.5 * _mean((sigmoid(Z) - Y) ** 2)


def _sigmoid_squared_error_gradient(Z, Y):
    A = sigmoid(Z)
    return (A - Y) * A * (1.0 - A) / Z.shape[-2]


def softmax_squared_error(Z, Y):
    """Half the mean squared error of A = softmax(Z).

    L = 1/2N sum_n |a_n - y_n|^2       dL/dz_k = a_k (e_k - sum_j e_j a_j) / N,  e = a - y
    """
    return 0.5 * _mean((softmax(Z) - Y) ** 2)


def _softmax_squared_error_gradient(Z, Y):
    A = softmax(Z)
    E = A - Y
    return A * (E - _sum(E * A)) / Z.shape[-2]


def perceptron_criterion(Z, Y):
    """Mean depth of the wrong examples behind the line (Rosenblatt 1958; the loss is later).

    L = 1/N sum_n (step(z_n) - y_n) z_n                  dL/dZ = (step(Z) - Y) / N
    """
    return _mean((step(Z) - Y) * Z)


# (what the output units do, the loss's name) -> the loss. A pair that is not here does not exist.
LOSSES = {
    ("sigmoid", "cross_entropy"): Loss(binary_cross_entropy, lambda Z, Y: _error(sigmoid(Z), Y)),
    ("softmax", "cross_entropy"): Loss(
        categorical_cross_entropy, lambda Z, Y: _error(softmax(Z), Y)
    ),
    ("identity", "squared_error"): Loss(squared_error, lambda Z, Y: (Z - Y) / Z.shape[-2]),
    ("sigmoid", "squared_error"): Loss(sigmoid_squared_error, _sigmoid_squared_error_gradient),
    ("softmax", "squared_error"): Loss(softmax_squared_error, _softmax_squared_error_gradient),
    ("step", "perceptron"): Loss(perceptron_criterion, lambda Z, Y: _error(step(Z), Y)),
}
