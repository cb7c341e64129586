"""MLflow's client for a store that is there: a database of the right schema, or a server.

MLflow itself would make a database that is missing, migrate a database of another version, and
try for four minutes to reach a server.
"""

import http.client
import json
import re
import urllib.error
import urllib.request
from importlib import metadata
from typing import TYPE_CHECKING

import sqlalchemy as sa

from experiments.tracking import copies, database, locations, moved, sqlite_schema, tables
from experiments.tracking.causes import explain, not_a_store
from experiments.tracking.client import import_mlflow
from experiments.tracking.damage import DAMAGE
from experiments.tracking.errors import NoStore, StoreError
from experiments.tracking.layout import VERSIONS
from experiments.tracking.moved import LOCATIONS
from experiments.tracking.sqlite_schema import installed_heads, installed_migrations
from experiments.tracking.tables import RUNS, TABLES, TAGS
from experiments.tracking.text import briefly
from experiments.tracking.uris import DATABASES, absolute, scheme, shown, sqlite_file

if TYPE_CHECKING:
    from mlflow import MlflowClient

WITHIN = re.compile(r"(?:models|runs):/[^/]")  # an address that leads to another of LOCATIONS

# Requests to a server, and the seconds for each. The second one needs the server's database, which
# takes some seconds to answer when the server has just started.
QUESTIONS = (("/", 5), ("/api/2.0/mlflow/experiments/get?experiment_id=0", 60))


def connect(uri: str) -> "MlflowClient":
    """An MlflowClient for the store, which is there and answers. Nothing is made or migrated.

    Raises:
        NoStore: There is no such file.
        StoreError: The URI is of no known kind, or the database is not one of this MLflow.
        OSError: A server does not answer.
    """
    if scheme(uri) in DATABASES:
        uri = absolute(uri)
        check_file(uri)
        copy = copies.Owner()
        read = copies.readable(uri, copy)
        check_database(read)
        client = import_mlflow().MlflowClient(read)
        client.copy = copy if read != uri else None  # the copy lasts as long as the client
        return client
    check_server(uri)
    return import_mlflow().MlflowClient(uri)


def rows(uri: str) -> tuple[sa.Engine, copies.Owner] | None:
    """An engine for a database whose tables are known, and the owner of a copy of it; or None.

    Raises:
        NoStore: There is no such file.
        StoreError: The database is not one of this MLflow.
    """
    uri, copy = absolute(uri), copies.Owner()
    check_file(uri)
    engine = database.connect(copies.readable(uri, copy))
    try:
        check_schema(engine, uri)
        if tables.are_known(database.revision(engine)):
            return engine, copy
    except BaseException:
        engine.dispose()
        raise
    engine.dispose()
    return None


def check_file(uri: str) -> None:
    """Raises NoStore when a database is a file that does not exist."""
    path = sqlite_file(uri)
    if path is not None and not path.is_file():
        raise NoStore(f"there is no store at {path} yet; train something, then come back")


def check_database(uri: str) -> None:
    """Raises NoStore or StoreError when a database is not a store of the installed MLflow."""
    check_file(uri)
    engine = database.connect(uri)
    try:
        check_schema(engine, uri)
    finally:
        engine.dispose()


def check_schema(engine: sa.Engine, uri: str) -> None:
    """Raises StoreError when MLflow's tables are not there or not as the installed MLflow expects.

    MLflow would migrate an older database without asking, also a database that lacks some of its
    tables. After that the MLflow that made the database cannot open it any more.
    """
    found = database.revision(engine)
    if found is None:
        raise not_a_store(uri)
    if found not in installed_heads():
        raise of_another_mlflow(engine, uri, found)
    known = sqlite_schema.tables() if found == sqlite_schema.revision() else set()
    missing = known | {table.name for table in TABLES}
    missing -= database.tables(engine)
    if missing:
        raise explain(uri, StoreError(f"no such table: {', '.join(sorted(missing))}"))


def of_another_mlflow(engine: sa.Engine, uri: str, revision: str) -> StoreError:
    """The error for a database whose tables are those of an older or a newer MLflow."""
    here, writer = metadata.version("mlflow"), _last_writer(engine)
    facts = f"revision {revision}" + (f"; its last run was written with {writer}" if writer else "")
    theirs = f"the MLflow that made it{f' ({writer})' if writer else ''}"
    migration = installed_migrations().get(revision)
    if migration is None:
        return StoreError(
            f"{shown(uri)} was made by a newer MLflow than the {here} that is installed, or by "
            f"another program ({facts}); install {theirs}, or name another with --uri: "
            "`mlflow db upgrade` cannot help"
        )
    return StoreError(
        f"{shown(uri)} was made by an older MLflow than the {here} that is installed (tables of "
        f"{migration}, {facts}); install {theirs}, or copy it and run `mlflow db upgrade` on the "
        "copy, which the older MLflow cannot open then"
    )


def _last_writer(engine):
    """The MLflow of the newest run that scratchml has written, such as `MLflow 3.17.0`, or None."""
    query = (
        sa.select(TAGS.c.value)
        .join_from(TAGS, RUNS, TAGS.c.run_uuid == RUNS.c.run_uuid)
        .where(TAGS.c.key == VERSIONS)
        .order_by(RUNS.c.start_time.desc())
        .limit(1)
    )
    try:
        with engine.connect() as connection:
            version = json.loads(connection.scalar(query) or "{}")["mlflow"]
    except (sa.exc.SQLAlchemyError, *DAMAGE):  # the tables of another version, or a hostile tag
        return None
    return f"MLflow {version}" if re.fullmatch(r"[0-9A-Za-z.]{1,20}", str(version)) else None


def prepare_writing(client: "MlflowClient", uri: str) -> None:
    """Makes a store that `connect` has opened ready for MLflow's client to write to.

    Raises:
        StoreError: Its database lies on a read-only disk, so that the client has a copy.
        Foreign: As in find_files.
    """
    if scheme(uri) in DATABASES:
        if client.copy is not None:
            raise explain(uri, StoreError("Read-only file system"))
        find_files(absolute(uri))


def find_files(uri: str) -> None:
    """Makes a database ready for MLflow's server, which takes files from where the rows say.

    Raises:
        Foreign: A row names a place that is not the store's. The server would ask the host of that
            place, as soon as a page shows the files.
    """
    engine = database.connect(uri)
    try:
        moved.relocate(engine, uri)
        with engine.connect() as connection:
            for table, column in LOCATIONS:
                query = sa.select(sa.column(column)).select_from(sa.table(table)).distinct()
                for location in connection.scalars(query):
                    if table != "model_versions" or (location and not WITHIN.match(location)):
                        locations.check(location or "", uri, f"a row of {table}")
    finally:
        engine.dispose()


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
            error.close()  # it is an open answer, too
            if error.code >= 500:
                raise StoreError(
                    f"{base} answers, and its own database does not answer it; read the log of "
                    f"the server, or name another store with --uri ({error})"
                ) from error
        except (http.client.HTTPException, ValueError) as error:  # no HTTP; no such host
            raise StoreError(
                f"{base} does not answer as MLflow's server does; name another store with --uri "
                f"({briefly(error)})"
            ) from error
