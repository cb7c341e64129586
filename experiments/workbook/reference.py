"""The right formulas of the workbook, in NumPy. A test compares them with scratchml/plain.py.

Those of step 4 take one net, or R nets at once: then all weights have a leading axis of nets.

    W1 (…, D, H)    b1 (…, H)    W2 (…, H)    b2 (…)    x (D,)    X (N, D)    Y (N,)
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

XOR_X = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
XOR_Y = (0.0, 1.0, 1.0, 0.0)


def sigmoid(z):
    """1 / (1 + exp(-z)) = (1 + tanh(z/2)) / 2, which does not overflow."""
    return 0.5 + 0.5 * np.tanh(0.5 * np.asarray(z))


# --- step 1 ---------------------------------------------------------------------------------------


def step(z):
    return 1.0 * (np.asarray(z) > 0)


def predict(w, b, x):
    return step(w @ x + b)


def update(w, b, x, y, lr):
    error = y - predict(w, b, x)
    return w + lr * error * x, b + lr * error


def train(w, b, X, Y, lr, epochs):
    mistakes = []
    while len(mistakes) < epochs and mistakes[-1:] != [0]:
        mistakes.append(0)
        for x, y in zip(X, Y, strict=True):
            mistakes[-1] += int(predict(w, b, x) != y)
            w, b = update(w, b, x, y, lr)
    return w, b, mistakes


# --- step 3 ---------------------------------------------------------------------------------------


def probabilities(w, b, X):
    return sigmoid(X @ w + b)


def loss(P, Y):
    return -np.mean(Y * np.log(P) + (1 - Y) * np.log(1 - P))


def gradient(P, X, Y):
    return X.T @ (P - Y) / len(Y), np.mean(P - Y)


# --- step 4 ---------------------------------------------------------------------------------------


def forward(W1, b1, W2, b2, x):
    a1 = sigmoid(np.einsum("d,...dh->...h", x, W1) + b1)
    return a1, sigmoid((a1 * W2).sum(-1) + b2)


def output_delta(p, y):
    return p - y


def hidden_delta(dz2, W2, a1):
    return dz2[..., None] * W2 * a1 * (1 - a1)


def gradients(x, a1, dz1, dz2):
    return x[:, None] * dz1[..., None, :], dz1, dz2[..., None] * a1, dz2


class Net(NamedTuple):
    """The functions of a net, so that a net with a mistake is one with another function."""

    forward: Callable = forward
    output_delta: Callable = output_delta
    hidden_delta: Callable = hidden_delta
    gradients: Callable = gradients

    def backward(self, weights, x, y):
        """The gradients of one example."""
        a1, p = self.forward(*weights, x)
        dz2 = self.output_delta(p, y)
        return self.gradients(x, a1, self.hidden_delta(dz2, weights[2], a1), dz2)

    def mean(self, weights, X, Y):
        """The mean of the gradients of all examples."""
        each = [self.backward(weights, x, y) for x, y in zip(X, Y, strict=True)]
        return [sum(parts) / len(each) for parts in zip(*each, strict=True)]


def train_step(W1, b1, W2, b2, X, Y, lr, net=None):
    weights = W1, b1, W2, b2
    means = (net or Net()).mean(weights, X, Y)
    return tuple(old - lr * d for old, d in zip(weights, means, strict=True))
