"""Several labels: each output is a sigmoid unit of its own, and an answer is right as a whole."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_multilabel_classification
from sklearn.neural_network import MLPClassifier
from support.configurations import composed, config, train
from support.stores import empty_store
from support.tolerances import ANOTHER_WAY, PARITY

from analysis.data import load
from experiments import train as command
from experiments.errors import ConfigError
from experiments.schema.encoding import encode
from scratchml import MLP, LogisticRegression, Perceptron, plain
from scratchml.evaluation import Evaluation
from scratchml.logistic import Logistic
from scratchml.losses import LOSSES
from scratchml.mlp import MLP as Net
from scratchml.parameters import count, views
from scratchml.sampling import Data, missing_classes, sample
from scratchml.training import Plan, Trainer

pytestmark = pytest.mark.errstate(under="ignore")

X = np.array([[0.3, -1.2], [2.5, 0.1], [-0.7, -0.4], [1.1, 1.9], [-2.0, 0.8]])
Y = np.array([[0, 1, 1], [1, 1, 0], [0, 0, 0], [1, 0, 1], [1, 1, 1]], dtype=float)
DATA = Data("multilabel", X, Y)


def label(k):
    """The examples as `plain` takes them, with the k-th label alone."""
    return [(tuple(x), y) for x, y in zip(X, Y[:, k], strict=True)]


def nets(model, loss="cross_entropy"):
    theta = np.random.default_rng(0).uniform(-1.0, 1.0, (2, count(model.shapes)))
    return Evaluation(model, LOSSES["sigmoid", loss], theta, X, Y, np.zeros((2, 1)))


# --- against plain.py -----------------------------------------------------------------------------


def test_logistic_regression_of_labels_is_one_plain_regression_for_each():
    model = Logistic(2, 3, multilabel=True)
    start = nets(model)
    plan = Plan("cross_entropy", "sgd", 50, 1.0, 0.0, 0.0)
    trainer = Trainer(model, start.theta, DATA, plan, [None, None])
    list(trainer.run())
    arrays = trainer.arrays()
    for r in range(2):
        lines = [
            plain.Logistic(start.net["W1"][r, :, k], start.net["b1"][r, 0, k]) for k in (0, 1, 2)
        ]
        assert start.value[r] == pytest.approx(
            sum(line.loss(label(k)) for k, line in enumerate(lines)), rel=PARITY
        )
        for k, line in enumerate(lines):
            line.train(label(k), lr=1.0, epochs=50)
            np.testing.assert_allclose(arrays["weights/W1"][r, :, k], line.w, rtol=ANOTHER_WAY)
            np.testing.assert_allclose(arrays["weights/b1"][r, 0, k], line.b, rtol=ANOTHER_WAY)


@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
def test_a_net_has_the_gradients_of_plain_nets_that_share_a_hidden_layer(loss):
    found = nets(Net((2, 4, 3), "sigmoid", "sigmoid"), loss)
    gradient = views(found.gradient, found.model.shapes)
    for r in range(2):
        W1, b1, W2, b2 = (found.net[name][r] for name in ("W1", "b1", "W2", "b2"))
        each = [
            plain.Net(W1, b1[0], W2[:, k], b2[0, k]).gradient(label(k), loss == "squared_error")
            for k in range(3)
        ]
        hidden = [sum(np.array(one[i]) for one in each) for i in (0, 1)]
        np.testing.assert_allclose(gradient["W1"][r], hidden[0], rtol=PARITY)
        np.testing.assert_allclose(gradient["b1"][r, 0], hidden[1], rtol=PARITY)
        np.testing.assert_allclose(gradient["W2"][r].T, [one[2] for one in each], rtol=PARITY)
        np.testing.assert_allclose(gradient["b2"][r, 0], [one[3] for one in each], rtol=PARITY)


# --- against scikit-learn -------------------------------------------------------------------------


def test_scikit_learns_net_takes_the_same_steps():
    theirs = MLPClassifier((4,), "logistic", solver="sgd", learning_rate_init=0.5, momentum=0.0,
                           alpha=0.0, batch_size=5, shuffle=False)  # fmt: skip
    theirs.partial_fit(X, Y.astype(int), classes=[0, 1, 2])
    theta = np.concatenate([
        part.ravel()
        for layer in zip(theirs.coefs_, theirs.intercepts_, strict=True)
        for part in layer
    ])  # fmt: skip
    for _ in range(20):
        theirs.partial_fit(X, Y.astype(int))
    plan = Plan("cross_entropy", "sgd", 20, 0.5, 0.0, 0.0)
    ours = Trainer(Net((2, 4, 3), "sigmoid", "sigmoid"), theta[None], DATA, plan, [None])
    list(ours.run())
    arrays = ours.arrays()
    for layer, (W, b) in enumerate(zip(theirs.coefs_, theirs.intercepts_, strict=True), start=1):
        np.testing.assert_allclose(arrays[f"weights/W{layer}"][0], W, rtol=ANOTHER_WAY)
        np.testing.assert_allclose(arrays[f"weights/b{layer}"][0, 0], b, rtol=ANOTHER_WAY)


def test_scikit_learns_net_is_a_model_of_ours():
    choices = {"model": "sklearn_mlp", "width": 4, "activation": "sigmoid", "seeds": 2}
    arrays = train(config(dataset="encoder", sklearn={"solver": "lbfgs"}, **choices))
    theirs = MLPClassifier((4,), "logistic", solver="lbfgs", random_state=1)
    theirs.fit(np.eye(4), np.eye(4, dtype=int))
    assert np.array_equal(arrays["weights/W2"][1], theirs.coefs_[1])
    assert arrays["final/train/accuracy"][1] == theirs.score(np.eye(4), np.eye(4))
    with pytest.raises(ConfigError, match="needs classes; dataset encoder has several labels"):
        config(dataset="encoder", model="sklearn_logistic")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("make", [MLP, LogisticRegression])
def test_estimators_take_labels_and_answer_as_scikit_learns(make):
    inputs, labels = make_multilabel_classification(80, 5, n_classes=3, random_state=0)
    fitted = make().fit(inputs, labels)
    P, answers = fitted.predict_proba(inputs), fitted.predict(inputs)
    assert fitted.classes_.tolist() == [0, 1, 2] and P.shape == answers.shape == labels.shape
    assert np.array_equal(answers, (P > 0.5).astype(int))
    np.testing.assert_allclose(np.exp(fitted.predict_log_proba(inputs)), P, rtol=ANOTHER_WAY)
    assert fitted.score(inputs, labels) == (answers == labels).all(axis=1).mean() > 0.4


def test_estimators_refuse_what_labels_do_not_allow():
    with pytest.raises(ValueError, match="Only binary classification is supported"):
        Perceptron().fit(X, Y.astype(int))
    with pytest.raises(ValueError, match="class_weight must be None"):
        MLP(class_weight="balanced").fit(X, Y.astype(int))


def test_calls_of_partial_fit_are_the_epochs_of_a_fit():
    net, steps = MLP(epochs=3, shuffle=False), MLP(shuffle=False)
    for _ in range(3):
        steps.partial_fit(X, Y.astype(int), classes=[0, 1, 2])
    net.fit(X, Y.astype(int))
    assert all(map(np.array_equal, net.coefs_, steps.coefs_))


# --- data -----------------------------------------------------------------------------------------


def test_columns_of_two_values_are_labels():
    table = pd.DataFrame({"x": [1, 2, 3], "a": [0, 1, 0], "b": ["yes", "no", "yes"]})
    examples, encoding = encode(table, ("a", "b"))
    assert (examples.problem, examples.n_classes) == ("multilabel", 2)
    assert examples.y.tolist() == [[0, 1], [1, 0], [0, 1]]
    assert encoding.classes == ("0/1", "no/yes")
    amounts, _ = encode(table[["x", "a"]].assign(c=[1, 0, 0]), ("a", "c"), problem="regression")
    assert amounts.problem == "regression"


@pytest.mark.parametrize(
    ("column", "problem", "said"),
    [
        ([0, 1, 2], "multilabel", "labels have two values each; b has more"),
        ([1, 1, 1], None, "target b is constant"),
        ([0, 1, 1], "binary", "several targets are a regression or labels; got problem=binary"),
        (["u", "v", "w"], None, "have to be numbers; got b"),
    ],
)
def test_columns_that_are_no_labels_are_refused(column, problem, said):
    table = pd.DataFrame({"x": [1, 2, 3], "a": [0, 1, 0], "b": column})
    with pytest.raises(ConfigError, match=said):
        encode(table, ("a", "b"), problem=problem)


def test_each_label_may_be_wrong_by_itself():
    knobs = composed(dataset="encoder", inputs=4, n_samples=2000, noise=0.1, label_noise=0.5)
    noisy = sample(knobs, np.random.default_rng(0))
    wrong = (noisy.Y != np.resize(np.eye(4), (2000, 4))).mean(axis=0)
    np.testing.assert_allclose(wrong, 0.25, atol=0.05)
    assert 0.6 < (noisy.Y != np.resize(np.eye(4), (2000, 4))).any(axis=1).mean() < 0.8


def test_a_label_that_is_never_1_in_training_is_a_class_that_is_missing():
    held_out = Data("multilabel", X, Y, X[:1], np.array([[0.0, 0.0, 1.0]]))
    assert missing_classes(held_out) == {"train": 0, "test": 3}


def test_a_file_of_labels_is_swept_and_read_back(tmp_path, tmp_path_factory, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    inputs, labels = make_multilabel_classification(90, 4, n_classes=2, random_state=1)
    table = pd.DataFrame(inputs, columns=list("pqrs")).assign(a=labels[:, 0], b=labels[:, 1])
    table.to_csv("t.csv", index=False)
    uri = empty_store(tmp_path_factory, tmp_path)
    words = ["-m", "dataset=file", "path=t.csv", "target=[a,b]", "model=logistic,mlp", "seeds=2",
             "epochs=20", "executor=serial", "experiment=labels", "--uri", uri]  # fmt: skip
    assert command.main(words) == 0
    assert "the most frequent class of each label is right for" in capsys.readouterr().out
    found = load("labels", uri).select(model="mlp")
    data, net = found.examples(), found.net()
    assert data.problem == "multilabel" and data.Y.shape[1] == 2
    accuracy = ((net(data.X) > 0.5) == (data.Y > 0.5)).all(axis=1).mean()
    assert found.arrays()["final/train/accuracy"][0] == accuracy
