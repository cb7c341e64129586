"""Epochs of a Trainer in machine code, many of them in one call."""

import math

import numpy as np

from scratchml.losses import weighted_gradient
from scratchml.stack import new_order

ORDERS = 2**20  # numbers of shuffled examples at a time


def most_at_once(trainer, most):
    """As many epochs, up to `most`, as have a moderate number of shuffled examples."""
    n = trainer.data.X.shape[-2]
    if not _is_shuffled(trainer, n):
        return most
    return max(1, min(most, ORDERS // (len(trainer.stack) * n)))


def train_compiled(trainer, epochs):
    """Trains the stack of a trainer; returns the epoch, from 1, in which each net has diverged.

    Returns:
        (R,): 0 for nets that have not.
    """
    stack, plan, n = trainer.stack, trainer.plan, trainer.data.X.shape[-2]
    orders = None
    if _is_shuffled(trainer, n):
        orders = np.array([new_order(stack, n) for _ in range(epochs)])
    counts = trainer.mistakes.of(stack) if trainer.mistakes else None
    stack.known = None
    at = stack.compiled.train(
        stack, plan.batch_size, trainer.penalized, epochs, trainer.steps, orders, counts
    )
    if trainer.mistakes:
        trainer.mistakes.keep(stack, counts)
    trainer.steps += epochs * math.ceil(n / (plan.batch_size or n))
    if at.any():
        _step_in_numpy(trainer, stack.where(at > 0))
    return at


def _is_shuffled(trainer, n):
    return trainer.plan.shuffle and (trainer.plan.batch_size or n) < n


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
