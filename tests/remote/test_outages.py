"""Servers and databases that go away in the middle of a sweep, and come back or do not."""

import time
from functools import partial

import pytest
from support.processes import wait_for
from support.stores import sample
from support.sweeps import children, command, finish, launch, parents, start, statuses

from experiments.running.saving import Saver
from experiments.tracking import causes
from experiments.tracking.errors import StoreError
from experiments.tracking.store import open_store

RUNS = 12
GRID = ["-m", "width=2,3,4,5", "activation=sigmoid,tanh,relu", "seeds=2"]
SWEEP = [*GRID, "executor=serial", "epochs=500000"]


def begin(uri, experiment):
    """Starts a sweep; returns when some of its runs are stored, and by far not all."""
    process = start(uri, *SWEEP, f"experiment={experiment}")
    wait_for(lambda: stored(uri, experiment), 60)
    assert process.poll() is None and stored(uri, experiment) < RUNS
    return process


def complete(uri, experiment, stored=RUNS):
    """The same command again: it trains what is missing, and then every run is there once."""
    status, said = command(uri, *SWEEP, f"experiment={experiment}")
    assert status == 0, said
    assert f"{RUNS} runs: {stored} done already, {RUNS - stored} to train" in said
    finished = [run for run in children(uri, experiment) if run.info.status == "FINISHED"]
    prints = {run.data.tags["scratchml.fingerprint"] for run in finished}
    assert len(prints) == len(finished) == RUNS
    everything = statuses([*children(uri, experiment), *parents(uri, experiment)])
    assert everything["RUNNING"] == 0, everything


def stored(uri, experiment):
    return statuses(children(uri, experiment))["FINISHED"]


def survives(uri, experiment, stop, start):
    """Asserts that a sweep goes on to its end when what it writes to stops and starts meanwhile."""
    process = begin(uri, experiment)
    stop()
    start()
    status, said = finish(process)
    assert status == 0 and "Traceback" not in said, said
    complete(uri, experiment)


def stop_for_a_second(postgres):
    postgres.stop()
    time.sleep(1)


def test_a_server_that_is_killed_and_comes_back_costs_nothing(on_postgresql, experiment):
    survives(on_postgresql.uri, experiment, on_postgresql.kill, on_postgresql.start)


def test_a_server_that_stays_away_is_said_and_the_same_command_goes_on(
    on_sqlite, experiment, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        process = begin(on_sqlite.uri, experiment)
    on_sqlite.kill()
    try:
        status, said = finish(process)
    finally:
        on_sqlite.start()
        on_sqlite.ready()
    assert status == 3 and "Traceback" not in said, said
    assert f"{on_sqlite.uri} does not answer; start it" in said
    before = stored(on_sqlite.uri, experiment)
    assert 0 < before < RUNS
    complete(on_sqlite.uri, experiment, before)


def test_a_database_that_is_stopped_and_comes_back_costs_nothing(postgres, postgresql):
    survives(postgresql, "scratchml", partial(stop_for_a_second, postgres), postgres.start)


def test_a_database_behind_a_server_that_comes_back_costs_nothing(
    postgres, on_postgresql, experiment
):
    stop = partial(stop_for_a_second, postgres)
    survives(on_postgresql.uri, experiment, stop, postgres.start)


def test_a_database_that_stays_away_is_said_and_the_same_command_goes_on(
    postgres, postgresql, monkeypatch
):
    monkeypatch.setattr(causes, "PATIENCE", 0.5)
    monkeypatch.setattr("experiments.running.saving.FLUSH", 0.0)
    choices = [{"width": width} for width in (2, 3, 4, 5)]
    flush = Saver.flush

    def lose(self):
        flush(self)
        postgres.stop()

    with monkeypatch.context() as patch:
        patch.setattr(Saver, "flush", lose)
        with pytest.raises(StoreError, match="does not answer; start it, or name another"):
            launch(postgresql, *choices, epochs=500)
    postgres.start()
    before = stored(postgresql, "scratchml")
    assert 0 < before < 4
    launch(postgresql, *choices, epochs=500)
    runs = children(postgresql)
    assert len({run.data.tags["scratchml.fingerprint"] for run in runs}) == len(runs) == 4
    assert statuses(parents(postgresql))["FINISHED"] == 1


def test_an_answer_that_is_lost_after_the_commit_stores_nothing_twice(postgresql, monkeypatch):
    with open_store(postgresql, "xor") as store:
        writer, calls = store._writer, []

        def losing(action):
            def act(*arguments):
                result = action(*arguments)
                calls.append(action.__name__)
                if calls.count(action.__name__) == 1:
                    raise OSError("connection to server was lost")
                return result

            return act

        monkeypatch.setattr(writer, "write", losing(writer.write))
        monkeypatch.setattr(writer, "update", losing(writer.update))
        run_id = store.start(sample())
        store.update(run_id, [("note", 1.0, 7)], tags={"so": "far"})
        store.finish(run_id)
    assert calls == ["write", "write", "update", "update"]
    (run,) = children(postgresql, "xor")
    assert (run.info.run_id, run.info.status) == (run_id, "FINISHED")
    assert run.data.metrics == sample().summary() | {"note": 1.0}
