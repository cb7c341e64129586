"""Elementary functions are as exact as they say, with the same bits wherever a number stands."""

import decimal
import hashlib
from decimal import Decimal

import numpy as np
import pytest

from scratchml import elementary
from scratchml.elementary import exp, expm1, log, log1p, power, sigmoid, tanh

decimal.getcontext().prec = 60


def _tanh(z):
    e = (2 * z).exp()
    return (e - 1) / (e + 1)


def spread(rng, low, high, n=400):
    """Numbers whose magnitudes are spread evenly over powers of ten."""
    return 10.0 ** rng.uniform(low, high, n)


# The exact function, arguments over its whole range, and its largest error in ulp, as documented.
EXACT = {
    "exp": (Decimal.exp, lambda r: [r.uniform(-745, 709.7, 400), -spread(r, -20, 0)], 1.6),
    "expm1": (
        lambda x: x.exp() - 1,
        lambda r: [r.uniform(-50, 0, 400), -spread(r, -20, 0), [-0.014788410998326972]],
        3.4,
    ),
    "tanh": (
        _tanh,
        lambda r: [r.uniform(-22, 22, 400), spread(r, -20, 1), [3.3041527660290866]],
        4.4,
    ),
    "sigmoid": (
        lambda z: 1 / (1 + (-z).exp()),
        lambda r: [r.uniform(-708, 40, 400), r.uniform(-5, 5, 400), [-27.04170219581934]],
        2.9,
    ),
    "log": (Decimal.ln, lambda r: [spread(r, -307, 308), 1 + spread(r, -16, -1), [5e-324]], 0.8),
    "log1p": (
        lambda x: (1 + x).ln(),
        lambda r: [spread(r, -20, 300), r.uniform(0, 3, 400)],
        0.8,
    ),
}


@pytest.mark.errstate(under="ignore")
@pytest.mark.parametrize("name", EXACT)
def test_errors_are_as_small_as_documented(name):
    exact, arguments, most = EXACT[name]
    x = np.concatenate(arguments(np.random.default_rng(0)))
    y = getattr(elementary, name)(x)
    for given, found in zip(x.tolist(), y.tolist(), strict=True):
        wanted = exact(Decimal(given))
        ulp = Decimal(float(np.spacing(abs(float(wanted)))))
        assert abs(Decimal(found) - wanted) <= Decimal(most) * ulp, given
    assert f"Error: {most} ulp" in " ".join(getattr(elementary, name).__doc__.split())


@pytest.mark.errstate(all="ignore")
def test_the_ends_are_the_limits():
    inf, nan = np.inf, np.nan
    ends = np.array([-inf, -800.0, 0.0, 800.0, inf, nan])
    np.testing.assert_array_equal(exp(ends), [0, 0, 1, inf, inf, nan])
    np.testing.assert_array_equal(sigmoid(ends), [0, 0, 0.5, 1, 1, nan])
    np.testing.assert_array_equal(tanh(ends), [-1, -1, 0, 1, 1, nan])
    np.testing.assert_array_equal(expm1(ends)[[0, 1, 2, 5]], [-1, -1, 0, nan])
    np.testing.assert_array_equal(log(ends), [nan, nan, -inf, log(np.array(800.0)), inf, nan])
    np.testing.assert_array_equal(log1p(np.array([0.0, 1e-300, inf, nan])), [0, 1e-300, inf, nan])
    assert sigmoid(np.array(-40.0)) == pytest.approx(4.248354255291589e-18, rel=1e-15)
    assert tanh(np.array([1e-300, 3e-9])) == pytest.approx([1e-300, 3e-9], rel=1e-15)
    assert exp(np.array(-745.0)) == 5e-324


@pytest.mark.parametrize("name", EXACT)
def test_a_number_does_not_depend_on_its_neighbours(name):
    f, x = getattr(elementary, name), np.linspace(-30.0, 0.0, 105).reshape(7, 5, 3)
    x = -x if name.startswith("log") else x
    x = x + 1.0 if name == "log" else x
    whole = f(x)
    for some in (np.s_[:1], np.s_[::3, ::2], np.s_[..., ::-1], np.s_[3, 2, 1]):
        np.testing.assert_array_equal(f(x[some]), whole[some])
    turned = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0)
    np.testing.assert_array_equal(f(turned), whole)


@pytest.mark.errstate(under="ignore")
def test_the_bits_are_these_on_every_processor():
    digest = hashlib.sha256()
    for name, x in {
        "exp": np.linspace(-745.0, 709.0, 9973),
        "tanh": np.linspace(-20.0, 20.0, 9973),
        "sigmoid": np.linspace(-745.0, 40.0, 9973),
        "log": np.linspace(0.01, 30.0, 9973),
        "log1p": np.linspace(0.0, 1.0, 9973),
    }.items():
        digest.update(getattr(elementary, name)(x).astype("<f8").tobytes())
    assert digest.hexdigest()[:16] == "e334ebb534d4fea4"


@pytest.mark.errstate(under="ignore")
def test_powers_are_products():
    assert [power(0.5, n) for n in range(4)] == [1.0, 0.5, 0.25, 0.125]
    assert power(0.999, 10_000) == pytest.approx(0.999**10_000, rel=1e-12)
    assert power(0.9, 10**6) == 0.0


def test_sigmoids_of_opposite_sums_add_up_to_one():
    z = np.linspace(-30.0, 30.0, 6001)
    np.testing.assert_allclose(sigmoid(z) + sigmoid(-z), 1.0, rtol=0.0, atol=np.finfo(float).eps)


def test_tanh_is_odd_to_the_last_bit():
    z = np.linspace(0.0, 30.0, 6001)
    np.testing.assert_array_equal(tanh(-z), -tanh(z))


@pytest.mark.errstate(all="raise")
def test_numbers_of_other_kinds_are_taken_as_float64():
    x = np.array([-2.0, -1.0, 0.5, 3.0])
    for function in (exp, expm1, tanh, sigmoid, log, log1p):
        given = -np.abs(x) if function is expm1 else np.abs(x)
        for kind in (np.float32, np.longdouble, np.float16):
            np.testing.assert_array_equal(function(given.astype(kind)), function(given))
    assert np.isnan(log(np.array([-1e300, -5e-324]))).all()
