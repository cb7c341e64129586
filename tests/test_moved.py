"""A store that was moved, linked, deleted or replaced is said, or is used as the user means it."""

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from mlflow import MlflowClient
from support import configurations, stored, stores, sweeps

from experiments import export, ui
from experiments.tracking import connection, copies, moved, staging
from experiments.tracking.errors import Lost, StoreError
from experiments.tracking.reader import Reader
from experiments.tracking.store import open_store
from experiments.tracking.uris import sqlite_file, sqlite_uri

pytestmark = pytest.mark.errstate(under="ignore")


@pytest.fixture
def old(tmp_path_factory, tmp_path):
    """A folder with a store of one run."""
    folder = tmp_path / "old"
    folder.mkdir()
    uri = stores.empty_store(tmp_path_factory, folder)
    stored.sweep(uri, "xor", [configurations.config(epochs=2, seeds=1)])
    return folder


def everything(folder):
    return {path.relative_to(folder): path.stat().st_mtime_ns for path in folder.rglob("*")}


def locations(uri):
    client = MlflowClient(uri)
    for experiment in client.search_experiments(filter_string="name = 'xor'"):
        yield experiment.artifact_location
        for run in client.search_runs([experiment.experiment_id]):
            yield run.info.artifact_uri


def test_readers_read_a_moved_store_from_where_it_is_and_change_nothing(old, tmp_path):
    new = tmp_path / "100%25 new"
    old.rename(new)
    before = (new / "mlflow.db").read_bytes()
    reader = Reader(sqlite_uri(new / "mlflow.db"))
    [run] = reader.sweep("xor").runs
    assert reader.arrays(run)[0]["seed"].tolist() == [0]
    assert (new / "mlflow.db").read_bytes() == before and not old.exists()


def test_writers_relocate_a_moved_store_and_say_so(old, tmp_path, capsys):
    new = tmp_path / "new"
    old.rename(new)
    uri = sqlite_uri(new / "mlflow.db")
    with open_store(uri, "xor") as store:
        run_id = store.write(stores.sample())
    assert f"{new / 'mlflow.db'} was moved; its files are now" in capsys.readouterr().err
    assert (new / "mlartifacts" / "1" / run_id / "artifacts" / "nets.npz").is_file()
    assert not old.exists()
    assert all(one.startswith((new / "mlartifacts").as_uri()) for one in locations(uri))
    open_store(uri, "xor").close()
    assert capsys.readouterr().err == ""  # once is enough


def test_mlflows_pages_get_a_store_that_was_relocated(old, tmp_path, monkeypatch):
    new = tmp_path / "new"
    old.rename(new)
    uri = sqlite_uri(new / "mlflow.db")
    monkeypatch.setattr(ui, "server", None)
    with pytest.raises(TypeError):  # where it would start MLflow's server
        ui.main(["--no-open", "--uri", uri])
    assert all(one.startswith((new / "mlartifacts").as_uri()) for one in locations(uri))


def test_a_model_is_logged_where_a_moved_store_is(old, tmp_path, capsys):
    new = tmp_path / "new"
    old.rename(new)
    uri = sqlite_uri(new / "mlflow.db")
    [run] = Reader(uri).sweep("xor").runs
    assert export.main([run.id, "--uri", uri]) == 0
    assert list((new / "mlartifacts" / "1" / "models").glob("*/artifacts/MLmodel"))
    assert not old.exists()


def test_no_model_is_logged_into_a_copy_of_a_read_only_store(old, tmp_path, monkeypatch, capsys):
    uri = sqlite_uri(old / "mlflow.db")
    [run] = Reader(uri).sweep("xor").runs
    monkeypatch.setattr(copies, "os", SimpleNamespace(W_OK=os.W_OK, access=lambda *_: False))
    monkeypatch.setattr(copies, "_can_be_read", lambda _: False)
    before = everything(old)
    assert export.main([run.id, "--uri", uri]) == 3
    assert f"{old / 'mlflow.db'} cannot be written to" in capsys.readouterr().err
    assert everything(old) == before
    assert export.main([run.id, "--uri", uri, "--to", str(tmp_path / "model")]) == 0


def test_a_copy_and_a_store_with_files_elsewhere_stay_as_they_are(old, tmp_path, capsys):
    copy = tmp_path / "copy"
    shutil.copytree(old, copy)
    uri = sqlite_uri(copy / "mlflow.db")
    open_store(uri, "xor").close()
    assert all(one.startswith((old / "mlartifacts").as_uri()) for one in locations(uri))
    shutil.rmtree(copy / "mlartifacts")
    shutil.rmtree(old)
    open_store(uri, "moons").close()
    assert capsys.readouterr().err == ""  # the files are gone, and not beside it either
    assert next(iter(locations(uri))).startswith((old / "mlartifacts").as_uri())
    reader = Reader(uri)
    with pytest.raises(Lost):
        reader.sweep("xor")


def test_a_link_to_a_store_that_is_not_there_yet_stays_a_link(tmp_path):
    link, target = tmp_path / "mlflow.db", tmp_path / "disk" / "mlflow.db"
    link.symlink_to(target)
    with pytest.raises(StoreError, match="mlflow.db is a link to .*, whose folder is not there"):
        open_store(sqlite_uri(link))
    assert link.is_symlink() and not target.parent.exists()
    target.parent.mkdir()
    with open_store(sqlite_uri(link), "xor") as store:
        store.write(stores.sample())
    assert link.is_symlink() and target.stat().st_size > 0
    with open_store(sqlite_uri(target), "xor") as store:
        assert store.finished([stores.sample().fingerprint])


def test_a_link_in_a_circle_is_refused(tmp_path):
    (tmp_path / "a.db").symlink_to(tmp_path / "b.db")
    (tmp_path / "b.db").symlink_to(tmp_path / "a.db")
    with pytest.raises(StoreError, match=r"a\.db"):
        open_store(sqlite_uri(tmp_path / "a.db"))
    assert (tmp_path / "a.db").is_symlink()


def deleted(path):
    path.unlink()


def replaced(path):
    shutil.copy(path, path.with_name("copy"))
    os.replace(path.with_name("copy"), path)


@pytest.mark.parametrize("change", [deleted, replaced])
def test_a_store_that_vanishes_while_it_is_written_to_is_an_error(
    tmp_path_factory, tmp_path, change
):
    uri = stores.empty_store(tmp_path_factory, tmp_path)
    with open_store(uri, "xor") as store:
        store.write(stores.sample(lr=1))
        change(sqlite_file(uri))
        with pytest.raises(StoreError, match="was deleted, moved or replaced while it was written"):
            store.write(stores.sample(lr=2))


def test_a_folder_that_vanishes_in_the_middle_of_writing_is_named(
    tmp_path_factory, tmp_path, monkeypatch
):
    write_files = staging.write_files

    def write_and_lose(*arguments):
        write_files(*arguments)
        shutil.rmtree(tmp_path)

    uri = stores.empty_store(tmp_path_factory, tmp_path)
    with open_store(uri, "xor") as store:
        monkeypatch.setattr(staging, "write_files", write_and_lose)
        with pytest.raises(StoreError, match="was deleted, moved or replaced while it was written"):
            store.write(stores.sample())


def test_files_that_did_not_move_along_are_missed_in_one_sentence(old, tmp_path):
    (tmp_path / "new").mkdir()
    (old / "mlflow.db").rename(tmp_path / "new" / "mlflow.db")
    shutil.rmtree(old / "mlartifacts")
    with pytest.raises(
        Lost, match=r"^the files of run .* are gone: .*mlartifacts/\d+ is not there;"
    ):
        Reader(sqlite_uri(tmp_path / "new" / "mlflow.db")).sweep("xor")


def test_a_sweep_whose_store_is_deleted_does_not_end_well(tmp_path_factory, tmp_path, monkeypatch):
    uri = stores.empty_store(tmp_path_factory, tmp_path)
    path = sqlite_file(uri)
    write = open_store.__globals__["Store"].write_many

    def write_and_lose(self, *arguments):
        ids = write(self, *arguments)
        path.unlink(missing_ok=True)
        return ids

    monkeypatch.setattr("experiments.tracking.store.Store.write_many", write_and_lose)
    with pytest.raises(StoreError, match="was deleted, moved or replaced"):
        sweeps.launch(uri, {"lr": 1}, {"lr": 2})


def test_columns_of_locations_are_those_of_mlflow():
    from mlflow.store.model_registry.dbmodels import models as registry
    from mlflow.store.tracking.dbmodels import models as tracking

    tables = tracking.Base.metadata.tables | registry.Base.metadata.tables
    assert all(column in tables[table].columns for table, column in moved.LOCATIONS)
    assert connection.LOCATIONS is moved.LOCATIONS and Path(moved.BESIDE).name == moved.BESIDE
