"""A class of one's own as a model: trained by its own code, measured and stored as ours are."""

import random
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from support import configurations
from support.configurations import differing
from support.own_code import config
from support.stores import empty_store

from analysis.data import load
from experiments import export, own, train
from experiments.errors import ConfigError, TrainingError
from experiments.models import calls
from experiments.process import limits
from experiments.schema import own_entries
from experiments.schema.config import Config
from experiments.schema.defaults import defaults
from experiments.schema.fingerprint import differences
from experiments.schema.sources import load as real
from experiments.tracking.errors import Missing
from scratchml.sampling import sample
from scratchml.training import DATA, stream

TEXTBOOK = Path(__file__).parent / "support" / "textbook.py"
TINY = {"model": "textbook.py:TinyNet", "width": 2, "init": "uniform"}
EXACT = 1e-12  # sums of two and three terms, added in another order for 3,000 epochs

pytestmark = [pytest.mark.usefixtures("own_command"), pytest.mark.errstate(under="ignore")]


@pytest.fixture
def mine(tmp_path):
    """A function that writes `mine.py` with a class, and names it."""

    def write(text):
        path = tmp_path / "mine.py"
        path.write_text(text)
        own_entries.use([own.read(path)])

    return write


@pytest.fixture
def textbook():
    own_entries.use([own.read(TEXTBOOK)])


@pytest.fixture
def store(tmp_path_factory):
    """A function that makes an empty store, and returns its URI."""
    return lambda: empty_store(tmp_path_factory, tmp_path_factory.mktemp("store"))


def trained(**knobs):
    return configurations.train(config(**knobs))


# --- the classes of the textbook ------------------------------------------------------------------


def test_a_net_of_the_textbook_is_ours_from_our_start(textbook):
    knobs = {"epochs": 3000, "seeds": 3, "lr": 0.5, "loss": "squared_error"}
    theirs = trained(**TINY, **knobs)
    ours = trained(**knobs, batch_size=1, shuffle=False)
    for name in ("W1", "b1", "W2", "b2"):
        of_theirs = theirs[f"weights/{name.lower()}"]
        if name == "W1":  # a row a unit
            of_theirs = of_theirs.swapaxes(1, 2)
        of_ours = ours[f"weights/{name}"]
        assert np.abs(of_theirs.reshape(of_ours.shape) - of_ours).max() < EXACT
    for name in ("epoch", "curve/train/accuracy", "final/solved", "final/epochs_to_solve"):
        assert np.array_equal(theirs[name], ours[name], equal_nan=True)
    assert np.abs(theirs["curve/train/loss"] - ours["curve/train/loss"]).max() < EXACT
    assert theirs["final/solved"].any() and not theirs["final/solved"].all()
    assert np.array_equal(theirs["digest"], ours["digest"])


def test_one_command_trains_and_stores_all_three(tmp_path, store, capsys):
    uri = store()
    models = ",".join(f"{TEXTBOOK}:{name}" for name in ("Perceptron", "LogReg", "TinyNet"))
    words = [
        "-m",
        f"model={models},mlp",
        "dataset=and,xor",
        "lr=0.5",
        "epochs=300",
        "seeds=2",
        "executor=serial",
    ]
    assert train.main([*words, "--uri", uri]) == 0
    data = load("scratchml", uri)
    assert set(data.values("model")) == {
        "textbook.py:Perceptron", "textbook.py:LogReg", "textbook.py:TinyNet", "mlp"
    }  # fmt: skip
    perceptron = data.select(model="textbook.py:Perceptron")
    assert perceptron.select(dataset="and").nets.solved.all()
    assert not perceptron.select(dataset="xor").nets.solved.any()
    assert data.curves["train/loss"].notna().all() and data.curves["train/accuracy"].notna().all()
    run = data.select(model="textbook.py:LogReg", dataset="and")
    assert run.runs.name[0] == "and LogReg lr=0.5 x2"
    assert run.arrays()["weights/w"].shape == (2, 2)
    assert (run.arrays()["weights/w"][0] == run.arrays()["weights/w"][1]).all()  # from zero
    capsys.readouterr()
    assert train.main([*words, "--uri", uri]) == 0
    assert "8 done already, 0 to train" in capsys.readouterr().out


def test_the_defaults_of_a_class_are_those_of_its_runs(textbook):
    made = config(model="textbook.py:Perceptron")
    assert (made.lr, made.epochs) == (0.1, 20)


@pytest.mark.parametrize("name", ["Perceptron", "TinyNet"])  # both draw from `random`
def test_a_net_is_the_same_alone_in_company_and_with_other_points(textbook, name):
    knobs = {"model": f"textbook.py:{name}", "epochs": 200}
    both = trained(**knobs, seeds=2)
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    assert differing(both, trained(**knobs, seeds=2)) == set()
    jobs = [config(**knobs, seed=seed, seeds=1) for seed in (0, 1)]
    alone = configurations.train(*jobs, size=1)
    for net, run in enumerate(alone):
        for array, values in run.items():
            assert np.array_equal(values, both[array][net : net + 1], equal_nan=True) or (
                array == "epoch"
            )
    fewer = trained(**knobs, seeds=2, records=3)
    assert all(np.array_equal(fewer[n], both[n]) for n in both if n.startswith("weights/"))
    after = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    assert before == after
    assert not np.array_equal(both["weights/b"] if name == "Perceptron" else both["weights/b1"], 0)


# --- how classes may be written -------------------------------------------------------------------

NUMPY = '''
import numpy as np

class Softmax:
    """Softmax regression on all examples."""
    def __init__(self, n_features, n_classes, learning_rate=0.5, scale=0.1, seed=None):
        self.rng = np.random.default_rng(seed)
        self.W = scale * self.rng.standard_normal((n_features, n_classes))
        self.b, self.lr = np.zeros(n_classes), learning_rate
    def predict_proba(self, X):
        E = np.exp(X @ self.W + self.b)
        return E / E.sum(axis=1, keepdims=True)
    def fit(self, X, y, n_epochs=10):
        for _ in range(n_epochs):
            D = (self.predict_proba(X) - np.eye(len(self.b))[y]) / len(X)
            self.W -= self.lr * X.T @ D
            self.b -= self.lr * D.sum(axis=0)
'''


def test_a_class_of_arrays_gets_arrays_and_is_ours(mine):
    mine(NUMPY)
    data = {"dataset": "blobs", "n_classes": 3, "noise": 0.5, "n_samples": 60, "seeds": 2}
    common = data | {"test_fraction": 0.25, "epochs": 50, "records": 10}
    theirs = trained(model="mine.py:Softmax", **common)
    assert theirs["weights/W"].shape == (2, 2, 3)
    assert theirs["curve/test/accuracy"].shape == (2, len(theirs["epoch"]))
    start = np.concatenate(
        [0.1 * np.random.default_rng(0).standard_normal((2, 3)).ravel(), [0] * 3]
    )
    ours = trained(model="logistic", init="given", start=start.tolist(), lr=0.5,
                   **common | {"seeds": 1})  # fmt: skip
    for name in ("curve/train/loss", "curve/test/loss", "curve/test/accuracy"):
        assert np.abs(theirs[name][0] - ours[name][0]).max() < EXACT


def test_options_set_the_other_parameters_and_knobs_those_that_have_their_names(mine):
    mine(NUMPY)
    run = {"model": "mine.py:Softmax", "dataset": "blobs", "n_classes": 3, "noise": 0.5,
           "n_samples": 30, "epochs": 1, "seeds": 1}  # fmt: skip
    zero = trained(**run, options={"scale": 0.0}, lr=0.0001)
    assert np.abs(zero["weights/W"]).max() < 1e-3
    assert config(**run, options={"scale": 2}).name().startswith("blobs Softmax lr=0.5 scale=2")


REGRESSION = """
class Mean:
    def fit(self, xs, ys):
        self.b = sum(ys) / len(ys)
    def predict(self, xs):
        return [self.b for _ in xs]
"""


def test_a_class_that_fits_at_once_has_one_point_of_a_curve(mine):
    mine(REGRESSION)
    run = trained(dataset="linear", n_samples=20, noise=0.1, model="mine.py:Mean", seeds=2)
    assert run["epoch"].tolist() == [1] and run["curve/train/loss"].shape == (2, 1)
    found = sample(configurations.composed(dataset="linear", n_samples=20, noise=0.1),
                   stream(0, DATA), 0)  # fmt: skip
    assert run["final/train/loss"][0] == pytest.approx(0.5 * found.Y.var(), rel=1e-12)


STEPS = """
import random

class Slow:
    def __init__(self, rng):
        self.epochs = 0
    def partial_fit(self, xs, ys):
        self.epochs += 1
        self.w = self.epochs
    def predict(self, x):
        return self.epochs >= 7 if x[0] != x[1] else 0
"""


def test_a_class_of_single_steps_stops_by_our_rules_and_is_asked_at_each_checkpoint(mine):
    mine(STEPS)
    run = trained(dataset="xor", model="mine.py:Slow", epochs=100, seeds=2, stop="solved")
    assert run["final/epochs"].tolist() == run["final/epochs_to_solve"].tolist() == [7, 7]
    assert run["weights/w"].tolist() == [7, 7]


BEST = """
class Turning:
    def __init__(self, n_inputs):
        self.b = -5.0
    def train(self, xs, ys):
        self.b += 1.0
    def predict(self, x):
        return self.b
"""


def test_a_net_that_gets_worse_on_held_out_examples_is_kept_as_it_was_at_its_best(mine):
    mine(BEST)
    run = trained(dataset="linear", n_samples=20, noise=0.0, test_fraction=0.5, epochs=60, seeds=2,
                  model="mine.py:Turning", stop="held_out", stop_at=3, records=61)  # fmt: skip
    assert set(run["final/best_epoch"].tolist()) <= {4, 5, 6}
    assert run["weights/b"].tolist() == (run["final/best_epoch"] - 5.0).tolist()
    assert np.array_equal(run["final/epochs"], run["final/best_epoch"] + 3)
    assert run["final/test/loss"] == pytest.approx(run["curve/test/loss"].min(axis=1))


# --- packages -------------------------------------------------------------------------------------


def test_a_class_of_a_package_is_named_by_its_path(tmp_path):
    own.class_of_package("sklearn.ensemble:RandomForestClassifier")
    own_entries.use(own.NAMED.values())
    knobs = {"dataset": "iris", "test_fraction": 0.25, "seeds": 2}
    job = config(model="sklearn.ensemble:RandomForestClassifier", options={"n_estimators": 5},
                 **knobs)  # fmt: skip
    run = configurations.train(job)
    assert job.name().startswith("iris RandomForestClassifier n_estimators=5")
    assert "scikit-learn" in job.identity()
    for net in range(2):
        found = sample(job.knobs(), stream(net, DATA), net, real(job.knobs()))
        forest = RandomForestClassifier(n_estimators=5, random_state=net)
        forest.fit(found.X, found.Y.argmax(axis=1))
        score = forest.score(found.X_test, found.Y_test.argmax(axis=1))
        assert run["final/test/accuracy"][net] == score


def test_a_class_that_has_a_short_name_is_the_same_by_its_path():
    short = config(dataset="and", model="sklearn_logistic")
    knobs = dict(defaults("and", "sklearn_logistic"))
    path = Config.from_mapping(knobs | {"model": "sklearn.linear_model:LogisticRegression"})
    assert path.fingerprint() == short.fingerprint()


def test_a_regression_of_a_package_is_measured_by_its_predictions():
    own.class_of_package("sklearn.linear_model:LinearRegression")
    own_entries.use(own.NAMED.values())
    run = trained(dataset="diabetes", model="sklearn.linear_model:LinearRegression", seeds=1)
    knobs = configurations.composed(dataset="diabetes")
    found = sample(knobs, stream(0, DATA), 0, real(knobs))
    rest = found.Y - LinearRegression().fit(found.X, found.Y).predict(found.X)
    assert run["final/train/loss"][0] == pytest.approx(0.5 * np.mean(rest**2), rel=1e-9)


# --- identity -------------------------------------------------------------------------------------


def test_an_edit_of_the_class_trains_again_what_it_has_trained_and_nothing_else(mine):
    text = TEXTBOOK.read_text()

    def identities(text):
        mine(text)
        return [config(model=f"mine.py:{name}").identity() for name in ("Perceptron", "TinyNet")]

    before = identities(text)
    assert identities(text.replace("One unit that steps", "A unit")) == before
    assert identities(text + "\n\nclass Other:\n    pass\n") == before
    perceptron, tiny = identities(text.replace("z >= 0", "z > 0").replace(">= 0 else", "> 0 else"))
    assert tiny == before[1] and perceptron != before[0]
    assert differences(before[0], perceptron) == ["the code of model mine.py:Perceptron"]
    perceptron, tiny = identities(text.replace("return 1 / (1 +", "return 1.0 / (1 +"))
    assert perceptron == before[0] and tiny != before[1]  # it calls the function


# --- bad classes ----------------------------------------------------------------------------------

BASE = """
class Bad:
    def __init__(self, n_inputs):
        self.epochs = 0
    def train(self, xs, ys, epochs=1):
        self.epochs += epochs
    def predict(self, x):
        return 0
"""
TRAIN, PREDICT = r"^mine.py, line 5: Bad.train", r"^mine.py, line 7: Bad"
BAD = {  # (what stands in BASE, what stands there instead, what is said)
    "raises in epoch 37": (
        "        self.epochs += epochs",
        "        for _ in range(epochs):\n            self.epochs += 1\n"
        "            if self.epochs == 37:\n                [][1]",
        r"^mine.py, line 9: IndexError: list index out of range \(Bad.train, after epoch 36\)$",
    ),
    "never returns": (
        "self.epochs += epochs",
        "\n        while True: pass",
        r"^mine.py, line 7: Bad.train, after epoch 0 has not returned for \d+ s$",
    ),
    "changes examples": ("self.epochs += epochs", "xs[0][0] = 7.0",
                         TRAIN + r", after epoch 0: it has changed the examples"),
    "nan": ("return 0", "return float('nan')",
            PREDICT + r".predict answers with nan or inf at epoch 0"),
    "text": ("return 0", "return 'yes'", PREDICT + r".predict must answer with numbers; got .*yes"),
    "nothing": ("return 0", "pass", PREDICT + r".predict must answer with numbers; got \[?None"),
    "length": ("return 0", "return [1, 2, 3]",
               PREDICT + r".predict must answer with 1 number.*4 ex"),
    "probability": ("predict(self, x):\n        return 0", "forward(self, x):\n        return 3.0",
                    PREDICT + r".forward must answer with probabilities, from 0 to 1; got 3$"),
    "constructor": ("self.epochs = 0", "1 / 0",
                    r"^mine.py, line 4: ZeroDivisionError: division by zero \(Bad\(...\)\)$"),
    "many answers too few": (
        "predict(self, x):\n        return 0",
        "predict(self, xs):\n        return [x[0] for x in xs][1:]",
        PREDICT + r".predict must answer with 1 number.s. for each of 3 examples; got",
    ),
    "a name, after code that no list of examples can pass": (
        "return 0", "z = x[0] - 0.5\n        return sqare(z)",
        r"^mine.py, line 9: NameError: name 'sqare'",
    ),
    "exits": ("self.epochs += epochs", "raise SystemExit(3)", r"^mine.py, line 6: SystemExit: 3"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_a_class_does_wrong_is_one_sentence_about_its_line(mine, monkeypatch, name):
    monkeypatch.setattr(calls, "LONGEST", 0.2)
    old, new, said = BAD[name]
    assert old in BASE
    mine(BASE.replace(old, new))
    with pytest.raises(TrainingError, match=said) as raised:
        trained(model="mine.py:Bad", epochs=50, seeds=2)
    assert "\n" not in str(raised.value) and raised.value.traceback


def test_the_other_runs_of_a_sweep_go_on(tmp_path, store, capsys):
    (tmp_path / "mine.py").write_text(BASE.replace("self.epochs += epochs", "xs.clear()"))
    uri = store()
    words = ["-m", f"model={tmp_path}/mine.py:Bad,perceptron", "dataset=and", "seeds=2",
             "epochs=10", "--uri", uri]  # fmt: skip
    assert train.main(words) == 1
    said = capsys.readouterr().err
    assert re.search(
        r"failed: Bad and x2: mine.py, line 5: Bad.train, after epoch 0: it has changed", said
    )
    assert load("scratchml", uri).values("model") == ["perceptron"]


def test_a_net_of_infinite_answers_has_diverged_and_keeps_its_last_point(mine):
    mine(BASE.replace("return 0", "return 1e400 if self.epochs > 30 else 0.25"))
    run = trained(model="mine.py:Bad", epochs=100, seeds=2)
    assert run["final/diverged"].all() and (run["final/epochs"] == 31).all()
    assert np.isfinite(run["curve/train/loss"]).all()


def test_what_a_class_prints_is_not_heard(mine, capsys):
    mine(BASE.replace("return 0", "print('hello'); return 0"))
    trained(model="mine.py:Bad", epochs=3)
    assert capsys.readouterr().out == ""


REFUSED = {
    "no learning": ("train", "learn", "model mine.py:Bad has no method that learns, such as train"),
    "no answer": ("predict", "say", "model mine.py:Bad has no method that answers: predict"),
    "needs": ("self, n_inputs", "self, n_inputs, rate",
              "model mine.py:Bad needs rate; no knob has this name: write options={rate: VALUE}"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_class_that_cannot_be_a_model_is_refused_in_a_sentence(tmp_path, store, capsys, name):
    old, new, said = REFUSED[name]
    (tmp_path / "mine.py").write_text(BASE.replace(old, new))
    words = [f"model={tmp_path}/mine.py:Bad", "--uri", store()]
    assert train.main(words) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("choices, said", [
    ({"options": {"n_inputs": 3}}, "options.n_inputs is not for model mine.py:Bad"),
    ({"options": {"x": 3}}, r"options.x is not for model mine.py:Bad, which takes \[\]"),
    ({"lr": 0.3}, "lr has no meaning for model mine.py:Bad, which its own code trains"),
    ({"measure": ["sharpness"]}, "measure has no meaning for model mine.py:Bad"),
    ({"stop": "gradient", "stop_at": 1.0}, "stop=gradient needs a gradient"),
    ({"width": 3}, "width has no meaning for model mine.py:Bad; leave it out"),
    ({"loss": "cross_entropy"}, "loss must be one of .'squared_error'."),
])  # fmt: skip
def test_knobs_that_have_no_meaning_for_a_class_are_refused(mine, choices, said):
    mine(BASE)
    with pytest.raises(ConfigError, match=said):
        config(model="mine.py:Bad", **choices)


WEIGHTED = """
import numpy as np

class Weighted:
    def __init__(self, n_inputs, momentum=0.5, shuffle=False, bias=0.25, penalty="l2"):
        self.b = bias
        self.momentum = momentum
    def fit(self, X, y, sample_weight=None):
        CHANGE
    def predict(self, X):
        return np.full(len(X), self.b)
"""


def test_a_knob_that_a_class_asks_for_is_in_its_identity(mine):
    mine(WEIGHTED.replace("CHANGE", "pass"))
    runs = [config(model="mine.py:Weighted", **knobs) for knobs in
            ({}, {"momentum": 0.7}, {"shuffle": True})]  # fmt: skip
    assert len({run.fingerprint() for run in runs}) == 3
    assert runs[0].momentum == 0.5


def test_a_default_that_no_knob_can_have_is_an_option(mine):
    mine(WEIGHTED.replace("CHANGE", "pass"))
    run = trained(model="mine.py:Weighted", seeds=1, options={"bias": 0.75, "penalty": "l1"})
    assert run["weights/b"].tolist() == [0.75]


def test_weights_of_examples_cannot_be_changed(mine):
    mine(WEIGHTED.replace("CHANGE", "sample_weight /= sample_weight.sum()"))
    with pytest.raises(TrainingError, match="^mine.py, line 9: ValueError: .* read-only"):
        trained(model="mine.py:Weighted", dataset="and", class_weight="balanced", seeds=2)


@pytest.mark.parametrize("line", ["import numpy", "from numpy import exp", "import numpy.random"])
def test_whoever_imports_numpy_gets_arrays(mine, line):
    mine(f"{line}\n" + BASE.replace("return 0", "return x.sum() * 0.0"))
    assert trained(model="mine.py:Bad", epochs=2, seeds=1)["final/train/loss"] == [0.25]


def test_parts_that_a_class_does_not_reach_are_not_in_its_identity(mine):
    mine(BASE)
    parts = config(model="mine.py:Bad").identity()
    assert not [part for part in parts if part.startswith(("optimizer", "init", "backprop"))]


def test_a_limit_inside_a_limit_leaves_the_outer_one_alone():
    class Outer(Exception):
        pass

    with pytest.raises(Outer), limits.limited(0.2, Outer):
        with limits.limited(60.0, limits.TookTooLong):
            pass
        while True:
            pass
    with pytest.raises(Outer), limits.limited(0.2, Outer), limits.limited(60.0, limits.TookTooLong):
        while True:
            pass
    with pytest.raises(limits.TookTooLong), limits.limited(60.0, Outer):
        with limits.limited(0.2, limits.TookTooLong):
            while True:
                pass


# --- reading --------------------------------------------------------------------------------------


def test_a_stored_net_answers_again_where_its_file_is_named(tmp_path, store):
    uri = store()
    words = [f"model={TEXTBOOK}:TinyNet", "lr=0.5", "epochs=200", "seeds=2", "--uri", uri]
    assert train.main(words) == 0
    data = load("scratchml", uri)
    X = np.array([[0.0, 0.0], [0.0, 1.0], [0.5, 2.0]])
    with pytest.raises(Missing, match="model textbook.py:TinyNet is not one of scratchml's; name "):
        data.net()
    outputs = load("scratchml", uri, code=TEXTBOOK).net(index=1)(X)
    weights = {name: array[1] for name, array in data.arrays().items() if "weights/" in name}
    H = 1 / (1 + np.exp(-(X @ weights["weights/w1"].T + weights["weights/b1"])))
    expected = 1 / (1 + np.exp(-(H @ weights["weights/w2"] + weights["weights/b2"])))
    assert np.abs(outputs[:, 0] - expected).max() < EXACT
    other = tmp_path / "textbook.py"
    other.write_text(TEXTBOOK.read_text().replace("return 1 / (1 +", "return 1 / (2 +"))
    with pytest.raises(Missing, match="the code of model textbook.py:TinyNet has changed"):
        load("scratchml", uri, code=other).net()


@pytest.mark.parametrize("slots", ['"w", "b", "lr"', '"lr", "w", "b", "__dict__"'])
def test_weights_in_slots_are_stored_and_answer_again(tmp_path, store, slots):
    uri = store()
    text = BASE.replace("class Bad:", f"class Bad:\n    __slots__ = {slots}")
    text = text.replace("self.epochs = 0", "self.w, self.b, self.lr = [0.5, -1.0], 0.25, 1.0")
    text = text.replace("self.epochs += epochs", "self.b += epochs")
    text = text.replace("return 0", "return self.w[0] * x[0] + self.w[1] * x[1] + self.b")
    (tmp_path / "mine.py").write_text(text)
    assert train.main([f"model={tmp_path}/mine.py:Bad", "epochs=2", "seeds=1", "--uri", uri]) == 0
    data = load("scratchml", uri, code=tmp_path / "mine.py")
    assert data.arrays()["weights/w"].tolist() == [[0.5, -1.0]]
    assert data.net()([[2.0, 4.0]]).tolist() == [[0.5 * 2.0 - 4.0 + 2.25]]


def test_a_net_without_weights_that_can_be_read_says_so(tmp_path, store):
    uri = store()
    (tmp_path / "mine.py").write_text(BASE)
    assert train.main([f"model={tmp_path}/mine.py:Bad", "epochs=2", "seeds=1", "--uri", uri]) == 0
    with pytest.raises(Missing, match="Bad answers only where it was trained: its weights"):
        load("scratchml", uri, code=tmp_path / "mine.py").net()


def test_a_net_of_a_class_is_not_exported_and_options_are_read_back(tmp_path, store, capsys):
    uri = store()
    (tmp_path / "mine.py").write_text(NUMPY)
    words = [f"model={tmp_path}/mine.py:Softmax", "dataset=blobs", "n_classes=3", "noise=0.5",
             "n_samples=30", "epochs=2", "seeds=1", "options={scale: 0.5}"]  # fmt: skip
    assert train.main([*words, "--uri", uri]) == 0
    data = load("scratchml", uri, code=tmp_path / "mine.py")
    assert data.net()([[0.0, 1.0]]).shape == (1, 3)
    run = data.runs.run_id[0]
    capsys.readouterr()
    code = ["--code", str(tmp_path / "mine.py")]
    assert export.main([run, "--uri", uri, "--to", str(tmp_path / "net"), *code]) == 2
    assert "a net of mine.py:Softmax answers by its own code alone" in capsys.readouterr().err
