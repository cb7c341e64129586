"""The nets that are still learning, and the batches of examples that their steps see."""

from dataclasses import dataclass

import numpy as np

from scratchml.evaluation import Evaluation
from scratchml.losses import Loss
from scratchml.parameters import views


@dataclass
class Stack:
    """The nets that are still learning: arrays with a leading axis R, and the buffers of a step."""

    model: object
    loss: Loss
    index: np.ndarray  # (R,) the rows of these nets in the results
    theta: np.ndarray  # (R, P)
    lr: np.ndarray  # (R, 1), like momentum and l2
    momentum: np.ndarray
    l2: np.ndarray
    memory: np.ndarray  # (R, M) of the stop rule
    slots: list  # of the optimizer, each (R, P)
    data: list  # X, Y, X_test, Y_test, weights
    orders: list  # R generators, or R times None
    compiled: object = None  # the Compiled of the model, or None
    diverged: np.ndarray | None = None  # (R,) bool; None: no net has

    def __post_init__(self):
        self.gradient, self.previous = np.empty_like(self.theta), np.empty_like(self.theta)
        self.net = views(self.theta, self.model.shapes)
        self.gradients = views(self.gradient, self.model.shapes)
        if self.diverged is None:
            self.diverged = np.zeros(len(self.theta), dtype=bool)
        self.has_diverged = False  # any of the nets
        self.known = None  # the Evaluation on all examples, until theta changes

    def __len__(self):
        return len(self.theta)

    @property
    def evaluation(self):
        """The Evaluation of the nets as they are, on all training examples."""
        if self.known is None:
            X, Y, _, _, weights = self.data
            self.known = self.evaluate(X, Y, weights)
        return self.known

    @property
    def held_out(self):
        """The Evaluation of the nets as they are, on the held-out examples."""
        _, _, X_test, Y_test, _ = self.data
        return self.evaluate(X_test, Y_test)

    def evaluate(self, X, Y, weights=None):
        """The Evaluation of the nets as they are, on some examples."""
        compiled = self.compiled if self.compiled and self.compiled.evaluates else None
        return Evaluation(self.model, self.loss, self.theta, X, Y, self.l2, weights, compiled)

    def forward(self, X):
        """The logits (R, N, K), and the values that `backward` needs."""
        if self.known is not None and self.known.X is X:  # a checkpoint has computed them
            return self.known.forward
        return self.model.forward(self.net, X)

    def backward(self, cache, dZ):
        """Fills `gradient` with dL/dtheta, without penalty."""
        self.model.backward(self.net, cache, dZ, self.gradients)

    def where(self, chosen):
        """The stack of those nets for which `chosen`, (R,), is true."""
        per_net = (self.index, self.theta, self.lr, self.momentum, self.l2, self.memory)
        return Stack(
            self.model,
            self.loss,
            *(array[chosen] for array in per_net),
            [slot[chosen] for slot in self.slots],
            [a[chosen] if a is not None and a.ndim == 3 else a for a in self.data],
            [self.orders[i] for i in np.flatnonzero(chosen)],
            self.compiled,
            self.diverged[chosen],
        )


def together(stacks):
    """One stack of the nets of all stacks, which have been parts of one."""
    one, *others = stacks
    if not others:
        return one

    per_net = ("index", "theta", "lr", "momentum", "l2", "memory")
    return Stack(
        one.model,
        one.loss,
        *(np.concatenate([getattr(stack, name) for stack in stacks]) for name in per_net),
        [np.concatenate(slots) for slots in zip(*(stack.slots for stack in stacks), strict=True)],
        [
            np.concatenate(arrays) if arrays[0] is not None and arrays[0].ndim == 3 else arrays[0]
            for arrays in zip(*(stack.data for stack in stacks), strict=True)
        ],
        [order for stack in stacks for order in stack.orders],
        one.compiled,
        np.concatenate([stack.diverged for stack in stacks]),
    )


def new_order(stack, n):
    """(R, N): the order of n examples in an epoch, drawn by each net's own generator."""
    return np.argsort([rng.random(n) for rng in stack.orders], axis=1)


def batches(stack, batch_size, shuffle):
    """Yields (X, Y, weights) for each step of an epoch. The last batch has what is left over."""
    X, Y, _, _, weights = stack.data
    n = X.shape[-2]
    if batch_size is None or batch_size >= n:
        yield X, Y, weights
        return
    if shuffle:
        order = new_order(stack, n)
        nets = np.arange(len(stack))[:, None]
    for start in range(0, n, batch_size):
        stop = start + batch_size
        if shuffle:
            which = order[:, start:stop]
            yield tuple(
                A if A is None else (A[which] if A.ndim == 2 else A[nets, which])
                for A in (X, Y, weights)
            )
        else:
            yield tuple(A if A is None else A[..., start:stop, :] for A in (X, Y, weights))
