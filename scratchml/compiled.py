"""Nets in machine code: the same numbers as `mlp.py` and `Trainer`, to the last bit, and faster.

`Compiled` takes the rows that a training goes through. Small nets can be compiled, if each of their
rows has a formula. The calls fill in a JOB of `kernel.py`.
"""

from collections import deque
from collections.abc import Sequence
from operator import is_
from typing import NamedTuple

import numpy as np

from scratchml import in_numpy
from scratchml.activations import ACTIVATIONS
from scratchml.addresses import LOOP, RESULT, address
from scratchml.arithmetic import is_small
from scratchml.blocks import aligned, blocks, is_wide, of_a_net, side_by_side
from scratchml.compiling import LOOPS, NotCompiled, loop
from scratchml.formulas import NoFormula
from scratchml.job import BLOCK, BLOCKS, FIELDS, FREE, HALF, SCRATCH, fill_in, halves_of
from scratchml.parameters import count
from scratchml.rows import are_ours, formulas, moves


def compiled(model, loss, optimizer):
    """The Compiled of a training, or None: NumPy computes the same, and slower."""
    try:
        in_numpy.load()
        if not is_small(model.sizes):
            return None
        rows = formulas(model, loss, optimizer)
        return Compiled(
            model,
            are_ours((*ACTIVATIONS[model.activation], *loss)),
            moves(model),
            optimizer.slots,
            {name: loop(row) for name, row in rows.items()},
            {b: {name: loop(name, b) for name in LOOPS} for b in BLOCKS},
        )
    except (NoFormula, NotCompiled):
        return None


EXAMPLES = ("X", "Y", "weights")
SPAN, MISTAKES = slice(FIELDS["first"], FIELDS["last"] + 1), ("mistakes", "clean", "longest")


class Checkpoints(NamedTuple):
    """Checkpoints within one call, at which it is noted which nets are solved."""

    at: Sequence  # epochs of the call, from 1, in their order
    tolerance: float  # of outputs
    stops: bool  # whether nets that are solved stop there


class Compiled:
    """The loops of `kernel.py` for stacks of one model.

    Args:
        model: MLP or one of its kinds.
        evaluates: whether it evaluates, too. Functions of the user's own are evaluated in NumPy,
            where they have guards that say what is wrong.
        source: see `JOB`; or None.
        slots: arrays like theta that the optimizer remembers.
        rows: {field of JOB: address}.
        loops: {nets side by side: {name: address}} of `LOOPS`.
    """

    def __init__(self, model, evaluates, source, slots, rows, loops):
        self.model, self.evaluates, self.source = model, evaluates, source
        self.P = count(model.shapes)
        self.loops = {b: {name: LOOP(at) for name, at in of.items()} for b, of in loops.items()}
        sizes, units = model.sizes, np.cumsum([0, *model.sizes]).tolist()
        starts, start = {}, 0
        for name, shape in model.shapes.items():
            starts[name], start = start, start + shape[0] * shape[1]
        layers = range(1, len(sizes))
        self.table = np.array([
            (*sizes[i - 1 : i + 1], starts[f"W{i}"], starts.get(f"b{i}", -1), *units[i - 1 : i + 1])
            for i in layers
        ], dtype=np.int64)  # fmt: skip
        U, P = units[-1], self.P
        lengths = dict.fromkeys(("z", "a", "dz", "df", "y"), U)
        lengths |= dict.fromkeys(("w", "g", "w_before", "w_back", "g_before"), P)
        lengths |= {
            "s": slots * P,
            "lanes": FREE + 1,
            "scratch": SCRATCH,
            "a": U + 1,
            "dz": U + HALF,
        }
        self.blocks = {name: aligned((length, BLOCK)) for name, length in lengths.items()}
        halves = halves_of(self.table[:, 1])
        totals = int((halves * (self.table[:, 0] + 1)).sum())
        self.blocks["turned"] = aligned((BLOCK * int(halves.max()), HALF))
        self.blocks["totals"] = aligned((totals, HALF))
        self.job = np.zeros(len(FIELDS), dtype=np.int64)
        self.job_at, self.given, self.stack = address(self.job), (None,) * 5, None
        self.recent = deque(maxlen=3 * len(EXAMPLES))  # in training, at points, held out
        self.tolerance = np.zeros(1)
        fill_in(self.job, rows | self.blocks | {
            "inputs": sizes[0], "outputs": sizes[-1], "layers": len(sizes) - 1, "units": U,
            "parameters": P, "slots": slots, "source": source, "table": self.table,
            "tolerance": self.tolerance, "halves": totals,
        })  # fmt: skip

    def _work_on(self, theta, X, Y=None, weights=None, batch=None):
        """Fills in what the JOB says of nets and examples, unless it says so since the last call.

        `batch` is how many examples a step sees, or None for all.

        NumPy takes long to tell an address, and between two checkpoints a loop does not.
        """
        given = theta, X, Y, weights, batch
        if all(map(is_, given, self.given)):
            return
        arrays = [None if array is None else np.ascontiguousarray(array) for array in given[:4]]
        self.given = given if arrays[0] is theta else (None,) * 5  # a copy would not be trained
        theta, *examples = arrays
        R, self.stack = len(theta), None
        self.ended, self.is_solved, self.since = np.zeros((3, R), dtype=np.int64)
        N = X.shape[-2]
        batch = min(batch or N, N)
        parts = blocks(R, self.P, batch)
        self.parts = [(self.loops[block], span) for block, *span in parts]
        self.net_by_net = dict(zip(EXAMPLES, examples, strict=True))
        self.side_by_side = {n: self._laid_out(A, parts) for n, A in self.net_by_net.items()}
        fields = {f"{name}_net": of_a_net(array) for name, array in self.net_by_net.items()}
        fields |= {"theta": theta, "nets": R, "examples": N, "orders": 0}
        fields |= {"batch": batch, "wide": int(is_wide(batch))}
        fields |= {"ended": self.ended, "solved": self.is_solved, "since": self.since}
        fill_in(self.job, fields | self.side_by_side)
        self.theta = theta  # so that it stays where it is

    def _laid_out(self, array, parts):
        """As `side_by_side`; training and held-out examples take turns, and each is known."""
        for known, its_parts, found in self.recent:
            if known is array and its_parts == parts:
                return found
        found = side_by_side(array, parts)
        if found is not array:
            self.recent.append((array, parts, found))
        return found

    def _run(self, loop, **fields):
        fill_in(self.job, fields)
        for loops, span in self.parts:
            self.job[SPAN] = span
            loops[loop](*RESULT, self.job_at)

    def forward(self, theta, X, Y=None, weights=None):
        """As `MLP.forward`, of theta (R, P)."""
        R, N, H = len(theta), X.shape[-2], self.model.sizes[1:]
        self._work_on(theta, X, Y, weights)
        sums, outs = np.empty((2, R * N * sum(H)))
        self._run("evaluate", sums=sums, outs=outs)
        cache, A, start = [], X, 0
        for h in H:
            stop = start + R * N * h
            Z = sums[start:stop].reshape(R, N, h)
            cache.append((A, Z))
            A, start = outs[start:stop].reshape(R, N, h), stop
        return Z, cache

    def solved(self, theta, X, Y, weights, tolerance):
        """(R,): whether all outputs of a net are within `tolerance` of their targets."""
        self._work_on(theta, X, Y, weights)
        self.tolerance[0] = tolerance
        self._run("solve")
        return self.is_solved.astype(bool)

    def gradient(self, theta, X, Y, weights):
        """(R, P): dL/dtheta without penalty, of theta (R, P)."""
        gradient = np.empty(theta.shape)
        self._work_on(theta, X, Y, weights)
        self._run("differentiate", gradient=gradient)
        return gradient

    def train(self, stack, batch_size, penalized, epochs, steps, orders, mistakes, checkpoints):
        """Trains the nets of a Stack in place.

        Args:
            penalized: (P,), or None without penalty.
            steps: how many steps they have taken before.
            orders: (epochs, R, N), or None: examples in their order.
            mistakes: (mistakes (R,), clean epochs (R,), longest theta (R,)), or None.
            checkpoints: Checkpoints.

        Returns:
            (R,) each: `ended`, the epoch, from 1, in which a net has diverged, that in which it has
            stopped with a minus, or 0; whether it was solved at the last checkpoint that it has
            seen; and the first at which it was, or 0.
        """
        X, Y, _, _, weights = stack.data
        self._work_on(stack.theta, X, Y, weights, batch_size)
        if self.stack is not stack:
            self.stack = stack
            knobs = {"lr": stack.lr, "momentum": stack.momentum, "l2": stack.l2}
            fill_in(self.job, knobs | {"penalized": penalized})
        fields = {"slot": (slot := np.array(stack.slots))} if stack.slots else {}
        fields |= zip(MISTAKES, mistakes or (0, 0, 0), strict=True)
        if orders is not None:
            fields |= self.net_by_net
        for found in (self.ended, self.is_solved, self.since):
            found[:] = 0
        self.tolerance[0] = checkpoints.tolerance
        at = np.array(checkpoints.at, dtype=np.int64)
        fields |= {"checkpoints": len(at), "checkpoint_at": at, "stops": int(checkpoints.stops)}
        self._run("train", epochs=epochs, steps=steps, orders=orders, **fields)
        if stack.slots:
            stack.slots = list(slot)
        if orders is not None:
            fill_in(self.job, {"orders": 0} | self.side_by_side)
        return self.ended.copy(), self.is_solved.astype(bool), self.since.copy()
