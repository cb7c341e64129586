"""Nets of a class that is not ours while they learn, in the shape that recorders and rules know."""

import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from experiments.models.calls import preserved
from scratchml.evaluation import Evaluation
from scratchml.losses import Loss


@dataclass
class Answers:
    """A model without weights of its own: its logits are what nets answer.

    Attributes:
        output: the kind of its outputs, see `scratchml.losses.OUTPUTS`.
        guests: the nets that are asked.
    """

    output: str
    guests: tuple = ()
    shapes = {}

    def forward(self, net, X):
        """The logits (R, N, K) for X, (N, D) or (R, N, D)."""
        each = X if X.ndim == 3 else [X] * len(self.guests)
        with preserved():
            return np.stack([g.logits(x) for g, x in zip(self.guests, each, strict=True)]), None


@dataclass
class Learning:
    """The nets that still learn; it stands where our nets have a `scratchml.stack.Stack`."""

    model: Answers
    loss: Loss
    index: np.ndarray  # (R,) the rows of these nets in the results
    memory: np.ndarray  # (R, M) of the stop rule
    data: list  # X, Y, X_test, Y_test, weights

    def __post_init__(self):
        self.diverged = np.zeros(len(self), dtype=bool)
        self.theta = np.empty((len(self), 0))
        self.net = {}

    def __len__(self):
        return len(self.index)

    @cached_property
    def evaluation(self):
        X, Y, _, _, weights = self.data
        return self._evaluated(X, Y, weights)

    @cached_property
    def held_out(self):
        _, _, X_test, Y_test, _ = self.data
        return self._evaluated(X_test, Y_test, None)

    def _evaluated(self, X, Y, weights):
        none = np.zeros((len(self), 1))
        return Evaluation(self.model, self.loss, self.theta, X, Y, none, weights)

    def where(self, chosen):
        """Those nets for which `chosen`, (R,), is true."""
        guests = tuple(g for g, ok in zip(self.model.guests, chosen, strict=True) if ok)
        data = [A[chosen] if A is not None and A.ndim == 3 else A for A in self.data]
        model = replace(self.model, guests=guests)
        found = Learning(model, self.loss, self.index[chosen], self.memory[chosen], data)
        found.diverged = self.diverged[chosen]
        return found

    def renewed(self, guests=None):
        """The same nets, or these in their places, whose answers are not known yet."""
        found = self.where(np.ones(len(self), dtype=bool))
        found.model = replace(self.model, guests=tuple(guests or self.model.guests))
        return found


class BestGuests:
    """Copies of nets as they were when they had the lowest loss on held-out examples.

    Args:
        R: the number of nets.

    Attributes:
        epoch: (R,), at which each net was like that.
    """

    def __init__(self, R):
        self.loss, self.epoch = np.full(R, np.inf), np.zeros(R, dtype=np.int64)
        self.copies = {}

    def update(self, nets, loss, epoch):
        """Copies the nets whose loss, (R,), is lower than at any point before."""
        for row, guest, value in zip(nets.index, nets.model.guests, loss, strict=True):
            if value < self.loss[row]:
                self.loss[row], self.epoch[row] = value, epoch
                self.copies[row] = copy.deepcopy(guest)

    def restored(self, nets):
        """The nets as they were at their best."""
        pairs = zip(nets.index, nets.model.guests, strict=True)
        return nets.renewed([self.copies.get(row, guest) for row, guest in pairs])
