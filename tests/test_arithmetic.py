"""Small products are BLAS's up to rounding, and a net's own to the bit, whoever is beside it."""

import numpy as np
import pytest

from scratchml.arithmetic import BLAS, EINSUM, SMALL, fitting, in_order, side_by_side

SHAPES = [(4, 2, 2), (4, 4, 1), (1, 16, 1), (1, 1, 7), (8, 1, 8), (3, 7, 3), (16, 4, 1), (1, 64, 1)]


def operands(n, d, h, nets, shared):
    rng = np.random.default_rng(0)
    A = rng.normal(size=(n, d)) if shared else rng.normal(size=(37, n, d))
    B = rng.normal(size=(37, d, h))
    B[:, :, 0] = 0.0  # which times a negative number is -0.0
    return (A if shared else side_by_side(A[:nets])), side_by_side(B[:nets])


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_the_product(shape, shared):
    A, B = operands(*shape, 37, shared)
    np.testing.assert_allclose(in_order(A, B), A @ B, rtol=1e-13, atol=1e-13)
    out = side_by_side(np.empty((37, shape[0], shape[2])))
    in_order(A, B, out=out)
    np.testing.assert_array_equal(out, in_order(A, B))


@pytest.mark.parametrize("nets", [1, 2, 3, 5, 8, 36])
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_net_gets_the_same_bits_in_any_stack(shape, shared, nets):
    alone = in_order(*operands(*shape, nets, shared))
    together = in_order(*operands(*shape, 37, shared))
    assert alone.tobytes() == together[:nets].tobytes()


def test_terms_are_added_in_order():
    # In half the digits a product is exact, and however a processor adds it on, it rounds once.
    A, B = (side_by_side(M.astype(np.float32).astype(float)) for M in operands(1, 64, 3, 5, False))
    total = A[:, 0, 0, None] * B[:, 0]
    for d in range(1, 64):
        total = total + A[:, 0, d, None] * B[:, d]
    np.testing.assert_array_equal(in_order(A, B)[:, 0], total)


def test_side_by_side_changes_the_layout_alone():
    array = np.arange(24.0).reshape(4, 3, 2)
    moved = side_by_side(array)
    np.testing.assert_array_equal(moved, array)
    assert moved.strides[0] == moved.itemsize


def test_the_shape_of_one_net_decides():
    assert fitting(4, (2, SMALL // 8, 1)) is EINSUM
    assert fitting(4, (2, SMALL // 8 + 1, 1)) is BLAS
    assert fitting(1, (2, 2, 3)) is BLAS  # softmax sums over outputs, which lie apart there
