"""The command line as Hydra gets it: --uri, synonyms, and -m wherever it stands."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from support import configurations, sweeps
from support.stores import empty_store

from experiments import train
from experiments.schema import commandline
from experiments.schema.synonyms import in_use


@pytest.mark.parametrize(
    "uri",
    [
        "sqlite:///mlflow.db",
        "sqlite:////a folder/it's, (here) = {there}.db",
        "postgresql://ann:s3cret@host:5432/runs?sslmode=require&x=[1]",
        r"sqlite:///C:\runs\mlflow.db",
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


def test_m_comes_first_and_nothing_else_moves():
    assert commandline.prepared(["lr=1,2", "seeds=2", "-m"]) == ["-m", "lr=1,2", "seeds=2"]
    assert commandline.prepared(["b=1", "a=2"]) == ["b=1", "a=2"]


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
