"""A sweep does the same whatever the clock does: it is set back, or it stands still."""

import itertools
import re
import time

import pytest
from support.checkout import ROOT
from support.configurations import composed
from support.stores import empty_store
from support.sweeps import account, children, launch, parents

from experiments.process.clock import Stopwatch
from experiments.running import saving, watcher
from experiments.running.sweep import launch_one
from experiments.tracking.store import Store

HOUR = 3600.0


@pytest.fixture
def uri(tmp_path_factory, tmp_path):
    return empty_store(tmp_path_factory, tmp_path)


@pytest.fixture
def set_back(monkeypatch):
    """A wall clock that is set back by an hour whenever somebody looks at it."""
    times = itertools.count(time.time(), -HOUR)
    monkeypatch.setattr(time, "time", lambda: next(times))
    monkeypatch.setattr(time, "time_ns", lambda: int(next(times) * 1e9))


@pytest.fixture
def standing(monkeypatch):
    """All clocks stand still, as a coarse clock does between two ticks."""
    now = time.time()
    for name in ("time", "monotonic", "perf_counter"):
        monkeypatch.setattr(time, name, lambda: now)


def test_a_stopwatch_goes_on_when_the_clock_is_set_back(set_back):
    watch = Stopwatch()
    assert 0 <= watch.seconds < HOUR
    assert watch.start <= watch.end < watch.start + HOUR


def test_runs_are_stored_as_they_come_when_the_clock_is_set_back(uri, set_back, monkeypatch):
    monkeypatch.setattr(saving, "FLUSH", 0.0)
    written, write_many = [], Store.write_many

    def seen(store, records, parent_id=None):
        written.append(len(records))
        return write_many(store, records, parent_id)

    monkeypatch.setattr(Store, "write_many", seen)
    launch(uri, *({"width": width, "seeds": 1} for width in (2, 3, 4, 5)))
    assert written.count(1) == 5  # the parent, and each run alone


def test_what_is_stored_ends_after_its_start_when_the_clock_is_set_back(uri, set_back):
    launch(uri, {"lr": 1.0}, {"lr": 2.0}, {"init": "normal", "init_scale": 1e200})
    launch_one(composed(tracking={"uri": uri}, seeds=1, epochs=2))
    (parent,) = parents(uri)
    runs = [*children(uri), parent]
    assert len(runs) == 5 and {run.info.status for run in runs} == {"FINISHED", "FAILED"}
    for run in runs:
        assert 0 <= run.info.end_time - run.info.start_time < 1000 * HOUR
    assert all(0 <= seconds < HOUR for seconds in account(parent)["seconds"].values())


def test_a_watched_run_grows_when_the_clock_is_set_back(uri, set_back, monkeypatch):
    monkeypatch.setattr(watcher, "UPDATE", 0.0)
    updates = []
    monkeypatch.setattr(Store, "update", lambda *arguments: updates.append(arguments))
    launch_one(composed(tracking={"uri": uri}, seeds=1, epochs=5))
    assert len(updates) == 6


def test_a_sweep_ends_where_all_clocks_stand_still(uri, standing):
    launch(uri, {"lr": 1.0}, {"lr": 2.0})
    launch_one(composed(tracking={"uri": uri}, seeds=1, epochs=2))
    assert len(children(uri)) == 3


# Where a moment is stored; nowhere is a duration computed from it.
READ_THE_WALL_CLOCK = {
    *(
        "experiments/process/clock.py",
        "experiments/tracking/record.py",
        "experiments/tracking/transactions.py",
    ),
    "experiments/tracking/pages.py",
}


def test_nobody_else_reads_the_wall_clock():
    wall = re.compile(r"\btime\.time(_ns)?\(|\bimport .*\btime_ns\b|datetime\.(now|utcnow|today)\(")
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("scratchml", "experiments", "hydra_plugins", "analysis")
        for path in (ROOT / folder).rglob("*.py")
        if wall.search(path.read_text())
    }
    assert found == READ_THE_WALL_CLOCK
