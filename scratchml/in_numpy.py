"""Machine code for what NumPy computes: elementary functions, and products in order.

`load` lets these functions call it from then on. Their numbers stay the same, to the last bit.
"""

from functools import cache

import numpy as np

from scratchml import arithmetic, elementary
from scratchml.activations import relu, step
from scratchml.addresses import LOOP, RESULT, ROW, address
from scratchml.blocks import of_a_net
from scratchml.compiling import PRODUCT, loop
from scratchml.elementary import exp, expm1, log, log1p, sigmoid, tanh
from scratchml.job import FIELDS, HALF, fill_in, halves_of
from scratchml.rows import row_of

ELEMENTARY = exp, expm1, log, log1p, tanh, sigmoid, relu, step


@cache
def load():
    """Loads machine code of all functions; raises NotCompiled."""
    elementary.LOOPS |= {function.__name__: _of_one_array(function) for function in ELEMENTARY}
    arithmetic.LOOPS["product"] = _product()


def _of_one_array(function):
    """The machine code of a function of one array, z -> a."""
    row = ROW(loop(row_of(function)))

    def called(z):
        z = np.ascontiguousarray(z, dtype=float)
        found = np.empty(z.shape)
        at = address(z)
        row(*RESULT, at, at, address(found), at, z.size, 1, 0)
        return found

    return called


def _product():
    """The machine code of `arithmetic.in_order`."""
    multiply = LOOP(loop(PRODUCT))

    def called(A, B, out):
        R, D, H = B.shape
        A, N, halves = np.ascontiguousarray(A), A.shape[-2], halves_of(H)
        wide, sums = np.zeros((R, D, halves * HALF)), np.empty((R, N, halves * HALF))
        wide[..., :H] = B
        job = fill_in(np.zeros(len(FIELDS), dtype=np.int64), {
            "nets": R, "examples": N, "inputs": D, "halves": halves,
            "X": A, "X_net": of_a_net(A), "theta": wide, "sums": sums,
        })  # fmt: skip
        multiply(*RESULT, address(job))
        out[:] = sums[..., :H]
        return out

    return called
