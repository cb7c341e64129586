"""Losses: how wrong the outputs are, and the gradient that says how they should change.

A loss takes logits Z, the weighted sums of the output units, (R, N, K), and targets Y, (N, K) or
(R, N, K), with a column for each class or label (a single column for two classes or one number). A
loss knows the function that turns logits into outputs, because only both together are stable for
logits of any size.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scratchml.activations import relu, step
from scratchml.arithmetic import max_outputs, mean_over_examples, sum_outputs
from scratchml.elementary import exp, log, log1p, sigmoid


def softmax(Z):
    """Probabilities of K classes, exp(z_k) / sum_j exp(z_j), shifted so that nothing overflows."""
    E = exp(Z - max_outputs(Z))
    return E / sum_outputs(E)


OUTPUTS = {"identity": lambda Z: Z, "step": step, "sigmoid": sigmoid, "softmax": softmax}


class Loss(NamedTuple):
    """A loss and its gradient. A step needs only the gradient, so they are two functions."""

    value: Callable  # (Z, Y) -> L, (R,): the mean over examples
    gradient: Callable  # (Z, Y) -> dL/dZ, (R, N, K)


def _error(A, Y):
    """(A - Y) / N, the error of the outputs, computed in the memory of A."""
    A -= Y
    A /= A.shape[-2]
    return A


def binary_cross_entropy(Z, Y):
    """Mean cross-entropy of 0/1 targets under sigmoid(Z), in nats per example.

    L = 1/N sum_nk log(1 + exp(z_nk)) - y_nk z_nk        dL/dZ = (sigmoid(Z) - Y) / N

    Each of K labels has an output of its own, and their losses are added.
    """
    return mean_over_examples(relu(Z) - Y * Z + log1p(exp(-np.abs(Z))))


def categorical_cross_entropy(Z, Y):
    """Mean cross-entropy of one-hot targets under softmax(Z), in nats per example.

    L = 1/N sum_n logsumexp(z_n) - y_n . z_n             dL/dZ = (softmax(Z) - Y) / N
    """
    # The largest logit is subtracted first, so both terms stay small if the answer is right.
    Z = Z - max_outputs(Z)
    return mean_over_examples(Y * (log(sum_outputs(exp(Z))) - Z))


def squared_error(Z, Y):
    """Half the mean squared error of the logits themselves, as in least squares.

    L = 1/2N sum_n |z_n - y_n|^2                         dL/dZ = (Z - Y) / N
    """
    return 0.5 * mean_over_examples((Z - Y) ** 2)


def sigmoid_squared_error(Z, Y):
    """Half the mean squared error of A = sigmoid(Z).

    L = 1/2N sum_n |a_n - y_n|^2                         dL/dZ = (A - Y) A (1 - A) / N
    """
    return 0.5 * mean_over_examples((sigmoid(Z) - Y) ** 2)


def _sigmoid_squared_error_gradient(Z, Y):
    A = sigmoid(Z)
    return (A - Y) * A * (1.0 - A) / Z.shape[-2]


def softmax_squared_error(Z, Y):
    """Half the mean squared error of A = softmax(Z).

    L = 1/2N sum_n |a_n - y_n|^2       dL/dz_k = a_k (e_k - sum_j e_j a_j) / N,  e = a - y
    """
    return 0.5 * mean_over_examples((softmax(Z) - Y) ** 2)


def _softmax_squared_error_gradient(Z, Y):
    A = softmax(Z)
    E = A - Y
    return A * (E - sum_outputs(E * A)) / Z.shape[-2]


def perceptron_criterion(Z, Y):
    """Mean distance |z| of the wrong examples from the line (Rosenblatt 1958; the loss is later).

    L = 1/N sum_n (step(z_n) - y_n) z_n                  dL/dZ = (step(Z) - Y) / N
    """
    return mean_over_examples((step(Z) - Y) * Z)


# (output units, name) -> loss. A pair that is not here does not exist. The first loss of an output
# is the usual one.
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


def weighted_value(loss, Z, Y, weights):
    """(R,): the mean of w_n L_n over examples, for weights (N, 1) or (R, N, 1) or None for ones.

    The loss of a single example is that of a net with this example alone.
    """
    if weights is None:
        return loss.value(Z, Y)
    each = loss.value(*_alone(Z, Y)).reshape(Z.shape[:2])
    return (weights[..., 0] * each).mean(axis=1)


def weighted_gradient(loss, Z, Y, weights):
    """dL/dZ, (R, N, K), of the mean of w_n L_n over examples: of each example alone, over N."""
    dZ = loss.gradient(*_alone(Z, Y)).reshape(Z.shape)
    dZ /= Z.shape[-2]
    if weights is not None:
        dZ *= weights
    return dZ


def _alone(Z, Y):
    """Logits and targets with each example as that of a net of its own: (R N, 1, K)."""
    return (np.broadcast_to(A, Z.shape).reshape(-1, 1, Z.shape[-1]) for A in (Z, Y))


def losses_of(output):
    """The names of the losses that go with an output, the usual one first."""
    return [name for of, name in LOSSES if of == output]
