"""The classes with scikit-learn's habits keep its contract, and give its numbers."""

import numpy as np
import pytest
import sklearn.linear_model
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import scratchml
from experiments.schema.config import KNOBS
from scratchml.arguments import ALLOWED, check
from scratchml.estimators import MLP, LogisticRegression, Perceptron


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.errstate(under="ignore", invalid="ignore")
@parametrize_with_checks([Perceptron(), LogisticRegression(), MLP(epochs=100)])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def test_they_are_found_in_scratchml():
    assert scratchml.Perceptron is Perceptron
    assert scratchml.LogisticRegression is LogisticRegression
    assert scratchml.MLP is MLP
    with pytest.raises(AttributeError, match="SVM"):
        _ = scratchml.SVM


def test_logistic_regression_equals_scikit_learns():
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    theirs = sklearn.linear_model.LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(X, y)
    ours = LogisticRegression(l2=1.0 / len(X)).fit(X, y)
    np.testing.assert_allclose(ours.net_["W1"][0, :, 0], theirs.coef_[0], atol=1e-5)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-5)


def test_they_work_in_a_pipeline_and_a_grid_search():
    X, y = load_digits(return_X_y=True)
    net = make_pipeline(StandardScaler(), MLP(epochs=30))
    assert cross_val_score(net, X[:600], y[:600], cv=3).mean() > 0.85
    grid = GridSearchCV(net, {"mlp__width": [1, 16]}, cv=2).fit(X[:300], y[:300])
    assert grid.best_params_ == {"mlp__width": 16}


def test_one_seed_gives_one_net():
    X, y = load_digits(return_X_y=True)
    nets = [MLP(epochs=2, random_state=s).fit(X[:100], y[:100]).net_["W1"] for s in (3, 3, 4)]
    np.testing.assert_array_equal(nets[0], nets[1])
    assert not np.array_equal(nets[0], nets[2])


# --- arguments: one meaning in fit and in the schema of runs --------------------------------------

CLASSES = (Perceptron, LogisticRegression, MLP)
X, Y = np.random.default_rng(0).standard_normal((60, 3)), np.arange(60) % 2
STRANGE = [
    *(-0.1, "0.1", 0, 1, 2, 0.5, 1.5, float("nan"), float("inf"), True, None, (8, 4), [], {}),
    *("auto", "gelu", "logistic", "tanh", "zero", "adam", "cross_entropy", "xavier"),
]


@pytest.mark.parametrize("name", sorted(ALLOWED.keys() & KNOBS.keys()))
@pytest.mark.parametrize("value", STRANGE, ids=repr)
def test_arguments_take_what_the_knobs_of_their_names_take(name, value):
    try:
        KNOBS[name].parse(value)
        knob_takes = True
    except (ValueError, TypeError):
        knob_takes = value is None and name == "batch_size"
    whole = ("width", "depth", "epochs", "batch_size")
    if name in whole and isinstance(value, float):
        knob_takes = False  # scikit-learn takes no 2.0 for 2
    takes, _ = ALLOWED[name]
    assert takes(value) == knob_takes


@pytest.mark.parametrize("make", CLASSES)
def test_every_argument_has_its_values(make):
    assert make().get_params().keys() - ALLOWED.keys() == {"random_state"}
    check(make().get_params(), (60, 3, 1), convex=make is LogisticRegression)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"lr": -0.1}, "lr must be a number > 0; got -0.1"),
        ({"lr": "0.1"}, "lr must be a number > 0; got '0.1'"),
        ({"batch_size": 0}, "batch_size must be a whole number >= 1 or None; got 0"),
        ({"width": (8, 4)}, r"width must be a whole number >= 1; got \(8, 4\)"),
        ({"activation": "gelu"}, "activation must be one of .*relu.*; got 'gelu'"),
        ({"loss": "perceptron"}, "loss must be one of .*cross_entropy.*; got 'perceptron'"),
        ({"init": "sawtooth"}, "init=sawtooth needs"),
        ({"optimizer": "newton"}, "optimizer='newton' needs a convex loss"),
        ({"lr": 0, "l2": -1}, "l2 must be .*; lr must be"),
    ],
)
def test_fit_names_the_argument_that_is_not_allowed(arguments, said):
    with pytest.raises(ValueError, match=said):
        MLP(**arguments).fit(X, Y)


def test_numpys_numbers_are_numbers():
    MLP(width=np.int64(2), lr=np.float32(0.1), epochs=np.int32(1)).fit(X, Y)


# --- how training ended ---------------------------------------------------------------------------


def test_fit_warns_of_a_net_that_has_diverged():
    with pytest.warns(ConvergenceWarning, match="diverged in epoch .* lr .* 1e"):
        net = MLP(lr=1e200, optimizer="sgd", loss="cross_entropy", l2=1.0).fit(X, Y)
    assert all(np.isfinite(W).all() for W in net.coefs_)


def test_fit_warns_of_a_net_that_has_not_converged():
    with pytest.warns(ConvergenceWarning, match="did not converge in 2 epochs"):
        LogisticRegression(epochs=2).fit(X, Y)
    with pytest.warns(ConvergenceWarning, match="did not converge in 3 epochs"):
        Perceptron(epochs=3).fit(X, Y)
    LogisticRegression().fit(X, Y)
    Perceptron().fit(X, X[:, 0] > 0)


# --- what scikit-learn's users look for -----------------------------------------------------------


@pytest.mark.parametrize("classes", [2, 3])
def test_a_line_has_coefficients_under_scikit_learns_names(classes):
    y = np.arange(60) % classes
    ours = LogisticRegression(l2=1.0 / 60).fit(X, y)
    theirs = sklearn.linear_model.LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-5)
    wanted = theirs.intercept_ - theirs.intercept_.mean() * (classes > 2)
    np.testing.assert_allclose(ours.intercept_, wanted, atol=1e-5)
    np.testing.assert_allclose(ours.decision_function(X), X @ ours.coef_.T[:, 0] + ours.intercept_
                               if classes == 2 else X @ ours.coef_.T + ours.intercept_)  # fmt: skip
    assert LogisticRegression(bias=False).fit(X, y).intercept_.tolist() == [0.0] * len(ours.coef_)


@pytest.mark.errstate(under="ignore")
@pytest.mark.parametrize("classes", [2, 3])
def test_log_probabilities_stay_finite_where_probabilities_are_zero(classes):
    y = np.arange(60) % classes
    net = LogisticRegression(l2=0.1).fit(X, y)
    np.testing.assert_allclose(np.exp(net.predict_log_proba(X)), net.predict_proba(X), rtol=1e-12)
    assert np.isfinite(net.predict_log_proba(1e6 * X)).all()
    assert np.array_equal(net.predict_proba(X).argmax(axis=1), net.predict(X))


def test_an_mlp_has_the_weights_of_each_layer():
    net = MLP(width=4, depth=2, epochs=1).fit(X, Y)
    assert [W.shape for W in net.coefs_] == [(3, 4), (4, 4), (4, 1)]
    assert [b.shape for b in net.intercepts_] == [(4,), (4,), (1,)]


def test_a_warm_start_goes_on_where_the_last_fit_ended():
    arguments = {"width": 3, "optimizer": "sgd", "lr": 0.1, "batch_size": None}
    whole = MLP(**arguments, epochs=6).fit(X, Y)
    net = MLP(**arguments, epochs=3, warm_start=True).fit(X, Y)
    half = net.coefs_[0].copy()
    net.fit(X, Y)
    assert np.array_equal(net.coefs_[0], whole.coefs_[0]) and not np.array_equal(
        net.coefs_[0], half
    )
    cold = MLP(**arguments, epochs=3).fit(X, Y)
    assert np.array_equal(cold.fit(X, Y).coefs_[0], half)
    net.fit(X, np.arange(60) % 3)  # other shapes: a new start
    assert net.coefs_[-1].shape == (3, 3)
