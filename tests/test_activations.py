"""Activations are the functions that their names say, with the slopes that they have."""

import numpy as np
import pytest
from scipy import special
from support.tolerances import ANOTHER_WAY, GRADIENT, PARITY, ROUNDING

from scratchml.activations import ACTIVATIONS, sigmoid

EXTREME = np.array([-1e300, -1e9, -750.0, -40.0, -1e-300, 0.0, 1e-300, 40.0, 750.0, 1e9, 1e300])

# Written another way than in the library. A new activation need not be here to be tested below.
FORMULAS = {
    "identity": lambda z: z,
    "step": lambda z: np.where(z > 0, 1.0, 0.0),
    "sigmoid": special.expit,
    "tanh": lambda z: 2.0 * special.expit(2.0 * z) - 1.0,
    "relu": lambda z: z * (z > 0),
}
LIMITS = {  # at -infinity and at +infinity
    "identity": (-1e300, 1e300),
    "step": (0.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "relu": (0.0, 1e300),
}
AT_ZERO = {"identity": 0.0, "step": 0.0, "sigmoid": 0.5, "tanh": 0.0, "relu": 0.0}


@pytest.mark.parametrize("name", FORMULAS)
def test_values_are_those_of_the_formula(name):
    z = np.random.default_rng(0).normal(0.0, 5.0, (4, 10, 3))
    a = ACTIVATIONS[name].f(z)
    assert a.dtype == float and a.shape == z.shape
    np.testing.assert_allclose(a, FORMULAS[name](z), rtol=ANOTHER_WAY, atol=10 * ROUNDING)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slopes_are_differences_of_values(name):
    z = np.random.default_rng(0).normal(0.0, 3.0, 200)
    z = z[np.abs(z) > 1e-3]  # away from the kinks of step and relu
    f, df = ACTIVATIONS[name]
    slope = df(z, f(z))
    assert slope.dtype == float and slope.shape == z.shape
    np.testing.assert_allclose(slope, (f(z + 1e-5) - f(z - 1e-5)) / 2e-5, GRADIENT, ANOTHER_WAY)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.errstate(under="ignore")
def test_any_sum_has_a_finite_value_and_slope(name):
    f, df = ACTIVATIONS[name]
    a = f(EXTREME)
    assert np.isfinite(a).all() and np.isfinite(df(EXTREME, a)).all()
    if name in LIMITS:
        assert (a[0], a[-1]) == LIMITS[name]
        assert a[5] == AT_ZERO[name]


@pytest.mark.parametrize("name", ["step", "relu"])
def test_the_slope_at_a_kink_is_the_one_on_the_left(name):
    zero = np.zeros(1)
    assert ACTIVATIONS[name].df(zero, ACTIVATIONS[name].f(zero)).item() == 0.0


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_leaves_its_argument_alone(name):
    z = np.linspace(-2.0, 2.0, 5)
    a = ACTIVATIONS[name].f(z)
    ACTIVATIONS[name].df(z, a)
    assert np.array_equal(z, np.linspace(-2.0, 2.0, 5))
    assert np.array_equal(a, ACTIVATIONS[name].f(z))


def test_the_sigmoid_keeps_its_accuracy():
    z = np.linspace(-30.0, 30.0, 601)
    np.testing.assert_allclose(sigmoid(z), special.expit(z), rtol=0, atol=ROUNDING)


@pytest.mark.errstate(under="ignore")
def test_sigmoid_is_right_to_thirteen_digits_for_any_sum():
    z = np.concatenate([np.linspace(-700.0, 100.0, 100_001), np.linspace(-40.0, 0.0, 10_001)])
    np.testing.assert_allclose(sigmoid(z), special.expit(z), rtol=PARITY / 5)
    assert sigmoid(np.array([-40.0])) == pytest.approx(np.exp(-40.0), rel=ROUNDING)
    assert sigmoid(np.array([-1e300, -np.inf, np.inf])).tolist() == [0.0, 0.0, 1.0]
    assert np.isnan(sigmoid(np.array([np.nan, -50.0]))).tolist() == [True, False]


def test_a_number_in_the_tail_does_not_depend_on_its_neighbours():
    z = np.random.default_rng(0).uniform(-60.0, 10.0, (7, 5, 3))
    together = sigmoid(z)
    alone = np.stack([sigmoid(net) for net in z])
    side_by_side = sigmoid(np.moveaxis(np.ascontiguousarray(np.moveaxis(z, 0, -1)), -1, 0))
    assert np.array_equal(together, alone) and np.array_equal(together, side_by_side)
