"""The classes with scikit-learn's habits keep its contract, and give its numbers."""

import os
import pickle

import numpy as np
import pytest
import sklearn.linear_model
import threadpoolctl
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from support.tolerances import ANOTHER_WAY, SOLVER

import scratchml
from experiments.schema.config import KNOBS
from scratchml.arguments import ALLOWED, check
from scratchml.estimators import MLP, LogisticRegression, Perceptron
from scratchml.threads import one_thread
from scratchml.training import Trainer


def expected_failures(estimator):
    """{check: reason}; weights have tests of their own below."""
    if isinstance(estimator, Perceptron):  # as of scikit-learn's own
        reason = "a weight is a factor of an example's steps, and not more steps"
    elif isinstance(estimator, LogisticRegression) and not estimator.l2:
        reason = "a plane separates the classes of this check, so there is no minimum"
    else:
        return {}
    return {"check_sample_weight_equivalence_on_dense_data": reason}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.errstate(under="ignore", invalid="ignore")
@parametrize_with_checks(
    [Perceptron(), LogisticRegression(l2=0.01), LogisticRegression(), MLP(epochs=100)],
    expected_failed_checks=expected_failures,
)
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


# class_weight of an estimator may be a mapping, as everywhere in scikit-learn.
@pytest.mark.parametrize("name", sorted(ALLOWED.keys() & KNOBS.keys() - {"class_weight"}))
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


# --- weights of examples --------------------------------------------------------------------------

WEIGHTS = np.random.default_rng(1).integers(0, 4, 60)
FULL_BATCH = [
    LogisticRegression(l2=0.01),
    LogisticRegression(l2=0.01, optimizer="momentum", lr=0.3, epochs=3),
    MLP(batch_size=None, epochs=20),
    MLP(batch_size=None, optimizer="sgd", loss="squared_error", l2=0.1, epochs=20),
]
quiet = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@quiet
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("estimator", FULL_BATCH, ids=repr)
def test_a_whole_weight_counts_as_that_many_equal_examples(estimator, classes):
    y = np.arange(60) % classes
    weighted = clone(estimator).fit(X, y, sample_weight=WEIGHTS)
    repeated = clone(estimator).fit(np.repeat(X, WEIGHTS, axis=0), np.repeat(y, WEIGHTS))
    found, wanted = weighted.decision_function(X), repeated.decision_function(X)
    np.testing.assert_allclose(found, wanted, rtol=ANOTHER_WAY, atol=ANOTHER_WAY)
    assert weighted.loss_curve_[-1] == pytest.approx(repeated.loss_curve_[-1], rel=ANOTHER_WAY)


def test_the_weights_of_logistic_regression_are_scikit_learns():
    theirs = sklearn.linear_model.LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000)
    theirs.fit(X, Y, sample_weight=WEIGHTS)
    ours = LogisticRegression(l2=1.0 / WEIGHTS.sum()).fit(X, Y, sample_weight=WEIGHTS)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=SOLVER)
    for weights in ("balanced", {0: 1.0, 1: 5.0}):
        y = np.arange(60) % 4 == 0
        theirs.set_params(class_weight=weights).fit(X, y, sample_weight=WEIGHTS)
        total = WEIGHTS.sum() if weights == "balanced" else (WEIGHTS * np.where(y, 5, 1)).sum()
        ours = LogisticRegression(l2=1.0 / total, class_weight=weights)
        ours.fit(X, y, sample_weight=WEIGHTS)
        np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=SOLVER)


@quiet
@pytest.mark.parametrize("estimator", [Perceptron(epochs=5), *FULL_BATCH, MLP(epochs=3)], ids=repr)
def test_equal_weights_change_no_bit_and_weights_of_zero_leave_examples_out(estimator):
    plain = clone(estimator).fit(X, Y)
    for weights in (np.ones(60), np.full(60, 0.3), [7] * 60):
        weighted = clone(estimator).fit(X, Y, sample_weight=weights)
        assert all(np.array_equal(plain.net_[name], weighted.net_[name]) for name in plain.net_)
    some = np.arange(60) % 3 > 0
    few, left = clone(estimator).fit(X[some], Y[some]), clone(estimator)
    left.fit(X, Y, sample_weight=some * 2.0)
    assert all(np.array_equal(few.net_[name], left.net_[name]) for name in few.net_)


@quiet
@pytest.mark.parametrize("make", CLASSES)
def test_class_weights_are_the_weights_of_their_examples(make):
    y = np.where(np.arange(60) % 4 == 0, "yes", "no")
    wanted = make(epochs=5).fit(X, y, sample_weight=np.where(y == "yes", 3.0, 1.0))
    for weights in ({"yes": 3.0, "no": 1.0}, {"yes": 3.0}, "balanced"):  # 15 and 45
        found = make(epochs=5, class_weight=weights).fit(X, y)
        np.testing.assert_allclose(found.net_["W1"], wanted.net_["W1"], rtol=ANOTHER_WAY)


@pytest.mark.parametrize(
    ("arguments", "weights", "said"),
    [
        ({}, np.zeros(60), "at least one non-zero"),
        ({}, -np.ones(60), "Negative values"),
        ({}, np.ones(59), "shape"),
        ({"class_weight": {0: 0.0, 1: 0.0}}, None, "must be positive; got 0 for all of them"),
        ({"class_weight": "equal"}, None, "class_weight must be 'balanced', a mapping"),
        ({"class_weight": {"maybe": 2}}, None, "class_weight"),
    ],
)
def test_weights_that_cannot_be_are_refused(arguments, weights, said):
    with pytest.raises(ValueError, match=said):
        MLP(**arguments).fit(X, Y, sample_weight=weights)


# --- partial_fit ----------------------------------------------------------------------------------


STEPWISE = [
    *FULL_BATCH[1:],
    MLP(optimizer="momentum"),
    MLP(shuffle=False),
    Perceptron(),
    Perceptron(shuffle=True, lr=0.1, init="normal"),
]


@quiet
@pytest.mark.parametrize("estimator", STEPWISE, ids=repr)
def test_calls_of_partial_fit_are_the_epochs_of_a_fit(estimator):
    whole, parts = clone(estimator).set_params(epochs=3).fit(X, Y), clone(estimator)
    for _ in range(3):
        parts.partial_fit(X, Y, classes=[0, 1])
        parts = pickle.loads(pickle.dumps(parts))
    assert all(np.array_equal(whole.net_[name], parts.net_[name]) for name in whole.net_)
    assert np.array_equal(parts.loss_curve_, whole.loss_curve_[1:])
    assert parts.n_iter_ == 3 and parts.epochs_.tolist() == [1, 2, 3]


def test_partial_fit_may_see_classes_one_by_one():
    net = MLP(width=4)
    for k in range(3):
        net.partial_fit(X[k::3], np.full(20, k), classes=[0, 1, 2])
    assert net.predict_proba(X).shape == (60, 3)
    with pytest.raises(ValueError, match=r"labels must be among classes, .*; got \[3\]"):
        net.partial_fit(X, np.full(60, 3))
    with pytest.raises(ValueError, match="classes must be those of the first call"):
        net.partial_fit(X, Y, classes=[0, 1])
    with pytest.raises(ValueError, match="X has 2 features"):
        net.partial_fit(X[:, :2], Y)


def test_partial_fit_needs_to_know_the_classes_and_may_not_balance_them():
    with pytest.raises(ValueError, match="first call of partial_fit needs classes"):
        MLP().partial_fit(X, Y)
    with pytest.raises(ValueError, match="class_weight='balanced' needs all examples"):
        MLP(class_weight="balanced").partial_fit(X, Y, classes=[0, 1])


def test_partial_fit_warns_of_a_net_that_has_diverged():
    net = MLP(lr=1e200, optimizer="sgd", l2=1.0).partial_fit
    with pytest.warns(ConvergenceWarning, match="diverged in epoch 1; .* lr .* 1e"):
        net(X, Y, classes=[0, 1])


# --- thread settings of the process ---------------------------------------------------------------


def threads():
    return {p["num_threads"] for p in threadpoolctl.threadpool_info() if p["user_api"] == "blas"}


@quiet
@pytest.mark.skipif(os.cpu_count() < 2, reason="needs two cores")
def test_a_fit_takes_one_thread_and_gives_back_what_there_was(monkeypatch):
    inside, data, labels = [], *load_digits(return_X_y=True)
    train = Trainer.train_one_epoch

    def seen(trainer):
        inside.append(threads())
        return train(trainer)

    monkeypatch.setattr(Trainer, "train_one_epoch", seen)
    nets = []
    for number in (1, 2):
        with threadpoolctl.threadpool_limits(number, "blas"):
            net = MLP(width=200, batch_size=None, epochs=3).fit(data[:300], labels[:300])
            nets.append(net.partial_fit(data[:300], labels[:300]).net_)
            assert threads() == {number}
    assert inside == [{1}] * 8
    assert all(np.array_equal(nets[0][name], nets[1][name]) for name in nets[0])


@pytest.mark.skipif(os.cpu_count() < 2, reason="needs two cores")
def test_fits_at_once_lift_the_limit_when_the_last_one_ends():
    with threadpoolctl.threadpool_limits(2, "blas"):
        with one_thread:
            with one_thread:
                pass
            assert threads() == {1}
        assert threads() == {2}
