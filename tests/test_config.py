"""A configuration is refused with all that is wrong, and known by what its numbers depend on."""

import ast
import dataclasses
import re

import pytest
from omegaconf import OmegaConf
from support.configurations import CONF, composed, config, names, train

from experiments.errors import ConfigError
from experiments.models import MODELS, sklearn_models
from experiments.schema.config import KNOBS, Config
from experiments.schema.defaults import defaults
from experiments.schema.file import File
from experiments.schema.parsing import parse
from experiments.schema.settings import OBJECTIVES, SETTINGS, parse_settings
from experiments.schema.sizes import n_parameters
from experiments.schema.sources import problem, source
from experiments.schema.synonyms import SYNONYMS, words_in_use
from scratchml import models
from scratchml.activations import ACTIVATIONS
from scratchml.datasets import DATASETS
from scratchml.diagnostics import DIAGNOSTICS
from scratchml.initializers import INITIALIZERS
from scratchml.losses import LOSSES, OUTPUTS
from scratchml.optimizers import OPTIMIZERS
from scratchml.stopping import STOPS

ACTIVATION = "['identity', 'step', 'sigmoid', 'tanh', 'relu']"
OPTIMIZER = "['sgd', 'momentum', 'nesterov', 'adagrad', 'rmsprop', 'adam', 'newton']"
CONVEX = "needs a convex loss: model logistic or linear with its usual loss"
DECIDE = "(n_samples, width, depth, records and paths decide)"

# choices -> all that is said about them
REFUSED = [
    # unknown keys
    ({"activatoin": "relu"}, "activatoin is not a knob; did you mean activation?"),
    ({"learning_rate": 0.1}, "learning_rate is not a knob; did you mean lr?"),
    ({"LR": 0.1}, "LR is not a knob; did you mean lr?"),
    ({"qqq": 0.1}, f"qqq is not a knob; knobs are {[*KNOBS, 'most_seeds', 'seed_set']}"),
    # words
    (
        {"activation": "relu6"},
        f"activation must be one of {ACTIVATION} or null; got 'relu6'; did you mean relu?",
    ),
    ({"activation": 7}, f"activation must be one of {ACTIVATION} or null; got 7"),
    (
        {"optimizer": "Adam"},
        f"optimizer must be one of {OPTIMIZER}; got 'Adam'; did you mean adam?",
    ),
    ({"optimizer": None}, f"optimizer must be one of {OPTIMIZER}; got null"),
    ({"scaling": True}, "scaling must be one of ['none', 'centred', 'standard']; got true"),
    # numbers
    ({"lr": -0.1}, "lr must be a number > 0; got -0.1"),
    ({"lr": 0}, "lr must be a number > 0; got 0"),
    ({"lr": float("nan")}, "lr must be a number > 0; got nan"),
    ({"lr": float("inf")}, "lr must be a number > 0; got inf"),
    ({"lr": "fast"}, "lr must be a number > 0; got 'fast'"),
    ({"lr": None}, "lr must be a number > 0; got null"),
    ({"lr": True}, "lr must be a number > 0; got true"),
    ({"lr": [0.1, 0.2]}, "lr must be a number > 0; got [0.1, 0.2]"),
    ({"lr": 10**400}, f"lr must be a number > 0; got 1{'0' * 400}"),
    ({"l2": -1e-9}, "l2 must be a number >= 0; got -1e-09"),
    ({"momentum": 1.5}, "momentum must be a number from 0 to 1; got 1.5"),
    ({"test_fraction": 1.0}, "test_fraction must be a number from 0 to 0.99; got 1.0"),
    ({"stop": "loss", "stop_at": 0.0}, "stop_at must be a number > 0 or null; got 0.0"),
    # whole numbers
    ({"epochs": 1.5}, "epochs must be a whole number >= 0; got 1.5"),
    ({"epochs": float("inf")}, "epochs must be a whole number >= 0; got inf"),
    ({"epochs": False}, "epochs must be a whole number >= 0; got false"),
    ({"seeds": 0}, "seeds must be a whole number >= 1; got 0"),
    ({"seed": -1}, "seed must be a whole number >= 0; got -1"),
    ({"records": 1}, "records must be a whole number >= 2; got 1"),
    ({"batch_size": 0}, "batch_size must be a whole number >= 1 or null; got 0"),
    ({"depth": -1}, "depth must be a whole number >= 0 or null; got -1"),
    ({"inputs": 1}, "inputs must be a whole number from 2 to 1000 or null; got 1"),
    (
        {"table": "0210"},
        "table must be a whole number >= 0 of at most 1,024 digits, or a text of 0 and 1, or null; "
        "got '0210'",
    ),
    ({"most_seeds": "few"}, "most_seeds must be a whole number >= 1 or null; got 'few'"),
    # true or false, and lists
    ({"paths": "yes"}, "paths must be true or false; got 'yes'; did you mean true?"),
    ({"shuffle": 1}, "shuffle must be true or false; got 1; did you mean true?"),
    ({"start": [1, "x"]}, "start must be a list, each a number, or null; got [1, 'x']"),
    ({"start": 3}, "start must be a list, each a number, or null; got 3"),
    (
        {"measure": "sharpness"},
        f"measure must be a list, each one of {list(DIAGNOSTICS)}; got 'sharpness'; "
        "did you mean [sharpness]?",
    ),
    (
        {"measure": ["sharpness", "flatness"]},
        f"measure must be a list, each one of {list(DIAGNOSTICS)}; "
        "got ['sharpness', 'flatness']",
    ),
    # the data
    ({"n_features": 3}, "n_features has no meaning for dataset xor; leave it out"),
    ({"table": 6}, "table has no meaning for dataset xor; leave it out"),
    (
        {"dataset": "breast_cancer", "noise": 0.1},
        "noise has no meaning for dataset breast_cancer; leave it out",
    ),
    ({"noise": None}, "noise must be a number >= 0 for dataset xor; got null"),
    (
        {"dataset": "moons", "n_samples": None},
        "n_samples must be a whole number >= 1 for dataset moons; got null",
    ),
    (
        {"dataset": "sawtooth", "n_samples": 1},
        "n_samples must be a whole number >= 2 for dataset sawtooth; got 1",
    ),
    (
        {"dataset": "quadratic", "n_samples": 4},
        "n_samples has no meaning for dataset quadratic (one example per feature); leave it out",
    ),
    (
        {"dataset": "rotated", "test_fraction": 0.5},
        "test_fraction must be 0 for dataset rotated without noise, where held-out examples would "
        "be those trained on; got 0.5",
    ),
    (
        {"dataset": "breast_cancer", "n_samples": 428},
        "n_samples must be at most 427 for dataset breast_cancer with test_fraction=0.25; got 428",
    ),
    (
        {"dataset": "blobs", "n_classes": 5, "n_samples": 4},
        "n_samples must be at least 5 for n_classes=5; got 4",
    ),
    (
        {"dataset": "moons", "n_samples": 20, "test_fraction": 0.02},
        "test_fraction must be 0 or large enough to hold one example out of 20; got 0.02",
    ),
    (
        {"dataset": "digits", "test_fraction": 0.0002},
        "test_fraction must be 0 or large enough to hold one example out of 1797; got 0.0002",
    ),
    (
        {"dataset": "blobs", "n_classes": 3, "n_features": 1},
        "n_features must be >= 2 for blobs of n_classes=3; got 1",
    ),
    (
        {"dataset": "table", "table": 16},
        "table must be a whole number from 0 to 15, or a text of 4 bits, for inputs=2; got 16",
    ),
    (
        {"dataset": "table", "table": "01101"},
        "table must be a whole number from 0 to 15, or a text of 4 bits, for inputs=2; got '01101'",
    ),
    (
        {"dataset": "table", "inputs": 11},
        "inputs must be at most 10 for dataset table; got 11",
    ),
    (
        {"dataset": "parity", "inputs": 21, "order": "given", "n_samples": 5},
        "inputs=21 needs n_samples=... and order=random, which draws rows; a table of more than "
        "20 inputs is not made whole",
    ),
    (
        {"inputs": 4, "order": "seed"},
        "order=seed needs at most 3 inputs; got 4",
    ),
    (
        {"dataset": "encoder", "model": "perceptron"},
        "model perceptron needs two classes; dataset encoder has several labels; "
        "model=logistic can learn that",
    ),
    (
        {"dataset": "encoder", "class_weight": "balanced"},
        "class_weight needs classes; dataset encoder has several labels",
    ),
    (
        {"target_scaling": "standard"},
        "target_scaling needs a regression; dataset xor has two classes",
    ),
    (
        {"dataset": "encoder", "n_samples": 3},
        "n_samples must be at least 4 for dataset encoder; got 3",
    ),
    (
        {"test_fraction": 0.5},
        "test_fraction must be 0 for dataset xor without noise, where held-out examples would be "
        "those trained on; got 0.5",
    ),
    (
        {"dataset": "linear", "label_noise": 0.1},
        "label_noise needs classes; dataset linear is a regression",
    ),
    (
        {"dataset": "linear", "stop": "solved"},
        "stop=solved needs classes; dataset linear is a regression",
    ),
    # the model
    ({"width": None}, "width must be a whole number >= 1 for model mlp; got null"),
    ({"activation": None}, f"activation must be one of {ACTIVATION} for model mlp; got null"),
    ({"model": "logistic", "width": 3}, "width has no meaning for model logistic; leave it out"),
    ({"bias": False}, "bias must be true for model mlp; got false"),
    (
        {"model": "perceptron", "dataset": "linear"},
        "model perceptron needs two classes; dataset linear is a regression; "
        "model=linear can learn that",
    ),
    (
        {"model": "perceptron", "dataset": "digits"},
        "model perceptron needs two classes; dataset digits has more; "
        "model=logistic can learn that",
    ),
    (
        {"model": "logistic", "dataset": "linear"},
        "model logistic needs classes; dataset linear is a regression; "
        "model=linear can learn that",
    ),
    ({"init": "given"}, "init=given and start go together; got init=given, start=null"),
    (
        {"start": [0.0] * 9},
        f"init=given and start go together; got init=uniform, start={[0.0] * 9}",
    ),
    (
        {"start": [0.0] * 1000},
        "init=given and start go together; got init=uniform, "
        f"start={str([0.0] * 1000)[:40]}..., 5,000 characters",
    ),
    (
        {"init": "given", "start": [1, 2]},
        "start must be a list of 9 numbers for this model; got 2",
    ),
    ({"init": "sawtooth"}, "init=sawtooth needs model=mlp, width=2, activation=relu and one input"),
    (
        {"init": "sawtooth", "dataset": "sawtooth", "activation": "relu", "depth": 0},
        "init=sawtooth needs model=mlp, width=2, activation=relu and one input",
    ),
    (
        {"init": "integer", "init_scale": 1.5},
        "init_scale must be a whole number for init=integer; got 1.5",
    ),
    # the training
    (
        {"model": "logistic", "loss": "perceptron"},
        "loss must be one of ['cross_entropy', 'squared_error'] for model logistic on dataset xor; "
        "got 'perceptron'",
    ),
    (
        {"dataset": "linear", "loss": "cross_entropy"},
        "loss must be one of ['squared_error'] for model mlp on dataset linear; "
        "got 'cross_entropy'",
    ),
    ({"optimizer": "newton"}, f"optimizer=newton {CONVEX}"),
    (
        {"optimizer": "newton", "model": "logistic", "loss": "squared_error"},
        f"optimizer=newton {CONVEX}",
    ),
    (
        {"optimizer": "newton", "model": "logistic", "batch_size": 4},
        "batch_size must be null for optimizer=newton; got 4",
    ),
    ({"lr_unit": "critical"}, f"lr_unit=critical {CONVEX}"),
    ({"stop": "gradient"}, "stop_at must be a number > 0 for stop=gradient; got null"),
    (
        {"stop": "no_progress", "stop_at": 1.5},
        "stop_at must be a whole number for stop=no_progress; got 1.5",
    ),
    ({"stop_at": 1}, "stop_at has no meaning for stop=never; leave it out"),
    # what is recorded
    (
        {"model": "logistic", "measure": ["dead_units"]},
        "measure=dead_units needs hidden layers; model logistic has none",
    ),
    (
        {"depth": 0, "measure": ["born_dead"]},
        "measure=born_dead needs hidden layers; got depth=0",
    ),
    (
        {"measure": ["linear_regions"], "activation": "relu"},
        "measure=linear_regions needs one input and activation=relu",
    ),
    # sizes that no machine has
    (
        {"dataset": "moons", "n_samples": 10**10},
        f"one net needs about 1,341 GiB; the limit is 8 GiB {DECIDE}",
    ),
    ({"width": 10**9}, f"one net needs about 358 GiB; the limit is 8 GiB {DECIDE}"),
    ({"depth": 10**12}, f"one net needs about 581,145 GiB; the limit is 8 GiB {DECIDE}"),
    (
        {"seeds": 10**9},
        "the results of 1,000,000,000 nets need about 2,451 GiB; the limit is 8 GiB "
        "(seeds, records and paths decide)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("choices", "text"), REFUSED, ids=lambda value: str(value)[:50])
def test_bad_input_is_refused_with_what_is_wrong_and_what_is_allowed(choices, text):
    with pytest.raises(ConfigError) as refused:
        config(**choices)
    assert str(refused.value) == text


HUGE = 16**5000  # Python writes no whole number of more than 4,300 digits


@pytest.mark.parametrize(
    "value", [HUGE, -HUGE, [HUGE], [0.5, HUGE]], ids=["number", "below 0", "list", "longer list"]
)
@pytest.mark.parametrize("knob", sorted({*KNOBS} - {"options"}))
def test_a_whole_number_that_cannot_be_written_is_refused_in_one_line(knob, value):
    with pytest.raises(ConfigError, match=f"{knob} must be .*; got a number with too many digits"):
        parse({knob: KNOBS[knob]}, {knob: value})


@pytest.mark.parametrize("options", [{"alpha": HUGE}, {"sizes": [1, HUGE]}], ids=["one", "list"])
def test_options_hold_no_whole_number_that_cannot_be_written(options):
    with pytest.raises(ConfigError, match="options must be a mapping, .*with too many digits"):
        config(model="sklearn_mlp", options=options)


def test_a_name_that_is_a_whole_number_is_no_knob():
    with pytest.raises(ConfigError, match="a number with too many digits is not a knob"):
        Config.from_mapping(composed() | {HUGE: 1})


def test_an_unknown_dataset_or_model_is_refused_with_those_that_exist():
    for key in ("dataset", "model"):
        with pytest.raises(ConfigError) as refused:
            Config.from_mapping(composed() | {key: "unheard_of"})
        assert str(refused.value) == f"{key} must be {KNOBS[key]}; got 'unheard_of'"
        assert all(repr(name) in str(refused.value) for name in names(key))


def test_all_problems_are_said_at_once():
    with pytest.raises(ConfigError) as refused:
        config(lr=-1, epochs=0.5, widht=3, activation="swish", measure=None)
    lines = str(refused.value).splitlines()
    assert [line.split()[0] for line in lines] == ["widht", "activation", "lr", "epochs", "measure"]
    with pytest.raises(ConfigError) as refused:
        config(dataset="linear", label_noise=0.5, stop="solved", bias=False, optimizer="newton")
    assert len(str(refused.value).splitlines()) == 4


def test_a_missing_knob_is_refused():
    mapping = composed()
    del mapping["lr"]
    with pytest.raises(ConfigError, match="^lr must be a number > 0; got null$"):
        Config.from_mapping(mapping)


@pytest.mark.parametrize(
    "choices",
    [
        {"init": name, "activation": "relu", "dataset": "sawtooth"}
        for name in INITIALIZERS
    ]
    + [{"activation": name} for name in ACTIVATIONS]
    + [{"optimizer": name, "model": "logistic"} for name in OPTIMIZERS]
    + [
        {"init": "given", "start": list(range(9))},
        {"init": "given", "start": [1, 0, -1], "model": "perceptron"},
        {"dataset": "table", "inputs": 3, "table": 255},
        {"dataset": "xor", "noise": 0.1, "test_fraction": 0.5},
        {"dataset": "breast_cancer", "n_samples": 427},
        {"dataset": "blobs", "n_classes": 10, "n_features": 2},
        {"dataset": "digits", "model": "linear"},
        {"stop": "no_progress", "stop_at": 3.0},
        {"epochs": 10.0, "seeds": 3, "records": 2},
        {"depth": 0},
        {"most_seeds": 2},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_allowed_is_trained(choices):
    arrays = train(config(**choices | {"epochs": 2}))
    assert arrays["epoch"][-1] == 2


def test_the_number_of_parameters_is_that_of_the_net():
    for choices in ({}, {"width": 7, "depth": 3}, {"depth": 0}, {"dataset": "digits", "depth": 2},
                    {"model": "logistic", "bias": False}, {"model": "linear", "dataset": "digits"},
                    {"dataset": "quadratic", "model": "linear"}):  # fmt: skip
        wanted = config(**choices | {"epochs": 0, "seeds": 1})
        arrays = train(wanted)
        weights = [a for name, a in arrays.items() if name.startswith("weights/")]
        assert sum(a.size for a in weights) == n_parameters(wanted)


def test_most_seeds_is_an_upper_limit():
    assert config(seeds=5, most_seeds=3) == config(seeds=3)
    assert config(seeds=5, most_seeds=9) == config(seeds=5, most_seeds=None) == config(seeds=5)


# --- identity -------------------------------------------------------------------------------------


def test_synonyms_are_the_same_configuration():
    assert {knob: SYNONYMS[knob] for knob in ("init", "dataset")} == {
        "init": {"random": "uniform"}, "dataset": {"turned": "rotated"}
    }  # fmt: skip
    for knob, words in SYNONYMS.items():
        for synonym, word in words.items():
            of_model = {"dataset": "and", "model": word}
            chosen = of_model if knob == "model" else {"dataset": "rotated", "model": "linear"}
            mapping = composed(**chosen)
            one, other = (Config.from_mapping(mapping | {knob: each}) for each in (synonym, word))
            assert one == other and one.fingerprint() == other.fingerprint()
            assert one.canonical()[knob] == word in KNOBS[knob].options
            assert synonym not in KNOBS[knob].options
            assert words_in_use({knob: synonym, "lr": 1}) == {knob: word, "lr": 1}


@pytest.mark.parametrize("dataset", names("dataset"))
@pytest.mark.parametrize("model", ["linear", "sklearn_mlp", "mlp"])
def test_what_is_stored_is_read_back_as_the_same_configuration(dataset, model):
    regression = model == "sklearn_mlp" and problem(config(dataset=dataset)) == "regression"
    one = config(dataset="xor" if regression else dataset, model=model)
    assert Config.from_stored(one.canonical()) == one


@pytest.mark.parametrize("bad", [{}, {"model": ["mlp"]}, {"dataset": 3, "model": "mlp"}])
def test_what_is_no_configuration_is_refused_when_it_is_read_back(bad):
    with pytest.raises(ConfigError, match="^dataset must be one of "):
        Config.from_stored(bad)


@pytest.mark.parametrize("name", ["9" * 400, "../dataset/moons", "/etc/x", "a\0b", ""])
def test_a_stored_name_is_a_name_and_no_path(name):
    for group in ("dataset", "model"):
        with pytest.raises(ConfigError, match=f"{group} must be one of "):
            Config.from_stored({"dataset": "xor", "model": "mlp"} | {group: name})
        usual = defaults(**{group: name or "nothing"})
        assert usual | {group: None} == defaults(**{group: "nothing"}) | {group: None}


def test_random_is_uniform():
    assert config(init="random") == config(init="uniform")
    assert config(init="random").canonical()["init"] == "uniform"


def test_the_usual_loss_may_be_named_or_not():
    assert config().loss == config(loss="cross_entropy").loss == "cross_entropy"
    assert config(model="linear").loss == config(dataset="linear").loss == "squared_error"
    assert config(model="perceptron").loss == "perceptron"
    assert config().fingerprint() == config(loss="cross_entropy").fingerprint()


@pytest.mark.parametrize(
    ("choices", "left_out"),
    [
        ({"optimizer": "sgd"}, "momentum"),
        ({"optimizer": "adam"}, "momentum"),
        ({"batch_size": None}, "shuffle"),
        ({"init": "zero"}, "init_scale"),
        ({"init": "given", "start": [0] * 9}, "init_scale"),
        ({"stop": "never"}, "stop_at"),
        ({"spacing": "log"}, "spacing"),  # as in runs of before it was a knob
        ({"model": "logistic"}, "width"),
        ({"dataset": "moons"}, "table"),
    ],
)
def test_knobs_without_a_meaning_are_left_out(choices, left_out):
    canonical = config(**choices).canonical()
    assert left_out not in canonical and None not in canonical.values()


@pytest.mark.parametrize(
    ("choices", "meaningless"),
    [
        ({}, {"momentum": 0.5}),
        ({}, {"shuffle": False}),
        ({"init": "zero"}, {"init_scale": 3.0}),
        ({}, {"init": "random"}),
        ({"lr": 1}, {"lr": 1.0}),
        ({"seeds": 2}, {"seeds": 2.0}),
    ],
)
def test_what_has_no_meaning_does_not_change_the_fingerprint(choices, meaningless):
    assert config(**choices | meaningless).fingerprint() == config(**choices).fingerprint()


# For each knob a configuration in which it has a meaning, and another value.
MATTERS = {
    "dataset": ({}, "and"),
    "n_samples": ({}, 40),
    "noise": ({}, 0.1),
    "label_noise": ({}, 0.1),
    "class_weight": ({"dataset": "moons"}, "balanced"),
    "test_fraction": ({"dataset": "moons"}, 0.5),
    "scaling": ({}, "standard"),
    "target_scaling": ({"dataset": "linear"}, "standard"),
    "inputs": ({}, 3),
    "table": ({"dataset": "table"}, 8),
    "coding": ({}, "bipolar"),
    "order": ({}, "seed"),
    "n_features": ({"dataset": "blobs"}, 3),
    "n_classes": ({"dataset": "blobs"}, 3),
    "condition": ({"dataset": "quadratic"}, 3),
    "degree": ({"dataset": "chebyshev"}, 5),
    "model": ({"width": None, "depth": None, "activation": None, "model": "linear"}, "logistic"),
    "width": ({}, 3),
    "depth": ({}, 2),
    "activation": ({}, "tanh"),
    "bias": ({"model": "logistic"}, False),
    "options": ({"model": "sklearn_logistic"}, {"C": 10}),
    "init": ({}, "he"),
    "init_scale": ({}, 0.5),
    "start": ({"init": "given", "start": [0] * 9}, [1] * 9),
    "loss": ({}, "squared_error"),
    "backprop": ({}, "frozen"),
    "optimizer": ({}, "adam"),
    "lr": ({}, 0.3),
    "lr_unit": ({"model": "logistic"}, "critical"),
    "momentum": ({"optimizer": "momentum"}, 0.5),
    "batch_size": ({}, 1),
    "shuffle": ({"batch_size": 1}, False),
    "l2": ({}, 0.1),
    "epochs": ({}, 5),
    "stop": ({}, "solved"),
    "stop_at": ({"stop": "loss", "stop_at": 0.1}, 0.2),
    "seed": ({}, 5),
    "seeds": ({}, 5),
    "records": ({}, 5),
    "spacing": ({}, "linear"),
    "measure": ({}, ["sharpness"]),
    "paths": ({}, True),
}
# Not in a run's name: which weights it starts from, how its batches are drawn, how long it is
# trained, and what is recorded.
UNNAMED = {"start", "shuffle", "epochs", "stop_at", "records", "spacing", "measure", "paths"}


def test_every_knob_matters_somewhere():
    of_a_file = {*File().knobs, *File().takes}  # see test_files.py
    assert set(MATTERS) == set(KNOBS) - of_a_file


@pytest.mark.parametrize("knob", MATTERS)
def test_the_fingerprint_changes_with_every_knob(knob):
    base, value = MATTERS[knob]
    one, other = config(**base), config(**base | {knob: value})
    assert one.fingerprint() == config(**base).fingerprint() != other.fingerprint()
    assert knob in other.canonical()
    assert re.fullmatch("[0-9a-f]{64}", one.fingerprint())


@pytest.mark.parametrize("knob", [knob for knob in MATTERS if knob not in UNNAMED])
def test_names_tell_runs_apart(knob):
    base, value = MATTERS[knob]
    assert config(**base).name() != config(**base | {knob: value}).name()


def test_names_are_readable():
    names_of = {
        "xor mlp sigmoid w=2 lr=1 uniform x20": {},
        "xor mlp tanh w=4 lr=0.1 he x100": {
            "activation": "tanh", "width": 4, "lr": 0.1, "init": "he", "seeds": 100
        },
        "table-14 perceptron lr=1 zero batch_size=1 x20": {
            "dataset": "table", "table": 14, "model": "perceptron"
        },
        "blobs logistic lr=0.5c normal*0.1 n_samples=200 noise=0.7 x20": {
            "dataset": "blobs", "model": "logistic", "lr": 0.5, "lr_unit": "critical",
            "init": "normal", "init_scale": 0.1,
        },
        "xor mlp relu w=8 d=3 adam lr=0.001 he squared_error x20": {
            "activation": "relu", "width": 8, "depth": 3, "optimizer": "adam", "lr": 1e-3,
            "init": "he", "loss": "squared_error",
        },
    }  # fmt: skip
    for name, choices in names_of.items():
        assert config(**choices).name() == name


def test_in_a_sweep_a_name_begins_with_the_knobs_that_vary():
    names_of = {
        ("lr",): "lr=1 xor mlp sigmoid w=2 uniform x20",
        ("width", "activation"): "sigmoid w=2 xor mlp lr=1 uniform x20",
        ("model", "dataset"): "xor mlp sigmoid w=2 lr=1 uniform x20",
        ("init_scale", "optimizer"): "sgd uniform*1 xor mlp sigmoid w=2 lr=1 x20",
        ("l2", "epochs"): "l2=0 epochs=10000 xor mlp sigmoid w=2 lr=1 uniform x20",
        ("seeds", "hydra.job.name"): "x20 xor mlp sigmoid w=2 lr=1 uniform",
    }  # default values too
    for varied, name in names_of.items():
        assert config().name(varied) == name
    ridge = {"model": "sklearn_logistic", "dataset": "blobs", "options": {"C": 10}}
    assert config(**ridge).name(["options.C"]).startswith("C=10 blobs")


def test_settings_do_not_change_the_fingerprint():
    changed = {
        "experiment": "elsewhere", "objective": "test/loss", "resume": False, "only": "failed",
        "most_seeds": 1000, "seed_set": 0, "mute": ["edge"],
        "tracking": {"uri": "http://localhost:5000"},
        "executor": {"name": "dask", "workers": 3, "address": "tcp://localhost:8786"},
    }  # fmt: skip
    assert set(changed) == set(SETTINGS)
    assert config(**{}).fingerprint() == Config.from_mapping(composed() | changed).fingerprint()


def test_a_configuration_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        config().lr = 2.0


# --- settings -------------------------------------------------------------------------------------


def test_settings_are_checked_like_knobs():
    good = parse_settings(composed(executor="serial"))
    assert good["executor"] == {"name": "serial", "workers": None, "address": None}
    assert good["tracking"] == {"uri": None} and good["resume"] is True
    bad = {
        "resume": "yes", "only": "some", "tracking": {"url": None}, "experiment": " ",
        "executor": {"name": "slurm", "workers": 0, "address": None},
    }  # fmt: skip
    with pytest.raises(ConfigError) as refused:
        parse_settings(composed() | bad)
    assert str(refused.value).splitlines() == [
        "experiment must be a text of at most 256 printable characters; got ' '",
        "resume must be true or false; got 'yes'; did you mean true?",
        "only must be one of ['all', 'failed']; got 'some'",
        "tracking.url is not a knob; did you mean tracking.uri?",
        "executor.name must be one of ['serial', 'local', 'dask']; got 'slurm'",
        "executor.workers must be a whole number from 1 to 4096 or null; got 0",
    ]


# --- conf/ ----------------------------------------------------------------------------------------


CLASSIFIERS = {name for name, entry in MODELS.items() if "regression" not in entry.problems}


@pytest.mark.parametrize("model", names("model"))
@pytest.mark.parametrize("dataset", names("dataset"))
def test_every_model_on_every_dataset_is_allowed_or_refused_in_one_clean_sentence(dataset, model):
    kind = source(dataset).problem(composed(dataset=dataset))
    regression = kind == "regression"
    try:
        found = config(dataset=dataset, model=model)
    except ConfigError as refused:
        assert model in CLASSIFIERS and kind != "binary"
        said = (
            f"model {model} needs [a-z ]+; dataset {dataset} [a-z ]+; model=[a-z]+ can learn that"
        )
        assert re.fullmatch(said, str(refused))
    else:
        assert (found.dataset, found.model) == (dataset, model)
        assert not (regression and model in CLASSIFIERS)


def test_the_contents_page_has_every_knob_and_no_other():
    page = set(OmegaConf.load(CONF / "config.yaml")) - {"defaults", "hydra"}
    assert page | {"dataset", "model", "executor"} == {*KNOBS, *SETTINGS}


def test_every_knob_stands_with_its_meaning_beside_it():
    text = (CONF / "config.yaml").read_text()
    body = text[text.index("# --- the data") :]
    explained = dict(re.findall(r"^ *(\w+): \S+ +# (\w.{9,})$", body, flags=re.M))
    groups = {"dataset", "model", "executor"}
    assert set(explained) == {*KNOBS, *SETTINGS, "uri"} - {"tracking"} - groups


@pytest.mark.parametrize("group", ["dataset", "model"])
def test_files_of_a_group_are_called_what_they_choose_and_say_what_it_is(group):
    for name in names(group):
        path = CONF / group / f"{name}.yaml"
        lines = path.read_text().splitlines()
        assert lines[0] == "# @package _global_" and re.match(r"# \w.*\.$", lines[1])
        content = OmegaConf.to_container(OmegaConf.load(path))
        assert content[group] == name and set(content) <= set(KNOBS)


def test_executors_have_all_their_settings():
    assert names("executor") == sorted(SETTINGS["executor"]["name"].options)
    for name in names("executor"):
        content = OmegaConf.load(CONF / "executor" / f"{name}.yaml")
        assert content.name == name and set(content) == set(SETTINGS["executor"])


@pytest.mark.parametrize("dataset", [None, *names("dataset")])
def test_defaults_are_what_hydra_composes(dataset):
    for model in (None, *names("model")):
        choices = {"dataset": dataset, "model": model}
        given = {group: name for group, name in choices.items() if name is not None}
        expected, found = composed(**given), defaults(dataset, model)
        assert {knob: found[knob] for knob in KNOBS} == {knob: expected[knob] for knob in KNOBS}


def test_a_data_set_without_a_file_has_the_defaults_of_the_contents_page():
    assert defaults("unheard_of", "mlp")["lr"] == composed()["lr"]


def test_the_helper_composes_what_hydra_composes():
    from hydra import compose, initialize_config_dir

    with initialize_config_dir(str(CONF), version_base=None):
        for choices in ({}, {"dataset": "moons", "model": "perceptron", "executor": "serial"}):
            whole = compose("config", [f"{key}={value}" for key, value in choices.items()])
            assert OmegaConf.to_container(whole) == composed(**choices)


# --- nobody else names an entry -------------------------------------------------------------------

# Words that mean something else, too: knobs and metrics.
OTHER = {*KNOBS, *OBJECTIVES}
ALLOWED = {
    "experiments/models/sklearn_models.py": {*sklearn_models.ACTIVATIONS, "logistic", "mlp"},
    "experiments/schema/file.py": {"held_out"},  # a word in a file of the user's
    "experiments/workbook/__main__.py": {"step", "sigmoid"},  # gaps of the workbook
    "experiments/workbook/gaps.py": {"gradient", "step", "sigmoid"},
    "experiments/workbook/stand_in.py": {  # the nets that a step of the workbook can train
        *("perceptron", "logistic", "mlp", "gradient", "cross_entropy", "sgd", "sigmoid"),
        *("xor", "exact"),  # a lesson, and the way of a gradient
    },
    "experiments/schema/config.py": {"linear"},  # the spacing of points
    "experiments/schema/own_rows.py": {"gradient", "step"},  # functions of a row
    "experiments/schema/synonyms.py": {"uniform", "rotated"},
    "experiments/tracking/model.py": {*OUTPUTS},  # the meaning of each kind of output
    "experiments/tracking/pages.py": {"linear", "step"},  # MLflow's words for axes of its charts
    "experiments/tracking/tables.py": {"step"},  # a column of MLflow's
}


def test_no_other_code_names_an_entry_of_a_table():
    tables = (ACTIVATIONS, DATASETS, DIAGNOSTICS, INITIALIZERS, models.MODELS, OPTIMIZERS, STOPS)
    names = {name for table in tables for name in table} | {name for _, name in LOSSES}
    found = {}
    for folder in ("experiments", "hydra_plugins"):
        for path in sorted((CONF.parent / folder).rglob("*.py")):
            nodes = ast.walk(ast.parse(path.read_text()))
            words = {n.value for n in nodes if isinstance(n, ast.Constant) and n.value in names}
            where = str(path.relative_to(CONF.parent).as_posix())
            if where == "experiments/schema/hints.py":  # a table of words that users type
                continue
            if words - OTHER - ALLOWED.get(where, set()):
                found[where] = words - OTHER
    assert found == {}
