"""The database of a store: where it is, making it, and connections to it."""

import hashlib
import os
import sqlite3
import tempfile
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock

from experiments.tracking.causes import PATIENCE
from experiments.tracking.client import import_mlflow
from experiments.tracking.errors import StoreError
from experiments.tracking.provenance import project_root

CONNECTING = 10  # seconds to wait for PostgreSQL's first answer
LOCK = 0x5C7A7C4  # PostgreSQL's advisory locks have numbers for names; this one is ours
PAGE = 8192  # bytes: a sweep writes half as many pages as of SQLite's own size
LOGS = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a file


def absolute(uri):
    """`uri`, with the path of an SQLite file made absolute."""
    url = sa.make_url(uri)
    if url.get_backend_name() != "sqlite":
        return uri
    if not url.database or url.database == ":memory:":
        raise StoreError(f"tracking.uri must name a file, as in sqlite:///mlflow.db; got {uri!r}")
    return f"{url.drivername}:///{Path(url.database).absolute()}"


def sqlite_file(uri):
    """The file of an SQLite database; None for other databases."""
    url = sa.make_url(uri)
    return Path(url.database) if url.get_backend_name() == "sqlite" else None


def artifacts_of(uri):
    """Where a database's new experiments keep files, unless MLflow has been told otherwise.

    That is beside an SQLite file, and in the project for other databases.
    """
    beside = sqlite_file(uri) or project_root() / "mlflow.db"
    chosen = os.environ.get("MLFLOW_DEFAULT_ARTIFACT_ROOT")
    return chosen or beside.with_name("mlartifacts").as_uri()


def connect(uri):
    """An engine for the database. Nothing is opened yet."""
    if sqlite_file(uri) is None:
        url, options = sa.make_url(uri), {}
        if url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query:
            options = {"connect_timeout": CONNECTING}  # the system itself would try for minutes
        return sa.create_engine(url, pool_pre_ping=True, connect_args=options)
    # IMMEDIATE: a transaction asks for the lock when it begins, not half-way. SQLite itself waits
    # one second for it, and then whoever calls: Ctrl-C is not heard while SQLite waits.
    engine = sa.create_engine(uri, connect_args={"isolation_level": "IMMEDIATE", "timeout": 1.0})
    sa.event.listen(engine, "connect", prepare)
    return engine


def prepare(connection, _=None):
    """How SQLite is to work, on one connection."""
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -65536")  # 64 MiB
    connection.execute("PRAGMA temp_store = MEMORY")  # what it keeps to undo a statement
    # With a write-ahead log a commit need not wait for the disk: after a power cut the database is
    # whole and may lack the last runs, which are then trained again. Without one, it must.
    if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
        connection.execute("PRAGMA synchronous = NORMAL")
        # 64 MiB of log, in a new store's pages, before it is worked in: pages that many commits
        # change are written once.
        connection.execute(f"PRAGMA wal_autocheckpoint = {2**26 // PAGE}")


def revision(engine):
    """The revision of MLflow's tables; None when they are not there."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))


def create(uri, artifacts):
    """Makes MLflow's tables where there is no database yet, one process at a time.

    Processes that do so together kill each other. An SQLite file is made beside its place and then
    moved there, so that nobody ever sees, and nothing ever leaves behind, half of one.
    """
    path = sqlite_file(uri)
    if path is None:
        engine = connect(uri)
        try:
            if revision(engine) is None:
                with _alone(engine):
                    if revision(engine) is None:
                        _make_tables(uri, artifacts)
        finally:
            engine.dispose()
        return
    if _holds_something(path):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    Path(f"{path}.lock").touch()  # where no file can be made, FileLock tries until its time is up
    with FileLock(f"{path}.lock", 4 * PATIENCE):
        if not _holds_something(path):
            _make_file(path, artifacts)


@contextmanager
def _alone(engine):
    """While nobody else makes the tables: on any machine with PostgreSQL, else on this one."""
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
    for end in LOGS:  # of a file that was removed or never finished: no part of this one
        Path(f"{path}{end}").unlink(missing_ok=True)
        Path(f"{new}{end}").unlink(missing_ok=True)
    _make_tables(f"sqlite:///{new}", artifacts)
    with closing(sqlite3.connect(new, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {PAGE}")
        connection.execute("VACUUM")  # into pages of that size
        connection.execute("PRAGMA journal_mode = WAL")  # readers do not lock writers out
    os.replace(new, path)


def _make_tables(uri, artifacts):
    import_mlflow()
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    # With a root given, MLflow's own experiment 0 does not point to the working directory.
    SqlAlchemyStore(uri, artifacts).engine.dispose()


def _holds_something(path):
    return path.exists() and path.stat().st_size > 0


def analyze(uri):
    """Lets SQLite count its rows, so that it plans with them.

    Without, it takes 1.3 s to sort 5,000 runs by a metric, comparing each with each; with, 0.03 s.
    Other databases count by themselves. One that is busy or read-only stays as it is.
    """
    path = sqlite_file(uri)
    if path is not None:
        with suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=1)) as connection:
            connection.execute("PRAGMA analysis_limit = 1000")  # rows of an index that are read
            connection.execute("ANALYZE")
            connection.commit()
