"""Nets in machine code: the same numbers as `mlp.py` and `Trainer`, to the last bit, and faster.

`Compiled` takes the rows that a training goes through. Small nets can be compiled, if each of their
rows has a formula. The calls fill in a JOB of `kernel.py`.
"""

import ctypes
from functools import cache

import numpy as np

from scratchml import elementary
from scratchml.activations import ACTIVATIONS
from scratchml.addresses import ROW, address
from scratchml.arithmetic import is_small
from scratchml.compiling import LOOPS, NotCompiled, loop
from scratchml.elementary import exp, expm1, sigmoid, tanh
from scratchml.formulas import NoFormula
from scratchml.job import BLOCK, FREE, JOB, SCRATCH
from scratchml.parameters import count
from scratchml.rows import are_ours, formulas, moves, row_of


def compiled(model, loss, optimizer):
    """The Compiled of a training, or None: NumPy computes the same, and slower."""
    try:
        load_elementary()
        if not is_small(model.sizes):
            return None
        rows = formulas(model, loss, optimizer)
        return Compiled(
            model,
            are_ours((*ACTIVATIONS[model.activation], *loss)),
            moves(model),
            optimizer.slots,
            {name: loop(row) for name, row in rows.items()},
            {name: loop(name) for name in LOOPS},
        )
    except (NoFormula, NotCompiled):
        return None


LOOP = ctypes.CFUNCTYPE(ctypes.c_int, *[ctypes.c_void_p] * 3)  # result, error, JOB
_unused = np.zeros(2, dtype=np.int64)
FIELDS = {name: i for i, name in enumerate(JOB.names)}
RESULT = address(_unused), address(_unused[1:])  # of Numba's functions, which return nothing


class Compiled:
    """The loops of `kernel.py` for stacks of one model.

    Args:
        model: MLP or one of its kinds.
        evaluates: whether it evaluates, too. Functions of the user's own are evaluated in NumPy,
            where they have guards that say what is wrong.
        source: see `JOB`; or None.
        slots: arrays like theta that the optimizer remembers.
        rows: {field of JOB: address}.
        loops: {name: address} of `LOOPS`.
    """

    def __init__(self, model, evaluates, source, slots, rows, loops):
        self.model, self.evaluates, self.source = model, evaluates, source
        self.P = count(model.shapes)
        self.loops = {name: LOOP(at) for name, at in loops.items()}
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
        lengths |= {"s": slots * P, "lanes": FREE + SCRATCH}
        self.blocks = {name: np.zeros((length, BLOCK)) for name, length in lengths.items()}
        self.job, self.known = np.zeros(len(FIELDS), dtype=np.int64), {}
        self._fill(self.job, rows | self.blocks | {
            "inputs": sizes[0], "outputs": sizes[-1], "layers": len(sizes) - 1, "units": U,
            "parameters": P, "slots": slots, "source": source, "table": self.table,
        })  # fmt: skip

    def _fill(self, job, fields):
        """Puts numbers, and the addresses of arrays, into a JOB, (fields,).

        NumPy takes long to tell an address, and most arrays are those of the last call.
        """
        for name, value in fields.items():
            if not isinstance(value, int):
                array, at = self.known.get(name, (value, None))
                if at is None or array is not value:
                    at = address(value)
                    self.known[name] = value, at
                value = at
            job[FIELDS[name]] = value

    def _run(self, loop, theta, X, **fields):
        job = self.job.copy()
        fields |= {"nets": len(theta), "theta": theta, "examples": X.shape[-2]}
        self._fill(job, fields | _of_examples("X", X))
        self.loops[loop](*RESULT, address(job))

    def forward(self, theta, X):
        """As `MLP.forward`, of theta (R, P)."""
        R, N, H = len(theta), X.shape[-2], self.model.sizes[1:]
        X = np.ascontiguousarray(X)
        sums, outs = np.empty((2, R * N * sum(H)))
        self._run("evaluate", np.ascontiguousarray(theta), X, sums=sums, outs=outs)
        cache, A, start = [], X, 0
        for h in H:
            stop = start + R * N * h
            Z = sums[start:stop].reshape(R, N, h)
            cache.append((A, Z))
            A, start = outs[start:stop].reshape(R, N, h), stop
        return Z, cache

    def solved(self, theta, X, Y, tolerance):
        """(R,): whether all outputs of a net are within `tolerance` of their targets."""
        solved, near = np.empty(len(theta), dtype=np.int64), np.array([tolerance])
        X, fields = np.ascontiguousarray(X), _of_targets(Y, None)
        theta = np.ascontiguousarray(theta)
        self._run("solve", theta, X, **fields, tolerance=near, solved=solved)
        return solved.astype(bool)

    def gradient(self, theta, X, Y, weights):
        """(R, P): dL/dtheta without penalty, of theta (R, P)."""
        gradient = np.empty(theta.shape)
        self._run(
            "differentiate", np.ascontiguousarray(theta), np.ascontiguousarray(X),
            gradient=gradient, **_of_targets(Y, weights),
        )  # fmt: skip
        return gradient

    def train(self, stack, batch_size, penalized, epochs, steps, orders, mistakes):
        """Trains the nets of a Stack in place.

        Args:
            penalized: (P,), or None without penalty.
            steps: how many steps they have taken before.
            orders: (epochs, R, N), or None: examples in their order.
            mistakes: (mistakes (R,), clean epochs (R,), longest theta (R,)), or None.

        Returns:
            (R,): the epoch, from 1, in which each net has diverged, or 0.
        """
        X, Y, _, _, weights = stack.data
        X, diverged = np.ascontiguousarray(X), np.zeros(len(stack), dtype=np.int64)
        names = ("mistakes", "clean", "longest")
        slot = np.array(stack.slots)
        self._run(
            "train", stack.theta, X, **_of_targets(Y, weights), slot=slot, lr=stack.lr,
            momentum=stack.momentum, l2=stack.l2, penalized=penalized, epochs=epochs, steps=steps,
            batch=min(batch_size or X.shape[-2], X.shape[-2]), orders=orders, diverged=diverged,
            **dict(zip(names, mistakes or (None, None, None), strict=True)),
        )  # fmt: skip
        stack.slots = list(slot)
        return diverged


def _of_examples(name, array):
    """An array of examples, (N, D) or (R, N, D), and its numbers from net to net, as in a JOB."""
    from_net_to_net = array.shape[-2] * array.shape[-1] if array.ndim == 3 else 0
    return {name: array, f"{name}_net": from_net_to_net}


def _of_targets(Y, weights):
    found = _of_examples("Y", np.ascontiguousarray(Y))
    if weights is not None:
        found |= _of_examples("weights", np.ascontiguousarray(weights))
    return found


# --- elementary functions, for nets that BLAS computes --------------------------------------------

ELEMENTARY = exp, expm1, tanh, sigmoid


@cache
def load_elementary():
    """Lets elementary functions call their machine code from now on; raises NotCompiled."""
    elementary.LOOPS |= {function.__name__: machine_code_of(function) for function in ELEMENTARY}


def machine_code_of(function):
    """The machine code of a function of one array, z -> a."""
    row = ROW(loop(row_of(function)))

    def called(z):
        rows = -(-z.size // BLOCK)
        given, found = z, np.empty(rows * BLOCK)
        if z.size % BLOCK or not z.flags.c_contiguous or z.dtype != float:
            given = np.zeros(rows * BLOCK)
            given[: z.size] = z.reshape(-1)
        at = address(given)
        row(*RESULT, at, at, address(found), at, rows, 0)
        return found[: z.size].reshape(z.shape)

    return called
