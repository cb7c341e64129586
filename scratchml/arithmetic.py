"""Products and sums of a stack of nets, and what is promised of their bits.

A net whose layers have at most `SMALL` weights each is computed term by term: a sum begins with 0.0
and takes its terms one after the other, in the order of inputs, units, and examples. Each operation
rounds once. So the weights of such a net have the same bits alone and in any stack, and on every
processor. `kernel.py` and `wide.py` have the same order, compiled.

Larger nets are computed by BLAS, which is faster there. Their bits are the same in any stack, but
BLAS adds in another order on another kind of processor.

The choice depends only on the shape of one net.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

SMALL = 8192  # weights in the largest layer; docs/log.md says from where on BLAS is faster

# --- products and sums over examples, in two implementations --------------------------------------

LOOPS = {}  # the machine code of `in_order`, once it is loaded (`in_numpy.py`)
LONG, LARGE = 8, 2**22  # terms of a sum from which on it is called, and numbers up to which


class Arithmetic(NamedTuple):
    """The products of a stack, and the sums over its examples."""

    product: Callable  # (A, B, out=None) -> A @ B for each net, (R, N, H)
    sum_examples: Callable  # (dZ (R, N, H), out (R, 1, H)): fills out with sum_n dZ_n


def fitting(sizes):
    """The Arithmetic for nets with layers of `sizes` [D, H, ..., K]."""
    return IN_ORDER if is_small(sizes) else BLAS


def is_small(sizes):
    """Whether nets with layers of `sizes` have the same bits on every processor."""
    return max(d * h for d, h in zip(sizes, sizes[1:], strict=False)) <= SMALL


def in_order(A, B, out=None):
    """A @ B for each net, sum_d A_nd B_dh: (R, N, D) or (N, D) times (R, D, H), into (R, N, H)."""
    if out is None:
        out = np.empty((len(B), A.shape[-2], B.shape[-1]))
    if "product" in LOOPS and _is_for_machine_code(A, B):
        return LOOPS["product"](A, B, out)
    out[:] = 0.0
    for d in range(B.shape[1]):
        out += A[..., d : d + 1] * B[:, d : d + 1]
    return out


def _is_for_machine_code(A, B):
    fits = A.shape[-1] == B.shape[1] and (A.ndim == 2 or len(A) == len(B))
    size = len(B) * (A.shape[-2] + B.shape[1]) * max(16, B.shape[2])  # of copies that it makes
    return fits and B.shape[1] >= LONG and size <= LARGE and A.dtype == B.dtype == float


@cache
def _row_of_ones(n):
    """(1, n)."""
    return np.ones((1, n))


def _sum_in_order(dZ, out):
    return in_order(_row_of_ones(dZ.shape[1]), dZ, out=out)


def _blas_sum(dZ, out):  # a product with ones is faster than `dZ.sum(axis=1)`
    return np.matmul(_row_of_ones(dZ.shape[1]), dZ, out=out)


IN_ORDER = Arithmetic(in_order, _sum_in_order)
BLAS = Arithmetic(np.matmul, _blas_sum)

# --- reductions -----------------------------------------------------------------------------------


def mean_over_examples(terms):
    """The mean over examples of the sum over outputs: (R, N, K) -> (R,)."""
    return terms.sum(axis=-1).mean(axis=-1)


def mean_of_each_output(terms):
    """The mean over examples of each output: (R, N, K) -> (R, K)."""
    return np.ascontiguousarray(terms.mT).mean(axis=-1)


def mean_square(signal):
    """The mean over examples and units of the squares: (R, N, H) -> (R,)."""
    return (signal * signal).mean(axis=(1, 2))


def norm(rows):
    """The length of each row, sqrt(sum_p x_p^2), whose terms are added in order: (R, P) -> (R,)."""
    return np.sqrt(np.add.accumulate(rows * rows, axis=1)[:, -1])


def max_outputs(Z):
    """The largest of each example's K numbers: (R, N, K) -> (R, N, 1)."""
    return _over_outputs(np.maximum, Z)


def sum_outputs(Z):
    """The sum of each example's K numbers, added in order: (R, N, K) -> (R, N, 1)."""
    return _over_outputs(np.add, Z)


def _over_outputs(operation, Z):
    """The last of what `operation.accumulate` gives, which takes longer; symbols have only that."""
    if not isinstance(Z, np.ndarray):
        return operation.accumulate(Z, axis=-1)[..., -1:]
    total = Z[..., :1].copy()
    for k in range(1, Z.shape[-1]):
        operation(total, Z[..., k : k + 1], out=total)
    return total
