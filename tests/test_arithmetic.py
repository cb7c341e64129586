"""Products of small nets are BLAS's up to rounding, and a net's own bits, whatever is beside it."""

import math

import numpy as np
import pytest

from scratchml import arithmetic, compiling, in_numpy
from scratchml.arithmetic import BLAS, IN_ORDER, SMALL, fitting, in_order, norm, sum_outputs

SHAPES = [(4, 2, 2), (4, 4, 1), (1, 16, 1), (1, 1, 7), (8, 1, 8), (3, 7, 3), (16, 4, 1), (1, 64, 1)]


def operands(n, d, h, nets, shared):
    rng = np.random.default_rng(0)
    A = rng.normal(size=(n, d)) if shared else rng.normal(size=(37, n, d))
    B = rng.normal(size=(37, d, h))
    B[:, :, 0] = 0.0  # which times a negative number is -0.0
    return (A if shared else A[:nets]), B[:nets]


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_the_product(shape, shared):
    A, B = operands(*shape, 37, shared)
    np.testing.assert_allclose(in_order(A, B), A @ B, rtol=1e-13, atol=1e-13)
    out = np.empty((37, shape[0], shape[2]))
    in_order(A, B, out=out)
    np.testing.assert_array_equal(out, in_order(A, B))


@pytest.mark.parametrize("nets", [1, 2, 3, 5, 8, 36])
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_net_gets_the_same_bits_in_any_stack(shape, shared, nets):
    alone = in_order(*operands(*shape, nets, shared))
    together = in_order(*operands(*shape, 37, shared))
    assert alone.tobytes() == together[:nets].tobytes()


@pytest.mark.parametrize("shape", SHAPES)
def test_terms_are_added_one_after_the_other(shape):
    A, B = operands(*shape, 2, shared=False)
    found, (n, d, h) = in_order(A, B), shape
    for r, i, k in np.ndindex(2, n, h):  # Python rounds every operation
        total = 0.0
        for j in range(d):
            total += float(A[r, i, j]) * float(B[r, j, k])
        assert total == found[r, i, k] and math.copysign(1.0, total) == math.copysign(
            1.0, found[r, i, k]
        )


@pytest.mark.errstate(all="ignore")
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("shape", [(7, 8, 1), (1, 50, 17), (33, 9, 16), (5, 40, 3)])
def test_machine_code_multiplies_with_the_same_bits(monkeypatch, shape, shared):
    pytest.importorskip("numba")
    monkeypatch.setenv(compiling.SWITCH, "yes")
    A, B = operands(*shape, 3, shared)
    A[..., 0, :4], B[1, 2, 0] = (np.inf, np.nan, -0.0, 3e-310), -np.inf
    n, d, h = shape
    wide = np.full((3, n + 1, h), 7.0)  # as gradients are parts of an array of all parameters
    monkeypatch.setattr(arithmetic, "LOOPS", {})
    plain, turned = in_order(A, B), in_order(A.mT, in_order(A, B))
    in_numpy.load.__wrapped__()
    assert "product" in arithmetic.LOOPS
    found = in_order(A, B, out=wide[:, :n])
    np.testing.assert_array_equal(found, plain)
    np.testing.assert_array_equal(wide[:, n], 7.0)
    np.testing.assert_array_equal(in_order(A.mT, plain), turned)
    with pytest.raises(ValueError, match="broadcast"):
        in_order(np.ones((2, n, d)), B)


def test_sums_over_examples_outputs_and_parameters_are_in_order():
    rows = np.random.default_rng(0).normal(size=(3, 50))
    sums, total, squares = np.empty((3, 1, 1)), np.zeros(3), np.zeros(3)
    IN_ORDER.sum_examples(rows[..., None], out=sums)
    for column in rows.T:
        total, squares = total + column, squares + column * column
    np.testing.assert_array_equal(sums[:, 0, 0], total)
    np.testing.assert_array_equal(sum_outputs(rows)[:, 0], total)
    np.testing.assert_array_equal(norm(rows), np.sqrt(squares))


def test_the_largest_layer_of_a_net_decides():
    assert fitting((2, SMALL // 2, 1)) is IN_ORDER
    assert fitting((2, SMALL // 2 + 1, 1)) is BLAS
    assert fitting((2, 2, SMALL + 1)) is BLAS
