"""Stores that cannot be opened are said at once, in a line; a password is never said nor stored."""

import socket
import time
import uuid
from contextlib import closing
from types import SimpleNamespace

import psycopg
import pytest
from support.servers import HOST, PASSWORD, free_port
from support.sweeps import children, command, parents
from test_store import seen

from analysis.data import load
from experiments import train, ui
from experiments.running.ledger import Ledger
from experiments.tracking import causes, database
from experiments.tracking.errors import StoreError
from experiments.tracking.store import open_store
from experiments.tracking.uris import shown

GRID = ["-m", "lr=1,2", "executor=serial", "seeds=2", "epochs=10"]


@pytest.fixture
def silent():
    """A port that takes connections and never says a word, as behind some firewalls."""
    with closing(socket.create_server((HOST, 0))) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize("kind", ["http", "postgresql"])
def test_a_store_that_is_not_there_is_said_at_once(kind, capfd):
    uri = f"{kind}://ada:{PASSWORD}@{HOST}:{free_port()}"
    began = time.monotonic()
    status = train.main([*GRID, f"tracking.uri={uri}"])
    assert time.monotonic() - began < 20
    said = "".join(capfd.readouterr())
    assert status == 3 and len(said.splitlines()) == 1, said
    assert f"{shown(uri)} does not answer; start it, or name another" in said
    assert PASSWORD not in said


@pytest.mark.parametrize("kind", ["http", "postgresql"])
def test_one_that_takes_the_call_and_says_nothing_is_given_up(kind, silent, monkeypatch):
    monkeypatch.setattr(database, "CONNECTING", 2)
    began = time.monotonic()
    with pytest.raises(StoreError, match="does not answer; start it"):
        open_store(f"{kind}://{HOST}:{silent}")
    assert time.monotonic() - began < 8


def test_a_server_whose_database_is_gone_is_said_at_once(postgres, on_postgresql):
    open_store(on_postgresql.uri).close()
    postgres.stop()
    try:
        began = time.monotonic()
        with pytest.raises(StoreError, match="its own database does not answer it; read the log"):
            open_store(on_postgresql.uri)
        assert time.monotonic() - began < 8
    finally:
        postgres.start()


def test_a_wrong_password_is_not_repeated(postgresql):
    wrong = postgresql.replace(PASSWORD, "0pen-sesame")
    for use in (open_store, load_from):
        with pytest.raises(StoreError, match="refuses the name or the password.*right") as caught:
            use(wrong)
        assert "0pen-sesame" not in str(caught.value)
        assert "does not answer" not in str(caught.value)


def load_from(uri):
    return load("xor", uri)


def test_a_database_that_is_not_there_is_said(postgres):
    with pytest.raises(StoreError, match="/no_such is not there, while its server is; create"):
        open_store(postgres.uri("no_such"))


def test_a_database_with_all_connections_taken_is_waited_for(postgresql, monkeypatch):
    role = f"bob_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}' CONNECTION LIMIT 2")
        connection.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
        connection.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}")
    uri = postgresql.replace("//ada:", f"//{role}:")
    held = [psycopg.connect(uri) for _ in range(2)]
    monkeypatch.setattr(causes, "PATIENCE", 0)
    with pytest.raises(StoreError, match="has had no free connection for .*; let other processes"):
        open_store(uri)
    monkeypatch.setattr(causes, "PATIENCE", 30)
    waited = []

    def give_back(seconds):
        waited.append(seconds)
        for connection in held:
            connection.close()

    monkeypatch.setattr(causes.time, "sleep", give_back)
    open_store(uri).close()
    assert waited


@pytest.mark.parametrize("kind", ["postgresql", "on_sqlite"])
def test_a_password_is_neither_stored_nor_said(kind, request, experiment, capfd):
    """It is in the URI, and so in the command, which every run keeps.

    MLflow's server, which asks for none here, takes it as the one that its client logs in with.
    """
    store = request.getfixturevalue(kind)
    uri = store if kind == "postgresql" else store.uri.replace("//", f"//ada:{PASSWORD}@")
    words = [*GRID, f"tracking.uri={uri}", f"experiment={experiment}"]
    status, said = command("sqlite:////nowhere", *words)
    assert status == 0 and PASSWORD not in said, said
    runs = children(uri, experiment) + parents(uri, experiment)
    told = [seen(SimpleNamespace(uri=uri), run.info.run_id) for run in runs]
    assert len(told) == 3 and PASSWORD not in repr(told)
    commands = [one["tags"]["scratchml.command"] for one in told]
    assert all(f"tracking.uri={shown(uri)}" in one for one in commands)
    assert len(load(experiment, uri)) == 2
    if kind == "on_sqlite":
        ui.main(["--no-open", "--uri", uri])
    assert PASSWORD not in capfd.readouterr().out


def test_what_a_job_is_called_that_cannot_be_composed_has_no_password():
    ledger = Ledger()
    ledger.overrides = [["lrr=1", f"tracking.uri=http://ada:{PASSWORD}@host:5000"]]
    assert ledger.name(0) == "lrr=1 tracking.uri=http://host:5000"
