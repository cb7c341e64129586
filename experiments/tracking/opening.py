"""The writer of an experiment: rows where tables and files are within reach, otherwise a client."""

from experiments.tracking import connection, database, experiment, locations, moved, tables
from experiments.tracking.causes import not_a_store
from experiments.tracking.client import Client, import_mlflow
from experiments.tracking.errors import StoreError
from experiments.tracking.locations import local_folder
from experiments.tracking.rows import Rows
from experiments.tracking.uris import DATABASES, SERVERS, scheme, shown


def writer(uri: str, name: str, artifacts: str | None) -> Rows | Client:
    """The writer of an experiment; database and experiment are made where they are missing.

    Args:
        uri: a server, or a database with an absolute path.
        artifacts: URI below which a new experiment keeps its files.
    """
    if scheme(uri) in SERVERS:
        connection.check_server(uri)
        return _client(uri, name, artifacts)
    database.create(uri, artifacts)
    engine = database.connect(uri)
    try:
        found = _rows(engine, uri, name, artifacts)
        if found is None:
            connection.check_schema(engine, uri)
            moved.relocate(engine, uri)
    except BaseException:
        engine.dispose()
        raise
    if found is None:
        engine.dispose()
        return _client(uri, name, artifacts)
    return found


def _client(uri, name, artifacts):
    client = import_mlflow().MlflowClient(uri)
    found = experiment.by_client(client, name, artifacts)
    _check(uri, name, found, artifacts)
    return Client(client, found.id)


def _rows(engine, uri, name, artifacts):
    """A Rows, or None where rows cannot be written."""
    revision = database.revision(engine)
    if revision is None:
        raise not_a_store(uri)
    if not tables.are_known(revision):
        return None
    moved.relocate(engine, uri)
    found = experiment.by_rows(engine, name, artifacts)
    _check(uri, name, found, artifacts)
    return Rows(engine, found.id, found.location) if local_folder(found.location) else None


def _check(uri, name, found, artifacts):
    if found.stage != "active":
        raise StoreError(
            f"experiment {name} of {shown(uri)} has been deleted; bring it back with `mlflow "
            f"experiments restore --experiment-id {found.id}`, or name another"
        )
    is_database = scheme(uri) in DATABASES
    if is_database and found.location.startswith("mlflow-artifacts:"):
        raise StoreError(
            f"experiment {name} of {shown(uri)} keeps its files behind a server; name that "
            "server with --uri, or another experiment"
        )
    locations.check(found.location, uri, f"experiment {name}", artifacts)
