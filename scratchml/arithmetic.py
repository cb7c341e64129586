"""Products of matrices, one for each net of a stack, and how a stack lies in memory.

NumPy hands every product of a stack to BLAS by itself, and for a product of 2 x 2 numbers the call
takes longer than the product. So small ones are added up by `einsum`, which goes through all nets
at once. It does so fastest when the same number of all nets lies side by side in memory; to whoever
uses it a stack remains an (R, N, D) array.

Either way a net's numbers do not depend on the other nets, and which way is taken depends only on
the shape of one net and the examples of a step.
"""

import inspect
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

# As it is below NumPy's dispatch to other kinds of arrays, which takes as long as a small product.
einsum = inspect.unwrap(np.einsum)
SMALL = 64  # multiplications in a product; see docs/log.md for where BLAS overtakes


def side_by_side(array):
    """A copy of (R, ...) in which the same number of all nets lies side by side."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(array, 0, -1)), -1, 0)


def in_order(A, B, out=None):
    """A @ B for each net: (R, N, D) or (N, D) times (R, D, H), into (R, N, H).

    Every sum is taken in order, one term after the other, if the nets lie side by side.
    """
    if B.shape[1] == 1:  # nothing to add up
        return np.multiply(A, B, out=out)
    if len(B) > 1:
        return einsum("nd,rdh->rnh" if A.ndim == 2 else "rnd,rdh->rnh", A, B, out=out)
    # One net lies together in any layout, and einsum would add up in another order. So it goes as
    # two; some processors round a * b + c once, so that no loop of ours would do what einsum does.
    pair = in_order(A if A.ndim == 2 else _twice(A), _twice(B))
    if out is None:
        return np.ascontiguousarray(pair[:1])
    out[:] = pair[:1]
    return out


def _twice(array):
    """(1, N, D) -> (2, N, D), side by side, in a fraction of the time that `side_by_side` takes."""
    return array[0, ..., None].repeat(2, axis=-1).transpose(2, 0, 1)


class Arithmetic(NamedTuple):
    """How a stack is multiplied, and how it has to lie in memory for that."""

    product: Callable
    lay_out: Callable


BLAS = Arithmetic(np.matmul, np.ascontiguousarray)
EINSUM = Arithmetic(in_order, side_by_side)


def fitting(n, sizes):
    """The Arithmetic for nets with layers of `sizes` [D, H, ..., K] that see n examples a step."""
    pairs = zip(sizes, sizes[1:], strict=False)
    small = sizes[-1] == 1 and all(n * d * h <= SMALL for d, h in pairs)
    return EINSUM if small else BLAS
