"""Rules by which a net stops before its last epoch.

A rule takes an Evaluation of a stack, the number `stop_at`, and the memory of the nets, (R, M),
which the rule may change. It returns (R,): whether each net stops now.

A new rule is one function and one line in the table below.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scratchml.arithmetic import norm


def never(evaluation, stop_at, memory):
    """No net stops."""
    return np.zeros(len(evaluation.theta), dtype=bool)


def solved(evaluation, stop_at, memory):
    """All outputs are within `evaluation.TOLERANCE` of their targets."""
    return evaluation.solved


def low_loss(evaluation, stop_at, memory):
    """The loss, without penalty, is below `stop_at`."""
    return evaluation.value < stop_at


def small_gradient(evaluation, stop_at, memory):
    """The gradient of loss and penalty is shorter than `stop_at`."""
    return norm(evaluation.gradient) < stop_at


def no_progress(evaluation, stop_at, memory):
    """The minimized loss, with its penalty, has not fallen below its lowest value for `stop_at`
    points in a row.
    """
    return _stalled(evaluation.objective, stop_at, memory)


def held_out(evaluation, stop_at, memory):
    """The loss on held-out examples has not fallen below its lowest value for `stop_at` points in a
    row (Prechelt 1998). The net then goes back to the weights of its lowest value.
    """
    return _stalled(evaluation.value, stop_at, memory)


def _stalled(value, stop_at, memory):
    best, stalled = memory.T
    stalled[:] = np.where(value < best, 0.0, stalled + 1.0)
    best[:] = np.minimum(value, best)
    return stalled >= stop_at


class Stop(NamedTuple):
    """A rule, and the facts about it that a configuration must respect."""

    f: Callable  # (evaluation, stop_at, memory) -> (R,) bool
    needs_classes: bool = False
    needs_stop_at: bool = False  # otherwise stop_at has no meaning
    whole: bool = False  # stop_at is a whole number
    at_points: bool = False  # evaluated at the points of the curve only, not at all checkpoints
    memory: tuple = ()  # M numbers that each net starts with
    held_out: bool = False  # evaluated on held-out examples; the net keeps its best weights
    needs_gradient: bool = False
    at_goal: bool = False  # the last loss is where the goal lies, and says nothing of the training


_PATIENT = {"needs_stop_at": True, "whole": True, "at_points": True, "memory": (np.inf, 0.0)}

STOPS = {
    "never": Stop(never, at_points=True),
    "solved": Stop(solved, needs_classes=True, at_goal=True),
    "loss": Stop(low_loss, needs_stop_at=True, at_goal=True),
    "gradient": Stop(small_gradient, needs_stop_at=True, needs_gradient=True),
    "no_progress": Stop(no_progress, **_PATIENT),
    "held_out": Stop(held_out, **_PATIENT, held_out=True),
}
