"""Activation functions: the output of a unit as a function of the weighted sum of its inputs.

A new activation is one line in the table below. Configuration, tests and figures read the table.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scratchml.elementary import compilable, sigmoid, tanh


class Activation(NamedTuple):
    """An elementwise function of the weighted sum z, and its derivative."""

    f: Callable  # z -> a
    df: Callable  # (z, a) -> da/dz; a is passed so that it is not computed twice


@compilable
def step(z):
    """1 where z > 0, otherwise 0: the threshold unit of McCulloch and Pitts (1943)."""
    return np.where(z > 0.0, 1.0, 0.0)


@compilable
def relu(z):
    """max(z, 0): 0 where z < 0, otherwise z (Nair & Hinton 2010)."""
    return np.where(z < 0.0, 0.0, z)


ACTIVATIONS = {
    "identity": Activation(lambda z: z, lambda z, a: np.ones_like(z)),
    "step": Activation(step, lambda z, a: np.zeros_like(z)),  # 0 wherever a slope exists
    "sigmoid": Activation(sigmoid, lambda z, a: a * (1.0 - a)),
    "tanh": Activation(tanh, lambda z, a: 1.0 - a * a),
    "relu": Activation(relu, lambda z, a: step(z)),
}
