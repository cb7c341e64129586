"""The database of a store: where it is, making it, and connections to it."""

import hashlib
import os
import sqlite3
import sys
import tempfile
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock

from experiments.tracking import locations, sqlite_schema
from experiments.tracking.causes import PATIENCE, not_a_store
from experiments.tracking.client import import_mlflow
from experiments.tracking.errors import StoreError
from experiments.tracking.locations import ROOT
from experiments.tracking.places import project_root
from experiments.tracking.record import now_ms
from experiments.tracking.uris import shown, sqlite_file, sqlite_uri

CONNECTING = 10  # seconds to wait for PostgreSQL's first answer
LOCK = 0x5C7A7C4  # PostgreSQL's advisory locks have numbers for names; this one is ours
PAGE = 8192  # bytes: a sweep writes half as many pages as of SQLite's own size
LOGS = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file


def artifacts_of(uri: str) -> str:
    """The URI below which new experiments of a database keep files.

    MLFLOW_DEFAULT_ARTIFACT_ROOT, otherwise a folder beside an SQLite file; for another database, a
    folder in the project.
    """
    beside = sqlite_file(uri) or project_root() / "mlflow.db"
    chosen = os.environ.get(ROOT)
    return locations.absolute(chosen) if chosen else beside.with_name("mlartifacts").as_uri()


def connect(uri: str) -> sa.Engine:
    """An engine for the database. Nothing is opened yet."""
    if sqlite_file(uri) is None:
        url, options = sa.make_url(uri), {}
        if url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query:
            options = {"connect_timeout": CONNECTING}  # the system itself would try for minutes
        return sa.create_engine(url, pool_pre_ping=True, connect_args=options)
    # IMMEDIATE: a transaction asks for the lock when it begins, not half-way. SQLite itself waits
    # one second for the lock, and then the caller waits: Ctrl-C is not heard while SQLite waits.
    engine = sa.create_engine(uri, connect_args={"isolation_level": "IMMEDIATE", "timeout": 1.0})
    sa.event.listen(engine, "connect", prepare)
    return engine


def prepare(connection: sqlite3.Connection, _: object = None) -> None:
    """Settings of one connection to SQLite."""
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -65536")  # 64 MiB
    connection.execute("PRAGMA temp_store = MEMORY")  # for what undoes a statement
    # With a write-ahead log a commit need not wait for the disk: after a power cut the database is
    # whole and may lack the last runs, which are then trained again. Without the log it has to.
    if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
        connection.execute("PRAGMA synchronous = NORMAL")
        # 64 MiB of log, in pages of a new store, before SQLite moves it into the file: pages that
        # many commits change are written once.
        connection.execute(f"PRAGMA wal_autocheckpoint = {2**26 // PAGE}")


def revision(engine: sa.Engine) -> str | None:
    """The revision of MLflow's tables; None when they are not there."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))


def tables(engine: sa.Engine) -> set[str]:
    """The names of the tables that a database has."""
    with engine.connect() as connection:
        return set(sa.inspect(connection).get_table_names())


def create(uri: str, artifacts: str) -> None:
    """MLflow's tables in a database that has none, made by one process at a time.

    Processes that do so together make each other fail. An SQLite file is made beside its place and
    then moved there, so no process ever sees half of a file, and none is left behind.

    Args:
        uri: the database.
        artifacts: URI below which its experiments keep their files.
    """
    path = sqlite_file(uri)
    if path is None:
        engine = connect(uri)
        try:
            if revision(engine) is None:
                with _alone(engine):
                    if revision(engine) is None:
                        if tables(engine):  # of another program
                            raise not_a_store(uri)
                        _let_mlflow_make(uri, artifacts, uri)
        finally:
            engine.dispose()
        return
    if _holds_something(path):
        return
    if path.is_symlink():  # the link stays, and its target is made
        path = Path(os.path.realpath(path))
        if path.is_symlink() or not path.parent.is_dir():  # in a circle, or on a disk that is away
            raise StoreError(f"{shown(uri)} is a link to {path}, whose folder is not there")
    path.parent.mkdir(parents=True, exist_ok=True)
    Path(f"{path}.lock").touch()  # FileLock itself would wait where no file can be made
    with FileLock(f"{path}.lock", 4 * PATIENCE):
        if not _holds_something(path):
            _make_file(path, artifacts)


@contextmanager
def _alone(engine):
    """Holds a lock while tables are made: PostgreSQL's own, which all machines share, or a file."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.execute(sa.text(f"SET lock_timeout = '{4 * PATIENCE}s'"))
            connection.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
            connection.commit()  # the lock is the connection's; closing it gives it back
            try:
                yield
            finally:
                connection.invalidate()
        return
    name = hashlib.sha256(engine.url.render_as_string(hide_password=True).encode()).hexdigest()
    with FileLock(Path(tempfile.gettempdir(), f"scratchml-{name[:16]}.lock"), 4 * PATIENCE):
        yield


def _make_file(path, artifacts):
    new = Path(f"{path}.new")
    new.unlink(missing_ok=True)
    for end in LOGS:  # of a file that was removed or never finished: no part of the new file
        Path(f"{path}{end}").unlink(missing_ok=True)
        Path(f"{new}{end}").unlink(missing_ok=True)
    if sqlite_schema.is_for_installed_mlflow() and sqlite_schema.PLAIN_ROOT.fullmatch(artifacts):
        sqlite_schema.make(new, artifacts, now_ms(), PAGE)
    else:
        _let_mlflow_make(sqlite_uri(new), artifacts, sqlite_uri(path))
    with closing(sqlite3.connect(new, isolation_level=None)) as connection:
        if connection.execute("PRAGMA page_size").fetchone() != (PAGE,):
            connection.execute(f"PRAGMA page_size = {PAGE}")
            connection.execute("VACUUM")  # into pages of that size
        connection.execute("PRAGMA journal_mode = WAL")  # readers do not lock writers out
    os.replace(new, path)


def _let_mlflow_make(uri, artifacts, place):
    """MLflow's own migrations. The user sees why nothing happens for some seconds."""
    print(f"MLflow makes the tables of {shown(place)}, which takes some seconds", file=sys.stderr)
    import_mlflow()
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    # With a root given, MLflow's own experiment 0 does not point to the working directory.
    SqlAlchemyStore(uri, artifacts).engine.dispose()


def _holds_something(path):
    return path.exists() and path.stat().st_size > 0


def analyze(uri: str) -> None:
    """Makes SQLite count its rows, so that it plans with the counts.

    Sorting 5,000 runs by a metric takes 1.3 s without the counts and 0.03 s with them. Other
    databases count by themselves. A file that is busy or read-only stays as it is.
    """
    path = sqlite_file(uri)
    if path is not None:
        with suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=1)) as connection:
            connection.execute("PRAGMA analysis_limit = 1000")  # rows of an index that are read
            connection.execute("ANALYZE")
            connection.commit()
