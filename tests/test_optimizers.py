"""Optimizers take the steps of their formulas: worked by hand, and their known special cases."""

from fractions import Fraction

import numpy as np
import pytest
from support.configurations import config, train
from support.tolerances import ANOTHER_WAY, EPSILON, PARITY, ROUNDING

from scratchml.logistic import Linear, Logistic
from scratchml.optimizers import OPTIMIZERS
from scratchml.sampling import Data
from scratchml.training import Plan, Trainer

# Two nets of two parameters; the second learns at half the rate of the first.
THETA = np.array([[1.0, -2.0], [1.0, -2.0]])
LR = np.array([[0.1], [0.05]])
MOMENTUM = np.array([[0.5], [0.0]])
FIRST, SECOND = np.array([[2.0, -4.0]] * 2), np.array([[4.0, 0.0]] * 2)


def steps(name, *gradients):
    theta = THETA.copy()
    slots = [np.zeros_like(theta) for _ in range(OPTIMIZERS[name].slots)]
    for t, gradient in enumerate(gradients, start=1):
        OPTIMIZERS[name].step(theta, gradient.copy(), slots, LR, MOMENTUM, t)
    return theta


# Where theta = (1, -2) goes with gradients (2, -4) and (4, 0), for lr = .1 and m = .5, and for
# lr = .05 and m = 0.
BY_HAND = {
    # 1 - .1 * 2 - .1 * 4            -2 + .1 * 4
    "sgd": ([0.4, -1.6], [0.7, -1.8]),
    # v = (2, -4), then (1 + 4, -2 + 0):    1 - .1 * 2 - .1 * 5      -2 + .1 * 4 + .1 * 2
    "momentum": ([0.3, -1.4], [0.7, -1.8]),
    # v as above, steps of g + v/2 = (3, -6), then (4 + 2.5, 0 - 1):
    #   1 - .1 * 3 - .1 * 6.5        -2 + .1 * 6 + .1 * 1
    "nesterov": ([0.05, -1.3], [0.7, -1.8]),
    # s = (4, 16), then (20, 16); steps of 2/2 and -4/4, then of 4/sqrt(20) and 0
    "adagrad": ([0.9 - 0.4 / 20**0.5, -1.9], [0.95 - 0.2 / 20**0.5, -1.95]),
    # s = (.4, 1.6), then (.36 + 1.6, 1.44); steps of 2/sqrt(.4) and -4/sqrt(1.6), which are
    # sqrt(10) and -sqrt(10), then of 4/sqrt(1.96) = 4/1.4 and 0
    "rmsprop": (
        [1 - 0.1 * 10**0.5 - 0.4 / 1.4, -2 + 0.1 * 10**0.5],
        [1 - 0.05 * 10**0.5 - 0.2 / 1.4, -2 + 0.05 * 10**0.5],
    ),
    # First v/(1 - .9) = g and s/(1 - .999) = g^2: steps of 1 and -1. Then
    #   v = (.18 + .4, -.36) / (1 - .81)
    #   s = (.003996 + .016, .015984) / (1 - .998001)
    "adam": (
        [0.9 - 0.1 * (0.58 / 0.19) / (0.019996 / 0.001999) ** 0.5,
         -1.9 + 0.1 * (0.36 / 0.19) / (0.015984 / 0.001999) ** 0.5],
        [0.95 - 0.05 * (0.58 / 0.19) / (0.019996 / 0.001999) ** 0.5,
         -1.95 + 0.05 * (0.36 / 0.19) / (0.015984 / 0.001999) ** 0.5],
    ),
    # as sgd, of directions that have been divided by the curvature before
    "newton": ([0.4, -1.6], [0.7, -1.8]),
}  # fmt: skip


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_two_steps_by_hand(name):
    assert steps(name, FIRST, SECOND) == pytest.approx(np.array(BY_HAND[name]), rel=EPSILON)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_net_without_a_gradient_stays_where_it_is(name):
    assert np.array_equal(steps(name, np.zeros_like(THETA), np.zeros_like(THETA)), THETA)


@pytest.mark.parametrize("name", ["adagrad", "rmsprop", "adam"])
def test_adaptive_steps_do_not_depend_on_the_gradients_scale(name):
    one, other = steps(name, FIRST, SECOND), steps(name, 1e4 * FIRST, 1e4 * SECOND)
    np.testing.assert_allclose(other, one, rtol=EPSILON)


@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_no_momentum_is_gradient_descent(name):
    assert np.array_equal(steps(name, FIRST, SECOND)[1], steps("sgd", FIRST, SECOND)[1])


def trained(model, data, theta, loss, **plan):
    plan = {"optimizer": "sgd", "lr": 1.0, "momentum": 0.0, "l2": 0.0, "epochs": 1} | plan
    trainer = Trainer(model, theta, data, Plan(loss=loss, **plan), [None] * len(theta))
    list(trainer.run())
    return trainer.recorder.theta


@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_newton_solves_a_quadratic_in_one_step(l2):
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((50, 6)), rng.standard_normal((50, 2))
    theta = rng.standard_normal((3, 14))
    after = trained(Linear(6, 2), Data("regression", X, Y), theta, "squared_error",
                    optimizer="newton", l2=l2)  # fmt: skip
    # The normal equations: of [X 1], with a penalty on all but the last row.
    A = np.hstack([X, np.ones((50, 1))])
    solution = np.linalg.solve(A.T @ A / 50 + l2 * np.diag([1.0] * 6 + [0.0]), A.T @ Y / 50)
    np.testing.assert_allclose(after, np.tile(solution.ravel(), (3, 1)), rtol=ANOTHER_WAY)


def test_newton_leaves_directions_without_curvature_alone():
    # One example, y = 3 at x = (2, 0): z has to rise by 3 on the way w1 : b = 2 : 1, that is by
    # 3 (2, 1) / (4 + 1); the weight of the input that is always 0 keeps what it started with.
    data = Data("regression", np.array([[2.0, 0.0]]), np.array([[3.0]]))
    after = trained(Linear(2), data, np.array([[0.0, 7.0, 0.0]]), "squared_error",
                    optimizer="newton")  # fmt: skip
    np.testing.assert_allclose(after, [[6 / 5, 7.0, 3 / 5]], rtol=PARITY)


def exact(X, y):
    """The shortest of all least-squares solutions, in rational numbers, rounded at the end.

    The examples, or the features if there are fewer of them, must be independent.
    """
    X = [[Fraction(x) for x in row] for row in X.tolist()]
    y = [Fraction(value) for value in y.tolist()]
    columns = [list(column) for column in zip(*X, strict=True)]

    def times(A, b):
        return [sum(a * c for a, c in zip(row, b, strict=True)) for row in A]

    if len(X) >= len(columns):  # (X'X) theta = X'y
        return np.array(_solved([times(columns, c) for c in columns], times(columns, y)), float)
    duals = _solved([times(X, row) for row in X], y)  # theta = X' (XX')^-1 y
    return np.array(times(columns, duals), dtype=float)


def _solved(A, b):
    """Gauss and Jordan: A x = b."""
    rows = [[*row, value] for row, value in zip(A, b, strict=True)]
    for i, _ in enumerate(rows):
        pivot = next(k for k in range(i, len(rows)) if rows[k][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for k, row in enumerate(rows):
            if k != i:
                rows[k] = [a - row[i] * c for a, c in zip(row, rows[i], strict=True)]
    return [row[-1] for row in rows]


@pytest.mark.parametrize("decades", [0, 2, 3])
@pytest.mark.parametrize(("n", "d"), [(4, 9), (9, 9), (30, 9), (1, 5)])
@pytest.mark.parametrize("seed", range(4))
def test_newton_finds_the_exact_solution_of_features_of_any_scale(n, d, decades, seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d)) * np.logspace(-decades, decades, d)
    y = rng.standard_normal(n)
    found = trained(Linear(d, bias=False), Data("regression", X, y[:, None]), np.zeros((1, d)),
                    "squared_error", optimizer="newton")[0]  # fmt: skip
    wanted = exact(X, y)
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-8 * np.abs(wanted).max())


# Of 1,000 nets each, those whose Hessian has the largest rounding.
@pytest.mark.parametrize(("n_samples", "seed"), [(10, 543), (12, 316), (12, 600), (15, 399)])
def test_newton_does_not_invert_rounding(n_samples, seed):
    run = train(config(dataset="linear", model="linear", n_features=100, n_samples=n_samples,
                       noise=0.447, bias=False, init="zero", optimizer="newton", lr=1, epochs=1,
                       records=2, seed=seed, seeds=1))  # fmt: skip
    assert run["final/train/loss"].item() < 1e-28


def test_newton_converges_quadratically_on_logistic_regression():
    rng = np.random.default_rng(1)
    X = rng.standard_normal((60, 3))
    Y = (X[:, :1] + rng.standard_normal((60, 1)) > 0).astype(float)
    data, start = Data("binary", X, Y), np.zeros((1, 4))
    theta = [
        trained(Logistic(3), data, start, "cross_entropy", optimizer="newton", epochs=epochs)
        for epochs in (2, 3, 4, 5, 12)
    ]
    errors = [np.abs(t - theta[-1]).max() for t in theta[:-1]]
    # Each step squares the error, up to a factor and to what rounding allows.
    assert all(b < 2.0 * a * a + ROUNDING for a, b in zip(errors, errors[1:], strict=False))
    assert errors[0] > 0.1 and errors[-1] < 1e-6


def test_two_steps_of_critical_descent_on_a_parabola_lead_back():
    # At lr = 2 / lambda a step jumps to the mirror image; the critical unit is that rate.
    data = Data("regression", np.array([[3.0]]), np.array([[0.0]]))
    model, start = Linear(1, bias=False), np.array([[1.0]])
    knobs = {"critical": True, "lr": 1.0}
    np.testing.assert_allclose(trained(model, data, start, "squared_error", **knobs), -start)
    twice = trained(model, data, start, "squared_error", epochs=2, **knobs)
    np.testing.assert_allclose(twice, start, rtol=PARITY)
