"""Epochs of a Trainer in machine code, many of them in one call."""

import math

import numpy as np

from scratchml.compiled import Looks
from scratchml.evaluation import TOLERANCE
from scratchml.losses import weighted_gradient
from scratchml.stack import new_order

ORDERS = 2**20  # numbers of shuffled examples at a time
PRODUCTS = 2e8  # of a weight and an example in one call: less than a second, so that Ctrl-C works
LOOKS = 16  # checkpoints in one call, after which nets that have stopped leave their stack


def sees_checkpoints(trainer):
    """Whether machine code does itself what has to be done at checkpoints that are no points."""
    compiled, stop = trainer.stack.compiled, trainer.stop
    return bool(compiled and compiled.evaluates and (stop.at_points or stop.when_solved))


def train_compiled(trainer, epoch, end):
    """Trains the stack of a trainer from one epoch on, up to another at most.

    Returns:
        The epoch that was reached; and (R,): the epoch in which each net has diverged, that of the
        checkpoint before `end` at which it has stopped with a minus, or 0.
    """
    stack, plan, n = trainer.stack, trainer.plan, trainer.data.X.shape[-2]
    until = min(end, epoch + max(1, int(PRODUCTS / (stack.theta.size * n))))
    is_shuffled = plan.shuffle and (plan.batch_size or n) < n
    if is_shuffled:
        until = min(until, epoch + max(1, ORDERS // (len(stack) * n)))
    first, last = np.searchsorted(trainer.checkpoints, (epoch + 1, end))
    seen = trainer.checkpoints[first:last]
    if trainer.stop.when_solved and len(seen) > LOOKS:
        until = min(until, int(seen[LOOKS - 1]))
    seen = seen[seen <= until] if trainer.recorder.classes else seen[:0]

    epochs, counts = until - epoch, trainer.mistakes.of(stack) if trainer.mistakes else None
    stack.known = None
    ended, solved, since = stack.compiled.train(
        stack,
        plan.batch_size,
        trainer.penalized,
        epochs,
        trainer.steps,
        np.array([new_order(stack, n) for _ in range(epochs)]) if is_shuffled else None,
        counts,
        Looks(seen - epoch, TOLERANCE, trainer.stop.when_solved),
    )
    if trainer.mistakes:
        trainer.mistakes.keep(stack, counts)
    trainer.steps += epochs * math.ceil(n / (plan.batch_size or n))
    if len(seen):
        trainer.recorder.solved_since(stack, solved, np.where(since > 0, epoch + since, np.nan))
    if (ended > 0).any():
        _step_in_numpy(trainer, stack.where(ended > 0))
    return until, ended + epoch * np.sign(ended)


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
