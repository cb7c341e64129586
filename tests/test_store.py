"""The store holds whole runs or none, whoever writes them, and says what hinders it."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.stores import Sample, empty_store, sample

from experiments.running.results import record
from experiments.tracking import causes, database, staging, tables
from experiments.tracking.client import import_mlflow
from experiments.tracking.errors import StoreError
from experiments.tracking.heartbeat import process_name
from experiments.tracking.locations import local_folder
from experiments.tracking.provenance import provenance
from experiments.tracking.record import RunRecord
from experiments.tracking.store import open_store

TESTS = Path(__file__).parent


@pytest.fixture
def uri(tmp_path, tmp_path_factory):
    return empty_store(tmp_path_factory, tmp_path)


@pytest.fixture(params=["rows", "client"])
def writer(request, monkeypatch):
    """Both ways to write."""
    if request.param == "client":
        monkeypatch.setattr(tables, "TESTED_REVISIONS", ())
    return request.param


@pytest.fixture
def store(uri, writer):
    with open_store(uri, "xor") as opened:
        assert opened.writes_rows == (writer == "rows")
        yield opened


def reader(uri):
    return import_mlflow().MlflowClient(uri)


def search(store, wanted="", **options):
    return list(reader(store.uri).search_runs([store.experiment_id], wanted, **options))


def test_the_description_of_an_experiment_is_what_was_said_last(store):
    for text in ("At first.", "**Is it | so?** In 3 of 4 cases."):
        store.describe(text)
    tags = reader(store.uri).get_experiment(store.experiment_id).tags
    assert tags["mlflow.note.content"] == "**Is it | so?** In 3 of 4 cases."
    assert tags["mlflow.experimentKind"] == "custom_model_development"


def seen(store, run_id):
    """All that MLflow's client tells of a run, but for its id and where its files are."""
    client = reader(store.uri)
    run = client.get_run(run_id)
    info = dict(run.info)
    assert info.pop("run_id") == run_id
    assert info.pop("artifact_uri").endswith(f"/{run_id}/artifacts")
    inputs = [
        (dict(one.dataset), [(tag.key, tag.value) for tag in one.tags])
        for one in run.inputs.dataset_inputs
    ]
    histories = {
        key: [(m.timestamp, m.step, m.value) for m in client.get_metric_history(run_id, key)]
        for key in run.data.metrics
    }
    listed = [(one.path, one.is_dir, one.file_size) for one in client.list_artifacts(run_id)]
    with tempfile.TemporaryDirectory() as folder:
        files = {
            name: Path(client.download_artifacts(run_id, name, folder)).read_bytes()
            for name, *_ in listed
        }
    return {
        "info": info,
        "params": run.data.params,
        "tags": run.data.tags,
        "metrics": run.data.metrics,
        "histories": histories,
        "inputs": inputs,
        "outputs": run.outputs.model_outputs,
        "listed": listed,
        "files": files,
    }


def in_another_process(code, *arguments, **options):
    """A Python process that has imported what the tests here use."""
    lines = ["import sys", f"sys.path.insert(0, {str(TESTS)!r})"]
    lines += ["from support.stores import *", "from experiments.tracking.store import open_store"]
    lines += ["from experiments.tracking.errors import StoreError"]
    script = "\n".join([*lines, textwrap.dedent(code)])
    command = [sys.executable, "-c", script, *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=TESTS.parent, **pipes | options)


def finished(process, seconds=60):
    """What a process printed; it must have ended well."""
    out, err = process.communicate(timeout=seconds)
    assert process.returncode == 0, err
    return out


# --- what is written ------------------------------------------------------------------------------

MANY = replace(
    sample(lr=0.2),
    metrics=[(f"m{i % 3}", i / 7, i) for i in range(2500)],
    params={f"p{i}": str(i) for i in range(120)},
    tags={f"t{i}": "ä" for i in range(120)},
)


@pytest.mark.parametrize(
    "given",
    [
        sample(),
        MANY,
        sample(tags={"scratchml.error": "no"}, status="FAILED"),
        record(Sample(), start_ms=5, end_ms=6, status="KILLED"),
        RunRecord("sweep", tags={"mlflow.user": "ada"}, artifacts={"a.json": b""}, end_ms=9),
        RunRecord("nothing", start_ms=1, end_ms=2),
    ],
    ids=["finished", "many", "failed", "killed", "sweep", "empty"],
)
def test_both_writers_leave_the_same(uri, monkeypatch, given):
    told = []
    for revisions in tables.TESTED_REVISIONS, ():
        monkeypatch.setattr(tables, "TESTED_REVISIONS", revisions)
        with open_store(uri, "xor") as opened:
            assert opened.writes_rows == bool(revisions)
            told.append(seen(opened, opened.write(given, parent_id="0" * 32)))
    by_rows, by_client = told
    assert by_rows == by_client
    assert by_rows["info"]["status"] == given.status
    assert by_rows["info"]["end_time"] == given.end_ms


def test_what_is_written_is_what_was_given(store):
    given = sample()
    found = seen(store, store.write(given, parent_id="f" * 32))
    assert found["params"] == given.params
    assert found["metrics"] == given.summary()
    assert found["files"] == given.artifacts
    assert found["info"]["run_name"] == found["tags"]["mlflow.runName"] == given.name
    assert found["tags"]["mlflow.parentRunId"] == "f" * 32
    assert found["tags"]["scratchml.fingerprint"] == given.fingerprint
    assert (found["info"]["start_time"], found["info"]["end_time"]) == (
        given.start_ms,
        given.end_ms,
    )
    points = {(key, value, step) for key, value, step in given.metrics}
    assert points == {
        (key, value, step) for key, rows in found["histories"].items() for _, step, value in rows
    }
    ((dataset, tags),) = found["inputs"]
    assert dataset == given.dataset
    assert tags == [("mlflow.data.context", "training")]


def test_a_run_is_written_when_it_has_just_ended_unless_it_says_otherwise(store):
    before = time.time() * 1000 - 1
    info = seen(store, store.write(RunRecord("now")))["info"]
    assert before <= info["start_time"] <= info["end_time"] <= time.time() * 1000


def test_every_run_says_where_it_comes_from(store):
    tags = seen(store, store.write(sample()))["tags"]
    assert tags.items() >= provenance().items()


def test_many_runs_come_back_in_order_and_share_their_data_set(store):
    given = [sample(lr=i / 100) for i in range(1, 8 if store.writes_rows is False else 120)]
    ids = store.write_many(given, "a" * 32)
    names = {run.info.run_id: run.info.run_name for run in search(store)}
    assert [names[run_id] for run_id in ids] == [one.name for one in given]
    with closing(sqlite3.connect(database.sqlite_file(store.uri))) as connection:
        assert connection.execute("SELECT count(*) FROM datasets").fetchone() == (1,)


def test_runs_are_written_together_up_to_so_many_rows(store, monkeypatch):
    given = [sample(lr=i) for i in range(1, 6)]
    rows, write, together = 1 + len(given[0].metrics), store._writer.write, []
    monkeypatch.setattr(store._writer, "TOGETHER", 2 * rows)
    monkeypatch.setattr(store._writer, "write", lambda r: together.append(len(r)) or write(r))
    assert len(set(store.write_many(given))) == 5
    monkeypatch.setattr(store._writer, "TOGETHER", 2 * rows - 1)
    assert len(set(store.write_many(given))) == 5
    assert together == [2, 2, 1] + 5 * [1]


def test_tables_are_as_the_writer_of_rows_knows_them():
    """A new column that must have a value, or a new name, would show here."""
    import_mlflow()
    from mlflow.store.tracking.dbmodels import models

    theirs = models.Base.metadata.tables
    for table in tables.TABLES:
        known, columns = set(table.columns.keys()), theirs[table.name].columns
        assert known <= set(columns.keys())
        must = {c.name for c in columns if not c.nullable and c.server_default is None}
        assert must <= known


def test_the_installed_mlflow_is_one_that_was_tested(uri):
    engine = database.connect(uri)
    assert database.revision(engine) in tables.TESTED_REVISIONS
    engine.dispose()


# --- what is known --------------------------------------------------------------------------------


def test_only_finished_runs_of_this_experiment_count_as_finished(uri, store):
    kept, deleted, failed, elsewhere, live = (sample(lr=i) for i in range(1, 6))
    ids = [store.write(kept), store.write(deleted)]
    reader(uri).delete_run(ids[1])
    store.write(replace(failed, status="FAILED"))
    store.start(live)
    with open_store(uri, "another") as other:
        other.write(elsewhere)
    prints = [one.fingerprint for one in (kept, deleted, failed, elsewhere, live)]
    assert store.finished(prints) == {kept.fingerprint: ids[0]}
    assert store.failed(prints) == {failed.fingerprint}
    assert store.finished([]) == {}


def test_of_two_runs_of_a_configuration_the_newer_counts(store):
    store.write(sample(start_ms=2_000))
    newer = store.write(sample(start_ms=3_000))
    store.write(sample(start_ms=1_000))
    one = sample().fingerprint
    assert store.finished([one]) == {one: newer}


def test_more_runs_are_known_than_fit_on_a_page(store, monkeypatch):
    monkeypatch.setattr("experiments.tracking.client.PAGE", 2)
    given = [sample(lr=i) for i in range(1, 6)]
    ids = store.write_many(given)
    known = store.finished(one.fingerprint for one in given)
    assert known == {one.fingerprint: i for one, i in zip(given, ids, strict=True)}


def test_the_metrics_of_a_run_are_its_last(store):
    given = sample()
    assert store.metrics(store.write(given)) == given.summary()


# --- runs that can be watched ---------------------------------------------------------------------


def test_a_live_run_ends_with_what_a_run_written_at_once_has(store):
    done = sample()
    start = replace(done, metrics=[], artifacts={"config.yaml": done.artifacts["config.yaml"]})
    run_id = store.start(start)
    (running,) = search(store, "attributes.status = 'RUNNING'")
    assert running.data.tags["scratchml.process"] == process_name()
    assert "scratchml.fingerprint" not in running.data.tags
    for epoch in (2, 5):  # the whole curve each time, as training goes on
        store.update(run_id, [m for m in done.metrics if m[2] <= epoch], tags={"note": "so far"})
    store.update(run_id, [("train/loss", float("nan"), 7), ("train/loss", float("inf"), 8)])
    assert {m[2] for m in done.metrics if m[2] <= 5} == {
        step for rows in seen(store, run_id)["histories"].values() for _, step, _ in rows
    }
    store.finish(run_id, "FINISHED", record=done)

    live, at_once = seen(store, run_id), seen(store, store.write(done))
    assert live["tags"].pop("note") == "so far"
    for told in (live, at_once):  # they were written at other times
        told["histories"] = {k: sorted(row[1:] for row in v) for k, v in told["histories"].items()}
    assert live == at_once


def test_a_sweep_gets_its_files_at_the_end(store):
    parent = store.start(RunRecord("sweep of 2: lr", start_ms=1))
    store.update(parent, [("done", 1.0, 1)], params={"lr": "1, 2"})
    store.update(parent, [("done", 2.0, 2)], artifacts={"sweep.json": b"[]"})
    store.update(parent, artifacts={"sweep.json": b"{}"})
    store.finish(parent, "KILLED", end_ms=9)
    found = seen(store, parent)
    assert found["files"] == {"sweep.json": b"{}"}
    assert (found["metrics"], found["params"]) == ({"done": 2.0}, {"lr": "1, 2"})
    assert (found["info"]["status"], found["info"]["end_time"]) == ("KILLED", 9)


def test_a_run_deleted_meanwhile_is_an_error_and_stays_deleted(store):
    run_id = store.start(sample())
    reader(store.uri).delete_run(run_id)
    with pytest.raises(StoreError, match="again"):
        store.update(run_id, [("x", 1.0, 1)])
    with pytest.raises(StoreError, match="again"):
        store.finish(run_id)
    assert reader(store.uri).get_run(run_id).info.status == "RUNNING"


def test_runs_of_killed_processes_are_marked_and_others_are_not(store):
    started = in_another_process(
        """
        with open_store(sys.argv[1], "xor") as store:
            print(store.start(sample(lr=7)), flush=True)
            sys.stdin.read()
        """,
        store.uri,
        stdin=subprocess.PIPE,
    )
    with started:
        lost = started.stdout.readline().strip()
        mine = store.start(sample())
        assert store.mark_dead() == []
        started.kill()
    assert store.mark_dead() == [lost]
    client = reader(store.uri)
    assert client.get_run(lost).info.status == "KILLED"
    assert client.get_run(lost).info.end_time > 0
    assert client.get_run(mine).info.status == "RUNNING"
    assert store.mark_dead() == []


@pytest.mark.parametrize("writer", ["rows"], indirect=True)
def test_whoever_opens_a_store_marks_the_runs_of_killed_processes(store, monkeypatch):
    gone = process_name().rpartition(":")[0] + ":1"  # another process that had this number
    monkeypatch.setattr("experiments.tracking.store.process_name", lambda: gone)
    lost = store.start(sample())
    with open_store(store.uri, "xor"):
        pass
    assert reader(store.uri).get_run(lost).info.status == "KILLED"


# --- opening --------------------------------------------------------------------------------------


def test_eight_processes_that_open_one_new_store_at_once_all_write_to_it(tmp_path):
    uri = f"sqlite:///{tmp_path / 'new folder' / 'mlflow.db'}"
    code = """
        import multiprocessing
        import mlflow.store.tracking.sqlalchemy_store  # once, it takes long

        def write(uri, lr, together):
            together.wait()
            with open_store(uri, "xor") as store:
                store.write(sample(lr=lr))

        fork = multiprocessing.get_context("fork")
        together = fork.Barrier(8)
        workers = [fork.Process(target=write, args=(sys.argv[1], i, together)) for i in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        print([worker.exitcode for worker in workers])
    """
    assert finished(in_another_process(code, uri)) == f"{[0] * 8}\n"
    with open_store(uri, "xor") as store:
        assert len(search(store)) == 8
        assert [e.name for e in reader(uri).search_experiments()] == ["xor", "Default"]
    left = {path.name for path in (tmp_path / "new folder").iterdir()}
    assert left - {"mlflow.db-wal", "mlflow.db-shm"} == {
        *("mlflow.db", "mlflow.db.lock", "mlartifacts")
    }


def test_a_store_that_is_there_is_opened_and_written_without_importing_mlflow_or_hydra(uri):
    code = """
        with open_store(sys.argv[1], "xor") as store:
            run_id = store.start(sample())
            store.update(run_id, [("x", 1.0, 1)])
            store.finish(run_id, record=sample())
            store.finished([sample().fingerprint])
        print({"mlflow", "hydra", "pandas"} & set(sys.modules))
    """
    assert finished(in_another_process(code, uri)) == "set()\n"


def test_a_new_database_has_a_log_and_large_pages_and_an_old_one_keeps_its_own(uri, tmp_path):
    old = tmp_path / "old.db"
    shutil.copy(database.sqlite_file(uri), old)
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        for statement in ("journal_mode = DELETE", "page_size = 4096"):
            connection.execute(f"PRAGMA {statement}")
        connection.execute("VACUUM")
    for path, expected in ((database.sqlite_file(uri), (8192, "wal")), (old, (4096, "delete"))):
        with open_store(f"sqlite:///{path}", "xor") as store:
            store.write(sample())
        with closing(sqlite3.connect(path)) as connection:
            asked = ("page_size", "journal_mode")
            found = tuple(connection.execute(f"PRAGMA {name}").fetchone()[0] for name in asked)
        assert found == expected


def test_files_are_beside_the_database_wherever_one_stands(tmp_path, tmp_path_factory, monkeypatch):
    folder = tmp_path / "a folder, ü & 100%"
    folder.mkdir()
    empty_store(tmp_path_factory, folder)
    monkeypatch.chdir(folder)
    with open_store("sqlite:///mlflow.db", "xor") as store:
        monkeypatch.chdir("/")
        run_id = store.write(sample())
        assert store.uri == f"sqlite:///{folder}/mlflow.db"
        assert set(seen(store, run_id)["files"]) == {"config.yaml", "nets.csv", "nets.npz"}
    assert (folder / "mlartifacts" / "1" / run_id / "artifacts" / "nets.npz").is_file()


def test_an_experiment_keeps_where_its_files_are(uri, tmp_path):
    with open_store(uri, "xor", artifacts=(tmp_path / "elsewhere").as_uri()) as store:
        first = store.write(sample(lr=1))
    with open_store(uri, "xor") as store:
        second = store.write(sample(lr=2))
    there = tmp_path / "elsewhere" / store.experiment_id
    assert {path.name for path in there.iterdir()} == {first, second}


def test_the_default_is_the_projects_own_store_unless_mlflow_is_told_another(monkeypatch, uri):
    from experiments.tracking.places import default_uri

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert default_uri() == f"sqlite:///{TESTS.parent / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    with open_store(experiment="xor") as store:
        assert store.uri == uri


@pytest.mark.parametrize("wrong", ["./mlruns", "file:///mlruns", "ftp://a", "mlflow.db"])
def test_what_is_no_database_and_no_server_is_refused(wrong):
    with pytest.raises(StoreError, match="the URI of a store must start with one of"):
        open_store(wrong)


def test_a_store_in_memory_is_refused():
    with pytest.raises(StoreError, match="must name a file, as in sqlite:///mlflow.db"):
        open_store("sqlite://")


def test_somebody_elses_database_is_left_alone(tmp_path):
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE cats (name)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=f"{path} is not a store of MLflow; name another"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("dear diary" * 1000)
    with pytest.raises(StoreError, match=f"{path} is damaged or not a store of MLflow; move it"):
        open_store(f"sqlite:///{path}")
    assert path.read_text() == "dear diary" * 1000


def test_a_store_of_another_mlflow_says_how_to_upgrade(uri):
    with closing(sqlite3.connect(database.sqlite_file(uri))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'f5a4f2784254'")
        connection.commit()
    with pytest.raises(StoreError, match="an older MLflow than the .*mlflow db upgrade"):
        open_store(uri)


def test_a_deleted_experiment_says_how_to_get_it_back(uri, writer):
    with open_store(uri, "xor") as store:
        reader(uri).delete_experiment(store.experiment_id)
    with pytest.raises(StoreError, match="xor of .* deleted; bring it back with .* restore .* 1`"):
        open_store(uri, "xor")


def test_an_experiment_whose_files_are_behind_a_server_asks_for_the_server(uri):
    reader(uri).create_experiment("theirs", "mlflow-artifacts:/5")
    with pytest.raises(StoreError, match="name that server with --uri"):
        open_store(uri, "theirs")


def test_a_server_that_does_not_answer_is_said_at_once_and_its_password_is_not():
    began = time.monotonic()
    with pytest.raises(StoreError, match="http://127.0.0.1:9 does not answer; start it") as caught:
        open_store("http://ada:secret@127.0.0.1:9")
    assert time.monotonic() - began < 10
    assert "secret" not in str(caught.value)


def test_a_driver_that_is_missing_is_named(monkeypatch):
    for name in ("psycopg", "psycopg2"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(StoreError, match="postgresql://db/runs needs a driver .*psycopg"):
        open_store("postgresql://ada:secret@db/runs")


# --- when it cannot be written --------------------------------------------------------------------


def rows_and_folders(store):
    """How many rows the tables of runs have, and which folders of runs there are."""
    with closing(sqlite3.connect(database.sqlite_file(store.uri))) as connection:
        names = ["runs", "tags", "params", "metrics", "latest_metrics", "inputs", "datasets"]
        rows = [connection.execute(f"SELECT count(*) FROM {n}").fetchone()[0] for n in names]
    root = local_folder(store._writer.location)
    return rows, sorted(path.name for path in root.iterdir()) if root.exists() else []


def test_a_lock_that_is_given_back_is_waited_for(store):
    connection = sqlite3.connect(database.sqlite_file(store.uri), check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(1.5, connection.rollback)
    timer.start()
    run_id = store.write(sample())
    timer.join()
    connection.close()
    assert [run.info.run_id for run in search(store)] == [run_id]


def test_a_lock_that_is_kept_is_named_and_nothing_is_half_written(uri, monkeypatch):
    monkeypatch.setattr(causes, "PATIENCE", 0.2)
    with open_store(uri, "xor") as store:
        store.write(sample(lr=1))
        before = rows_and_folders(store)
        with closing(sqlite3.connect(database.sqlite_file(uri))) as connection:
            connection.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match=r"mlflow.db has been locked by another process"):
                store.write_many([sample(lr=2), sample(lr=3)])
        assert rows_and_folders(store) == before


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_more_metrics_arrive_than_fit_into_one_statement(uri, more):
    steps = range(2 * (tables.VALUES // len(tables.METRICS.columns)) + more)
    with open_store(uri, "xor") as store:
        run_id = store.write(RunRecord("long", metrics=[("loss", 1 / (1 + n), n) for n in steps]))
    history = reader(uri).get_metric_history(run_id, "loss")
    assert sorted((m.step, m.value) for m in history) == [(n, 1 / (1 + n)) for n in steps]


def test_a_full_database_is_named_and_nothing_is_half_written(uri):
    with open_store(uri, "xor") as store:
        store.write(sample(lr=1))
        before = rows_and_folders(store)
        store._writer.engine.dispose()

        @sa.event.listens_for(store._writer.engine, "connect")
        def fill(connection, _):
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages + 8}")

        with pytest.raises(StoreError, match=r"mlflow.db has no space left; make some .*is full\)"):
            store.write_many([sample(lr=i) for i in range(2, 40)])
        assert rows_and_folders(store) == before


def test_a_full_disk_is_named_and_nothing_is_half_written(store):
    """Files may not grow beyond a limit here, which the kernel reports as it does a full disk."""
    store.write(sample(lr=1))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    large = replace(sample(lr=2), artifacts={"nets.npz": bytes(2**24 + 1)})
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**24, limits[1]))
    try:
        with pytest.raises(StoreError, match="mlflow.db has no space left; make some"):
            store.write_many([sample(lr=3), large] if store.writes_rows else [large])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert len(search(store)) == 1
    if store.writes_rows:  # through the client it was begun, and is deleted
        rows, folders = rows_and_folders(store)
        assert rows[0] == len(folders) == 1
    store.write(large)
    assert len(search(store)) == 2


def test_a_store_that_may_only_be_read_is_named_and_nothing_is_half_written(uri):
    with open_store(uri, "xor") as store:
        before = rows_and_folders(store)
        sa.event.listen(
            store._writer.engine, "connect", lambda c, _: c.execute("PRAGMA query_only = ON")
        )
        store._writer.engine.dispose()
        with pytest.raises(StoreError, match="cannot be written to; change its permissions"):
            store.write(sample())
        assert rows_and_folders(store) == before


def test_a_commit_that_fails_leaves_neither_rows_nor_files(uri):
    with open_store(uri, "xor") as store:
        store.write(sample(lr=1))
        before = rows_and_folders(store)

        @sa.event.listens_for(store._writer.engine, "commit", once=True)
        def fail(_):
            raise sqlite3.OperationalError("disk I/O error")

        with pytest.raises(StoreError, match=r"cannot be used \(disk I/O error\)"):
            store.write_many([sample(lr=2), sample(lr=3)])
        assert rows_and_folders(store) == before


def test_files_are_kept_when_it_is_interrupted_after_the_commit(uri):
    """Between the commit and the next line of Python there is time enough for a Ctrl-C."""
    with open_store(uri, "xor") as store:
        store.write(sample(lr=1))

        @sa.event.listens_for(store._writer.engine.pool, "checkin", once=True)
        def interrupt(*_):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            store.write(sample(lr=2))
        runs = search(store)
        assert len(runs) == 2
        for run in runs:
            assert len(seen(store, run.info.run_id)["files"]) == 3


@pytest.mark.parametrize("after", [0.05, 0.3])
def test_a_writer_killed_at_work_leaves_whole_runs(uri, after):
    started = in_another_process(
        """
        with open_store(sys.argv[1], "xor") as store:
            records = [sample(lr=i, nets=50) for i in range(1, 301)]
            store.write(records[0])
            print("writing", flush=True)
            while True:
                store.write_many(records)
        """,
        uri,
    )
    with started:
        started.stdout.readline()
        time.sleep(after)
        started.send_signal(signal.SIGKILL)
    with open_store(uri, "xor") as store:
        runs = search(store, max_results=5000)
        whole = sample(nets=50)
        for run in runs[:: max(1, len(runs) // 8)]:
            told = seen(store, run.info.run_id)
            assert told["info"]["status"] == "FINISHED"
            assert told["metrics"] == whole.summary()
            assert {k: len(v) for k, v in told["histories"].items()}["train/loss"] == 6
            assert set(told["files"]) == set(whole.artifacts)
        rows, folders = rows_and_folders(store)
        assert rows[0] == len(runs) >= 1
        assert rows[3] == len(runs) * len(whole.metrics)
        assert {run.info.run_id for run in runs} <= set(folders)
        store.write(sample(lr=999))


def test_what_a_killed_writer_left_is_cleared_away(uri, tmp_path):
    with open_store(uri, "xor") as store:
        run_id = store.write(sample())
        root = local_folder(store._writer.location)
    old, new = root / f"{staging.WRITING}1", root / f"{staging.WRITING}2"
    for folder in (old, new):
        shutil.copytree(root / run_id, folder / "x")
    os.utime(old, (0, 0))
    open_store(uri, "xor").close()
    assert {path.name for path in root.iterdir()} == {run_id, new.name}


def test_a_folder_that_another_writer_has_just_finished_is_no_obstacle(uri, monkeypatch):
    with open_store(uri, "xor") as store:
        gone = local_folder(store._writer.location) / f"{staging.WRITING}1"
        monkeypatch.setattr(Path, "glob", lambda *_: iter([gone]))
        open_store(uri, "xor").close()
