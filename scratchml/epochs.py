"""Epochs of a Trainer in machine code, many of them in one call."""

import math

import numpy as np

from scratchml.compiled import Checkpoints
from scratchml.evaluation import TOLERANCE
from scratchml.losses import weighted_gradient
from scratchml.stack import new_order
from scratchml.stopping import solved

ORDERS = 2**20  # numbers of shuffled examples at a time
PRODUCTS = 2e8  # of a weight and an example in one call: less than a second, so that Ctrl-C works
CHECKPOINTS = 16  # checkpoints in one call, after which nets that have stopped leave their stack


def sees_checkpoints(trainer):
    """Whether machine code does itself what has to be done at checkpoints that are no points."""
    compiled = trainer.stack.compiled
    is_known = trainer.stop.at_points or _stops_when_solved(trainer)
    return bool(compiled and compiled.evaluates and is_known)


def _stops_when_solved(trainer):
    return trainer.stop.f is solved  # the one rule that machine code knows


def train_compiled(trainer, epoch, end):
    """Trains the stack of a trainer from one epoch on, up to another at most.

    Returns:
        The epoch that was reached; and (R,): the epoch in which each net has diverged, that of the
        checkpoint before `end` at which it has stopped with a minus, or 0.
    """
    stack, plan, n = trainer.stack, trainer.plan, trainer.data.X.shape[-2]
    until, seen = _in_one_call(trainer, epoch, end)
    epochs, orders = until - epoch, None
    if _is_shuffled(plan, n):
        orders = np.array([new_order(stack, n) for _ in range(epochs)])
    counts = trainer.mistakes.of(stack) if trainer.mistakes else None
    checkpoints = Checkpoints(seen - epoch, TOLERANCE, _stops_when_solved(trainer))
    stack.known = None
    ended, is_solved, since = stack.compiled.train(
        stack,
        plan.batch_size,
        trainer.penalized,
        epochs,
        trainer.steps,
        orders,
        counts,
        checkpoints,
    )
    if trainer.mistakes:
        trainer.mistakes.keep(stack, counts)
    trainer.steps += epochs * math.ceil(n / (plan.batch_size or n))
    if len(seen):
        trainer.recorder.solved_since(stack, is_solved, np.where(since > 0, epoch + since, np.nan))
    if (ended > 0).any():
        _step_in_numpy(trainer, stack.where(ended > 0))
    return until, ended + epoch * np.sign(ended)


def _in_one_call(trainer, epoch, end):
    """The epoch up to which one call trains, and the checkpoints before `end` on the way."""
    stack, n = trainer.stack, trainer.data.X.shape[-2]
    most = PRODUCTS / (stack.theta.size * n)
    if _is_shuffled(trainer.plan, n):
        most = min(most, ORDERS / (len(stack) * n))
    until = min(end, epoch + max(1, int(most)))
    first, last = np.searchsorted(trainer.checkpoints, (epoch + 1, end))
    seen = trainer.checkpoints[first:last]
    if _stops_when_solved(trainer) and len(seen) > CHECKPOINTS:
        until = min(until, int(seen[CHECKPOINTS - 1]))
    return until, seen[seen <= until] if trainer.recorder.classes else seen[:0]


def _is_shuffled(plan, n):
    return plan.shuffle and (plan.batch_size or n) < n


def _step_in_numpy(trainer, stack):
    """Lets nets that have diverged go on from where they are, and forgets what comes out.

    Functions of the user's own say in NumPy what is wrong with them. Machine code says nothing.
    """
    X, Y, _, _, weights = stack.data
    logits, cache = stack.forward(X)
    stack.backward(cache, weighted_gradient(stack.loss, logits, Y, weights))
    trainer.optimizer.step(
        stack.theta, stack.gradient, stack.slots, stack.lr, stack.momentum, trainer.steps
    )
