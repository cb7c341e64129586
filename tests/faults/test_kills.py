"""Sweeps and their workers are killed and interrupted at random moments; nothing is lost twice.

SCRATCHML_FAULTS=full kills 20 times where `make test` kills three times.
"""

import os
import random
import re
import signal
import time
from functools import partial

import pytest
from support.processes import in_session, is_alive, kill, wait_for
from support.stores import empty_store
from support.sweeps import account, children, command, finish, parents, start, statuses, whole

KILLS = 20 if os.environ.get("SCRATCHML_FAULTS") == "full" else 3
RUNS = 96
# 24 stacks, so that much of it is stored before all of it is.
GRID = ["-m", "width=2,3,4,5", "depth=1,2", "activation=sigmoid,tanh,relu", "lr=0.1,0.3,1,3"]
SWEEP = [*GRID, "seeds=2", "executor.workers=2", f"epochs={40_000 * KILLS}"]


@pytest.fixture
def uri(tmp_path_factory, tmp_path):
    return empty_store(tmp_path_factory, tmp_path)


def begin(uri, *words):
    """Starts a sweep; returns when it trains."""
    process = start(uri, *words)
    line = process.stdout.readline()
    assert "to train" in line, line + process.communicate()[0]
    return process


def workers(process):
    """The worker processes of a sweep."""
    found = []
    for pid in in_session(process.pid):
        with open(f"/proc/{pid}/cmdline") as file:
            if "spawn_main" in file.read():
                found.append(pid)
    return found


def hears(process, number):
    """Whether a process has a handler for a signal."""
    with open(f"/proc/{process.pid}/status") as file:
        caught = re.search(r"SigCgt:\s*(\w+)", file.read())[1]
    return int(caught, 16) >> (number - 1) & 1


def has_stored_more(uri, stored, process):
    return process.poll() is not None or len(children(uri)) > stored


def gone(process):
    """Asserts that a sweep has left no process behind."""
    wait_for(lambda: not in_session(process.pid), seconds=5)


def go_on(uri, stored):
    """The same command again: it trains what is missing, and then every run is there once."""
    status, said = command(uri, *SWEEP)
    assert status == 0, said
    expected = f"{RUNS} runs: {stored} done already, {RUNS - stored} to train"
    assert (expected if stored else f"{RUNS} runs: {RUNS} to train") in said
    finished = [run for run in children(uri) if run.info.status == "FINISHED"]
    assert len({whole(run) for run in finished}) == len(finished) == RUNS
    last = parents(uri)[-1]
    assert last.info.status == "FINISHED"
    assert {run["run_id"] for run in account(last)["runs"]} == {r.info.run_id for r in finished}


def test_a_sweep_killed_at_any_moment_goes_on_from_there(uri):
    parted = stored = 0
    for number in range(KILLS):
        if number % 3 == 0:  # while it starts
            process = start(uri, *SWEEP)
            time.sleep(random.uniform(0.1, 1.5))
        else:
            process = begin(uri, *SWEEP)
            if number % 3 == 1:  # while it trains
                time.sleep(random.uniform(0.0, 1.5))
            else:  # while it stores
                wait_for(partial(has_stored_more, uri, stored, process))
        process.kill()
        process.communicate()
        gone(process)
        stored = len(children(uri))
        assert len({whole(run) for run in children(uri)}) == stored
        parted += 0 < stored < RUNS
    go_on(uri, stored)
    ends = statuses(parents(uri))
    assert ends["RUNNING"] == 0 and ends["FINISHED"] + ends["KILLED"] <= KILLS + 1
    assert parted


def test_a_killed_worker_costs_no_run(uri):
    process = begin(uri, *SWEEP)
    kill(wait_for(lambda: len(workers(process)) == 2 and workers(process))[0])
    status, said = finish(process)
    assert status == 0, said
    assert len({whole(run) for run in children(uri)}) == len(children(uri)) == RUNS


def test_workers_killed_again_and_again_cost_runs_at_most_until_the_next_command(uri):
    process = begin(uri, *SWEEP)
    killed = 0
    while process.poll() is None and killed < KILLS:
        time.sleep(random.uniform(0.1, 0.5))
        for pid in workers(process)[:1]:
            if is_alive(pid):
                kill(pid)
                killed += 1
    status, said = finish(process)
    failed = statuses(children(uri))["FAILED"]
    assert killed and status == (1 if failed else 0), said
    for run in children(uri):  # a run fails only if two of its workers were killed
        error = run.data.tags.get("scratchml.error")
        assert error is None or error == "WorkerDied: its worker died, twice"
    gone(process)
    go_on(uri, RUNS - failed)


def test_ctrl_c_stores_what_runs_and_says_how_to_go_on(uri):
    process = begin(uri, *SWEEP)
    wait_for(lambda: parents(uri))
    time.sleep(random.uniform(0.0, 1.0))
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: workers get it too
    status, said = finish(process)
    assert status == 130, said
    assert "Traceback" not in said and "KeyboardInterrupt" not in said
    first, last = said.splitlines()
    assert first == "stopping when what runs now is stored; Ctrl-C again stops at once"
    match = re.fullmatch(
        r"stopped; (\d+) of 96 runs are stored, and the same command goes on from there", last
    )
    stored = len({whole(run) for run in children(uri)})
    assert int(match[1]) == stored == len(children(uri))
    assert statuses(parents(uri)) == {"KILLED": 1}
    gone(process)
    go_on(uri, stored)


def test_ctrl_c_twice_stops_at_once(uri):
    process = begin(uri, *GRID, "seeds=2", "epochs=10000000")
    wait_for(lambda: parents(uri))
    time.sleep(random.uniform(0.0, 1.0))
    os.killpg(process.pid, signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None  # it waits for what runs, which takes long
    os.killpg(process.pid, signal.SIGINT)
    status, said = finish(process, seconds=10)
    assert status == 130 and "Traceback" not in said, said
    assert said.splitlines()[-1].startswith("stopped; 0 of 96 runs are stored")
    gone(process)
    assert statuses(parents(uri)) == {"KILLED": 1} and children(uri) == []


def test_a_terminated_sweep_stops_at_once_in_good_order(uri):
    process = begin(uri, *GRID, "seeds=2", "epochs=10000000")
    wait_for(lambda: parents(uri))
    process.terminate()
    status, said = finish(process, seconds=10)
    assert status == 130 and "Traceback" not in said, said
    gone(process)
    assert statuses(parents(uri)) == {"KILLED": 1}


def test_ctrl_c_while_it_starts_is_no_traceback(uri):
    for _ in range(KILLS):
        process = start(uri, *SWEEP)
        wait_for(partial(hears, process, signal.SIGTERM))  # the first thing that it does
        time.sleep(random.uniform(0.0, 1.2))
        os.killpg(process.pid, signal.SIGINT)
        status, said = finish(process)
        assert status == 130 and "Traceback" not in said, said
        gone(process)
    assert statuses(parents(uri))["RUNNING"] == 0
