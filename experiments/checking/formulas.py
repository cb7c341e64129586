"""Checks of activations and losses: values, slopes, and numbers that are very large."""

from collections.abc import Iterator

import numpy as np

from experiments.checking.looking import (
    EXAMPLES,
    EXTREMES,
    HIDDEN,
    NETS,
    STEP,
    Entry,
    differ,
    evaluation,
    gradient_of_nets,
    of_nets,
    rng,
)
from scratchml.activations import step
from scratchml.losses import OUTPUTS


def activation_values(entry: Entry) -> Iterator[str]:
    """Shape, bits and repetition of f and df."""
    Z = 2.0 * rng().standard_normal((NETS, EXAMPLES, HIDDEN))
    A = entry.row.f(Z)
    yield from of_nets(entry, entry.row.f, lambda nets: entry.row.f(Z[nets]))
    yield from of_nets(entry, entry.row.df, lambda nets: entry.row.df(Z[nets], A[nets]))


def activation_slope(entry: Entry) -> Iterator[str]:
    """df against central differences of f."""
    z = np.linspace(-4.0, 4.0, 101)[None, :, None] + 0.01234
    f, slope = entry.row.f, entry.row.df(z, entry.row.f(z))
    difference = (f(z + STEP) - f(z - STEP)) / (2.0 * STEP)
    wrong = differ(slope, difference)
    if wrong.mean() > 0.02:  # a kink, or a jump, is no mistake
        at = tuple(np.argwhere(wrong)[np.count_nonzero(wrong) // 2])
        yield (
            f"{entry.at(entry.row.df)}: the derivative at z = {z[at]:.4g} is {slope[at]:.6g}, and "
            f"differences of f give {difference[at]:.6g}"
        )
        return
    yield from gradient_of_nets(entry, entry.row.df, activation=entry.key)


def activation_extremes(entry: Entry) -> Iterator[str]:
    """f and df at 0 and at numbers that weights reach when they diverge."""
    for z in EXTREMES:
        Z = np.full((1, 1, 1), z)
        A = entry.row.f(Z)
        for function, value in ((entry.row.f, A), (entry.row.df, entry.row.df(Z, A))):
            if not np.isfinite(value).all():
                name = "" if function is entry.row.f else "the derivative "
                yield f"{entry.at(function)}: {name}is {value.item()} at z = {z:g}"


def loss_values(entry: Entry) -> Iterator[str]:
    """Shape, bits and repetition; targets that nets share or have each; a mean over examples."""
    Z, Y, loss = *_logits(entry), entry.row
    own = np.broadcast_to(Y, Z.shape).copy()
    for function in (loss.value, loss.gradient):
        yield from of_nets(entry, function, lambda nets, f=function: f(Z[nets], Y))
        if not np.array_equal(function(Z, Y), function(Z, own)):
            yield f"{entry.at(function)} depends on whether targets are (N, K) or (R, N, K)"
    once, twice = loss.value(Z, Y), loss.value(np.repeat(Z, 2, axis=1), np.repeat(Y, 2, axis=0))
    if not np.allclose(once, twice, rtol=1e-9):
        yield (
            f"{entry.at(loss.value)} changes when each example comes twice: it must be the mean "
            "over examples, not the sum"
        )


def loss_slope(entry: Entry) -> Iterator[str]:
    """The gradient against central differences of the value, along random directions."""
    Z, Y, loss = *_logits(entry), entry.row
    if OUTPUTS[entry.key[0]] is step:  # its slope is that between jumps
        return
    directions = rng().standard_normal((20, *Z.shape))
    slopes = (loss.gradient(Z, Y) * directions).sum(axis=(2, 3))
    ahead, behind = ([loss.value(Z + s * STEP * d, Y) for d in directions] for s in (1.0, -1.0))
    differences = (np.array(ahead) - np.array(behind)) / (2.0 * STEP)
    wrong = differ(slopes, differences)
    if wrong.mean() > 0.1:
        ratio = np.median(slopes / differences)
        hint = f"; it is {ratio:.4g} times too large" if np.allclose(
            slopes, ratio * differences, rtol=1e-3) else ""  # fmt: skip
        yield (
            f"{entry.at(loss.gradient)}: the gradient along a random direction is "
            f"{slopes[wrong][0]:.6g}, and differences of the value give "
            f"{differences[wrong][0]:.6g}{hint}"
        )
        return
    yield from gradient_of_nets(entry, loss.gradient, output=entry.key[0], loss=loss)


def loss_extremes(entry: Entry) -> Iterator[str]:
    """Value and gradient at logits of 0 and of +-1e9, right and wrong."""
    _, Y = _logits(entry)
    for z in EXTREMES:
        Z = np.full((1, *Y.shape), z)
        Z[..., 1:] *= -1.0
        for function in (entry.row.value, entry.row.gradient):
            if not np.isfinite(function(Z, Y)).all():
                yield f"{entry.at(function)} is not finite at logits of {z:g}"


def _logits(entry):
    """Logits (R, N, K), and targets (N, K) that suit them."""
    at = evaluation(output=entry.key[0])
    return at.forward[0], at.Y
