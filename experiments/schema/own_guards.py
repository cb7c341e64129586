"""Guards of the user's own functions: what is wrong with a call is said with their file and line.

A function is handed views that cannot be written to, so that a change of an argument is an error in
the line that makes it. What it returns is looked at: its kind, its shape, and NaN where all
arguments are finite. A guard changes no number.
"""

import math
from collections.abc import Callable, Iterable
from functools import wraps

import numpy as np

from experiments import own
from experiments.errors import ConfigError
from experiments.schema.own_results import fault, fixed, of_evaluation, seen, sound
from scratchml.parameters import count


def elementwise(function: Callable, what: str) -> Callable:
    """z -> a, or (z, a) -> da/dz: an array like z."""

    @wraps(function)
    def guarded(*arrays):
        out = function(*map(fixed, arrays))
        return sound(out, arrays[0].shape, "z", arrays, function, what)

    return guarded


def loss_value(function: Callable, what: str) -> Callable:
    """(Z, Y) -> (R,)."""

    @wraps(function)
    def guarded(Z, Y):
        out = function(fixed(Z), fixed(Y))
        return sound(out, Z.shape[:1], "nets, (R,)", (Z, Y), function, what)

    return guarded


def loss_gradient(function: Callable, what: str) -> Callable:
    """(Z, Y) -> dL/dZ, which the caller may change."""

    @wraps(function)
    def guarded(Z, Y):
        out = sound(function(fixed(Z), fixed(Y)), Z.shape, "Z", (Z, Y), function, what)
        is_theirs = np.may_share_memory(out, Z) or np.may_share_memory(out, Y)
        return out.copy() if is_theirs else out

    return guarded


def step(function: Callable, what: str) -> Callable:
    """(theta, gradient, slots, lr, momentum, t), which changes theta and slots in place."""

    @wraps(function)
    def guarded(theta, gradient, slots, lr, momentum, t):
        given = list(slots)
        out = function(theta, fixed(gradient), given, fixed(lr), fixed(momentum), t)
        if out is not None:
            fault(function, f"{what} must change theta in place and return nothing")
        if len(given) != len(slots) or any(a is not b for a, b in zip(given, slots, strict=True)):
            fault(function, f"{what} must change its slots in place, as in slots[0][:] = ...")
        if math.isnan(theta.sum()):
            nets = np.isnan(theta).any(axis=1) & np.isfinite(gradient).all(axis=1)
            if nets.any():
                fault(function, f"{what} made theta NaN in step {t}, from a finite gradient")

    return guarded


def direction(function: Callable, what: str) -> Callable:
    """(evaluation, gradient) -> an array like the gradient."""

    @wraps(function)
    def guarded(evaluation, gradient):
        out = function(evaluation, fixed(gradient))
        return sound(out, gradient.shape, "the gradient", (gradient,), function, what)

    return guarded


def start(function: Callable, what: str) -> Callable:
    """(rng, shapes, scale) -> (P,)."""

    @wraps(function)
    def guarded(rng, shapes, scale):
        shape = (count(shapes),)
        out = sound(function(rng, shapes, scale), shape, "parameters, (P,)", (), function, what)
        if not np.isfinite(out).all():
            fault(function, f"{what} returned a number that is not finite")
        return out

    return guarded


def diagnostic(function: Callable, what: str) -> Callable:
    """evaluation -> (R,) or (R, L)."""

    @wraps(function)
    def guarded(evaluation):
        out = of_evaluation(function, evaluation)
        nets = len(evaluation.theta)
        if np.shape(out)[:1] != (nets,) or np.ndim(out) > 2:
            wanted = f"a number for each of {nets} nets, (R,), or for each of its layers, (R, L)"
            fault(function, f"{what} must return {wanted}; got {seen(out)}")
        return sound(out, np.shape(out), "nets", (evaluation.value,), function, what)

    return guarded


def stop(function: Callable, what: str) -> Callable:
    """(evaluation, stop_at, memory) -> (R,) bool; memory may be changed in place."""

    @wraps(function)
    def guarded(evaluation, stop_at, memory):
        out, nets = of_evaluation(function, evaluation, stop_at, memory), len(evaluation.theta)
        if np.shape(out) != (nets,) or np.asarray(out).dtype != bool:
            fault(function, f"{what} must return true or false for each of {nets} nets, (R,); "
                  f"got {seen(out)}")  # fmt: skip
        return np.asarray(out)

    return guarded


def data(function: Callable, what: str) -> Callable:
    """(rng, n_samples, *, knobs) -> X (N, D), targets (N,), or (N, K) of several labels."""

    @wraps(function)
    def guarded(rng, n_samples, **knobs):
        out = function(rng, n_samples, **knobs)
        if not isinstance(out, tuple | list) or len(out) != 2:
            fault(function, f"{what} must return X and y; got {seen(out)}")
        X, y = out
        X = sound(X, np.shape(X), "", (), function, f"X of {what}")
        y = sound(y, np.shape(y), "", (), function, f"y of {what}")
        if X.ndim != 2 or y.ndim not in (1, 2) or not len(X) == len(y) == n_samples:
            fault(function, f"{what} must make {n_samples} examples, X (N, D) and y (N,); "
                  f"got {X.shape} and {y.shape}")  # fmt: skip
        return X, y

    return guarded


def sentences(function: Callable, what: str) -> Callable:
    """(knobs) or (knobs, shape) -> sentences, about values that do not fit."""

    @wraps(function)
    def guarded(*arguments):
        def ask():
            out = function(*arguments)
            return out if isinstance(out, str) or not isinstance(out, Iterable) else tuple(out)

        out = _asked(ask, function)
        if not isinstance(out, tuple) or not all(isinstance(said, str) for said in out):
            raise ConfigError(f"{own.place(function)}: the constraints of {what} must be a list of "
                              f"sentences; got {out!r:.60}")  # fmt: skip
        return out

    return guarded


def size(function: Callable, what: str) -> Callable:
    """(knobs) -> the number of examples, where n_samples is null."""

    @wraps(function)
    def guarded(knobs):
        out = _asked(lambda: function(knobs), function)
        if isinstance(out, bool) or not isinstance(out, int | np.integer) or out < 1:
            raise ConfigError(f"{own.place(function)}: the size of {what} must be a whole number "
                              f">= 1; got {seen(out)}")  # fmt: skip
        return int(out)

    return guarded


def _asked(ask, function):
    """What is answered before anything is trained; its error is one of configuration."""
    try:
        return ask()
    except Exception as error:
        raise ConfigError(own.where(error) or f"{own.place(function)}: {error}") from error
