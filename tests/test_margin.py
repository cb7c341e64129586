"""The widest margin, against what is known by hand and against another way to find it."""

import numpy as np
import pytest
from scipy.optimize import linprog
from support.tolerances import SOLVER

from analysis import margin
from scratchml.tables import truth_table

pytestmark = pytest.mark.errstate(under="ignore")


def rows(table, inputs=2, coding="binary"):
    return truth_table(
        None, 2**inputs, table=table, inputs=inputs, coding=coding, noise=0.0, order=0
    )


def separable(X, y):
    """Whether some line has every example on its side, by linear programming."""
    signed = np.where(y > 0, 1.0, -1.0)[:, None] * margin.with_one(X)
    found = linprog(np.zeros(signed.shape[1]), A_ub=-signed, b_ub=-np.ones(len(signed)),
                    bounds=(None, None))  # fmt: skip
    return found.status == 0


def test_the_margin_of_and_is_known_by_hand():
    # w1 + w2 + b >= 1 and w1 + b, w2 + b <= -1: tight at (2, 2, -3).
    np.testing.assert_allclose(margin.widest(*rows(8)), [2.0, 2.0, -3.0], rtol=SOLVER)
    assert margin.bound(*rows(8)) == pytest.approx(3.0 * 17.0)


def test_all_examples_of_one_class_need_only_a_bias():
    np.testing.assert_allclose(margin.widest(*rows(15)), [0.0, 0.0, 1.0], atol=SOLVER)


@pytest.mark.parametrize("table", (6, 9))
def test_xor_has_no_margin_and_no_bound(table):
    assert margin.widest(*rows(table)) is None
    assert margin.bound(*rows(table)) is None


@pytest.mark.parametrize("coding", ("binary", "bipolar"))
def test_the_separable_tables_of_three_inputs_are_those_linear_programming_finds(coding):
    for table in range(256):
        X, y = rows(table, inputs=3, coding=coding)
        assert (margin.widest(X, y) is not None) == separable(X, y), table


def test_a_wide_margin_touches_both_classes():
    rng = np.random.default_rng(0)
    for _ in range(50):
        X = rng.standard_normal((20, 3))
        y = (X @ rng.standard_normal(3) + 0.1 > 0).astype(int)
        sides = np.where(y, 1.0, -1.0) * (margin.with_one(X) @ margin.widest(X, y))
        assert sides.min() == pytest.approx(1.0, abs=SOLVER)
        assert np.isclose(sides, 1.0, atol=SOLVER).sum() >= 2
