"""The reader takes a run's files from where the store keeps them, and migrates nothing."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support import configurations, stored, stores

from experiments.tracking import connection, database
from experiments.tracking.errors import Damaged, Missing, NoStore, StoreError
from experiments.tracking.files import local_folder
from experiments.tracking.reader import Reader
from experiments.tracking.store import open_store

pytestmark = pytest.mark.errstate(under="ignore")


@pytest.fixture
def uri(tmp_path_factory, tmp_path):
    """A store with one sweep of one run."""
    uri = stores.empty_store(tmp_path_factory, tmp_path)
    stored.sweep(uri, "xor", [configurations.config(epochs=2, seeds=1)])
    return uri


def sql(uri, statement, *values):
    with closing(sqlite3.connect(database.sqlite_file(uri))) as connected, connected:
        connected.execute(statement, values)


def test_a_run_comes_as_a_plain_row(uri):
    [run] = Reader(uri).sweep("xor").runs
    assert (run.status, run.params["dataset"], run.tags["scratchml.kind"]) == (
        "FINISHED",
        "xor",
        "run",
    )
    assert type(run.params) is type(run.metrics) is type(run.tags) is dict
    assert str(run) == f"run {run.id} ({run.name})"


def test_the_configuration_comes_as_a_mapping_or_as_its_check_makes_it(uri):
    reader = Reader(uri)
    [run] = reader.sweep("xor").runs
    assert reader.config(run)["seeds"] == 1
    assert reader.config(run, lambda mapping: mapping["seeds"] + 1) == 2


@pytest.mark.parametrize("file", ["nets.npz", "config.yaml", "sweep.json"])
def test_files_are_not_read_from_where_a_foreign_row_points(uri, tmp_path, file):
    [run] = Reader(uri).sweep("xor").runs
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(local_folder(run.folder), elsewhere)
    (elsewhere / "sweep.json").write_text("{}")
    sql(uri, "UPDATE runs SET artifact_uri = ?", elsewhere.as_uri())
    reader = Reader(uri)
    with pytest.raises(Damaged, match="which is not its own"):
        reader.files.path(run._replace(folder=elsewhere.as_uri()), file)
    with pytest.raises(Damaged, match="which is not its own"):
        reader.sweep("xor")


@pytest.mark.parametrize("scheme", ["mlflow-artifacts", "http", "ftp"])
def test_nothing_is_asked_of_a_host_that_the_user_has_not_named(uri, scheme, monkeypatch):
    foreign = f"{scheme}://127.0.0.1:9/1"
    sql(uri, "UPDATE experiments SET artifact_location = ?", foreign)
    sql(uri, "UPDATE runs SET artifact_uri = ? || '/' || run_uuid || '/artifacts'", foreign)
    reader = Reader(uri)
    monkeypatch.setattr(reader.client, "download_artifacts", None)
    with pytest.raises(Damaged, match="which is not its own"):
        reader.sweep("xor")


def test_a_folder_may_be_written_as_a_path(uri):
    [run] = Reader(uri).sweep("xor").runs
    own = local_folder(run.folder)
    sql(uri, "UPDATE runs SET artifact_uri = replace(artifact_uri, 'file://', '')")
    [again] = Reader(uri).sweep("xor").runs
    assert again.folder == str(own) != run.folder
    assert Reader(uri).files.path(again, "nets.npz") == own / "nets.npz"


def test_an_older_database_is_not_migrated(uri):
    """It lacks a table that this MLflow expects; MLflow itself would make all that is missing."""
    sql(uri, "UPDATE alembic_version SET version_num = 'f5a4f2784254'")
    sql(uri, "DROP TABLE logged_models")
    path = database.sqlite_file(uri)
    before = path.read_bytes()
    for action in (lambda: Reader(uri), lambda: open_store(uri, "xor")):
        with pytest.raises(StoreError, match="another version of MLflow; .*mlflow db upgrade"):
            action()
    assert path.read_bytes() == before


def test_the_installed_mlflow_has_one_newest_schema():
    assert len(connection.installed_heads()) == 1


def test_a_store_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(NoStore, match="there is no store at .* yet") as caught:
        Reader(f"sqlite:///{tmp_path / 'mlflow.db'}")
    assert caught.value.code == StoreError.code and isinstance(caught.value, LookupError)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_cannot_be_quoted_is_no_run(uri):
    with pytest.raises(Missing, match="a name with both quotes cannot be looked for"):
        Reader(uri).run("x'\"")


def test_downloads_go_with_the_reader(uri, monkeypatch):
    reader = Reader(uri)
    [run] = reader.sweep("xor").runs
    monkeypatch.setattr("experiments.tracking.files.local_folder", lambda location: None)
    reader.files.paths.clear()
    reader.prepare([run, run])
    folder = Path(reader.files.downloads)
    assert reader.files.path(run, "nets.npz").is_relative_to(folder)
    del reader
    assert not folder.exists()
