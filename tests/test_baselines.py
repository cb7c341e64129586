"""What the simplest answers reach on data that are read, compared with scikit-learn's."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression
from support.configurations import config
from support.tolerances import PARITY

from experiments.running import baselines
from experiments.schema.sources import load
from scratchml import sampling
from scratchml.training import DATA, stream

FORM = {"model": "linear", "width": None, "depth": None, "activation": None}


def data(dataset, seed=0, **knobs):
    one = config(dataset=dataset, **FORM, **knobs)
    return sampling.sample(one.knobs(), stream(seed, DATA), seed, load(one.knobs()))


@pytest.mark.parametrize("dataset", ["iris", "digits", "breast_cancer", "spector"])
def test_the_most_frequent_class_is_that_of_scikit_learn(dataset):
    found = data(dataset)
    labels = [Y.argmax(axis=1) if Y.shape[1] > 1 else Y[:, 0] for Y in (found.Y, found.Y_test)
              if Y is not None]  # fmt: skip
    X = found.X_test if found.X_test is not None else found.X
    theirs = DummyClassifier().fit(found.X, labels[0]).score(X, labels[-1])
    assert baselines.score(baselines.constant(found), found) == pytest.approx(theirs, abs=1e-12)


def test_the_mean_and_the_linear_model_are_those_of_scikit_learn():
    found = data("diabetes")
    for theirs, ours in (
        (DummyRegressor(), baselines.constant),
        (LinearRegression(), baselines.linear),
    ):
        error = theirs.fit(found.X, found.Y).predict(found.X_test).reshape(-1, 1) - found.Y_test
        wanted = np.sqrt(np.mean(error**2))
        assert baselines.score(ours(found), found) == pytest.approx(wanted, rel=PARITY)
        scaled = data("diabetes", target_scaling="standard")
        assert baselines.score(ours(scaled), scaled) == pytest.approx(wanted, rel=PARITY)


def test_a_sentence_for_each_data_set_that_is_read():
    names = ("iris", "iris", "diabetes", "moons")
    configs = [config(dataset=name, **FORM, seeds=i + 1) for i, name in enumerate(names)]
    iris, diabetes = baselines.baselines(configs)
    assert iris.startswith(
        "to compare with, on held-out examples: the most frequent class is right"
    )
    assert "a linear model by least squares is right for" in iris
    assert "the mean has an rmse of" in diabetes


def test_a_large_table_is_compared_with_the_most_frequent_class_alone(monkeypatch):
    monkeypatch.setattr(baselines, "LARGEST", 100)
    assert "linear" not in baselines.sentence(config(dataset="iris", **FORM))
