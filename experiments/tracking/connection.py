"""MLflow's client for a store that is there: a database of the right schema, or a server.

MLflow itself would make a database that is missing, migrate a database of another version, and
try for four minutes to reach a server.
"""

import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import sqlalchemy as sa

from experiments.tracking import database
from experiments.tracking.causes import explain
from experiments.tracking.client import import_mlflow
from experiments.tracking.errors import NoStore, StoreError
from experiments.tracking.sqlite_schema import installed_heads
from experiments.tracking.tables import TABLES
from experiments.tracking.text import shown

if TYPE_CHECKING:
    from mlflow import MlflowClient

DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
SERVERS = ("http", "https", "databricks")

# Requests to a server, and the seconds for each. The second one needs the server's database, which
# takes some seconds to answer when the server has just started.
QUESTIONS = (("/", 5), ("/api/2.0/mlflow/experiments/get?experiment_id=0", 60))


def scheme(uri: str) -> str:
    """The kind of a store: one of DATABASES or SERVERS.

    Raises:
        StoreError: The URI is of no such kind.
    """
    found = uri.partition(":")[0].partition("+")[0]
    if found not in (*DATABASES, *SERVERS):
        raise StoreError(
            f"the URI of a store must start with one of {[*DATABASES, *SERVERS]}, as in "
            f"sqlite:///mlflow.db or http://localhost:5000; got {uri!r}"
        )
    return found


def connect(uri: str) -> "MlflowClient":
    """An MlflowClient for the store, which is there and answers. Nothing is made or migrated.

    Raises:
        NoStore: There is no such file.
        StoreError: The URI is of no known kind, or the database is not one of this MLflow.
        OSError: A server does not answer.
    """
    if scheme(uri) in DATABASES:
        uri = database.absolute(uri)
        check_file(uri)
        engine = database.connect(uri)
        try:
            check_schema(engine, uri)
        finally:
            engine.dispose()
    else:
        check_server(uri)
    return import_mlflow().MlflowClient(uri)


def check_file(uri: str) -> None:
    """Raises NoStore when a database is a file that does not exist."""
    path = database.sqlite_file(uri)
    if path is not None and not path.is_file():
        raise NoStore(f"there is no store at {path} yet; train something, then come back")


def check_schema(engine: sa.Engine, uri: str) -> None:
    """Raises StoreError when MLflow's tables are not there or not as the installed MLflow expects.

    MLflow would migrate an older database that lacks some of its tables, without asking.
    """
    found = database.revision(engine)
    if found is None:
        raise not_a_store(uri)
    if found not in installed_heads():
        raise explain(uri, StoreError(f"out-of-date database schema: its revision is {found}"))
    missing = {table.name for table in TABLES} - database.tables(engine)
    if missing:
        raise explain(uri, StoreError(f"no such table: {', '.join(sorted(missing))}"))


def not_a_store(uri: str) -> StoreError:
    """The error for a database without MLflow's tables."""
    return StoreError(f"{shown(uri)} is not a store of MLflow; name another with --uri")


def check_server(uri: str) -> None:
    """Raises OSError or StoreError when a server, or its database, does not answer.

    An answer that asks for a password is an answer: MLflow's client will log in.
    """
    if not uri.startswith("http"):
        return
    base = shown(uri).rstrip("/")
    for path, seconds in QUESTIONS:
        try:
            urllib.request.urlopen(base + path, timeout=seconds).close()
        except urllib.error.HTTPError as error:
            if error.code >= 500:
                raise StoreError(
                    f"{base} answers, and its own database does not answer it; read the log of "
                    f"the server, or name another store with --uri ({error})"
                ) from error
