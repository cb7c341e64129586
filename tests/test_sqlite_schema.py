"""A new SQLite store is the one that MLflow makes, and MLflow's client and server take it."""

import re
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from filelock import FileLock

from experiments.tracking import database, sqlite_schema, tables
from experiments.tracking.client import import_mlflow
from experiments.tracking.store import open_store

ARTIFACTS = "file:///nowhere/with%20a%20space"


@pytest.fixture
def ours(tmp_path):
    path = tmp_path / "ours.db"
    database.create(f"sqlite:///{path}", ARTIFACTS)
    return path


@pytest.fixture(scope="module")
def by_mlflow(tmp_path_factory):
    """A database that MLflow has made, once in a session of several workers."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if shared.name.startswith("popen-gw") else shared
    path = shared / "by-mlflow.db"
    with FileLock(f"{path}.lock"):
        if not path.exists():
            import_mlflow()
            from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

            SqlAlchemyStore(f"sqlite:///{path}.new", ARTIFACTS).engine.dispose()
            shutil.move(f"{path}.new", path)
    return path


def contents(path):
    """{what: rows}: all that SQLite tells of a database, and all that is in it but times."""
    with closing(sqlite3.connect(path)) as connection:

        def ask(query):
            return connection.execute(query).fetchall()

        tables = [name for (name,) in ask("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {"names": sorted(ask("SELECT type, name, tbl_name FROM sqlite_master"))}
        made = ask("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        found["made by"] = sorted((*names, sorted(parts(sql))) for *names, sql in made)
        for table in tables:
            found[table, "columns"] = ask(f"PRAGMA table_xinfo('{table}')")
            found[table, "keys"] = ask(f"PRAGMA foreign_key_list('{table}')")
            found[table, "indexes"] = sorted(  # without their number, which MLflow gives by chance
                about for _, *about in ask(f"PRAGMA index_list('{table}')")
            )
            for index, *_ in found[table, "indexes"]:
                found[index, "columns"] = ask(f"PRAGMA index_xinfo('{index}')")
            found[table, "rows"] = sorted(ask(f"SELECT * FROM '{table}'"), key=repr)
        ((*experiment, created, updated, workspace),) = found["experiments", "rows"]
        found["experiments", "rows"] = [(*experiment, workspace)]
        assert created == updated
        assert abs(created / 1000 - time.time()) < 3600
        assert ask("PRAGMA integrity_check") == [("ok",)]
        assert ask("PRAGMA foreign_key_check") == []
    return found


def parts(sql):
    """What stands between the commas of a statement, without white space that has no meaning."""
    return re.sub(r" ?([(),]) ?", r"\1", " ".join(sql.split())).removesuffix(")").split(",")


def test_a_new_store_is_the_one_that_mlflow_makes(ours, by_mlflow):
    assert contents(ours) == contents(by_mlflow)


@pytest.mark.parametrize(
    "change",
    [
        "DROP INDEX index_tags_run_uuid",
        "DROP TRIGGER prevent_secrets_aad_mutation",
        "ALTER TABLE runs ADD COLUMN mood TEXT",
        "UPDATE workspaces SET description = 'other'",
        "DELETE FROM alembic_version",
    ],
)
def test_a_difference_would_be_noticed(change, ours, by_mlflow):
    with closing(sqlite3.connect(ours, isolation_level=None)) as connection:
        connection.execute(change)
    assert contents(ours) != contents(by_mlflow)


def test_the_sql_file_is_what_its_script_writes(by_mlflow):
    assert sqlite_schema.script(by_mlflow) == sqlite_schema.SCHEMA.read_text()


def test_the_sql_file_is_for_a_tested_revision_and_for_the_installed_mlflow():
    assert sqlite_schema.revision() in tables.TESTED_REVISIONS
    assert sqlite_schema.is_for_installed_mlflow()
    import_mlflow()
    from mlflow.store.db.utils import _get_latest_schema_revision

    assert sqlite_schema.installed_heads() == {_get_latest_schema_revision()}


def test_a_new_store_has_the_pages_and_the_log_of_ours(ours):
    with closing(sqlite3.connect(ours)) as connection:
        assert connection.execute("PRAGMA page_size").fetchone() == (database.PAGE,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert [path.name for path in ours.parent.iterdir()] == ["ours.db", "ours.db.lock"]


@pytest.mark.parametrize(
    "root",
    ["file:///a/b", "/a/b", "s3://bucket/a", "s3://bucket/a b", "file:///a%20b", "/", "gs://b/"],
)
def test_experiments_keep_files_where_mlflow_would_put_them(root, tmp_path):
    from mlflow.utils.uri import append_to_uri_path, resolve_uri_if_local

    assert sqlite_schema.PLAIN_ROOT.fullmatch(root)
    sqlite_schema.make(tmp_path / "a.db", root, 0, 4096)
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        (found,) = connection.execute("SELECT artifact_location FROM experiments").fetchone()
    assert found == append_to_uri_path(resolve_uri_if_local(root), "0")


@pytest.mark.parametrize("root", ["mlartifacts", "s3://b", "s3://b/a?x=1", "/a//", "/a#b", "./a"])
def test_other_places_for_files_are_left_to_mlflow(root):
    assert not sqlite_schema.PLAIN_ROOT.fullmatch(root)


@pytest.mark.parametrize("why", ["another version", "a relative folder"])
def test_mlflow_makes_the_store_otherwise_and_the_user_is_told(why, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    root = ARTIFACTS
    if why == "another version":
        monkeypatch.setattr(sqlite_schema, "installed_heads", lambda: {"0123456789ab"})
    else:
        root = "files"
    path = tmp_path / "mlflow.db"
    database.create(f"sqlite:///{path}", root)
    said = f"MLflow makes the tables of {path}, which takes some seconds\n"
    assert capsys.readouterr().err == said
    with closing(sqlite3.connect(path)) as connection:
        (place,) = connection.execute("SELECT artifact_location FROM experiments").fetchone()
        assert connection.execute("PRAGMA page_size").fetchone() == (database.PAGE,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert place == (f"{ARTIFACTS}/0" if root == ARTIFACTS else str(tmp_path / "files" / "0"))


@pytest.mark.parametrize(
    ("files", "heads"),
    [
        ({"a": ("1", "None"), "b": ("2", "'1'")}, {"2"}),
        ({"a": ("1", "None"), "b": ("2", "'1'"), "c": ("3", "'1'")}, {"2", "3"}),
        ({"b": ("2", "'1'"), "c": ("3", "'1'"), "d": ("4", "('2', \"3\")")}, {"4"}),
        ({}, set()),
    ],
)
def test_the_newest_migration_is_found_in_their_files(files, heads, tmp_path, monkeypatch):
    folder = tmp_path / "mlflow" / "store" / "db_migrations" / "versions"
    folder.mkdir(parents=True)
    (tmp_path / "mlflow" / "__init__.py").write_text("raise ImportError('takes two seconds')")
    for name, (number, below) in files.items():
        (folder / f"{name}.py").write_text(f'revision = "{number}"\ndown_revision = {below}\n')
    code = "from experiments.tracking.sqlite_schema import *; print(*installed_heads())"
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"
    run = [sys.executable, "-c", code]
    found = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    assert set(found.split()) == heads


def test_making_a_new_store_does_not_import_mlflow(tmp_path):
    code = (
        "import sys; from experiments.tracking import database; "
        f"database.create('sqlite:///{tmp_path}/mlflow.db', 'file:///nowhere'); "
        "assert 'mlflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_mlflows_client_takes_a_new_store(ours):
    mlflow = import_mlflow()
    client = mlflow.MlflowClient(f"sqlite:///{ours}")
    (default,) = client.search_experiments()
    assert (default.experiment_id, default.name) == ("0", "Default")
    number = client.create_experiment("mine")
    run = client.create_run(number)
    client.log_metric(run.info.run_id, "loss", 0.5)
    client.create_registered_model("model")
    assert client.get_run(run.info.run_id).data.metrics == {"loss": 0.5}
    with open_store(f"sqlite:///{ours}", "ours") as store:
        assert store.writes_rows
