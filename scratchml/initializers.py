"""Initializers: the weights before the first step.

An initializer takes the random generator of a net, the shapes of its layers
{"W1": (D, H), "b1": (1, H), ...} and a scale. It returns the P initial parameters of one net. All
random schemes scale the same random numbers: with one seed, the weights of `uniform` and `xavier`
differ by one factor for each layer.

A new scheme is one function and one line in the table below.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from scratchml.datasets import no_constraints
from scratchml.parameters import count, views


def zero(rng, shapes, scale):
    """Every parameter is 0. Hidden units are then equal, and stay equal."""
    return np.zeros(count(shapes))


def constant(rng, shapes, scale):
    """Every parameter is `scale`: units are equal, but not zero."""
    return np.full(count(shapes), float(scale))


def uniform(rng, shapes, scale):
    """Weights and biases from U(-scale, scale)."""
    return scale * rng.uniform(-1.0, 1.0, count(shapes))


def normal(rng, shapes, scale):
    """Weights and biases from N(0, scale^2)."""
    return scale * rng.standard_normal(count(shapes))


def integer(rng, shapes, scale):
    """Whole numbers from -scale to scale, equally likely: the sums of a perceptron are exact."""
    return rng.integers(-int(scale), int(scale), count(shapes), endpoint=True).astype(float)


def _whole_scale(knobs, shape):
    """A sentence if the scale of whole numbers is no whole number."""
    if knobs["init_scale"] != int(knobs["init_scale"]):
        yield f"init_scale must be a whole number for init=integer; got {knobs['init_scale']:g}"


@cache
def _limits(layers, variance, scale):
    """(P,): weights are from U(-a, a) with a = sqrt(3 v), v = variance(D, H, scale); biases 0."""
    a = [0.0 if b == "b" else np.sqrt(3.0 * variance(d, h, scale)) for (b, *_), (d, h) in layers]
    return np.repeat(a, [math.prod(shape) for _, shape in layers])


def _of_layers(rng, shapes, variance, scale):
    limits = _limits(tuple(shapes.items()), variance, scale)
    return rng.uniform(-1.0, 1.0, len(limits)) * limits


def _glorot(d, h, scale):
    return scale**2 * 2.0 / (d + h)


def _he(d, h, scale):
    return scale**2 * 2.0 / d


def xavier(rng, shapes, scale):
    """Variance scale^2 * 2 / (fan_in + fan_out), biases 0 (Glorot & Bengio 2010, eq. 16)."""
    return _of_layers(rng, shapes, _glorot, scale)


def he(rng, shapes, scale):
    """Variance scale^2 * 2 / fan_in, biases 0 (He et al. 2015, eq. 10), uniform."""
    return _of_layers(rng, shapes, _he, scale)


def sawtooth(rng, shapes, scale):
    """The tent map, composed with itself once for each hidden layer, as a relu net of width 2.

        tent(x) = 2 relu(x) - 4 relu(x - 1/2)   on [0, 1]              (Telgarsky 2015)

    Raises:
        ValueError: The net is not 1-2-...-2-1.
    """
    weights = [name for name in shapes if name.startswith("W")]
    widths = [shapes[name] for name in weights]
    if widths != [(1, 2)] + [(2, 2)] * (len(widths) - 2) + [(2, 1)]:
        raise ValueError("init sawtooth needs one input, hidden layers of width 2 and one output")
    theta = np.zeros(count(shapes))
    net = views(theta[None], shapes)
    tent = [[2.0], [-4.0]]  # the units of the layer below are relu(x) and relu(x - 1/2)
    for layer, name in enumerate(weights, start=1):
        net[name][:] = 1.0 if layer == 1 else tent
        if layer < len(weights):
            net[f"b{layer}"][:] = [0.0, -0.5]
    return theta


def _tent_shape(knobs, shape):
    """A sentence if a net does not have the form that `sawtooth` needs."""
    _, d, k = shape
    if (knobs["width"], knobs["activation"]) != (2, "relu") or not knobs["depth"] or d * k > 1:
        yield "init=sawtooth needs model=mlp, width=2, activation=relu and one input"


class Initializer(NamedTuple):
    """A scheme, and the facts about it that a configuration must respect."""

    f: Callable  # (rng, shapes, scale) -> theta, (P,)
    scaled: bool = True  # whether the scale has a meaning
    constraints: Callable = no_constraints  # (knobs, (N, D, K)) -> sentences


INITIALIZERS = {
    "zero": Initializer(zero, scaled=False),
    "constant": Initializer(constant),
    "uniform": Initializer(uniform),
    "normal": Initializer(normal),
    "integer": Initializer(integer, constraints=_whole_scale),
    "xavier": Initializer(xavier),
    "he": Initializer(he),
    "sawtooth": Initializer(sawtooth, scaled=False, constraints=_tent_shape),
}
