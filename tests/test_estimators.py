"""The classes with scikit-learn's habits keep its contract, and give its numbers."""

import numpy as np
import pytest
import sklearn.linear_model
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import scratchml
from scratchml.estimators import MLP, LogisticRegression, Perceptron


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
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
