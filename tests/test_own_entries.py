"""An entry of one's own is a function and a line in a table: the whole harness then knows it.

One row is added to each table. Nothing else is told: the sweep below goes through the real command
line, Hydra, the store and the reader.
"""

import re
import shutil

import numpy as np
import pytest
from support import composing, configurations
from support.configurations import config
from support.one_of_each import (
    absolute_error,
    absolute_error_gradient,
    bowl,
    far,
    halves,
    largest,
    plaid,
    sign_descent,
)
from support.stores import empty_store
from support.tolerances import PARITY

from analysis.data import load
from experiments import train
from experiments.errors import ConfigError
from experiments.schema import defaults
from experiments.schema.help import help_text
from experiments.schema.sizes import memory, n_parameters
from experiments.schema.sources import problem, shape
from scratchml.activations import ACTIVATIONS, Activation
from scratchml.backprop import BACKPROP, Backprop
from scratchml.datasets import DATASETS, Dataset
from scratchml.diagnostics import DIAGNOSTICS, Diagnostic
from scratchml.initializers import INITIALIZERS, Initializer
from scratchml.losses import LOSSES, Loss
from scratchml.optimizers import OPTIMIZERS, Optimizer
from scratchml.stopping import STOPS, Stop

# --- the entries ----------------------------------------------------------------------------------


def doubled(net, layer):
    return 2.0 * net[f"W{layer}"].mT


ENTRIES = [
    (DATASETS, "plaid", Dataset(plaid, ("noise",), least=4)),
    (DATASETS, "bowl", Dataset(bowl, ("n_features",), "n_features", "regression")),
    (ACTIVATIONS, "sine", Activation(np.sin, lambda z, a: np.cos(z))),
    (LOSSES, ("sigmoid", "absolute"), Loss(absolute_error, absolute_error_gradient)),
    (OPTIMIZERS, "signs", Optimizer(sign_descent)),
    (BACKPROP, "doubled", Backprop(doubled)),
    (INITIALIZERS, "halves", Initializer(halves)),
    (DIAGNOSTICS, "largest", Diagnostic(largest)),
    (STOPS, "far", Stop(far, needs_stop_at=True)),
]
FILES = {
    "plaid": "# @package _global_\n# Four squares.\ndataset: plaid\nn_samples: 40\nnoise: 0.05\n",
    "bowl": "# @package _global_\n# A bowl.\ndataset: bowl\nn_samples: 30\nn_features: 3\n",
}
# Whatever the problem, and what goes with classes only.
ALL = {"activation": "sine", "width": 4, "init": "halves", "optimizer": "signs", "lr": 0.01,
       "backprop": "doubled", "measure": ["largest"], "stop": "far", "stop_at": 0.705}  # fmt: skip
OURS = {"plaid": ALL | {"loss": "absolute"}, "bowl": ALL}


@pytest.fixture(autouse=True)
def own(monkeypatch, tmp_path):
    """The entries in their tables, and the files of the data sets in a copy of conf/."""
    for table, name, entry in ENTRIES:
        monkeypatch.setitem(table, name, entry)
    conf = tmp_path / "conf"
    shutil.copytree(defaults.CONF, conf)
    for name, text in FILES.items():
        (conf / "dataset" / f"{name}.yaml").write_text(text)
    monkeypatch.setattr(defaults, "CONF", conf)
    monkeypatch.setattr(composing, "CONF", conf)
    caches = (composing.composer, configurations._chosen)
    for composed in caches:
        composed.cache_clear()
    yield
    for composed in caches:
        composed.cache_clear()


# --- the sweep ------------------------------------------------------------------------------------


@pytest.fixture
def swept(tmp_path_factory, tmp_path, monkeypatch):
    """Launches the sweep of a data set by the real command, and reads it by the real reader."""
    uri = empty_store(tmp_path_factory, tmp_path)
    monkeypatch.chdir(tmp_path)

    def sweep(dataset):
        words = [f"{name}={value}".replace("'", "") for name, value in OURS[dataset].items()]
        words += ["seed=0,10", "seeds=3", "epochs=60", "executor=serial", f"experiment={dataset}"]
        assert train.main(["-m", f"dataset={dataset}", *words, "--uri", uri]) == 0
        return load(dataset, uri)

    return sweep


@pytest.mark.parametrize("dataset, sizes", [("plaid", (40, 2, 1)), ("bowl", (30, 3, 1))])
def test_a_sweep_over_entries_of_ones_own_is_trained_stored_and_read(swept, capsys, dataset, sizes):
    data = swept(dataset)
    assert len(data.runs) == 2 and len(data.nets) == 6
    for knob, word in {"dataset": dataset, **OURS[dataset], "measure": ("largest",)}.items():
        assert set(data.runs[knob]) == {word}
    for run_id in data.runs.run_id:
        arrays, examples = data.arrays(run_id), data.examples(run_id, index=1)
        assert (*examples.X.shape, examples.Y.shape[1]) == sizes
        outputs, Y = data.net(run_id, index=1)(examples.X), examples.Y
        if dataset == "plaid":
            right = np.mean((outputs > 0.5) == (Y > 0.5))
            assert arrays["final/train/accuracy"][1] == right
            loss = np.abs(outputs - Y).mean()
        else:
            loss = 0.5 * ((outputs - Y) ** 2).mean()
        assert arrays["final/train/loss"][1] == pytest.approx(loss, rel=PARITY)
        # Every weight starts at .5 or -.5 and moves by .01 an epoch: .705 is 21 epochs away.
        assert np.all(arrays["curve/largest"][:, 0] == 0.5)
        assert set(arrays["final/epochs"]) == {21} and np.all(arrays["final/largest"] > 0.705)
    capsys.readouterr()
    again = swept(dataset)
    assert "2 done already, 0 to train" in capsys.readouterr().out
    assert set(again.runs.run_id) == set(data.runs.run_id)


# --- what the schema knows of them ----------------------------------------------------------------


def test_shapes_problems_and_numbers_of_parameters_follow_from_the_rows():
    one, other = config(dataset="plaid", **OURS["plaid"]), config(dataset="bowl", **OURS["bowl"])
    assert (problem(one), shape(one)) == ("binary", (40, 2, 1))
    assert (problem(other), shape(other)) == ("regression", (30, 3, 1))
    assert n_parameters(one) == (2 + 1) * 4 + 4 + 1 and n_parameters(other) == (3 + 1) * 4 + 4 + 1
    wide = config(dataset="bowl", **OURS["bowl"] | {"n_features": 300})
    assert shape(wide) == (30, 300, 1) and memory(wide) > memory(other)
    assert config(dataset="bowl").loss == "squared_error"
    assert config(dataset="plaid").loss == "cross_entropy"


def test_names_and_fingerprints_tell_them_from_others():
    wanted = (
        "plaid mlp sine w=4 signs lr=0.01 halves absolute n_samples=40 noise=0.05 "
        "backprop=doubled stop=far x20"
    )
    mine = config(dataset="plaid", **OURS["plaid"])
    assert mine.name() == wanted
    others = {"dataset": "moons", "activation": "tanh", "loss": "squared_error", "init": "he",
              "optimizer": "adam", "measure": [], "stop": "never"}  # fmt: skip
    for knob, value in others.items():
        change = {knob: value} | ({"stop_at": None} if knob == "stop" else {})
        other = config(**{"dataset": "plaid"} | OURS["plaid"] | change)
        assert other.fingerprint() != mine.fingerprint()


@pytest.mark.parametrize(
    "choices, said",
    [
        ({"dataset": "plaid", "n_samples": 3}, "n_samples must be a whole number >= 4 for dataset"),
        ({"dataset": "plaid", "n_samples": None}, "n_samples must be a whole number >= 4 for data"),
        ({"dataset": "plaid", "noise": None}, "noise must be a number >= 0 for dataset plaid; got"),
        ({"dataset": "plaid", "degree": 2}, "degree has no meaning for dataset plaid; leave it ou"),
        ({"dataset": "bowl", "noise": 0.1}, "noise has no meaning for dataset bowl; leave it out"),
        ({"dataset": "bowl", "label_noise": 0.1}, "label_noise needs classes; dataset bowl is a r"),
        ({"dataset": "bowl", "loss": "absolute"}, "loss must be one of ['squared_error'] for mode"),
        ({"dataset": "xor", "stop": "far"}, "stop_at must be a number > 0 for stop=far; got null"),
        ({"model": "logistic", "optimizer": "newton", "loss": "absolute"}, "optimizer=newton need"),
        ({"model": "perceptron", "dataset": "bowl"}, "model perceptron needs two classes; dataset"),
        ({"activation": "cosine"}, "activation must be one of ['identity', 'step', 'sigmoid', 'ta"),
    ],
    ids=str,
)
def test_their_limits_are_said(choices, said):
    with pytest.raises(ConfigError) as refused:
        config(**choices)
    assert str(refused.value).startswith(said) and len(str(refused.value).splitlines()) == 1


def test_help_lists_them():
    said = " ".join(help_text().split())
    for knob, word in {"activation": "sine", "loss": "absolute", "init": "halves", "stop": "far",
                       "optimizer": "signs"}.items():  # fmt: skip
        assert re.search(rf" {knob}=\S+ [^\[]*\[[^\]]*\b{word}\b", said)
    assert re.search(r" measure=\S+ .*?'linear_regions', 'largest'\]", said)
    assert re.search(r" dataset=\S+ .*\bbowl\b.*\bplaid\b.* model=", said)
