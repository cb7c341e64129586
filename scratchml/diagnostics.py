"""Diagnostics: measurements inside a net, on its training data.

A diagnostic takes the Evaluation of a stack of nets. It returns a number for each net, (R,), or for
each layer, (R, L). `measure=[sharpness,dead_units]` records diagnostics along the curve of a run.

A new diagnostic is one function and one line in the table below.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scratchml.arithmetic import mean_square, norm
from scratchml.losses import LOSSES, losses_of
from scratchml.parameters import views


def gradient_norm(evaluation):
    """(R,): the length of the gradient of loss and penalty."""
    return norm(evaluation.gradient)


def gradient_error(evaluation, h=1e-5):
    """(R,): how far the gradient g is from central differences d: |g - d| / (|g| + |d|).

        d_p = (L(theta + h e_p) - L(theta - h e_p)) / 2h

    It is below 1e-3 for a right gradient, below 1e-6 for one that is not short, and up to 1 for a
    wrong one. The differences themselves are wrong by about 1e-11, so where both are shorter than
    1e-8 they tell nothing, and the result is 0.
    """
    g, d = evaluation.gradient, np.empty_like(evaluation.gradient)
    for p in range(d.shape[1]):
        step = np.zeros((1, d.shape[1]))
        step[0, p] = h
        above, below = (evaluation.at(evaluation.theta + s * step).objective for s in (1.0, -1.0))
        d[:, p] = (above - below) / (2.0 * h)
    total = norm(g) + norm(d)
    return np.where(total < 1e-8, 0.0, norm(g - d) / np.maximum(total, 1e-8))


def gradient_norm_by_layer(evaluation):
    """(R, L): the length of dL/dWl, first layer first."""
    return _by_layer(evaluation, evaluation.gradient)


def weight_norm(evaluation):
    """(R,): the length of the vector of all weights and biases."""
    return norm(evaluation.theta)


def weight_norm_by_layer(evaluation):
    """(R, L): the length of Wl, first layer first."""
    return _by_layer(evaluation, evaluation.theta)


def _by_layer(evaluation, theta):
    named = views(theta, evaluation.model.shapes)
    return np.stack(
        [norm(a.reshape(len(a), -1)) for name, a in named.items() if name.startswith("W")], axis=1
    )


def signal_norm_by_layer(evaluation):
    """(R, L): the root mean square of dL/dZl over examples and units, times N, first layer first.

    Backpropagation multiplies this by sqrt(H var(w) E[f'^2]) in each layer (Glorot & Bengio 2010).
    """
    Z, cache = evaluation.forward
    dZ = evaluation.loss.gradient(Z, evaluation.Y)
    signals = evaluation.model.signals(evaluation.net, cache, dZ)
    squares = [mean_square(signal) for signal in signals]
    return evaluation.X.shape[-2] * np.sqrt(np.stack(squares, axis=1))


def _hidden(evaluation):
    _, cache = evaluation.forward
    return evaluation.model.hidden(cache)


def dead_units(evaluation):
    """(R,): the share of hidden units whose output is 0 for every example."""
    dead = [(A == 0.0).all(axis=1) for A in _hidden(evaluation)]
    return np.concatenate(dead, axis=1).mean(axis=1)


def born_dead(evaluation):
    """(R,): 1 if the output of some hidden layer is 0 for every example (Lu 2019), otherwise 0."""
    dead = [(A == 0.0).all(axis=(1, 2)) for A in _hidden(evaluation)]
    return np.any(dead, axis=0).astype(float)


def distinct_units(evaluation):
    """(R, L): the number of different units in each hidden layer, weights compared to the bit."""
    weights = evaluation.net
    layers = range(1, len(evaluation.model.sizes) - 1)
    incoming = [np.concatenate([weights[f"W{i}"], weights[f"b{i}"]], axis=1) for i in layers]
    nets = zip(*incoming, strict=True)
    return np.array([[len(np.unique(w.T, axis=0)) for w in net] for net in nets])


def sharpness(evaluation, iterations=40):
    """(R,): the largest eigenvalue of the Hessian of loss and penalty.

    Computed from the Hessian if the model has the Hessian of this loss. Otherwise by the method of
    Lanczos (1950) with full reorthogonalization. A Hessian-vector product is then a central
    difference of gradients: Hv = (g(theta + e v) - g(theta - e v)) / 2e. The result is NaN for a
    net whose gradients are not finite.
    """
    output = evaluation.model.output
    usual = LOSSES[output, losses_of(output)[0]]
    if hasattr(evaluation.model, "hessian") and evaluation.loss is usual:
        return _largest_eigenvalue(evaluation.hessian())
    R, P = evaluation.theta.shape
    iterations = min(iterations, P)
    # Any start works that is not orthogonal to the answer. All nets have the same start.
    v = np.ones((R, P)) + np.cos(np.arange(P))
    v /= norm(v)[:, None]
    step = 1e-5 * (1.0 + np.abs(evaluation.theta).max(axis=1, keepdims=True))
    both = evaluation.twice()
    basis, T = np.empty((R, iterations, P)), np.zeros((R, iterations, iterations))
    for i in range(iterations):
        basis[:, i] = v
        beside = np.concatenate([evaluation.theta + step * v, evaluation.theta - step * v])
        gradient = both.at(beside).gradient
        Hv = (gradient[:R] - gradient[R:]) / (2.0 * step)
        T[:, i, i] = np.einsum("rp,rp->r", v, Hv)
        for _ in range(2):  # a single pass leaves rounding errors that grow
            known = np.matmul(basis[:, : i + 1], Hv[..., None])
            Hv -= np.matmul(basis[:, : i + 1].mT, known)[..., 0]
        length = norm(Hv)
        if i + 1 < iterations:
            # A net whose Krylov space is exhausted continues with a zero vector, so T gets zeros.
            alive = length > 1e-9 * (1.0 + np.abs(T[:, i, i]))
            v = np.where(alive[:, None], Hv / np.where(alive, length, 1.0)[:, None], 0.0)
            T[:, i, i + 1] = T[:, i + 1, i] = np.where(alive, length, 0.0)
    return _largest_eigenvalue(T)


def _largest_eigenvalue(matrices):
    """(R, P, P) -> (R,); NaN if a matrix is not finite, because LAPACK would fail for all."""
    finite = np.isfinite(matrices).all(axis=(1, 2))
    largest = np.linalg.eigvalsh(np.where(finite[:, None, None], matrices, 0.0))[:, -1]
    return np.where(finite, largest, np.nan)


def linear_regions(evaluation):
    """(R,): the number of linear pieces that a relu net of one input has on [0, 1].

    A piece ends where the sum of some unit changes sign. The ends are found layer by layer: the
    sums of a layer are linear between the ends of the layers below, so the next ends are exact up
    to rounding. Ends less than 1e-9 apart count as one, because units that bend at the same place
    find it up to rounding.
    """
    net, model = evaluation.net, evaluation.model
    regions = []
    for r in range(len(evaluation.theta)):
        ends = np.array([0.0, 1.0])
        for layer in range(1, len(model.sizes) - 1):
            one = {name: array[r : r + 1] for name, array in net.items()}
            _, cache = model.forward(one, ends[:, None])
            Z = cache[layer - 1][1][0]  # (ends, H)
            left, right = Z[:-1], Z[1:]
            where, unit = np.nonzero(left * right < 0.0)
            share = left[where, unit] / (left[where, unit] - right[where, unit])
            crossings = ends[where] + share * (ends[where + 1] - ends[where])
            ends = np.unique(np.concatenate([ends, crossings]))
            ends = ends[np.diff(ends, prepend=-1.0) > 1e-9]
        Z = model.forward(one, ends[:, None])[0][0, :, 0]
        slopes = np.diff(Z) / np.diff(ends)
        # An upper limit of the slopes: all units are on, and no weights cancel.
        steepest = np.ones((1, 1))
        for layer in range(1, len(model.sizes)):
            steepest = steepest @ np.abs(one[f"W{layer}"][0])
        bends = np.abs(np.diff(slopes)) > 1e-7 * steepest[0, 0]
        regions.append(1.0 + np.count_nonzero(bends))
    return np.array(regions)


class Diagnostic(NamedTuple):
    """A function of an Evaluation, the properties that a net needs for it, and its cost."""

    f: Callable  # Evaluation -> (R,) or (R, L)
    needs: tuple = ()  # some of NEEDS
    passes: int = 0  # through the net, in addition to the pass that all diagnostics share


NEEDS = ("hidden", "one_input", "relu")  # hidden layers, D = 1, activation relu

DIAGNOSTICS = {
    "gradient_norm": Diagnostic(gradient_norm),
    "gradient_error": Diagnostic(gradient_error, passes=100),
    "gradient_norm_by_layer": Diagnostic(gradient_norm_by_layer),
    "weight_norm": Diagnostic(weight_norm),
    "weight_norm_by_layer": Diagnostic(weight_norm_by_layer),
    "signal_norm_by_layer": Diagnostic(signal_norm_by_layer, needs=("hidden",)),
    "dead_units": Diagnostic(dead_units, needs=("hidden",)),
    "born_dead": Diagnostic(born_dead, needs=("hidden",)),
    "distinct_units": Diagnostic(distinct_units, needs=("hidden",)),
    "sharpness": Diagnostic(sharpness, passes=100),
    "linear_regions": Diagnostic(linear_regions, needs=NEEDS),
}
