"""The command line as Hydra gets it: --uri, synonyms, and options wherever they stand."""

import pickle
import random
from pathlib import Path

import pytest
from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf
from support import configurations, sweeps
from support.stores import empty_store

from experiments import train
from experiments.schema import commandline, hints, hydra_options
from experiments.schema.synonyms import in_use


def test_a_quoted_text_is_read_as_it_is():
    rng = random.Random(0)
    for _ in range(3000):
        text = "".join(rng.choices("\\\\\\'\"${}a=,/ ", k=rng.randrange(9)))
        value = OverridesParser.create().parse_override(f"uri={commandline._quoted(text)}").value()
        assert OmegaConf.create({"uri": value}).uri == text, text


@pytest.mark.parametrize(
    "uri",
    [
        "sqlite:///mlflow.db",
        "sqlite:////a folder/it's, (here) = {there}.db",
        "postgresql://ann:s3cret@host:5432/runs?sslmode=require&x=[1]",
        r"sqlite:///C:\runs\mlflow.db",
        r"sqlite:////a\'b\\/x.db",
        "http://localhost:5000",
        "",
    ],
)
def test_uri_means_tracking_uri_whatever_signs_are_in_it(uri):
    for arguments in (["--uri", uri], [f"--uri={uri}"]):
        *rest, word = commandline.prepared(["lr=1", *arguments])
        override = OverridesParser.create().parse_override(word)
        assert rest == ["lr=1"]
        assert (override.key_or_group, override.value()) == ("tracking.uri", uri)


def test_uri_without_an_address_is_refused(capsys):
    assert train.main(["-m", "lr=1,2", "--uri"]) == 2
    said = "--uri needs the address of a store, such as --uri sqlite:///mlflow.db\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("name", ["x" * 257, "' '"])
def test_an_experiment_has_a_name_that_a_store_can_keep(name, tmp_path, capsys):
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    assert train.main(["-m", "lr=1,2", f"experiment={name}", "--uri", uri]) == 2
    said = capsys.readouterr().err
    assert "experiment must be a text of at most 256 printable characters; got" in said
    assert list(tmp_path.iterdir()) == []


def test_m_comes_first_and_nothing_else_moves():
    assert commandline.prepared(["lr=1,2", "seeds=2", "-m"]) == ["-m", "lr=1,2", "seeds=2"]
    assert commandline.prepared(["b=1", "a=2"]) == ["b=1", "a=2"]


# The usual word: what it is called here, as the end of the sentence.
USUAL = {
    "learning_rate=0.1": "did you mean lr?",
    "hidden=3": "did you mean width?",
    "layers=2": "did you mean depth?",
    "act=relu": "did you mean activation?",
    "weight_decay=0.1": "did you mean l2?",
    "early_stopping=true": "did you mean stop?",
    "test_size=0.2": "did you mean test_fraction?",
    "n_jobs=2": "did you mean executor.workers?",
    "LR=1": "did you mean lr?",
    "quux=1": "--help lists all knobs",
    "loss=mse": "did you mean squared_error?",
    "optimizer=Adam": "did you mean adam?",
    "activation=ReLU": "did you mean relu?",
    "activation=gelu": "did you mean relu?",
    "activation=thanh": "did you mean tanh?",
    "init=kaiming": "did you mean he?",
    "stop=none": "did you mean never?",
    "batch_size=all": "did you mean null?",
    "coding=none": "did you mean null?",
    "scaling=None": "did you mean none?",
    "dataset=Xor": "did you mean xor?",
    "model=nn": "did you mean mlp?",
    "-m +lesson=hidden-layer": "did you mean hidden_layer?",
    "measure=weight_norm": "did you mean [weight_norm]?",
    "measure=none": "did you mean []?",
    "executor=ray": "got 'ray'",
    "lr=fast": "got 'fast'",
    "-m lr=0.1, 1, 2": "no blank after a comma: write lr=0.1,1,2",
    "-m lr=0.1 , 1": "no blank before a comma: write lr=0.1,1",
    "lr = 0.1": "no blank before =: write lr=0.1",
    "lr= 0.1": "no blank after =: write lr=0.1",
    "lr =0.1": "no blank before =: write lr=0.1",
    f"lr={'1' * 4301}": "(4,304 characters): a number has too many digits",
    f"options={{C:{'1' * 4301}}}": ": a number has too many digits",
    "--lr=0.1": "a knob has no dashes; write lr=0.1",
    "--learning-rate=0.1": "a knob has no dashes; write lr=0.1",
    "sklearn.C=10": "write options={C:10}",
    "lr=[0.1,1]": "; a sweep is written -m lr=0.1,1",
    "lesson=xor": ": -m +lesson=xor",
    "lesson=Xor": ", and needs a plus: -m +lesson=xor",
    "+lesson=XOR": "a lesson is a sweep: -m +lesson=xor",
    "val_split=0.2": "did you mean test_fraction?",
    "shuffle=yes": "did you mean true?",
    "bias=off": "did you mean false?",
    "shuffle=1": "did you mean true?",
    "measure=[weightnorm,dead_units]": "did you mean [weight_norm,dead_units]?",
    "measure=[quux]": "got ['quux']",
    "executor=joblib": "did you mean local?",
    "stop=early": "did you mean held_out?",
    "objective=loss": "did you mean train/loss?",
    "lr==1": "cannot read 'lr==1': extraneous input '='",
    "-lr=1": "-lr=1: a knob has no dashes; write lr=1",
    "--tracking-uri=x": "a knob has no dashes; write tracking.uri=x",
    "--verbose": "--verbose is not an option; --help lists the knobs, --hydra-help the options",
}


@pytest.mark.parametrize("words", USUAL)
def test_the_usual_words_are_answered_with_the_right_ones(words):
    [said] = commandline.problems(commandline.prepared(words.split()))
    assert said.endswith(USUAL[words])


def test_every_usual_word_stands_for_something_that_is_there():
    assert set(hints.KNOB_WORDS.values()) <= set(commandline.FIELDS)
    assert not set(hints.KNOB_WORDS) & set(commandline.KNOWN)
    for knob, words in hints.VALUE_WORDS.items():
        allowed = commandline.FIELDS.get(knob)
        known = allowed.options if allowed else commandline.options(knob)
        assert set(words.values()) <= set(known)
        assert not set(words) & set(known)


def test_a_glob_chooses_files(tmp_path_factory, tmp_path):
    uri = empty_store(tmp_path_factory, tmp_path)
    common = ["executor=serial", "seeds=2", "epochs=2", "--uri", uri]
    assert train.main(["-m", "dataset=glob(x*)", *common]) == 0
    assert {run.data.params["dataset"] for run in sweeps.children(uri)} == {"xor", "xnor"}


def test_files_of_a_searchpath_are_found(tmp_path_factory, tmp_path, capsys):
    uri = empty_store(tmp_path_factory, tmp_path)
    (tmp_path / "more" / "dataset").mkdir(parents=True)
    file = "# @package _global_\ndefaults: [moons]\nnoise: 0.3\n"
    (tmp_path / "more" / "dataset" / "mine.yaml").write_text(file)
    where = f"hydra.searchpath=[file://{tmp_path}/more]"
    common = ["executor=serial", "seeds=2", "epochs=2", "--uri", uri]
    assert train.main([where, "dataset=mine", *common]) == 0
    [run] = sweeps.stored(uri)
    assert run.data.params["noise"] == "0.3"
    assert train.main([where, "dataset=yours", *common]) == 2
    assert "Could not find 'dataset/yours'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("lr=1 --cfg job width=3", "--cfg job lr=1 width=3"),
        ("lr=1 --cfg job -m width=3", "-m --cfg job lr=1 width=3"),
        ("lr=1 --resolve width=3 -c all", "--resolve -c all lr=1 width=3"),
        ("lr=1 --config-dir=more a=2", "--config-dir=more lr=1 a=2"),
        ("lr=1 --config-d more a=2", "--config-d more lr=1 a=2"),
        ("lr=1 --config-dir a=b width=3", "--config-dir a=b lr=1 width=3"),
        ("lr=1 --info width=3", "--info=all lr=1 width=3"),
        ("lr=1 -i plugins width=3", "--info=plugins lr=1 width=3"),
        ("lr=1 --info --cfg job", "--info=all --cfg job lr=1"),
        ("lr=1 --cfg", "--cfg lr=1"),
    ],
)
def test_options_of_hydras_may_stand_anywhere(typed, meant):
    assert commandline.prepared(typed.split()) == meant.split()


def test_the_options_with_values_are_those_that_hydra_declares():
    actions = get_args_parser()._actions
    declared = [name for a in actions if a.nargs is None for name in a.option_strings]
    assert sorted(hydra_options.VALUED) == sorted(declared)
    assert [tuple(a.option_strings) for a in actions if a.nargs == "?"] == [hydra_options.INFO]


def test_an_option_between_overrides_does_what_it_says(capsys):
    assert train.main(["width=5", "--cfg", "job", "--package", "width", "lr=0.5"]) == 0
    assert capsys.readouterr().out.split() == ["5"]


@pytest.mark.parametrize("folder", ["hydra.run.dir", "-m hydra.sweep.dir", "hydra.output_subdir"])
def test_a_folder_that_cannot_be_made_is_named(tmp_path_factory, tmp_path, capsys, folder):
    (tmp_path / "file").touch()
    uri = empty_store(tmp_path_factory, tmp_path)
    place = tmp_path / "file" / "folder"
    assert train.main([*f"{folder}={place} epochs=0 seeds=1 --uri".split(), uri]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"cannot use {place}: Not a directory"


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"a": "a"}, "lesson/a"),
        ({"a": "b", "b": "c", "c": "b"}, "lesson/b and lesson/c"),
    ],
)
@pytest.mark.parametrize("lessons", ["a", "a,d"])
def test_files_that_name_each_other_in_a_circle_are_named(tmp_path, capsys, files, named, lessons):
    (tmp_path / "lesson").mkdir()
    for name, other in files.items():
        (tmp_path / "lesson" / f"{name}.yaml").write_text(f"defaults: [{other}, _self_]\n")
    (tmp_path / "lesson" / "d.yaml").write_text("# @package _global_\nlr: 2\n")
    assert train.main(["-m", "--config-dir", str(tmp_path), f"+lesson={lessons}"]) == 2
    assert capsys.readouterr().err == (
        f"{named}: the defaults list names its own file, or files name each other in a circle\n"
    )


def test_files_of_the_search_path_can_be_chosen(tmp_path, capsys):
    (tmp_path / "dataset").mkdir()
    text = "# @package _global_\ndataset: moons\nnoise: 0.25\n"
    (tmp_path / "dataset" / "mine.yaml").write_text(text)
    more = f"hydra.searchpath=[file://{tmp_path}]"
    assert commandline.problems([more, "dataset=mine", "lrr=1"]) == [
        "lrr is not a knob; did you mean lr?"
    ]
    assert train.main([more, "dataset=mine", "--cfg", "job", "--package", "noise"]) == 0
    assert capsys.readouterr().out.split() == ["0.25"]
    assert train.main([more, "dataset=typo"]) == 2
    assert "Could not find 'dataset/typo'" in capsys.readouterr().err
    assert commandline.problems(["dataset=mine"])[0].startswith("dataset must be one of")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("dataset=turned", "dataset=rotated"),
        ("+dataset=turned", "+dataset=rotated"),
        ("dataset=xor,turned,moons", "dataset=xor,rotated,moons"),
        ("dataset=choice(turned,xor)", "dataset=choice(rotated,xor)"),
        ("dataset='turned'", "dataset='rotated'"),
        ("dataset=turned_back", "dataset=turned_back"),
        ("experiment=turned", "experiment=turned"),
        ("init=random", "init=random"),  # no file: the configuration itself replaces it
        ("dataset", "dataset"),
    ],
)
def test_synonyms_of_files_are_replaced_and_nothing_else(word, meant):
    assert in_use(word) == meant
    assert commandline.prepared([word]) == [meant]


def test_a_synonym_is_swept_from_the_command_line_and_from_grids(tmp_path_factory, tmp_path):
    uri = empty_store(tmp_path_factory, tmp_path)
    (tmp_path / "more" / "lesson").mkdir(parents=True)
    lesson = "# @package _global_\nhydra: {sweeper: {grids: [{dataset: [quadratic, turned]}]}}\n"
    (tmp_path / "more" / "lesson" / "old.yaml").write_text(lesson)
    common = ["model=linear", "executor=serial", "seeds=2", "epochs=2", "--uri", uri]
    assert train.main(["-m", "dataset=quadratic,turned", "init=random", *common]) == 0
    stored = {run.data.params["dataset"] for run in sweeps.children(uri)}
    assert stored == {"quadratic", "rotated"}
    assert {run.data.params["init"] for run in sweeps.children(uri)} == {"uniform"}
    more = ["--config-dir", str(tmp_path / "more")]
    assert train.main(["-m", *more, "+lesson=old", *common]) == 0
    assert len(sweeps.children(uri)) == 2  # the same configurations, done already


def test_every_synonym_of_a_file_stands_for_a_file():
    for group in ("dataset", "model"):
        for synonym, word in commandline.FIELDS[group].synonyms.items():
            assert synonym not in configurations.names(group) and word in commandline.options(group)


@pytest.mark.parametrize("option", ["--experimental-rerun", "--experimental", "--e"])
@pytest.mark.parametrize("before", [[], ["-m"], ["--cfg", "job"], ["lr=1"]])
def test_no_file_is_unpickled(option, before, tmp_path, capsys):
    class Bomb:
        def __reduce__(self):
            return Path.touch, (tmp_path / "touched",)

    (tmp_path / "config.pickle").write_bytes(pickle.dumps(Bomb()))
    for words in (
        [option, str(tmp_path / "config.pickle")],
        [f"{option}={tmp_path}/config.pickle"],
    ):
        assert train.main([*before, *words]) == 2
        assert "--experimental-rerun is refused: it unpickles" in capsys.readouterr().err
    assert not (tmp_path / "touched").exists()


@pytest.mark.parametrize("options", [["--cfg", "job"], ["--config-dir", "."], ["--info", "config"]])
def test_overrides_are_looked_at_beside_an_option_of_hydras(options, capsys):
    assert train.main([*options, "lr=-1", "hydra/launcher={_target_:os.system}"]) == 2
    said = capsys.readouterr().err
    assert "lr must be a number > 0; got -1" in said
    assert "hydra/launcher must be the name of a file; got" in said
