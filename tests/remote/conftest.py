"""Stores that are not a file: PostgreSQL, MLflow's server on SQLite, and on PostgreSQL."""

import uuid

import pytest

psycopg = pytest.importorskip("psycopg", reason="no driver for PostgreSQL: pip install psycopg")

from support import servers  # noqa: E402
from support.stores import empty_store  # noqa: E402


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """A folder that is the same for all processes of the session."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if folder.name.startswith("popen-gw") else folder


@pytest.fixture(scope="session")
def postgres(shared):
    if servers.binaries() is None:
        pytest.skip("no PostgreSQL: apt-get install postgresql")
    cluster = servers.Postgres(servers.master(shared))
    cluster.start()
    yield cluster
    cluster.close()


@pytest.fixture
def postgresql(postgres, tmp_path, monkeypatch):
    """URI of an empty store in PostgreSQL, whose files go to a folder of this test."""
    monkeypatch.setenv("MLFLOW_DEFAULT_ARTIFACT_ROOT", (tmp_path / "files").as_uri())
    return postgres.create(f"store_{uuid.uuid4().hex}", "empty")


@pytest.fixture(scope="session")
def tracking(postgres, tmp_path_factory):
    """Two tracking servers, which take ten seconds to start, and so do that side by side."""
    folder = tmp_path_factory.mktemp("tracking")
    on_sqlite = servers.TrackingServer(empty_store(tmp_path_factory, folder), folder / "a")
    on_postgresql = servers.TrackingServer(postgres.create("served", "empty"), folder / "b")
    for server in (on_sqlite, on_postgresql):
        server.start()
    yield on_sqlite.ready(), on_postgresql.ready()
    for server in (on_sqlite, on_postgresql):
        server.kill()


@pytest.fixture
def on_sqlite(tracking):
    """A tracking server with a file behind it."""
    return tracking[0]


@pytest.fixture
def on_postgresql(tracking):
    """A tracking server with PostgreSQL behind it."""
    return tracking[1]


@pytest.fixture(params=["postgresql", "on_sqlite", "on_postgresql"])
def uri(request):
    """The URI of each kind of store."""
    found = request.getfixturevalue(request.param)
    return found if request.param == "postgresql" else found.uri


@pytest.fixture
def experiment():
    """A new one: servers are shared by the tests."""
    return f"test-{uuid.uuid4().hex}"
