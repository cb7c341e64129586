"""Models are what their names say: equal where they should be, and equal to scikit-learn's."""

import warnings

import numpy as np
import pytest
from sklearn import datasets as sklearn_datasets
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.linear_model import Perceptron as SklearnPerceptron
from sklearn.neural_network import MLPClassifier, MLPRegressor
from support.configurations import config, examples, train
from support.tolerances import ANOTHER_WAY, PARITY, SOLVER

from scratchml.initializers import INITIALIZERS
from scratchml.logistic import Linear, Logistic
from scratchml.losses import OUTPUTS
from scratchml.mlp import MLP
from scratchml.models import MODELS
from scratchml.parameters import count, is_weight, views
from scratchml.perceptron import Perceptron
from scratchml.sampling import Data
from scratchml.training import Plan, Trainer


def trained(model, theta, data, **plan):
    theta = np.array(theta, dtype=float)
    defaults = {"loss": "cross_entropy", "optimizer": "sgd", "lr": 0.5, "momentum": 0.0, "l2": 0.0}
    plan = Plan(**defaults | plan)
    trainer = Trainer(model, theta, data, plan, [np.random.default_rng(0) for _ in theta])
    list(trainer.run())
    return trainer.arrays()


# --- shapes and identities ------------------------------------------------------------------------


def test_parameters_are_one_row_a_net_and_named_views_of_it():
    model = MLP((2, 3, 1), "tanh", "sigmoid")
    theta = np.arange(26.0).reshape(2, 13)
    net = views(theta, model.shapes)
    assert {name: array.shape for name, array in net.items()} == {
        "W1": (2, 2, 3), "b1": (2, 1, 3), "W2": (2, 3, 1), "b2": (2, 1, 1)
    }  # fmt: skip
    assert net["W1"][1].tolist() == [[13, 14, 15], [16, 17, 18]]
    net["b2"][1] = -1.0
    assert theta[1, -1] == -1.0
    assert is_weight(model.shapes).tolist() == [1] * 6 + [0] * 3 + [1] * 3 + [0]
    assert count(Perceptron(5, bias=False).shapes) == 5


def test_forward_is_the_textbooks_formula():
    rng = np.random.default_rng(0)
    model = MLP((3, 4, 2, 2), "tanh", "softmax")
    theta, X = rng.standard_normal((5, count(model.shapes))), rng.standard_normal((7, 3))
    Z, _ = model.forward(views(theta, model.shapes), X)
    for net in range(5):
        one = {name: array[net] for name, array in views(theta, model.shapes).items()}
        A = np.tanh(X @ one["W1"] + one["b1"])
        A = np.tanh(A @ one["W2"] + one["b2"])
        np.testing.assert_allclose(Z[net], A @ one["W3"] + one["b3"], rtol=ANOTHER_WAY)


@pytest.mark.parametrize("data", ["shared", "own"])
@pytest.mark.parametrize(
    ("output", "k", "alone"),
    [("sigmoid", 1, Logistic(3)), ("softmax", 4, Logistic(3, 4)), ("identity", 2, Linear(3, 2))],
)
def test_an_mlp_without_a_hidden_layer_is_the_linear_model(output, k, alone, data):
    mlp = MLP((3, k), "tanh", output)
    assert mlp.shapes == alone.shapes
    rng = np.random.default_rng(0)
    seen = examples(rng, output, n=20, d=3, k=k, nets=4 if data == "own" else None)
    theta = rng.standard_normal((4, count(mlp.shapes)))
    loss = "squared_error" if output == "identity" else "cross_entropy"
    one, other = (
        trained(model, theta, seen, loss=loss, lr=0.1, l2=0.01, epochs=30) for model in (mlp, alone)
    )
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=PARITY, atol=PARITY)
    assert np.ptp(one["curve/train/loss"], axis=1).all()


def test_identity_units_in_any_number_of_layers_are_one_linear_map():
    model = MLP((3, 5, 4, 2), "identity", "identity")
    rng = np.random.default_rng(0)
    theta, X = rng.standard_normal((1, count(model.shapes))), rng.standard_normal((6, 3))
    net = {name: array[0] for name, array in views(theta, model.shapes).items()}
    W = net["W1"] @ net["W2"] @ net["W3"]
    b = (net["b1"] @ net["W2"] + net["b2"]) @ net["W3"] + net["b3"]
    Z, _ = model.forward(views(theta, model.shapes), X)
    np.testing.assert_allclose(Z[0], X @ W + b, rtol=ANOTHER_WAY)


def test_a_softmax_of_two_classes_is_the_logistic_regression():
    rng = np.random.default_rng(0)
    seen = examples(rng, "sigmoid", n=30, d=3)
    two = Data("multiclass", seen.X, np.hstack([1 - seen.Y, seen.Y]))
    # The difference of two rows of weights moves twice as far as one alone.
    one = trained(Logistic(3), np.zeros((1, 4)), seen, lr=1.0, epochs=50)
    both = trained(Logistic(3, 2), np.zeros((1, 8)), two, lr=0.5, epochs=50)
    difference = np.diff(both["weights/W1"], axis=2)
    np.testing.assert_allclose(difference, one["weights/W1"], rtol=ANOTHER_WAY)
    np.testing.assert_allclose(both["curve/train/loss"], one["curve/train/loss"], rtol=ANOTHER_WAY)


def test_permuted_hidden_units_learn_the_same_function():
    rng = np.random.default_rng(0)
    model = MLP((2, 3, 1), "tanh", "sigmoid")
    seen, theta = examples(rng, "sigmoid"), rng.standard_normal((1, 13))
    permuted = theta.copy()
    here, there = views(theta, model.shapes), views(permuted, model.shapes)
    order = [2, 0, 1]
    there["W1"][:], there["b1"][:] = here["W1"][..., order], here["b1"][..., order]
    there["W2"][:] = here["W2"][:, order]
    one, other = (trained(model, start, seen, epochs=30) for start in (theta, permuted))
    np.testing.assert_allclose(other["curve/train/loss"], one["curve/train/loss"], rtol=ANOTHER_WAY)
    np.testing.assert_allclose(other["weights/W1"], one["weights/W1"][..., order], rtol=ANOTHER_WAY)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_can_be_built_from_words_and_learns_and(name):
    run = train(config(dataset="and", model=name, epochs=3000, lr=0.5, seeds=3, init="normal"))
    assert run["final/train/accuracy"].tolist() == [1, 1, 1]


def test_a_threshold_net_computes_xor_and_no_single_unit_does():
    # or(x) and not and(x), each a threshold unit.
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    xor = Data("binary", X, np.array([[0.0], [1.0], [1.0], [0.0]]))
    theta = [[1, 1, 1, 1, -0.5, -1.5, 1, -1, -0.5]]
    net = trained(MLP((2, 2, 1), "step", "step"), theta, xor, loss="perceptron", epochs=0)
    assert net["final/solved"].item() and net["final/train/accuracy"].item() == 1.0
    starts = 3 * np.random.default_rng(0).standard_normal((2000, 3))
    lines = trained(Perceptron(2), starts, xor, loss="perceptron", epochs=0)
    assert lines["final/train/accuracy"].max() == 0.75


# --- against scikit-learn -------------------------------------------------------------------------


def standardised(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)


@pytest.mark.parametrize("C", [1.0, 0.01])
def test_logistic_regression_finds_scikit_learns_minimum(C):
    X, y = sklearn_datasets.load_breast_cancer(return_X_y=True)
    X = standardised(X)
    # Theirs is C sum_n L_n + |w|^2/2, ours 1/n sum_n L_n + l2/2 |w|^2: the same for l2 = 1/(C n).
    theirs = LogisticRegression(C=C, tol=1e-10, max_iter=10_000).fit(X, y)
    run = train(
        config(
            dataset="breast_cancer",
            model="logistic",
            test_fraction=0,
            epochs=20,
            optimizer="newton",
            lr=1,
            l2=1 / (C * len(y)),
            init="zero",
            seeds=1,
        )
    )
    np.testing.assert_allclose(run["weights/W1"][0, :, 0], theirs.coef_[0], atol=SOLVER)
    np.testing.assert_allclose(run["weights/b1"][0, 0], theirs.intercept_, atol=SOLVER)
    assert run["final/gradient_norm"].item() < PARITY
    assert run["final/train/accuracy"].item() == theirs.score(X, y)


@pytest.mark.parametrize("bias", [True, False])
def test_softmax_regression_finds_scikit_learns_minimum(bias):
    X, y = sklearn_datasets.load_iris(return_X_y=True)
    X, Y = standardised(X), np.eye(3)[y]
    theirs = LogisticRegression(C=0.5, tol=1e-12, max_iter=10_000, fit_intercept=bias).fit(X, y)
    model, data = Logistic(4, 3, bias), Data("multiclass", X, Y)
    arrays = trained(model, np.zeros((1, count(model.shapes))), data, optimizer="newton", lr=1.0,
                     l2=1 / (0.5 * 150), epochs=20)  # fmt: skip
    np.testing.assert_allclose(arrays["weights/W1"][0].T, theirs.coef_, atol=SOLVER)
    if bias:  # determined up to a constant, which theirs removes
        ours, b = arrays["weights/b1"][0, 0], theirs.intercept_
        np.testing.assert_allclose(ours - ours.mean(), b - b.mean(), atol=SOLVER)
    Z, _ = model.forward({k[8:]: v for k, v in arrays.items() if k.startswith("weights/")}, X)
    np.testing.assert_allclose(OUTPUTS["softmax"](Z)[0], theirs.predict_proba(X), atol=SOLVER)


def test_gradient_descent_arrives_where_newton_does():
    choices = {"dataset": "blobs", "model": "logistic", "noise": 1.5, "l2": 0.01, "seeds": 3}
    newton = train(config(**choices, optimizer="newton", lr=1, epochs=20))
    descent = train(config(**choices, lr_unit="critical", lr=1.0, epochs=3000))
    for name in ("weights/W1", "weights/b1", "final/train/loss"):
        np.testing.assert_allclose(descent[name], newton[name], atol=ANOTHER_WAY)


@pytest.mark.parametrize("alpha", [0.01, 10.0])
def test_linear_regression_finds_the_ridge_estimate(alpha):
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((80, 6)), rng.standard_normal((80, 2))
    # Theirs is |y - z|^2 + alpha |w|^2, ours |y - z|^2 / 2n + l2/2 |w|^2: l2 = alpha/n.
    theirs = Ridge(alpha=alpha).fit(X, Y)
    arrays = trained(Linear(6, 2), np.zeros((1, 14)), Data("regression", X, Y), epochs=1, lr=1.0,
                     loss="squared_error", optimizer="newton", l2=alpha / 80)  # fmt: skip
    np.testing.assert_allclose(arrays["weights/W1"][0].T, theirs.coef_, rtol=ANOTHER_WAY)
    np.testing.assert_allclose(arrays["weights/b1"][0, 0], theirs.intercept_, rtol=ANOTHER_WAY)


def test_the_perceptron_is_scikit_learns():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 3))
    y = (X @ [1.0, -2.0, 0.5] + 0.3 > 0).astype(int)
    theirs = SklearnPerceptron(shuffle=False, max_iter=40, tol=None).fit(X, y)
    data = Data("binary", X, y[:, None].astype(float))
    arrays = trained(Perceptron(3), np.zeros((1, 4)), data, loss="perceptron", lr=1.0,
                     batch_size=1, epochs=40)  # fmt: skip
    np.testing.assert_allclose(arrays["weights/W1"][0].T, theirs.coef_, rtol=ANOTHER_WAY)
    np.testing.assert_allclose(arrays["weights/b1"][0, 0], theirs.intercept_, rtol=ANOTHER_WAY)
    assert arrays["final/mistakes"].item() > 10 and arrays["final/train/accuracy"].item() == 1.0


THEIR_NAMES = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}


def steps_of_scikit_learn(kind, sizes, activation, start, X, y, lr, l2, epochs):
    """Weights after so many full-batch steps of scikit-learn's own backpropagation."""
    theirs = kind(
        hidden_layer_sizes=sizes, activation=THEIR_NAMES[activation], solver="sgd",
        batch_size=len(X), shuffle=False, learning_rate_init=lr, momentum=0.0,
        nesterovs_momentum=False, alpha=l2 * len(X),
    )  # fmt: skip
    classes = {"classes": np.unique(y)} if kind is MLPClassifier else {}
    theirs.partial_fit(X, y, **classes)  # only to make it build its layers
    layers = range(1, len(sizes) + 2)
    theirs.coefs_ = [start[f"W{i}"][0].copy() for i in layers]
    theirs.intercepts_ = [start[f"b{i}"][0, 0].copy() for i in layers]
    for _ in range(epochs):
        theirs.partial_fit(X, y)
    return {
        **{f"W{i}": W for i, W in enumerate(theirs.coefs_, start=1)},
        **{f"b{i}": b[None] for i, b in enumerate(theirs.intercepts_, start=1)},
    }


@pytest.mark.parametrize("l2", [0.0, 0.1])
@pytest.mark.parametrize("output", ["sigmoid", "softmax", "identity"])
@pytest.mark.parametrize("activation", THEIR_NAMES)
def test_nets_take_scikit_learns_steps(activation, output, l2):
    k = {"sigmoid": 1, "softmax": 3, "identity": 2}[output]
    rng = np.random.default_rng(0)
    seen = examples(rng, output, n=24, d=3, k=k)
    model = MLP((3, 5, 4, k), activation, output)
    theta = INITIALIZERS["xavier"].f(rng, model.shapes, 1.0)[None]
    kind, loss, y = MLPClassifier, "cross_entropy", seen.Y
    if output == "identity":
        kind, loss = MLPRegressor, "squared_error"
    else:
        y = seen.Y.argmax(axis=1) if k > 1 else seen.Y[:, 0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about convergence, of which there is no question
        theirs = steps_of_scikit_learn(
            kind, (5, 4), activation, views(theta, model.shapes), seen.X, y, 0.1, l2, epochs=10
        )  # fmt: skip
    ours = trained(model, theta, seen, loss=loss, lr=0.1, l2=l2, epochs=10)
    for name in model.shapes:
        np.testing.assert_allclose(ours[f"weights/{name}"][0], theirs[name], atol=ANOTHER_WAY)
        moved = ours[f"weights/{name}"] - views(theta, model.shapes)[name]
        assert np.abs(moved).max() > 1e-4
