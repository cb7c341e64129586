"""Initializers: the weights before the first step.

An initializer takes the net's own generator, the layers' shapes {"W1": (D, H), "b1": (1, H), ...}
and a scale, and returns the P initial parameters of one net. Schemes that are drawn scale the same
draws: with one seed, `uniform` and `xavier` differ by a factor a layer and by nothing else.

A new scheme is one function and one line in the table below.
"""

import numpy as np

from scratchml.parameters import count, views


def zero(rng, shapes, scale):
    """Every parameter 0. Hidden units are then equal, and stay equal for ever."""
    return np.zeros(count(shapes))


def constant(rng, shapes, scale):
    """Every parameter equal to `scale`: units are equal without being zero."""
    return np.full(count(shapes), float(scale))


def uniform(rng, shapes, scale):
    """Weights and biases from U(-scale, scale)."""
    return scale * rng.uniform(-1.0, 1.0, count(shapes))


def normal(rng, shapes, scale):
    """Weights and biases from N(0, scale^2)."""
    return scale * rng.standard_normal(count(shapes))


def integer(rng, shapes, scale):
    """Whole numbers from -scale to scale, each as likely: a perceptron's sums are then exact."""
    return rng.integers(-int(scale), int(scale), count(shapes), endpoint=True).astype(float)


def _fans(rng, shapes, variance):
    """U(-sqrt(3 v), sqrt(3 v)) with v = variance(fan_in, fan_out) for weights; biases 0."""
    theta = rng.uniform(-1.0, 1.0, count(shapes))
    for name, array in views(theta[None], shapes).items():
        array *= np.sqrt(3.0 * variance(*shapes[name])) if name.startswith("W") else 0.0
    return theta


def xavier(rng, shapes, scale):
    """Variance scale^2 * 2 / (fan_in + fan_out), biases 0 (Glorot & Bengio 2010, eq. 16)."""
    return _fans(rng, shapes, lambda d, h: scale**2 * 2.0 / (d + h))


def he(rng, shapes, scale):
    """Variance scale^2 * 2 / fan_in, biases 0 (He et al. 2015, eq. 10), drawn uniformly."""
    return _fans(rng, shapes, lambda d, h: scale**2 * 2.0 / d)


def sawtooth(rng, shapes, scale):
    """The tent map composed with itself, once a hidden layer, as a relu net of width 2.

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
    tent = [[2.0], [-4.0]]  # of the two units below, relu(x) and relu(x - 1/2)
    for layer, name in enumerate(weights, start=1):
        net[name][:] = 1.0 if layer == 1 else tent
        if layer < len(weights):
            net[f"b{layer}"][:] = [0.0, -0.5]
    return theta


INITIALIZERS = {
    "zero": zero,
    "constant": constant,
    "uniform": uniform,
    "normal": normal,
    "integer": integer,
    "xavier": xavier,
    "he": he,
    "sawtooth": sawtooth,
}
