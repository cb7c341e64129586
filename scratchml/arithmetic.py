"""Products and sums of a stack of nets: the home of every trick that makes them fast.

Models and losses call the functions here, so that their own code reads like the equations.

NumPy passes each product of a stack to BLAS separately. For a product of 2 x 2 numbers, the call
takes longer than the product. So `einsum` computes small products, for all nets at once. `einsum`
is fastest when the same number of all nets lies side by side in memory. A stack in this layout is
still an (R, N, D) array.

The choice depends only on the shape of one net and on the number of examples in a step. So the
numbers of a net do not depend on the other nets of its stack.
"""

import inspect
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

# NumPy's einsum without its dispatch to other array types, which takes as long as a small product.
einsum = inspect.unwrap(np.einsum)
SMALL = 64  # multiplications in a product; docs/log.md says from where on BLAS is faster

# --- products and sums over examples, in two implementations --------------------------------------


class Arithmetic(NamedTuple):
    """The products of a stack, the sums over its examples, and the memory layout that they need."""

    product: Callable  # (A, B, out=None) -> A @ B for each net, (R, N, H)
    sum_examples: Callable  # (dZ (R, N, H), out (R, 1, H)): fills out with sum_n dZ_n
    lay_out: Callable  # array -> a copy with the same values


def fitting(n, sizes):
    """The Arithmetic for nets with layers of `sizes` [D, H, ..., K] that see n examples a step."""
    pairs = zip(sizes, sizes[1:], strict=False)
    small = sizes[-1] == 1 and all(n * d * h <= SMALL for d, h in pairs)
    return EINSUM if small else BLAS


def in_order(A, B, out=None):
    """A @ B for each net: (R, N, D) or (N, D) times (R, D, H), into (R, N, H).

    If the nets lie side by side, the terms of each sum are added one after the other, in order.
    """
    if B.shape[1] == 1:  # one term, no sum
        return np.multiply(A, B, out=out)
    if len(B) > 1:
        return einsum("nd,rdh->rnh" if A.ndim == 2 else "rnd,rdh->rnh", A, B, out=out)
    # A single net has no neighbour in memory, so einsum would add its terms in another order. It is
    # computed as a pair of equal nets. A loop of our own would not do: some processors round
    # a * b + c once, and einsum uses that.
    pair = in_order(A if A.ndim == 2 else twin(A), twin(B))
    if out is None:
        return np.ascontiguousarray(pair[:1])
    out[:] = pair[:1]
    return out


def side_by_side(array):
    """A copy of (R, ...) in which the same number of all nets lies side by side in memory."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(array, 0, -1)), -1, 0)


def twin(array):
    """A stack of two equal nets, side by side, from a stack of one: (1, N, D) -> (2, N, D).

    `repeat` takes a fraction of the time of `side_by_side`.
    """
    return array[0, ..., None].repeat(2, axis=-1).transpose(2, 0, 1)


@cache
def _row_of_ones(n):
    """(1, n)."""
    return np.ones((1, n))


# A product with ones is faster than `dZ.sum(axis=1)`.
def _blas_sum(dZ, out):
    return np.matmul(_row_of_ones(dZ.shape[1]), dZ, out=out)


def _sum_in_order(dZ, out):
    return in_order(_row_of_ones(dZ.shape[1]), dZ, out=out)


def _plain_sum(dZ, out):
    return dZ.sum(axis=1, keepdims=True, out=out)


BLAS = Arithmetic(np.matmul, _blas_sum, np.ascontiguousarray)
EINSUM = Arithmetic(in_order, _sum_in_order, side_by_side)
PLAIN = Arithmetic(np.matmul, _plain_sum, np.ascontiguousarray)  # of models without hidden layers

# --- reductions -----------------------------------------------------------------------------------

# NumPy adds in another order in another memory layout. So each sum starts with one layout.


def mean_over_examples(terms):
    """The mean over examples of the sum over outputs: (R, N, K) -> (R,)."""
    return np.ascontiguousarray(terms).sum(axis=-1).mean(axis=-1)


def mean_of_each_output(terms):
    """The mean over examples of each output: (R, N, K) -> (R, K)."""
    return np.ascontiguousarray(terms.mT).mean(axis=-1)


def mean_square(signal):
    """The mean over examples and units of the squares: (R, N, H) -> (R,)."""
    return np.ascontiguousarray(signal * signal).mean(axis=(1, 2))


def norm(rows):
    """The length of each row: (R, P) -> (R,)."""
    rows = np.ascontiguousarray(rows)
    return np.sqrt(np.einsum("rp,rp->r", rows, rows))


# NumPy's own reductions over a few numbers that lie side by side take four times as long.


def max_outputs(Z):
    """The largest of each example's K numbers: (R, N, K) -> (R, N, 1)."""
    return np.ascontiguousarray(Z.mT).max(axis=-2)[..., None]


def sum_outputs(Z):
    """The sum of each example's K numbers: (R, N, K) -> (R, N, 1)."""
    return Z @ np.ones((Z.shape[-1], 1))
