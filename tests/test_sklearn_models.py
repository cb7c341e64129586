"""scikit-learn's estimators as models: their own answers, measured by our code, stored as runs."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier
from support import configurations, stored
from support.configurations import config, differing, train
from support.stores import empty_store
from support.tolerances import PARITY

from analysis.data import load
from experiments.errors import ConfigError, TrainingError
from experiments.models import MODELS, sklearn_models
from experiments.running import stacks
from experiments.schema import sources
from scratchml.sampling import sample
from scratchml.training import DATA, stream

pytestmark = pytest.mark.errstate(under="ignore")

BLOBS = {"dataset": "blobs", "n_samples": 40, "noise": 1.0, "seeds": 2}
# A configuration, and the estimator that should give the same answer.
SAME = [
    ({"model": "sklearn_logistic"}, LogisticRegression),
    ({"model": "sklearn_logistic", "bias": False}, lambda **own: LogisticRegression(
        fit_intercept=False, **own)),
    ({"model": "sklearn_logistic", "n_classes": 3}, LogisticRegression),
    ({"model": "sklearn_logistic", "options": {"C": 0.1, "tol": 1e-8}}, lambda **own:
        LogisticRegression(C=0.1, tol=1e-8, **own)),
    ({"model": "sklearn_mlp", "width": 4, "depth": 2, "options": {"max_iter": 5}}, lambda **own:
        MLPClassifier((4, 4), max_iter=5, **own)),
    ({"model": "sklearn_mlp", "activation": "sigmoid", "options": {"solver": "lbfgs"}}, lambda
        **own: MLPClassifier(activation="logistic", solver="lbfgs", **own)),
]  # fmt: skip


def examples(seed, **knobs):
    """X, y and the data as that net sees it."""
    found = sample(configurations.composed(**knobs), stream(seed, DATA), seed)
    Y = found.Y
    return found.X, Y.argmax(axis=1) if Y.shape[1] > 1 else Y[:, 0]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("choices, estimator", SAME)
def test_a_model_is_what_scikit_learn_makes_of_the_same_data(choices, estimator):
    knobs = BLOBS | choices
    arrays = train(config(**knobs))
    for net, seed in enumerate(arrays["seed"]):
        X, y = examples(int(seed), **knobs)
        with np.errstate(all="ignore"):
            fitted = estimator(random_state=int(seed)).fit(X, y)
        layers = hasattr(fitted, "coefs_")
        W = fitted.coefs_ if layers else [fitted.coef_.T]
        b = fitted.intercepts_ if layers else [fitted.intercept_]
        for layer in range(len(W)):
            assert np.array_equal(arrays[f"weights/W{layer + 1}"][net], W[layer])
            if choices.get("bias", True):
                assert np.array_equal(arrays[f"weights/b{layer + 1}"][net, 0], b[layer])
        assert ("weights/b1" in arrays) == choices.get("bias", True)
        assert arrays["final/epochs"][net] == np.max(fitted.n_iter_)
        assert arrays["epoch"].tolist() == [fitted.max_iter]
        loss = log_loss(y, fitted.predict_proba(X))
        assert arrays["final/train/loss"][net] == pytest.approx(loss, rel=PARITY)
        assert arrays["final/train/accuracy"][net] == fitted.score(X, y)


def test_a_random_state_of_the_user_replaces_the_seed_of_the_net():
    one, two = (
        train(config(**BLOBS, model="sklearn_mlp", options={"max_iter": 2} | own))
        for own in ({}, {"random_state": 1})
    )
    same = (one["weights/W1"] == two["weights/W1"]).all(axis=(1, 2))
    assert same.tolist() == [False, True]
    assert np.array_equal(one["digest"], two["digest"])


def test_a_net_is_the_same_alone_and_in_a_stack():
    jobs = [config(**BLOBS, model="sklearn_mlp", options={"max_iter": 3}, seed=s) for s in (0, 1)]
    together, _ = train(*jobs)
    assert differing(together, train(jobs[0])) == set()
    assert differing(together, train(jobs[0], size=1)) == set()


def test_what_an_estimator_has_solved_it_has_solved_by_its_last_iteration():
    easy = {"dataset": "and", "model": "sklearn_logistic"}
    solved = train(config(**easy, options={"C": 1000.0}))
    failed = train(config(**easy, options={"C": 0.1}))
    assert solved["final/solved"].all() and not failed["final/solved"].any()
    assert np.array_equal(solved["final/epochs_to_solve"], solved["final/epochs"])
    assert np.isnan(failed["final/epochs_to_solve"]).all()


def test_a_class_without_examples_is_said():
    few = config(dataset="digits", n_samples=5, model="sklearn_logistic")
    [task] = stacks.cut({0: few}, real=sources.load)
    [(_, _, error)], _, _ = stacks.train(task)
    assert isinstance(error, TrainingError) and "no example of some class among 5" in str(error)


UNTOUCHED = {
    "init": "uniform", "init_scale": 1.0, "start": None, "loss": "cross_entropy",
    "optimizer": "sgd", "lr": 1.0, "lr_unit": "absolute", "momentum": 0.9, "batch_size": None,
    "shuffle": True, "l2": 0.0, "epochs": 10000, "stop": "never", "stop_at": None, "records": 40,
    "spacing": "log", "paths": False, "class_weight": None, "weights": None,
    "backprop": "exact",
}  # fmt: skip


@pytest.mark.parametrize("model", sklearn_models.ENTRIES)
def test_knobs_that_a_model_ignores_are_refused_and_do_not_identify_its_runs(model):
    assert set(MODELS[model].ignores) == set(UNTOUCHED)
    usual = config(model=model, dataset="breast_cancer")  # a data set with lr and epochs of its own
    knobs = usual.knobs()
    assert {name: knobs[name] for name in UNTOUCHED} == UNTOUCHED
    assert not UNTOUCHED.keys() & usual.canonical().keys()
    other = {"init": "he", "optimizer": "adam", "lr_unit": "critical", "stop": "solved",
             "loss": "squared_error", "start": [1.0], "batch_size": 1, "stop_at": 0.1,
             "shuffle": False, "paths": True, "momentum": 0.5, "spacing": "linear",
             "class_weight": "balanced", "weights": "a", "backprop": "frozen"}  # fmt: skip
    for name, value in UNTOUCHED.items():
        with pytest.raises(
            ConfigError, match=f"(?m)^{name} has no meaning for model {model}, which"
        ):
            config(model=model, **{name: other[name] if name in other else value + 1})


@pytest.mark.parametrize(
    "choices, said",
    [
        (
            {"options": {"foo": 1}},
            r"^options.foo is not for model sklearn_logistic, which takes .*'C'",
        ),
        (
            {"options": {"fit_intercept": False}},
            "^options.fit_intercept is not for model sklearn_logistic; another knob",
        ),
        ({"options": {"C": -1}}, "^options: The 'C' parameter of LogisticRegression must be"),
        ({"options": [1]}, r"^options must be a mapping, \{NAME: VALUE, ...\}, or null; got \[1\]"),
        ({"model": "sklearn_mlp", "activation": "step"}, "^activation must be one of .* 'step'"),
        ({"model": "sklearn_mlp", "width": None}, "^width must be a whole number >= 1 for model"),
        ({"width": 3}, "^width has no meaning for model sklearn_logistic; leave it out"),
        ({"dataset": "linear"}, "^model sklearn_logistic needs classes; dataset linear is a regr"),
        ({"measure": ["dead_units"]}, "^measure=dead_units needs hidden layers; model sklearn_log"),
        ({"model": "mlp", "options": {"C": 1}}, "^options has no meaning for model mlp; leave it"),
    ],
)
def test_what_no_estimator_can_do_is_refused(choices, said):
    with pytest.raises(ConfigError, match=said) as refused:
        config(**{"model": "sklearn_logistic"} | choices)
    assert len(str(refused.value).splitlines()) == 1


def test_another_scikit_learn_is_another_run(monkeypatch):
    theirs, ours = config(model="sklearn_logistic"), config()
    before = theirs.fingerprint(), ours.fingerprint()
    monkeypatch.setattr("importlib.metadata.version", lambda name: f"{name} 99")
    assert theirs.fingerprint() != before[0] and ours.fingerprint() == before[1]


def test_diagnostics_are_those_of_the_fitted_net():
    arrays = train(config(**BLOBS, model="sklearn_mlp", measure=["dead_units", "sharpness"]))
    assert arrays["curve/dead_units"].shape == (2, 1)
    assert np.array_equal(arrays["final/sharpness"], arrays["curve/sharpness"][:, -1])


def test_a_stored_run_is_read_like_any_other(tmp_path_factory, tmp_path):
    uri = empty_store(tmp_path_factory, tmp_path)
    jobs = [config(**BLOBS, model="sklearn_logistic", options=own) for own in (None, {"C": np.inf})]
    stored.sweep(uri, "sklearn_models", jobs)
    found = load("sklearn_models", uri)
    assert found.values("options") == ['{"C": Infinity}'] and len(found.select(options=None)) == 1
    assert found.runs.name.tolist() == [
        "blobs sklearn_logistic n_samples=40 noise=1 x2",
        "blobs sklearn_logistic C=inf n_samples=40 noise=1 x2",
    ]
    run = found.select(options=None)
    X = run.examples(index=1).X
    fitted = LogisticRegression().fit(*examples(1, **BLOBS))
    np.testing.assert_allclose(
        run.net(index=1)(X)[:, 0], fitted.predict_proba(X)[:, 1], rtol=PARITY
    )
