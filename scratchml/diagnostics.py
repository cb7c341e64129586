"""Diagnostics: what goes on inside a net, measured on its training data.

Each takes a `Probe`, a stack of nets with their data, and returns one number a net, (R,), or one a
layer, (R, L). `measure=[sharpness,dead_units]` records any of them along a run's curve.

A new diagnostic is one function and one line in the table below.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from scratchml.arithmetic import BLAS
from scratchml.losses import LOSSES, Loss
from scratchml.parameters import is_weight, views


@dataclass(frozen=True)
class Probe:
    """A stack of nets at one moment: everything that their loss and its derivatives need.

    What it has computed it keeps: it is of no use once theta has changed.
    """

    model: object
    loss: Loss
    theta: np.ndarray  # (R, P)
    X: np.ndarray
    Y: np.ndarray
    l2: np.ndarray  # (R, 1)

    @cached_property
    def net(self):
        return views(self.theta, self.model.shapes)

    @cached_property
    def forward(self):
        """The logits (R, N, K), and what `backward` needs."""
        return self.model.forward(self.net, self.X)

    @cached_property
    def gradient(self):
        """(R, P): dL/dtheta of loss + l2/2 |W|^2."""
        shapes = self.model.shapes
        gradient = np.empty_like(self.theta)
        Z, cache = self.forward
        dZ = self.loss.gradient(Z, self.Y)
        self.model.backward(self.net, cache, dZ, views(gradient, shapes))
        return np.ascontiguousarray(gradient + self.l2 * is_weight(shapes) * self.theta)

    def at(self, theta):
        """The Probe of nets with other weights, theta (R, P), and all else the same."""
        lay_out = getattr(self.model, "arithmetic", BLAS).lay_out
        return replace(self, theta=lay_out(theta))

    def hessian(self):
        """(R, P, P): exact where the model knows it."""
        hessian = self.model.hessian(self.net, self.X)
        return hessian + (self.l2 * is_weight(self.model.shapes))[..., None] * np.eye(
            self.theta.shape[1]
        )


def norm(rows):
    """(R,): the length of each row."""
    rows = np.ascontiguousarray(rows)  # in one layout, as a sum's order depends on it
    return np.sqrt(np.einsum("rp,rp->r", rows, rows))


def gradient_norm(probe):
    """The length of the gradient of loss and penalty."""
    return norm(probe.gradient)


def gradient_norm_by_layer(probe):
    """(R, L): the length of dL/dWl, first layer first."""
    return _by_layer(probe, probe.gradient)


def weight_norm(probe):
    """The length of all weights and biases."""
    return norm(probe.theta)


def weight_norm_by_layer(probe):
    """(R, L): the length of Wl, first layer first."""
    return _by_layer(probe, probe.theta)


def _by_layer(probe, theta):
    named = views(theta, probe.model.shapes)
    return np.stack(
        [norm(a.reshape(len(a), -1)) for name, a in named.items() if name.startswith("W")], axis=1
    )


def signal_norm_by_layer(probe):
    """(R, L): the root mean square of dL/dZl over examples and units, times N, first layer first.

    Backpropagation multiplies this by sqrt(H var(w) E[f'^2]) a layer (Glorot & Bengio 2010).
    """
    Z, cache = probe.forward
    signals = probe.model.signals(probe.net, cache, probe.loss.gradient(Z, probe.Y))
    squares = [np.ascontiguousarray(signal * signal).mean(axis=(1, 2)) for signal in signals]
    return probe.X.shape[-2] * np.sqrt(np.stack(squares, axis=1))


def _hidden(probe):
    _, cache = probe.forward
    return probe.model.hidden(cache)


def dead_units(probe):
    """(R,): the share of hidden units whose output is 0 for every example."""
    dead = [(A == 0.0).all(axis=1) for A in _hidden(probe)]
    return np.concatenate(dead, axis=1).mean(axis=1)


def born_dead(probe):
    """(R,): 1 where some hidden layer is 0 for every example, so that nothing passes (Lu 2019)."""
    dead = [(A == 0.0).all(axis=(1, 2)) for A in _hidden(probe)]
    return np.any(dead, axis=0).astype(float)


def distinct_units(probe):
    """(R, L): how many different units each hidden layer has, weights compared to the bit."""
    weights = probe.net
    layers = range(1, len(probe.model.sizes) - 1)
    incoming = [np.concatenate([weights[f"W{i}"], weights[f"b{i}"]], axis=1) for i in layers]
    nets = zip(*incoming, strict=True)
    return np.array([[len(np.unique(w.T, axis=0)) for w in net] for net in nets])


def sharpness(probe, iterations=40):
    """(R,): the largest eigenvalue of the Hessian of loss and penalty.

    From the Hessian itself where the model has that of this loss. Otherwise by Lanczos (1950) with
    full reorthogonalization, where a Hessian-vector product is a central difference of gradients:
    Hv = (g(theta + e v) - g(theta - e v)) / 2e. NaN for a net whose gradients are not finite.
    """
    usual = LOSSES.get((probe.model.output, probe.model.losses[0]))
    if hasattr(probe.model, "hessian") and probe.loss is usual:
        return _largest_eigenvalue(probe.hessian())
    R, P = probe.theta.shape
    iterations = min(iterations, P)
    # Any start that is not orthogonal to the answer does; this one is the same for every net.
    v = np.ones((R, P)) + np.cos(np.arange(P))
    v /= norm(v)[:, None]
    step = 1e-5 * (1.0 + np.abs(probe.theta).max(axis=1, keepdims=True))
    basis, T = np.empty((R, iterations, P)), np.zeros((R, iterations, iterations))
    for i in range(iterations):
        basis[:, i] = v
        Hv = probe.at(probe.theta + step * v).gradient - probe.at(probe.theta - step * v).gradient
        Hv /= 2.0 * step
        T[:, i, i] = np.einsum("rp,rp->r", v, Hv)
        for _ in range(2):  # once leaves rounding errors that grow
            known = np.matmul(basis[:, : i + 1], Hv[..., None])
            Hv -= np.matmul(basis[:, : i + 1].mT, known)[..., 0]
        length = norm(Hv)
        if i + 1 < iterations:
            # A net whose space is exhausted goes on with a zero vector, which adds zeros to T.
            alive = length > 1e-9 * (1.0 + np.abs(T[:, i, i]))
            v = np.where(alive[:, None], Hv / np.where(alive, length, 1.0)[:, None], 0.0)
            T[:, i, i + 1] = T[:, i + 1, i] = np.where(alive, length, 0.0)
    return _largest_eigenvalue(T)


def _largest_eigenvalue(matrices):
    """(R, P, P) -> (R,); NaN where a matrix is not finite, for which LAPACK gives up altogether."""
    finite = np.isfinite(matrices).all(axis=(1, 2))
    largest = np.linalg.eigvalsh(np.where(finite[:, None, None], matrices, 0.0))[:, -1]
    return np.where(finite, largest, np.nan)


def linear_regions(probe):
    """(R,): how many linear pieces a relu net of one input has on [0, 1].

    Each piece ends where some unit's sum changes sign; going layer by layer, every layer's sums are
    linear between the ends found so far, so that the next ends are exact up to rounding. Ends less
    than 1e-9 apart are one: units that bend at the same place find it up to rounding.
    """
    net, model = probe.net, probe.model
    regions = []
    for r in range(len(probe.theta)):
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
        # No piece can be steeper than if all units were on and no weights cancelled.
        steepest = np.ones((1, 1))
        for layer in range(1, len(model.sizes)):
            steepest = steepest @ np.abs(one[f"W{layer}"][0])
        bends = np.abs(np.diff(slopes)) > 1e-7 * steepest[0, 0]
        regions.append(1.0 + np.count_nonzero(bends))
    return np.array(regions)


DIAGNOSTICS = {
    "gradient_norm": gradient_norm,
    "gradient_norm_by_layer": gradient_norm_by_layer,
    "weight_norm": weight_norm,
    "weight_norm_by_layer": weight_norm_by_layer,
    "signal_norm_by_layer": signal_norm_by_layer,
    "dead_units": dead_units,
    "born_dead": born_dead,
    "distinct_units": distinct_units,
    "sharpness": sharpness,
    "linear_regions": linear_regions,
}
