"""Backpropagation, right and with the usual mistakes: do nets learn with a wrong gradient?

Going back through layer l + 1, a net computes dZl = (dZ(l+1) W(l+1)') * f'(Zl). Each entry of the
table but the first one changes one factor of it, or the gradient that follows. `mlp.py` asks the
table.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scratchml.datasets import no_constraints


def by_weights(net, layer):
    """W', (R, K, H): the weights through which signals came forward."""
    return net[f"W{layer}"].mT


def by_signs(net, layer):
    """The signs of W', without their sizes (Liao, Leibo & Poggio 2016)."""
    return np.sign(net[f"W{layer}"].mT)


def by_random_weights(net, layer):
    """F', random numbers that stay as they are (Lillicrap et al. 2016)."""
    return net[f"F{layer}"].mT


def at_sum(activation, Z, A):
    """f'(z)."""
    return activation.df(Z, A)


def at_output(activation, Z, A):
    """f'(a), the derivative at the wrong place."""
    return activation.df(A, activation.f(A))


def nowhere(activation, Z, A):
    """1: the derivative is left out."""
    return 1.0


def transposed(gradient, last):
    """The gradient of W1 has its rows where its columns belong."""
    gradient["W1"][:] = gradient["W1"].mT.copy()


def without_hidden_biases(gradient, last):
    """The gradient of all hidden biases is 0."""
    for layer in range(1, last):
        gradient[f"b{layer}"][:] = 0.0


def without_hidden_layers(gradient, last):
    """The gradient of all hidden weights and biases is 0: the last layer learns alone."""
    without_hidden_biases(gradient, last)
    for layer in range(1, last):
        gradient[f"W{layer}"][:] = 0.0


def without_random_weights(gradient, last):
    """Weights of the way back do not learn."""
    for layer in range(2, last + 1):
        gradient[f"F{layer}"][:] = 0.0


def _square(knobs, shape):
    """A sentence if the weights of the first layer have no square shape."""
    if knobs["width"] != shape[1]:
        inputs = f"the data have {shape[1]} inputs"
        yield f"backprop=transposed needs as many hidden units as inputs; {inputs}"


class Backprop(NamedTuple):
    """How signals come back through a layer, and what becomes of the gradient."""

    back: Callable = by_weights  # (net, layer) -> (R, K, H), by which dZ is multiplied
    slope: Callable = at_sum  # (activation, Z, A) -> (R, N, H), the factor of the activation
    change: Callable | None = None  # (gradient, last) -> None, changes {"W1": ...} in place
    random: bool = False  # whether a net has weights F2, F3, ... for the way back
    constraints: Callable = no_constraints  # (knobs, (N, D, K)) -> sentences


BACKPROP = {
    "exact": Backprop(),
    "no_slope": Backprop(slope=nowhere),
    "slope_of_output": Backprop(slope=at_output),
    "no_hidden_bias": Backprop(change=without_hidden_biases),
    "transposed": Backprop(change=transposed, constraints=_square),
    "frozen": Backprop(change=without_hidden_layers),
    "sign_feedback": Backprop(back=by_signs),
    "random_feedback": Backprop(by_random_weights, change=without_random_weights, random=True),
}
