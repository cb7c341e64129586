"""Optimizers: from a gradient to a step.

An optimizer receives a stack of nets as a matrix theta, (R, P), with its gradient, (R, P), and
changes theta in place. `lr` and `momentum` are (R, 1), one number for each net; t counts steps,
from 1. Between steps it remembers `slots`: arrays like theta that start at zero.

A new optimizer is one function and one line in the table below.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scratchml.elementary import power

EPSILON = 1e-8  # keeps a division finite while all gradients have been 0


def sgd(theta, gradient, slots, lr, momentum, t):
    """theta <- theta - lr g                                                  (Cauchy 1847)"""
    theta -= lr * gradient


def heavy_ball(theta, gradient, slots, lr, momentum, t):
    """v <- m v + g;  theta <- theta - lr v                                   (Polyak 1964)"""
    (v,) = slots
    v *= momentum
    v += gradient
    theta -= lr * v


def nesterov(theta, gradient, slots, lr, momentum, t):
    """v <- m v + g;  theta <- theta - lr (g + m v)     (Nesterov 1983, as in Sutskever 2013)"""
    (v,) = slots
    v *= momentum
    v += gradient
    theta -= lr * (gradient + momentum * v)


def adagrad(theta, gradient, slots, lr, momentum, t):
    """s <- s + g^2;  theta <- theta - lr g / (sqrt(s) + eps)                 (Duchi 2011)"""
    (s,) = slots
    s += gradient * gradient
    theta -= lr * gradient / (np.sqrt(s) + EPSILON)


def rmsprop(theta, gradient, slots, lr, momentum, t, decay=0.9):
    """s <- .9 s + .1 g^2;  theta <- theta - lr g / (sqrt(s) + eps)   (Tieleman & Hinton 2012)"""
    (s,) = slots
    s *= decay
    s += (1.0 - decay) * gradient * gradient
    theta -= lr * gradient / (np.sqrt(s) + EPSILON)


def adam(theta, gradient, slots, lr, momentum, t, beta1=0.9, beta2=0.999):
    """v <- b1 v + (1-b1) g;  s <- b2 s + (1-b2) g^2, each divided by 1 - b^t;
    theta <- theta - lr v / (sqrt(s) + eps)                               (Kingma & Ba 2015)"""
    v, s = slots
    v *= beta1
    v += (1.0 - beta1) * gradient
    s *= beta2
    s += (1.0 - beta2) * gradient * gradient
    theta -= lr * (v / (1.0 - power(beta1, t))) / (np.sqrt(s / (1.0 - power(beta2, t))) + EPSILON)


def newton_direction(evaluation, gradient):
    """H^-1 g, (R, P); where H is singular, the shortest of all d with H d = g.

    H = D S D with ones on the diagonal of S, so that rounding does not depend on the scale of the
    features. A direction of S that has no more curvature than rounding may give, max(N, P) eps of
    the largest, is flat: the loss does not change along it, and it gets no step.
    """
    H = evaluation.hessian()
    n, p = evaluation.X.shape[-2], H.shape[-1]
    diagonal = np.sqrt(np.diagonal(H, axis1=-2, axis2=-1))
    unit = 1.0 / np.where(diagonal > 0.0, diagonal, 1.0)  # (R, P), D^-1
    curvatures, V = np.linalg.eigh(unit[:, :, None] * H * unit[:, None, :])
    flat = curvatures <= max(n, p) * np.finfo(float).eps * curvatures[:, -1:]  # (R, P)
    along = _times(V.mT, unit * gradient) / np.where(flat, 1.0, curvatures)
    direction = unit * _times(V, np.where(flat, 0.0, along))
    if np.any(singular := flat.any(axis=1)):
        unit, V, flat = unit[singular], V[singular], flat[singular]
        null = unit[:, :, None] * V * flat[:, None, :]
        direction[singular] -= _projected(direction[singular], null)
    return direction


def _times(A, x):
    """A x for each net: (R, P, Q) times (R, Q) -> (R, P)."""
    return np.matmul(A, x[..., None])[..., 0]


def _projected(x, A):
    """The part of x, (R, P), that lies in the space of the columns of A, (R, P, Q)."""
    return _times(A, _times(np.linalg.pinv(A, rcond=A.shape[-1] * np.finfo(float).eps), x))


class Optimizer(NamedTuple):
    """A step, and the facts about it that a configuration must respect."""

    step: Callable
    slots: int = 0  # arrays like theta that it remembers
    direction: Callable | None = None  # (evaluation, g) -> the direction of a step, in place of g
    uses_momentum: bool = False
    needs_convex: bool = False  # the usual loss of a convex model, which has a Hessian
    full_batch: bool = False  # all examples in each step


OPTIMIZERS = {
    "sgd": Optimizer(sgd),
    "momentum": Optimizer(heavy_ball, slots=1, uses_momentum=True),
    "nesterov": Optimizer(nesterov, slots=1, uses_momentum=True),
    "adagrad": Optimizer(adagrad, slots=1),
    "rmsprop": Optimizer(rmsprop, slots=1),
    "adam": Optimizer(adam, slots=2),
    "newton": Optimizer(sgd, direction=newton_direction, needs_convex=True, full_batch=True),
}
