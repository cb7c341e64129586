"""Sweeps whose store is new, shared, locked, full or read-only: a message, and nothing is lost."""

import os
import shutil
import sqlite3
import subprocess
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from support import configurations, stored
from support.processes import wait_for
from support.stores import empty_store
from support.sweeps import (
    account,
    children,
    command,
    finish,
    launch,
    parents,
    start,
    statuses,
    whole,
)

from experiments.tracking import causes, database
from experiments.tracking.errors import StoreError
from experiments.tracking.reader import Reader
from experiments.tracking.store import open_store

LOCKED = 10.0 if os.environ.get("SCRATCHML_FAULTS") == "full" else 2.0  # seconds
GRID = ["-m", "width=2,3,4,5", "activation=sigmoid,tanh,relu", "executor.workers=2", "seeds=2"]


@pytest.fixture
def uri(tmp_path_factory, tmp_path):
    return empty_store(tmp_path_factory, tmp_path)


def path(uri):
    return uri.removeprefix("sqlite:///")


# --- shared ---------------------------------------------------------------------------------------


def test_eight_commands_at_once_on_a_store_that_is_not_there_yet(tmp_path):
    uri = f"sqlite:///{tmp_path / 'new' / 'mlflow.db'}"
    started = [start(uri, "epochs=5", "seeds=1", f"seed={seed}") for seed in range(8)]
    ended = [finish(process) for process in started]
    assert [status for status, _ in ended] == [0] * 8, ended
    assert len({whole(run) for run in children(uri)}) == len(children(uri)) == 8


def test_two_sweeps_at_once_on_one_store(uri):
    # They have 12 runs in common, which each may find missing; neither disturbs the other.
    ours, theirs = (start(uri, *GRID, "epochs=500", f"lr=1,{lr}") for lr in (2, 3))
    for status, said in (finish(ours), finish(theirs)):
        assert status == 0 and "locked" not in said, said
    runs = {run.info.run_id: whole(run) for run in children(uri)}
    assert len(set(runs.values())) == 36 and len(runs) <= 48
    assert statuses(parents(uri)) == {"FINISHED": 2}
    for parent in parents(uri):
        listed = {run["run_id"]: run["fingerprint"] for run in account(parent)["runs"]}
        assert len(listed) == 24 and listed.items() <= runs.items()


# --- locked ---------------------------------------------------------------------------------------


@contextmanager
def locked(uri):
    """Another process (to SQLite it is one) is writing to the database, and takes its time."""
    with closing(sqlite3.connect(path(uri), isolation_level=None)) as connection:
        wait_for(lambda: lock(connection))
        yield
        connection.execute("ROLLBACK")


def lock(connection):
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:  # the sweep is writing just now
        return False
    return True


def test_a_sweep_waits_for_a_store_that_another_process_has_locked(uri):
    process = start(uri, *GRID, "lr=1,2", "epochs=400000")
    wait_for(lambda: children(uri))
    with locked(uri):
        before = len(children(uri))
        time.sleep(LOCKED)
        assert len(children(uri)) == before < 24
        assert process.poll() is None
    status, said = finish(process)
    assert status == 0, said
    assert len({whole(run) for run in children(uri)}) == len(children(uri)) == 24


def test_a_sweep_that_has_waited_long_enough_says_so_and_goes_on_later(uri, monkeypatch):
    monkeypatch.setattr(causes, "PATIENCE", 0.5)
    monkeypatch.setattr("experiments.running.saving.FLUSH", 0.0)
    choices = [{"width": width} for width in (2, 3, 4, 5)]
    held, release = threading.Event(), threading.Event()

    def hold():
        wait_for(lambda: len(children(uri)) > 0)
        with locked(uri):
            held.set()
            release.wait(60)

    other = threading.Thread(target=hold)
    other.start()
    try:
        with pytest.raises(StoreError, match="has been locked by another process.*; let that"):
            launch(uri, *choices, epochs=500_000)
        assert held.is_set()
    finally:
        release.set()
        other.join()
    stored = len({whole(run) for run in children(uri)})
    assert 0 < stored < 4
    launch(uri, *choices, epochs=500_000)
    assert len({whole(run) for run in children(uri)}) == len(children(uri)) == 4


# --- full, read-only ------------------------------------------------------------------------------


def mount(*arguments):
    return subprocess.run(["mount", "-t", "tmpfs", *arguments], capture_output=True).returncode == 0


@pytest.fixture
def disk(tmp_path_factory, tmp_path):
    """A disk of 8 MiB with an empty store on it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mount("-o", "size=8m", "tmpfs", str(folder)):
        pytest.skip("this user may not mount a disk")
    yield folder, empty_store(tmp_path_factory, folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


MANY = [*GRID, "lr=range(1,21)", "epochs=100000"]  # 240 runs, of 17 MiB


def test_a_full_disk_is_said_and_the_same_command_goes_on_when_there_is_room(disk):
    folder, uri = disk
    status, said = command(uri, *MANY)
    assert status == 3 and "Traceback" not in said, said
    assert "has no space left; make some and give the same command again" in said
    assert mount("-o", "remount,size=64m", "tmpfs", str(folder))
    stored = len({whole(run) for run in children(uri)})
    assert 0 < stored < 240
    status, said = command(uri, *MANY)
    assert status == 0, said
    assert f"240 runs: {stored} done already, {240 - stored} to train" in said
    assert len({whole(run) for run in children(uri)}) == len(children(uri)) == 240
    assert statuses(parents(uri)) == {"KILLED": 1, "FINISHED": 1}


def test_a_store_that_turns_read_only_is_said_and_loses_nothing(disk):
    folder, uri = disk
    words = [*GRID, "lr=1,2", "epochs=400000"]
    process = start(uri, *words)
    wait_for(lambda: children(uri))
    # The disk itself is in use; mounted once more, and read-only, it lies over what was there.
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
    try:
        status, said = finish(process)
    finally:
        subprocess.run(["umount", str(folder)], check=True)
    stored = len({whole(run) for run in children(uri)})
    assert status == 3 and 0 < stored < 24 and "Traceback" not in said, said
    assert "cannot be written to; change its permissions, or name another" in said
    status, said = command(uri, *words)
    assert status == 0 and f"24 runs: {stored} done already" in said, said


def test_a_store_that_is_read_only_is_said_at_once(disk):
    folder, uri = disk
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    for words in (["epochs=1"], [*GRID, "epochs=1"]):
        status, said = command(uri, *words)
        assert status == 3, said
        assert "cannot be written to; change its permissions" in said.splitlines()[-1]
        assert "Traceback" not in said


def test_a_store_on_a_read_only_disk_is_read_with_its_log_and_left_as_it_is(disk, tmp_path):
    folder, uri = disk
    held = sqlite3.connect(database.sqlite_file(uri))  # keeps SQLite from clearing its log away
    held.execute("SELECT count(*) FROM runs").fetchall()
    _, ids = stored.sweep(uri, "xor", [configurations.config(epochs=2, seeds=1)])
    assert Path(f"{database.sqlite_file(uri)}-wal").stat().st_size > 0
    read_only = tmp_path / "read-only"
    shutil.copytree(folder, read_only / "disk")
    held.close()
    (read_only / "disk" / "mlflow.db-shm").unlink()  # with it SQLite could read the log in place
    subprocess.run(["mount", "--bind", str(read_only), str(read_only)], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(read_only)], check=True)
    try:
        before = {path: path.read_bytes() for path in (read_only / "disk").glob("mlflow.db*")}
        reader = Reader(f"sqlite:///{read_only / 'disk' / 'mlflow.db'}")
        [run] = reader.sweep("xor").runs
        copy = Path(reader.queries.engine.url.database)
        assert run.id == ids[0] and reader.arrays(run)[0]["seed"].tolist() == [0]
        del reader
        assert not copy.parent.exists()
        assert before == {path: path.read_bytes() for path in (read_only / "disk").glob("mlf*")}
    finally:
        subprocess.run(["umount", "--lazy", str(read_only)], check=True)


@pytest.mark.parametrize("where", ["/proc/mlflow.db", "/dev/null/mlflow.db"])
def test_a_store_that_cannot_be_made_is_said_at_once(where):
    began = time.monotonic()
    with pytest.raises(StoreError, match=where):
        open_store(f"sqlite:///{where}")
    assert time.monotonic() - began < 5
