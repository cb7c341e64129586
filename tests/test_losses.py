"""Losses have the values of their formulas, and keep them for logits of any size."""

import numpy as np
import pytest
from scipy import special
from support.configurations import targets
from support.tolerances import ANOTHER_WAY, ROUNDING

from scratchml.losses import LOSSES, OUTPUTS, softmax

OUTPUTS_OF = {"identity": 2, "softmax": 3}  # K, where it is not 1


def formula(output, name, Z, Y):
    """The mean over examples, in the textbook's form and with SciPy's functions."""
    A = {"sigmoid": special.expit, "softmax": lambda Z: special.softmax(Z, axis=-1)}
    A = A.get(output, lambda Z: Z)(Z)
    if name == "squared_error":
        each = 0.5 * (A - Y) ** 2
    elif name == "perceptron":
        each = np.where((Z > 0) == (Y == 1), 0.0, np.abs(Z))
    else:
        each = -special.xlogy(Y, A)
        each -= special.xlog1py(1 - Y, -A) if output == "sigmoid" else 0.0
    return each.sum(axis=-1).mean(axis=-1)


@pytest.mark.parametrize("shared", [True, False], ids=["shared targets", "own targets"])
@pytest.mark.parametrize(("output", "name"), LOSSES)
def test_the_value_is_that_of_the_formula(output, name, shared):
    rng = np.random.default_rng(0)
    k = OUTPUTS_OF.get(output, 1)
    Z = rng.normal(0.0, 3.0, (4, 10, k))
    Y = [targets(rng, output, 10, k) for _ in range(4)]
    Y = Y[0] if shared else np.stack(Y)
    value = LOSSES[output, name].value(Z, Y)
    assert value.shape == (4,)
    np.testing.assert_allclose(value, formula(output, name, Z, Y), rtol=100 * ROUNDING)
    assert LOSSES[output, name].gradient(Z, Y).shape == Z.shape


def ln(x):
    return pytest.approx(np.log(x), rel=ROUNDING)


def test_values_worked_by_hand():
    # sigmoid(ln 3) = 3/4 and softmax(0, ln 2, ln 5) = (1, 2, 5) / 8
    def binary(name, y):
        loss = LOSSES["sigmoid", name]
        Z, Y = np.array([[[np.log(3.0)]]]), np.array([[y]])
        return loss.value(Z, Y).item(), loss.gradient(Z, Y).item()

    assert binary("cross_entropy", 1.0) == (ln(4 / 3), pytest.approx(-1 / 4, rel=ROUNDING))
    assert binary("cross_entropy", 0.0) == (ln(4), pytest.approx(3 / 4, rel=ROUNDING))
    # (1/4)^2 / 2, and -1/4 times the sigmoid's slope of 3/4 * 1/4
    assert binary("squared_error", 1.0) == pytest.approx((1 / 32, -3 / 64), rel=ROUNDING)
    Z, Y = np.log([[[1.0, 2.0, 5.0]]]), np.array([[0.0, 1.0, 0.0]])
    entropy = LOSSES["softmax", "cross_entropy"]
    assert entropy.value(Z, Y).item() == ln(4)
    assert entropy.gradient(Z, Y)[0, 0] == pytest.approx([1 / 8, -6 / 8, 5 / 8], rel=ROUNDING)
    # e = (1, -6, 5) / 8; (1 + 36 + 25) / 64 / 2; e . a = (1 - 12 + 25) / 64 = 14/64;
    # a_k (e_k - e . a) = (1/8, 2/8, 5/8) * (8 - 14, -48 - 14, 40 - 14) / 64
    squares = LOSSES["softmax", "squared_error"]
    assert squares.value(Z, Y).item() == pytest.approx(31 / 64, rel=ROUNDING)
    by_hand = [-6 / 512, -124 / 512, 130 / 512]
    assert squares.gradient(Z, Y)[0, 0] == pytest.approx(by_hand, rel=10 * ROUNDING)
    # Of z = -2, 3 and 0 with y = 1, 0 and 0, two are wrong, by 2 and 3; 0 counts as no.
    criterion = LOSSES["step", "perceptron"]
    Z, Y = np.array([[[-2.0], [3.0], [0.0]]]), np.array([[1.0], [0.0], [0.0]])
    assert criterion.value(Z, Y).item() == pytest.approx(5 / 3, rel=ROUNDING)
    assert criterion.gradient(Z, Y).ravel().tolist() == [-1 / 3, 1 / 3, 0]


FAR = 1e9
# output, loss, logits, targets, value, gradient: what they tend to.
LIMITS = [
    ("sigmoid", "cross_entropy", [FAR], [1.0], 0.0, [0.0]),
    ("sigmoid", "cross_entropy", [-FAR], [0.0], 0.0, [0.0]),
    ("sigmoid", "cross_entropy", [FAR], [0.0], FAR, [1.0]),
    ("sigmoid", "cross_entropy", [-FAR], [1.0], FAR, [-1.0]),
    ("sigmoid", "squared_error", [FAR], [0.0], 0.5, [0.0]),
    ("sigmoid", "squared_error", [-FAR], [0.0], 0.0, [0.0]),
    ("softmax", "cross_entropy", [FAR, 0.0, 0.0], [1.0, 0.0, 0.0], 0.0, [0.0, 0.0, 0.0]),
    ("softmax", "cross_entropy", [FAR, 0.0, 0.0], [0.0, 1.0, 0.0], FAR, [1.0, -1.0, 0.0]),
    ("softmax", "cross_entropy", [-FAR, FAR, 0.0], [1.0, 0.0, 0.0], 2 * FAR, [-1.0, 1.0, 0.0]),
    ("softmax", "cross_entropy", [-FAR, -FAR], [1.0, 0.0], np.log(2), [-0.5, 0.5]),
    ("softmax", "squared_error", [FAR, -FAR, 0.0], [0.0, 1.0, 0.0], 1.0, [0.0, 0.0, 0.0]),
    ("identity", "squared_error", [FAR, -FAR], [0.0, 0.0], FAR**2, [FAR, -FAR]),
    ("step", "perceptron", [FAR], [1.0], 0.0, [0.0]),
    ("step", "perceptron", [FAR], [0.0], FAR, [1.0]),
    ("step", "perceptron", [-FAR], [1.0], FAR, [-1.0]),
]  # fmt: skip


@pytest.mark.errstate(under="ignore")
@pytest.mark.parametrize(("output", "name", "logits", "y", "value", "gradient"), LIMITS)
def test_extreme_logits_have_the_right_limits(output, name, logits, y, value, gradient):
    loss, Z, Y = LOSSES[output, name], np.array([[logits]]), np.array([y])
    assert loss.value(Z, Y).item() == pytest.approx(value, rel=ROUNDING)
    assert loss.gradient(Z, Y)[0, 0] == pytest.approx(gradient, rel=ROUNDING)


def test_every_loss_has_its_limits_tested():
    assert {(output, name) for output, name, *_ in LIMITS} == set(LOSSES)


@pytest.mark.errstate(under="ignore")
@pytest.mark.parametrize(("output", "name"), LOSSES)
def test_logits_of_any_size_have_a_finite_loss_and_gradient(output, name):
    k = OUTPUTS_OF.get(output, 1)
    sizes = np.array([0.0, 1e-300, 1.0, 36.0, 37.0, 709.0, 710.0, 745.0, 1e9])
    Z = np.concatenate([sizes, -sizes])[None, :, None] * [1.0, -1.0, 0.5][:k]
    for column in range(k):
        Y = np.zeros((Z.shape[1], k))
        Y[:, column] = 1.0
        value, gradient = LOSSES[output, name].value(Z, Y), LOSSES[output, name].gradient(Z, Y)
        assert np.isfinite(value).all() and (value >= 0).all() and np.isfinite(gradient).all()


def test_a_right_and_sure_answer_keeps_its_small_loss():
    # -log(1 - 1e-16) is 0 when written that way.
    value = LOSSES["sigmoid", "cross_entropy"].value
    exact = pytest.approx(np.exp(-40.0), rel=ROUNDING, abs=0.0)
    assert value(np.array([[[40.0]]]), np.array([[1.0]])).item() == exact
    assert value(np.array([[[-40.0]]]), np.array([[0.0]])).item() == exact


def test_two_classes_by_softmax_are_two_classes_by_sigmoid():
    rng = np.random.default_rng(0)
    Z, y = rng.normal(0.0, 4.0, (3, 8, 1)), rng.integers(0, 2, (8, 1)).astype(float)
    both, one_hot = np.concatenate([np.zeros_like(Z), Z], axis=-1), np.hstack([1 - y, y])
    two, one = LOSSES["softmax", "cross_entropy"], LOSSES["sigmoid", "cross_entropy"]
    np.testing.assert_allclose(two.value(both, one_hot), one.value(Z, y), rtol=100 * ROUNDING)
    of_two, of_one = two.gradient(both, one_hot), one.gradient(Z, y)
    np.testing.assert_allclose(of_two[..., 1:], of_one, rtol=ANOTHER_WAY)


@pytest.mark.errstate(under="ignore")
@pytest.mark.parametrize("shift", [0.0, -3.0, 1e3, -1e9])
def test_softmax_is_a_distribution_that_a_shift_leaves_alone(shift):
    Z = np.random.default_rng(0).integers(-8, 9, (2, 5, 4)).astype(float)
    A = softmax(Z + shift)
    np.testing.assert_allclose(A.sum(axis=-1), 1.0, rtol=ROUNDING)
    assert np.array_equal(A, softmax(Z))  # whole numbers, so that even the bits are the same
    np.testing.assert_allclose(A, special.softmax(Z, axis=-1), rtol=10 * ROUNDING)


def test_every_loss_is_for_output_units_that_exist():
    assert {output for output, _ in LOSSES} == set(OUTPUTS)
