"""The parameters of a stack of nets: one matrix with a row for each net.

`theta` is (R, P): all P weights and biases of R nets. Optimizers see only this matrix. Models see
named views of it, `W1` (R, D, H), `b1` (R, 1, H) and so on. The views share the memory of theta, so
a change of one changes the other.
"""

import math

import numpy as np


def count(shapes):
    """P, the number of parameters of a net with `shapes` {"W1": (D, H), "b1": (1, H), ...}."""
    return sum(math.prod(shape) for shape in shapes.values())


def views(theta, shapes):
    """Named views of theta, (R, P): {"W1": (R, D, H), "b1": (R, 1, H), ...}."""
    named, start = {}, 0
    for name, shape in shapes.items():
        stop = start + math.prod(shape)
        named[name] = theta[:, start:stop].reshape(-1, *shape)
        start = stop
    return named


def layer_shapes(sizes, bias=True):
    """Shapes of the layers between `sizes` [D, H, ..., K]: W of (D, H) and b of (1, H) each."""
    shapes = {}
    for layer, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:], strict=False), start=1):
        shapes[f"W{layer}"] = (fan_in, fan_out)
        if bias:
            shapes[f"b{layer}"] = (1, fan_out)
    return shapes


def is_weight(shapes):
    """(P,): 1.0 for weights and 0.0 for biases, because the l2 penalty is on weights alone."""
    return np.concatenate(
        [np.full(math.prod(s), float(name.startswith("W"))) for name, s in shapes.items()]
    )
