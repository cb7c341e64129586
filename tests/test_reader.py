"""The reader takes a run's files from where the store keeps them, and migrates nothing."""

import http.server
import shutil
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from support import configurations, stored, stores

from analysis import compare, report
from analysis.data import load
from experiments import console, export, train, ui
from experiments.tracking import connection, database, locations, tables
from experiments.tracking.client_queries import ClientQueries
from experiments.tracking.errors import (
    Damaged,
    Foreign,
    Missing,
    NoStore,
    StoreError,
    TrackingError,
)
from experiments.tracking.locations import local_folder
from experiments.tracking.queries import Wanted, of_kind
from experiments.tracking.reader import Reader
from experiments.tracking.record import RunRecord
from experiments.tracking.row_queries import RowQueries
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


@pytest.fixture
def host(monkeypatch):
    """The address of a server of somebody else's, and the requests that it has got."""
    asked = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.command, self.path, self.headers.get("Authorization")))
            self.send_error(404)

        do_POST = do_PUT = do_HEAD = do_PATCH = do_GET

        def log_message(self, *_):
            pass

    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "secret")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


PLACES = [
    "http://HOST/api/2.0/mlflow-artifacts/artifacts/x",
    "HTTP://HOST/x",
    "mlflow-artifacts://HOST/x",
    "mlflow-artifacts:/x",
    "ftp://HOST/x",
    "sftp://HOST/x",
    "gs://bucket/x",
    "s3://bucket/x",
    "wasbs://c@HOST/x",
    "hdfs://HOST/x",
    "dbfs:/x",
    "runs:/abc/x",
    "models:/abc",
    "file://HOST/x",
    "//HOST/x",
    "http://[",
    "http://HOST:x/x",
    "/a\0b",
]


@pytest.fixture
def no_server(monkeypatch):
    """Lets `scratchml ui` fail where it would start MLflow's server."""
    monkeypatch.setattr(ui, "server", None)


def of_somebody_else(uri, place):
    sql(uri, "UPDATE experiments SET artifact_location = ?", place)
    sql(uri, "UPDATE runs SET artifact_uri = ? || '/' || run_uuid || '/artifacts'", place)


def test_nothing_is_asked_of_a_host_that_the_user_has_not_named(uri, host):
    address, asked = host
    for place in PLACES:
        of_somebody_else(uri, place.replace("HOST", address))
        said = r"files of run \w+ \(.*\) are said to be at .*not its own"
        with pytest.raises(Damaged, match=said):
            Reader(uri).sweep("xor")
        with pytest.raises(Foreign, match="files of a row of experiments are said to be at"):
            connection.find_files(uri)
        with pytest.raises(TrackingError, match=r"not its own place|behind a server"):
            open_store(uri, "xor")
    assert asked == []


def test_a_row_that_names_a_host_is_refused_by_every_command(uri, host, no_server, capfd, tmp_path):
    [run] = Reader(uri).sweep("xor").runs
    address, asked = host
    place = f"http://{address}/api/2.0/mlflow-artifacts/artifacts/x"
    sql(uri, "UPDATE runs SET artifact_uri = ?", place)  # the experiment is as it was
    for to in ([], ["--to", str(tmp_path / "model")]):
        assert export.main([run.id, "--uri", uri, *to]) == 2
    assert report.main(["xor", "--check", "--uri", uri]) == 1
    with pytest.raises(SystemExit, match="2"):
        ui.main(["--no-open", "--uri", uri])
    said = "".join(capfd.readouterr())
    assert said.count("which is not its own place") == 4 and "Traceback" not in said
    assert asked == []


def test_mlflows_client_sends_no_files_to_such_a_host(uri, host, monkeypatch):
    address, asked = host
    monkeypatch.setattr(tables, "TESTED_REVISIONS", ())
    with open_store(uri, "xor") as store:
        sql(uri, "UPDATE experiments SET artifact_location = ?", f"http://{address}/x")
        with pytest.raises(Foreign, match="not its own place"):
            store.write(stores.sample())
    assert asked == []


def test_the_host_would_notice(uri, host):
    """MLflow's own client does ask it, and says who the user is."""
    [run] = Reader(uri).sweep("xor").runs
    address, asked = host
    place = f"http://{address}/api/2.0/mlflow-artifacts/artifacts/x"
    sql(uri, "UPDATE runs SET artifact_uri = ?", place)
    with pytest.raises(MlflowException):
        MlflowClient(uri).download_artifacts(run.id, "nets.npz")
    assert asked and all(sent.startswith("Basic ") for *_, sent in asked)


def test_a_place_that_the_user_has_named_is_the_stores(monkeypatch):
    for place, uri, own in [
        ("s3://mine/7", "sqlite:///x.db", True),
        ("s3://mine", "sqlite:///x.db", True),
        ("s3://mine-not/7", "sqlite:///x.db", False),
        ("mlflow-artifacts:/7", "http://here:5000", True),
        ("mlflow-artifacts://here:5000/7", "http://here:5000", True),
        ("mlflow-artifacts://here:6000/7", "http://here:5000", False),
        ("mlflow-artifacts://there:5000/7", "http://here:5000", False),
        ("https://here/7", "https://ada:secret@here:443", True),
        ("http://here/7", "https://here", False),
        ("s3://other/7", "http://here:5000", False),
        ("dbfs:/7", "databricks", True),
        ("dbfs:/7", "http://here", False),
        ("file:///srv/7", "http://here", True),
    ]:
        monkeypatch.setenv("MLFLOW_DEFAULT_ARTIFACT_ROOT", "s3://mine/")
        assert locations.is_named(place, uri) == own, (place, uri)


def test_a_folder_may_be_written_as_a_path(uri):
    [run] = Reader(uri).sweep("xor").runs
    own = local_folder(run.folder)
    sql(uri, "UPDATE runs SET artifact_uri = replace(artifact_uri, 'file://', '')")
    [again] = Reader(uri).sweep("xor").runs
    assert again.folder == str(own) != run.folder
    assert Reader(uri).files.path(again, "nets.npz") == own / "nets.npz"


def loaded(uri):
    with console.clean_exit():
        load("xor", uri)


OLDER, NEWER = "f5a4f2784254", "ffffffffffff"  # 2024-09-18; a revision that nobody knows yet
COMMANDS = {
    "export": lambda uri: export.main(["abc", "--uri", uri]),
    "train -m": lambda uri: train.main(["-m", f"tracking.uri={uri}", "epochs=1", "lr=1,2"]),
    "compare": lambda uri: compare.main(["xor", "--x", "lr", "--y", "train/loss", "--uri", uri]),
    "report": lambda uri: report.main(["xor", "--check", "--uri", uri]),
    "ui": lambda uri: ui.main(["--no-open", "--uri", uri]),
    "load": loaded,
}


@pytest.mark.parametrize("revision", [OLDER, NEWER])
def test_no_command_migrates_a_database_of_another_mlflow(uri, revision, no_server, capfd):
    """It lacks a table that this MLflow expects; MLflow itself would make all that is missing."""
    sql(uri, f"UPDATE alembic_version SET version_num = '{revision}'")
    sql(uri, "DROP TABLE logged_models")
    path = database.sqlite_file(uri)
    before = path.read_bytes()
    age, advice = {
        OLDER: ("an older", "run `mlflow db upgrade` on the copy"),
        NEWER: ("a newer", "`mlflow db upgrade` cannot help"),
    }[revision]
    for name, command in COMMANDS.items():
        try:
            status = command(uri)
        except SystemExit as end:
            status = end.code
        said = "".join(capfd.readouterr())
        assert status in (1, 2, 3), name
        assert f"mlflow.db was made by {age} MLflow than the " in said, name
        assert f"revision {revision}" in said and advice in said, name
        assert f"its last run was written with MLflow {metadata.version('mlflow')}" in said, name
        assert path.read_bytes() == before, name


def test_a_store_of_another_mlflow_is_refused_whatever_its_runs_say(uri):
    sql(uri, "UPDATE alembic_version SET version_num = ?", OLDER)
    said = "older MLflow .*tables of 2024-09-18, revision f5a4f2784254\\)"
    for versions in ("no JSON", "[" * 9999, '{"mlflow": "\\u001b[2J"}', "7"):
        sql(uri, "UPDATE tags SET value = ? WHERE key = 'scratchml.versions'", versions)
        with pytest.raises(StoreError, match=said):
            Reader(uri)
    sql(uri, "DROP TABLE tags")
    with pytest.raises(StoreError, match=said):
        Reader(uri)


def test_a_store_that_lacks_any_table_of_mlflows_is_not_completed(uri):
    sql(uri, "DROP TABLE logged_models")
    before = database.sqlite_file(uri).read_bytes()
    with pytest.raises(StoreError, match="no such table: logged_models"):
        Reader(uri)
    assert database.sqlite_file(uri).read_bytes() == before


def test_the_installed_mlflow_has_one_newest_schema():
    assert len(connection.installed_heads()) == 1


def test_a_store_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(NoStore, match="there is no store at .* yet") as caught:
        Reader(f"sqlite:///{tmp_path / 'mlflow.db'}")
    assert caught.value.code == StoreError.code and isinstance(caught.value, LookupError)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_mlflow_cannot_quote_is_no_run(uri, monkeypatch):
    monkeypatch.setattr(tables, "TESTED_REVISIONS", ())
    with pytest.raises(Missing, match="a name with both quotes cannot be looked for"):
        Reader(uri).run("x'\"")


WANTED = {
    "all": Wanted(),
    "a kind": of_kind("run"),
    "a kind that finished": of_kind("run", status="FINISHED"),
    "failed": Wanted(status="FAILED"),
    "a name": Wanted(name="it's 100 % of x_"),
    "tags": Wanted({"scratchml.kind": "run", "odd": "'; DROP TABLE runs; --"}),
    "none": Wanted(name="nothing"),
}


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The same odd store as its tables tell it, and as MLflow's client does."""
    uri = stores.empty_store(tmp_path_factory, tmp_path_factory.mktemp("both"))
    with open_store(uri, "other") as store:
        store.write(stores.sample())
    with open_store(uri, "odd") as store:
        store.write_many([stores.sample(lr=lr) for lr in (0.1, 0.2)])
        odd = {"scratchml.kind": "run", "odd": "'; DROP TABLE runs; --"}
        store.write(replace(stores.sample(), name="it's 100 % of x_", tags=odd))
        store.write(RunRecord("failed", status="FAILED", start_ms=7, end_ms=9))
        store.start(RunRecord("it runs", start_ms=8, params={"empty": ""}))
        gone = store.write(RunRecord("deleted"))
    client = MlflowClient(uri)
    client.delete_run(gone)
    number = client.get_experiment_by_name("odd").experiment_id
    late = client.create_run(number, run_name="of MLflow's").info.run_id
    for value in (1.0, float("nan"), float("inf")):
        client.log_metric(late, f"is {value}", value)
    client.delete_experiment(client.create_experiment("deleted"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "TESTED_REVISIONS", ())
        theirs = Reader(uri).queries
    ours = Reader(uri).queries
    assert (type(ours), type(theirs)) == (RowQueries, ClientQueries)
    return ours, theirs


def plainly(run):
    """A run whose NaN equals NaN."""
    return run._replace(metrics={key: str(value) for key, value in run.metrics.items()})


@pytest.mark.parametrize("wanted", WANTED.values(), ids=WANTED)
def test_the_tables_answer_as_mlflows_client_does(both, wanted):
    ours, theirs = both
    number = ours.experiment("odd")
    for newest_first in (False, True):
        found = [plainly(run) for run in ours.all(number, wanted, newest_first)]
        assert found == [plainly(run) for run in theirs.all(number, wanted, newest_first)]
    everywhere = [*ours.names().values()]
    for most in (1, 3):
        found = ours.first(everywhere, wanted, most)
        assert [run.id for run in found] == [r.id for r in theirs.first(everywhere, wanted, most)]


def test_ids_and_experiments_are_those_of_mlflows_client(both):
    ours, theirs = both
    assert ours.names() == theirs.names()
    number = ours.experiment("odd")
    assert ours.location(number) == theirs.location(number)
    ids = [run.id for run in theirs.all(number, Wanted())]
    begins = Wanted(begins=ids[0][:20])
    assert {run.id for run in ours.first([number], begins, 9)} == {
        run.id for run in theirs.first([number], begins, 9)
    }
    ids += ["0" * 32]
    assert ours.finished(number, ids).keys() == theirs.finished(number, ids).keys() < set(ids)
    for queries in both:
        with pytest.raises(ValueError, match="not a run id"):
            queries.finished(number, ["0' OR '1'='1"])
        with pytest.raises(Missing, match="has no experiment 'deleted'; it has"):
            queries.experiment("deleted")


def test_downloads_go_with_the_reader(uri, monkeypatch):
    reader = Reader(uri)
    [run] = reader.sweep("xor").runs
    monkeypatch.setattr("experiments.tracking.files.local_folder", lambda location: None)
    reader.files.paths.clear()
    reader.files._bases.clear()
    reader.prepare([run, run])
    folder = Path(reader.files.downloads)
    assert reader.files.path(run, "nets.npz").is_relative_to(folder)
    del reader
    assert not folder.exists()
