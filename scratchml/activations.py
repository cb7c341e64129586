"""Activation functions: the output of a unit as a function of the weighted sum of its inputs.

A new activation is one line in the table below. Configuration, tests and figures read the table.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Activation(NamedTuple):
    """An elementwise function of the weighted sum z, and its derivative."""

    f: Callable  # z -> a
    df: Callable  # (z, a) -> da/dz; a is passed so that it is not computed twice


TAIL = 8.0  # beyond, 1 + tanh(z/2) has lost three digits


def sigmoid(z):
    """The logistic function, 1 / (1 + exp(-z)): right to 13 digits for any z, without overflow.

    It is computed by tanh. In the tails, where 1 + tanh(z/2) would be a difference of nearly equal
    numbers, it is exp(z) / (1 + exp(z)), or 1 minus this of -z.
    """
    a = 0.5 * z
    np.tanh(a, out=a)
    a += 1.0
    a *= 0.5
    tail = np.abs(z) > TAIL
    if tail.any():
        far = z[tail]
        with np.errstate(under="ignore"):
            e = np.exp(-np.abs(far))
            e /= 1.0 + e
            a[tail] = np.where(far < 0.0, e, 1.0 - e)
    return a


def step(z):
    """1 where z > 0, otherwise 0: the threshold unit of McCulloch and Pitts (1943)."""
    return (z > 0).astype(float)


ACTIVATIONS = {
    "identity": Activation(lambda z: z, lambda z, a: np.ones_like(z)),
    "step": Activation(step, lambda z, a: np.zeros_like(z)),  # 0 wherever a slope exists
    "sigmoid": Activation(sigmoid, lambda z, a: a * (1.0 - a)),
    "tanh": Activation(np.tanh, lambda z, a: 1.0 - a * a),
    "relu": Activation(lambda z: np.maximum(z, 0.0), lambda z, a: (z > 0).astype(float)),
}
