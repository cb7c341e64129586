"""Initial weights have the distribution that their scheme promises, and scale the same draws."""

import numpy as np
import pytest
from support.tolerances import ROUNDING, SIGMAS

from scratchml.initializers import INITIALIZERS
from scratchml.mlp import MLP
from scratchml.parameters import count, layer_shapes, views

SHAPES = layer_shapes([30, 40, 20, 3])
DRAWN = ["uniform", "normal", "integer", "xavier", "he"]


def start(name, scale=1.0, shapes=SHAPES, seed=0):
    return INITIALIZERS[name].f(np.random.default_rng(seed), shapes, scale)


def named(theta, shapes=SHAPES):
    return {name: array[0] for name, array in views(theta[None], shapes).items()}


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name != "sawtooth"])
@pytest.mark.parametrize("shapes", [SHAPES, layer_shapes([3, 1], bias=False)])
def test_one_number_for_each_parameter(name, shapes):
    theta = start(name, shapes=shapes)
    assert theta.shape == (count(shapes),) and theta.dtype == float


@pytest.mark.parametrize("name", DRAWN)
def test_the_seed_decides(name):
    assert np.array_equal(start(name), start(name))
    assert not np.array_equal(start(name), start(name, seed=1))


def test_zero_and_constant():
    assert not start("zero", scale=3.0).any()
    assert np.array_equal(start("constant", scale=0.5), np.full(count(SHAPES), 0.5))


def test_integer_draws_every_whole_number_up_to_the_scale_equally_often():
    theta = start("integer", scale=3.0, shapes={"W1": (100, 100)})
    values, counts = np.unique(theta, return_counts=True)
    assert values.tolist() == [-3, -2, -1, 0, 1, 2, 3]
    expected = len(theta) / 7
    assert np.abs(counts - expected).max() < SIGMAS * np.sqrt(expected)


# scheme -> (fan_in, fan_out) -> variance of weights; for biases None is the same, 0 none
VARIANCES = {
    "uniform": (lambda d, h: 1 / 3, None),
    "normal": (lambda d, h: 1.0, None),
    "xavier": (lambda d, h: 2 / (d + h), 0.0),
    "he": (lambda d, h: 2 / d, 0.0),
}


@pytest.mark.parametrize("scale", [1.0, 0.1])
@pytest.mark.parametrize("name", VARIANCES)
def test_weights_have_the_variance_of_their_scheme(name, scale):
    of_weights, of_biases = VARIANCES[name]
    shapes = layer_shapes([300, 200, 50])
    for key, array in named(start(name, scale, shapes), shapes).items():
        if key.startswith("b") and of_biases == 0.0:
            assert not array.any()
            continue
        variance = scale**2 * of_weights(*array.shape)
        n = array.size
        assert abs(array.mean()) < SIGMAS * np.sqrt(variance / n)
        # A normal sample's variance has a standard error of sqrt(2/n) of it; a uniform's has less.
        assert abs(array.var() / variance - 1.0) < SIGMAS * np.sqrt(2 / n)


@pytest.mark.parametrize("name", ["uniform", "xavier", "he"])
def test_uniform_schemes_fill_their_interval_and_no_more(name):
    of_weights, _ = VARIANCES[name]
    weights = named(start(name))["W1"]
    limit = np.sqrt(3 * of_weights(*weights.shape))
    assert 0.99 * limit < np.abs(weights).max() <= limit


def test_uniform_schemes_scale_the_same_draws():
    uniform, xavier, he = (named(start(name)) for name in ("uniform", "xavier", "he"))
    for name, draws in uniform.items():
        if name.startswith("W"):
            d, h = draws.shape
            np.testing.assert_allclose(xavier[name], draws * np.sqrt(6 / (d + h)), rtol=ROUNDING)
            np.testing.assert_allclose(he[name], draws * np.sqrt(6 / d), rtol=ROUNDING)


@pytest.mark.parametrize("name", ["uniform", "normal", "xavier", "he", "constant"])
def test_the_scale_is_a_factor(name):
    np.testing.assert_allclose(start(name, 0.01), 0.01 * start(name), rtol=ROUNDING)


def test_a_deeper_net_starts_as_the_shallower_one_did():
    deep, shallow = layer_shapes([5, 4, 4, 4]), layer_shapes([5, 4, 4])
    assert np.array_equal(start("uniform", shapes=deep)[: count(shallow)],
                          start("uniform", shapes=shallow))  # fmt: skip


def tent(x, times):
    for _ in range(times):
        x = np.where(x < 0.5, 2.0 * x, 2.0 - 2.0 * x)
    return x


@pytest.mark.parametrize("depth", [1, 2, 3, 8])
def test_the_sawtooth_net_is_the_tent_map_so_many_times(depth):
    model = MLP((1, *[2] * depth, 1), "relu", "identity")
    theta = start("sawtooth", shapes=model.shapes)
    x = np.arange(2**12 + 1) / 2**12  # whole multiples of a power of 1/2: nothing is rounded
    logits, _ = model.forward(views(theta[None], model.shapes), x[:, None])
    assert np.array_equal(logits[0, :, 0], tent(x, depth))
    assert np.count_nonzero(np.diff(np.sign(np.diff(logits[0, :, 0])))) == 2**depth - 1


@pytest.mark.parametrize(
    "sizes", [[2, 2, 1], [1, 3, 1], [1, 2, 3, 1], [1, 2, 2], [1, 1], [1, 2, 2, 3, 1]]
)
def test_the_sawtooth_net_is_refused_in_another_shape(sizes):
    with pytest.raises(ValueError, match="one input, hidden layers of width 2 and one output"):
        start("sawtooth", shapes=layer_shapes(sizes))
