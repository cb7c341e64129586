"""Every gradient is the slope of its loss, every Hessian the slope of its gradient.

One check serves them all: along random directions v, within one weight matrix or bias at a time,
g . v must be (L(theta + h v) - L(theta - h v)) / 2h. At the end it is handed wrong gradients.
"""

from dataclasses import replace

import numpy as np
import pytest
from support.configurations import examples
from support.tolerances import CURVATURE, GRADIENT, PARITY

from scratchml.activations import ACTIVATIONS
from scratchml.diagnostics import sharpness
from scratchml.evaluation import Evaluation
from scratchml.logistic import Linear, Logistic
from scratchml.losses import LOSSES
from scratchml.mlp import MLP
from scratchml.parameters import count, is_weight, views
from scratchml.perceptron import Perceptron

H = 1e-5  # half the step of a difference
NOISE = 1e-10  # what rounding makes of a difference that should be 0: 1e-16 / H, and some
KINK = 1e-3  # no weighted sum is this close to 0, where step and relu have no slope
NETS = 3
L2 = np.array([[0.0], [0.01], [0.3]])  # one a net
OUTPUTS_OF = {"identity": 2, "softmax": 3}  # K, where it is not 1

SHALLOW = {
    "perceptron": (Perceptron(4), "perceptron"),
    "perceptron without bias": (Perceptron(4, bias=False), "perceptron"),
    "linear": (Linear(4, 2), "squared_error"),
    "linear without bias": (Linear(4, 1, bias=False), "squared_error"),
    "logistic": (Logistic(4), "cross_entropy"),
    "logistic without bias": (Logistic(4, bias=False), "cross_entropy"),
    "logistic by squares": (Logistic(4), "squared_error"),
    "softmax": (Logistic(4, 3), "cross_entropy"),
    "softmax without bias": (Logistic(4, 3, bias=False), "cross_entropy"),
    "softmax by squares": (Logistic(4, 3), "squared_error"),
    "labels": (Logistic(4, 3, multilabel=True), "cross_entropy"),
    "labels by squares": (Logistic(4, 3, multilabel=True), "squared_error"),
}
SMOOTH = [name for name in SHALLOW if "perceptron" not in name]
CONVEX = [name for name in SMOOTH if "squares" not in name]


def sums(evaluation):
    """Every weighted sum of every net, in one long array."""
    logits, cache = evaluation.forward
    below = [Z.ravel() for _, Z in cache[:-1]] if isinstance(cache, list) else []
    return np.concatenate([logits.ravel(), *below])


def evaluation(model, loss, l2=L2, n=6):
    """Nets with normal weights and data of their own, all weighted sums away from kinks."""
    k = model.shapes[f"W{len(getattr(model, 'sizes', (1, 1))) - 1}"][1]
    d = model.shapes["W1"][0]
    for seed in range(1000):
        rng = np.random.default_rng(seed)
        data = examples(rng, model.output, n=n, d=d, k=k, nets=NETS)
        theta = rng.standard_normal((NETS, count(model.shapes)))
        made = Evaluation(model, LOSSES[model.output, loss], theta, data.X, data.Y, l2)
        if np.abs(sums(made)).min() > KINK:
            return made
    raise AssertionError("no seed keeps all sums away from the kinks")


def mlp(activation, output, depth):
    return MLP((2, *[3] * depth, OUTPUTS_OF.get(output, 1)), activation, output)


def objective(evaluation, theta):
    """(R,): the loss and its penalty, l2/2 |W|^2."""
    logits = evaluation.at(theta).forward[0]
    weights = is_weight(evaluation.model.shapes) * theta
    return evaluation.loss.value(logits, evaluation.Y) + 0.5 * evaluation.l2[:, 0] * (
        weights**2
    ).sum(axis=1)


def directions(shapes, rng, each=4):
    """Random unit vectors, (1, P), `each` of them within every weight matrix and every bias."""
    for name in shapes:
        for _ in range(each):
            v = np.zeros((1, count(shapes)))
            part = views(v, shapes)[name]
            part[:] = rng.standard_normal(part.shape)
            yield name, v / np.sqrt((v * v).sum())


def errors(f, slope, theta, shapes):
    """{name: the largest relative error of `slope` as the derivative of f in that array, (R,)}.

    f takes theta, (R, P), to (R,) or (R, P); slope is its gradient (R, P) or Jacobian (R, P, P).
    Errors are relative to the largest derivative seen in that array, and 0 where they are noise.
    """
    wrong, size = {}, {}
    for name, v in directions(shapes, np.random.default_rng(0)):
        numeric = (f(theta + H * v) - f(theta - H * v)) / (2.0 * H)
        claimed = slope @ v[0]
        axes = tuple(range(1, numeric.ndim))
        wrong[name] = np.maximum(wrong.get(name, 0.0), np.abs(claimed - numeric).max(axis=axes))
        size[name] = np.maximum(size.get(name, 0.0), np.abs(numeric).max(axis=axes))
    return {
        name: np.divide(wrong[name], size[name], where=wrong[name] > NOISE, out=np.zeros(NETS))
        for name in shapes
    }


def gradient_error(evaluation, gradient):
    found = errors(
        lambda theta: objective(evaluation, theta),
        gradient,
        evaluation.theta,
        evaluation.model.shapes,
    )
    return max(error.max() for error in found.values())


# --- gradients ------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize(("output", "loss"), LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_gradient_is_the_slope_of_loss_and_penalty(activation, output, loss, depth):
    nets = evaluation(mlp(activation, output, depth), loss)
    assert gradient_error(nets, nets.gradient) < GRADIENT


@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
def test_so_is_that_of_a_net_with_several_labels(loss):
    nets = evaluation(MLP((2, 3, 4), "tanh", "sigmoid"), loss)
    assert gradient_error(nets, nets.gradient) < GRADIENT


@pytest.mark.parametrize("name", SHALLOW)
def test_the_gradient_without_hidden_layers_is_the_slope(name):
    nets = evaluation(*SHALLOW[name])
    assert gradient_error(nets, nets.gradient) < GRADIENT


def test_nothing_passes_back_through_a_step():
    # Its slope is 0 wherever it has one, so that the checks above see two zeros agree below the
    # last layer. This is the truth about threshold units, and why nobody trains them like this.
    nets = evaluation(mlp("step", "sigmoid", 2), "cross_entropy", l2=np.zeros((NETS, 1)))
    gradient = views(nets.gradient, nets.model.shapes)
    assert all(not gradient[name].any() for name in ("W1", "b1", "W2", "b2"))
    assert gradient["W3"].any() and gradient["b3"].any()


@pytest.mark.parametrize("batch", [1, 5])
def test_a_gradient_over_shared_data_is_the_one_over_copies_of_them(batch):
    nets = evaluation(mlp("tanh", "sigmoid", 2), "cross_entropy", n=batch)
    shared = replace(nets, X=nets.X[0], Y=nets.Y[0])
    copies = replace(nets, X=nets.X[[0] * NETS], Y=nets.Y[[0] * NETS])
    assert np.array_equal(shared.gradient, copies.gradient)


def test_the_mean_over_examples_is_descended_not_the_sum():
    nets = evaluation(mlp("tanh", "softmax", 1), "cross_entropy")
    twice = replace(nets, X=np.tile(nets.X, (1, 2, 1)), Y=np.tile(nets.Y, (1, 2, 1)))
    np.testing.assert_allclose(twice.gradient, nets.gradient, rtol=PARITY, atol=PARITY)


# --- second derivatives ---------------------------------------------------------------------------


def slopes(nets, hessian):
    """The errors of a Hessian as the derivative of the gradient."""
    return errors(lambda theta: nets.at(theta).gradient, hessian, nets.theta, nets.model.shapes)


@pytest.mark.parametrize("name", CONVEX)
def test_the_hessian_is_the_slope_of_the_gradient(name):
    nets = evaluation(*SHALLOW[name])
    found = slopes(nets, nets.hessian())
    assert max(error.max() for error in found.values()) < GRADIENT


@pytest.mark.parametrize("name", CONVEX)
def test_convex_losses_bend_upwards_everywhere(name):
    nets = evaluation(*SHALLOW[name])
    hessian = nets.hessian()
    np.testing.assert_allclose(hessian, hessian.mT, rtol=PARITY)
    assert np.linalg.eigvalsh(hessian).min() > -PARITY


def hessian_by_differences(evaluation):
    """(R, P, P), from two gradients a column."""
    columns = [
        (
            evaluation.at(evaluation.theta + step).gradient
            - evaluation.at(evaluation.theta - step).gradient
        )
        / (2.0 * H)
        for step in H * np.eye(evaluation.theta.shape[1])
    ]
    hessian = np.stack(columns, axis=2)
    return 0.5 * (hessian + hessian.mT)


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize(("output", "loss"), [key for key in LOSSES if key[0] != "step"])
@pytest.mark.parametrize("activation", ["identity", "sigmoid", "tanh", "relu"])
def test_sharpness_is_the_largest_eigenvalue_of_the_full_hessian(activation, output, loss, depth):
    nets = evaluation(mlp(activation, output, depth), loss)
    expected = np.linalg.eigvalsh(hessian_by_differences(nets))[:, -1]
    np.testing.assert_allclose(sharpness(nets), expected, rtol=CURVATURE, atol=CURVATURE)


@pytest.mark.parametrize("name", SMOOTH)
def test_sharpness_without_hidden_layers_is_the_largest_eigenvalue_too(name):
    # Also where the loss is not the convex one that the model's own Hessian is about.
    nets = evaluation(*SHALLOW[name])
    expected = np.linalg.eigvalsh(hessian_by_differences(nets))[:, -1]
    np.testing.assert_allclose(sharpness(nets), expected, rtol=CURVATURE, atol=CURVATURE)


@pytest.mark.parametrize(("d", "k"), [(4, 1), (4, 3), (30, 1), (20, 5)])
def test_lanczos_finds_the_eigenvalue_of_the_hessian_written_down(d, k):
    # A net without a hidden layer is the logistic regression, but has to find out by differences.
    output = "sigmoid" if k == 1 else "softmax"
    exact = evaluation(Logistic(d, k), "cross_entropy", n=40)
    lanczos = replace(exact, model=MLP((d, k), "tanh", output))
    np.testing.assert_allclose(sharpness(lanczos), sharpness(exact), rtol=CURVATURE)


@pytest.mark.parametrize("start", [0.0, 0.5])
def test_sharpness_of_equal_units_is_found_although_the_hessian_is_degenerate(start):
    nets = evaluation(mlp("sigmoid", "sigmoid", 1), "cross_entropy")
    nets = replace(nets, theta=np.full_like(nets.theta, start))
    expected = np.linalg.eigvalsh(hessian_by_differences(nets))[:, -1]
    np.testing.assert_allclose(sharpness(nets), expected, rtol=CURVATURE, atol=CURVATURE)


# --- the check is checked -------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_an_error_of_a_thousandth_in_any_array_would_be_noticed(activation, depth):
    nets = evaluation(mlp(activation, "sigmoid", depth), "cross_entropy")
    for name in nets.model.shapes:
        planted = nets.gradient.copy()
        views(planted, nets.model.shapes)[name][1] *= 1.001  # in one of three nets
        assert gradient_error(nets, planted) > 100 * GRADIENT


def test_a_forgotten_penalty_a_sum_for_a_mean_and_a_lost_bias_would_be_noticed():
    nets = evaluation(mlp("tanh", "sigmoid", 1), "cross_entropy")
    forgotten = replace(nets, l2=np.zeros((NETS, 1))).gradient
    assert gradient_error(nets, forgotten) > 100 * GRADIENT
    assert gradient_error(nets, nets.X.shape[1] * nets.gradient) > 100 * GRADIENT
    lost = nets.gradient.copy()
    views(lost, nets.model.shapes)["b1"][:] = 0.0
    assert gradient_error(nets, lost) > 100 * GRADIENT


def test_a_hessian_wrong_by_a_thousandth_would_be_noticed():
    nets = evaluation(*SHALLOW["softmax"])
    found = slopes(nets, 1.001 * nets.hessian())
    assert all((error > 100 * GRADIENT).all() for error in found.values())
