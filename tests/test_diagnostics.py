"""Diagnostics measure what their names say, on nets whose inside is known."""

import numpy as np
import pytest
from support.configurations import config, examples, train
from support.tolerances import PARITY

from scratchml.diagnostics import DIAGNOSTICS
from scratchml.evaluation import Evaluation
from scratchml.initializers import INITIALIZERS
from scratchml.logistic import Logistic
from scratchml.losses import LOSSES
from scratchml.mlp import MLP
from scratchml.parameters import count, views


def evaluation(model, thetas, loss="cross_entropy", X=None, Y=None):
    """Nets on given inputs, or on a few normal ones."""
    if X is None:
        k = model.shapes[f"W{len(model.shapes) // 2}"][1]
        found = examples(np.random.default_rng(0), model.output, d=model.shapes["W1"][0], k=k)
        X, Y = found.X, found.Y
    theta = np.stack(thetas)
    return Evaluation(model, LOSSES[model.output, loss], theta, X, Y, np.zeros((len(theta), 1)))


def measure(name, *arguments, **knobs):
    return DIAGNOSTICS[name].f(evaluation(*arguments, **knobs))


def drawn(model, nets=3):
    return list(np.random.default_rng(1).standard_normal((nets, count(model.shapes))))


def relu_net(hidden, out, output="sigmoid"):
    """One hidden layer on one input: units [(weight, bias), ...] and their outgoing weights."""
    weights, biases = zip(*hidden, strict=True)
    return MLP((1, len(hidden), 1), "relu", output), [np.array([*weights, *biases, *out, 0.0])]


# --- units ----------------------------------------------------------------------------------------

X = np.array([[0.0], [1.0], [2.0]])
Y = np.array([[0.0], [1.0], [0.0]])


def test_units_that_no_example_reaches_are_dead():
    # On x in {0, 1, 2}: x + 1 is always on, x - 1 for one example, x - 2 and -x for none.
    model, theta = relu_net([(1, 1), (1, -1), (1, -2), (-1, 0)], [1, 1, 1, 1])
    assert measure("dead_units", model, theta, X=X, Y=Y).tolist() == [1 / 2]
    assert measure("born_dead", model, theta, X=X, Y=Y).tolist() == [0]
    model, theta = relu_net([(1, -2), (-1, 0)], [1, 1])
    assert measure("dead_units", model, theta, X=X, Y=Y).tolist() == [1]
    assert measure("born_dead", model, theta, X=X, Y=Y).tolist() == [1]


def test_one_dead_layer_stops_everything_and_counts_by_its_units():
    model = MLP((1, 3, 1, 1), "relu", "sigmoid")
    alive = np.ones(count(model.shapes))
    blocked = alive.copy()
    views(blocked[None], model.shapes)["b2"][:] = -1e3
    nets = evaluation(model, [alive, blocked], X=X, Y=Y)
    assert DIAGNOSTICS["dead_units"].f(nets).tolist() == [0, 1 / 4]  # one of 3 + 1
    assert DIAGNOSTICS["born_dead"].f(nets).tolist() == [0, 1]
    gradient = views(nets.gradient, model.shapes)
    assert gradient["W1"][0].any() and not gradient["W1"][1].any()


def test_smooth_units_do_not_die():
    model = MLP((2, 5, 1), "tanh", "sigmoid")
    assert not measure("dead_units", model, drawn(model)).any()


def test_units_are_counted_once_however_often_they_occur():
    # Three hidden units with weights (1, 2), (1, 2), (1, 2) and biases 0, 0, 1.
    model = MLP((2, 3, 1), "tanh", "sigmoid")
    theta = np.array([1, 1, 1, 2, 2, 2, 0, 0, 1, 5, 6, 7, 8], dtype=float)
    all_equal = np.ones_like(theta)
    one_apart = all_equal.copy()
    one_apart[3] = np.nextafter(1.0, 2.0)
    nets = [theta, all_equal, one_apart]
    assert measure("distinct_units", model, nets).tolist() == [[2], [1], [2]]


@pytest.mark.parametrize(("init", "expected"), [("zero", 1), ("constant", 1), ("normal", 4)])
def test_units_that_start_equal_stay_equal_while_they_learn(init, expected):
    run = train(config(dataset="and", init=init, init_scale=0.5, width=4, depth=2, epochs=50,
                       seeds=3, activation="tanh", measure=["distinct_units"]))  # fmt: skip
    assert run["curve/distinct_units"].shape[2] == 2
    assert np.all(run["curve/distinct_units"] == expected)
    assert np.ptp(run["curve/weight_norm"], axis=1).all()  # they do learn


# --- gradients and signals ------------------------------------------------------------------------


def test_norms_by_layer_are_parts_of_the_whole():
    model = MLP((2, 4, 3, 1), "tanh", "sigmoid")
    nets = evaluation(model, drawn(model))
    for name, whole in (("gradient_norm", nets.gradient), ("weight_norm", nets.theta)):
        named = views(whole, model.shapes)
        by_layer = DIAGNOSTICS[f"{name}_by_layer"].f(nets)
        assert by_layer.shape == (3, 3)
        for layer in range(3):
            expected = [np.linalg.norm(W) for W in named[f"W{layer + 1}"]]
            np.testing.assert_allclose(by_layer[:, layer], expected, rtol=PARITY)
        expected = np.linalg.norm(whole, axis=1)
        np.testing.assert_allclose(DIAGNOSTICS[name].f(nets), expected, rtol=PARITY)


def test_the_signal_by_layer_by_hand():
    # x = 1, w1 = 2, w2 = 3, identity units, y = 0: z = 6, and dL/dz2 = 6, dL/dz1 = 6 * 3. A second
    # example with x = 0 has z = 0: the root mean square is 1/sqrt(2) of that, whatever N is.
    model = MLP((1, 1, 1), "identity", "identity")
    theta = [np.array([2.0, 0.0, 3.0, 0.0])]
    x, y = np.array([[1.0], [0.0]]), np.zeros((2, 1))
    found = measure("signal_norm_by_layer", model, theta, "squared_error", X=x, Y=y)
    np.testing.assert_allclose(found, [[18 / 2**0.5, 6 / 2**0.5]], rtol=PARITY)
    x, y = np.tile(x, (5, 1)), np.zeros((10, 1))
    found = measure("signal_norm_by_layer", model, theta, "squared_error", X=x, Y=y)
    np.testing.assert_allclose(found, [[18 / 2**0.5, 6 / 2**0.5]], rtol=PARITY)


def test_signals_vanish_backwards_through_sigmoids_by_at_least_a_quarter_of_the_weights():
    model = MLP((2, 6, 6, 6, 6, 1), "sigmoid", "sigmoid")
    nets = evaluation(model, drawn(model))
    signals = DIAGNOSTICS["signal_norm_by_layer"].f(nets)
    for layer in range(1, 5):  # |dZl| <= 1/4 |dZ(l+1)| |W(l+1)|, as norms over units
        W = nets.net[f"W{layer + 1}"]
        units = np.sqrt(W.shape[2] / W.shape[1])
        limit = 0.25 * signals[:, layer] * units * np.linalg.norm(W, 2, axis=(1, 2))
        assert np.all(signals[:, layer - 1] <= limit)


# --- linear regions -------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [1, 2, 3, 6, 10])
def test_the_sawtooth_net_doubles_its_regions_with_each_layer(depth):
    model = MLP((1, *[2] * depth, 1), "relu", "sigmoid")
    theta = INITIALIZERS["sawtooth"].f(None, model.shapes, 1.0)
    assert measure("linear_regions", model, [theta], X=X, Y=Y).tolist() == [2**depth]


REGIONS = {
    "bends at 1/4 and 3/4": ([(4, -1), (4, -3)], [1, 1], 3),
    "bends outside [0, 1] do not count": ([(1, 1), (1, -2), (2, -1)], [1, 1, 1], 2),
    "nor do bends at its ends": ([(1, 0), (1, -1)], [1, 1], 1),
    "nor units without a way out": ([(4, -1), (4, -3)], [1, 0], 2),
    "nor bends that cancel": ([(2, -1), (2, -1)], [1, -1], 1),
    "relu(z) - relu(-z) is z": ([(2, -1), (-2, 1)], [1, -1], 1),
    "relu(z) + relu(-z) is |z|": ([(2, -1), (-2, 1)], [1, 1], 2),
    "a dead net is flat": ([(1, -2), (1, -3)], [1, 1], 1),
    "steepness does not matter": ([(1e-6, -0.25e-6), (1e-6, -0.5e-6)], [1e-6, 1e-6], 3),
}


@pytest.mark.parametrize("name", REGIONS)
def test_linear_regions_of_known_nets(name):
    hidden, out, expected = REGIONS[name]
    assert measure("linear_regions", *relu_net(hidden, out), X=X, Y=Y).tolist() == [expected]


def test_units_that_bend_at_one_place_find_it_up_to_rounding_and_make_one_bend():
    rng = np.random.default_rng(0)
    for place in rng.uniform(0.1, 0.9, 100):
        hidden = [(slope, -slope * place) for slope in rng.uniform(0.1, 5.0, 3)]
        found = measure("linear_regions", *relu_net(hidden, [1, 1, 1]), X=X, Y=Y)
        assert found.tolist() == [2]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_linear_regions_are_those_that_a_fine_grid_finds(depth):
    model = MLP((1, *[5] * depth, 1), "relu", "identity")
    nets = evaluation(model, drawn(model, nets=20), "squared_error", X=X, Y=Y)
    x = np.linspace(0.0, 1.0, 20_001)
    slopes = np.diff(model.forward(nets.net, x[:, None])[0][..., 0])
    bends = np.abs(np.diff(slopes)) > 1e-8 * np.abs(slopes).max(axis=1, keepdims=True)
    first = bends & ~np.roll(bends, 1, axis=1)  # a bend between two points shows in two differences
    assert DIAGNOSTICS["linear_regions"].f(nets).tolist() == (1 + first.sum(axis=1)).tolist()


# --- all ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DIAGNOSTICS)
def test_every_diagnostic_has_one_row_a_net_and_leaves_the_nets_alone(name):
    model = MLP((1, 4, 4, 1), "relu", "sigmoid")
    nets = evaluation(model, drawn(model, nets=5), X=X, Y=Y)
    before = nets.theta.copy()
    found = DIAGNOSTICS[name].f(nets)
    assert found.shape[0] == 5 and found.ndim <= 2 and np.isfinite(found).all()
    assert np.array_equal(nets.theta, before)


@pytest.mark.errstate(all="ignore")
def test_sharpness_of_a_net_that_is_lost_is_nan_and_of_the_others_what_it_was():
    model = MLP((1, 3, 1), "identity", "identity")
    sound = drawn(model, nets=2)
    lost = np.full_like(sound[0], 1e200)
    alone = measure("sharpness", model, sound, "squared_error", X=X, Y=Y)
    beside = measure("sharpness", model, [sound[0], lost, sound[1]], "squared_error", X=X, Y=Y)
    assert np.array_equal(beside, [alone[0], np.nan, alone[1]], equal_nan=True)


def test_a_logistic_regression_has_gradients_and_sharpness_but_no_units():
    nets = evaluation(Logistic(3), drawn(Logistic(3)))
    for name in ("gradient_norm", "gradient_norm_by_layer", "weight_norm", "sharpness"):
        assert len(DIAGNOSTICS[name].f(nets)) == 3
