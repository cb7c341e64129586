"""Tasks are executed in order, wherever; the death of a worker costs time, or one task."""

import ast
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import BrokenExecutor
from pathlib import Path

import pytest
from support.configurations import config, differing, train
from support.processes import is_alive, kill, wait_for

from experiments.errors import UserError, WorkerDied
from experiments.executors import process
from experiments.executors.pool import Pool
from experiments.executors.serial import Serial
from experiments.running import stacks
from experiments.schema import sources


def tasks(n=6, epochs=20, **choices):
    """So many tasks of one net."""
    jobs = {job: config(lr=0.1 * (job + 1), seeds=1, epochs=epochs, **choices) for job in range(n)}
    return stacks.cut(jobs, size=1, real=sources.load)


def job(task):
    return task.parts[0].job


class Poison:
    """A task that kills the worker that looks at it."""

    parts = ()

    def __reduce__(self):
        return os._exit, (1,)


@pytest.fixture
def pool(request):
    """Two worker processes, or as many as the test is parametrized with."""
    settings = {"name": "local", "workers": getattr(request, "param", 2), "address": None}
    pool = Pool(settings)
    yield pool
    pool.kill()


def processes(pool):
    return [lane.executor.process.pid for lane in pool.lanes if lane.executor]


def ready(pool):
    """The processes of a pool, when all of them have begun to work."""
    pool.open(len(pool.lanes))
    for lane in pool.lanes:
        lane.started.result(30)
    return processes(pool)


def serial():
    return Pool({"name": "serial", "workers": None, "address": None})


def test_executors_know_nothing_of_what_they_run():
    allowed = {"experiments.errors", "experiments.process", "experiments.executors"}
    for path in Path(process.__file__).parent.glob("*.py"):
        imported = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                own = node.module == "experiments"
                imported |= {f"{node.module}.{a.name}" if own else node.module for a in node.names}
        ours = {name for name in imported if name.startswith(("experiments", "scratchml"))}
        others = {name for name in ours - allowed if not name.startswith("experiments.executors.")}
        assert others == set(), path.name
        assert "numpy" not in imported


# --- all goes well --------------------------------------------------------------------------------


def check(done, given):
    """Every task came back once, with the numbers that it has in this process."""
    assert sorted(job(task) for task, _ in done) == sorted(job(task) for task in given)
    for task, result in done:
        [(number, first, arrays)], began, ended = result
        [part] = task.parts
        assert (number, first) == (part.job, part.first) and began <= ended
        assert differing(arrays, train(part.config)) == set()


def test_this_process_executes_tasks():
    given = tasks()
    check(list(serial().run(stacks.train, given)), given)


def test_worker_processes_execute_tasks(pool):
    given = tasks()
    check(list(pool.run(stacks.train, given)), given)
    given = tasks(3, dataset="digits", model="logistic", test_fraction=0.9)
    check(list(pool.run(stacks.train, given)), given)  # and the same ones go on


def test_this_process_hands_over_each_result_before_the_next_task_is_begun():
    begun = []
    for n, _ in enumerate(serial().run(begun.append, tasks(3)), 1):
        assert len(begun) == n


def test_all_cores_are_used_where_nothing_else_is_said():
    settings = {"name": "local", "workers": None, "address": None}
    assert Pool(settings).size == len(os.sched_getaffinity(0))
    assert serial().size == 1


def test_no_worker_starts_for_a_little_where_their_number_is_not_given(pool):
    given = tasks()
    free = Pool({"name": "local", "workers": None, "address": None})
    free.open(2, worth_it=False)
    check(list(free.run(stacks.train, given)), given)
    assert not processes(free)
    pool.open(2, worth_it=False)
    assert len(processes(pool)) == 2


@pytest.mark.parametrize("pool", [None], indirect=True)
def test_workers_that_are_there_train_a_little_too(pool, monkeypatch):
    monkeypatch.setattr(Serial, "submit", None)  # nothing is trained in this process
    given = tasks()
    pool.open(1)
    check(list(pool.run(stacks.train, given)), given)


def test_no_more_workers_are_started_than_there_are_tasks(pool):
    assert len(list(pool.run(stacks.train, tasks(1)))) == 1
    assert len(processes(pool)) == 1


def test_no_task_waits_behind_another_while_a_worker_has_nothing_to_do(pool):
    long, *short = tasks(4, epochs=3_000_000)[:1] + tasks(3)
    ready(pool)
    order = [task for task, _ in pool.run(stacks.train, [long, *short])]
    assert order[-1] is long  # the other worker did all the rest meanwhile


def test_workers_import_numpy_and_what_loads_machine_code_and_nothing_else(pool):
    list(
        pool.run(stacks.train, tasks(1, dataset="digits", model="logistic", measure=["sharpness"]))
    )
    installed = (
        "sorted({name.partition('.')[0] for name, module in __import__('sys').modules.items()"
        " if 'site-packages' in (getattr(module, '__file__', None) or '')})"
    )
    imported = pool.lanes[0].executor.submit(eval, installed).result(30)
    assert {"numpy"} <= set(imported) - {"_distutils_hack"} <= {"numpy", "llvmlite"}


def test_an_error_of_training_is_a_result_and_the_worker_lives_on(pool):
    given = [*tasks(2), *tasks(1, init="normal", init_scale=1e200)]
    before = ready(pool)
    failed = [
        arrays
        for _, ([(_, _, arrays)], _, _) in pool.run(stacks.train, given)
        if type(arrays) is not dict
    ]
    assert [str(error).partition(":")[0] for error in failed] == ["ValueError"]
    assert processes(pool) == before


# --- stopping -------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["here", "in a process"])
def test_after_a_stop_what_runs_is_finished_and_nothing_else_is_begun(where):
    settings = {"name": "local", "workers": 1, "address": None}
    pool = serial() if where == "here" else Pool(settings)
    done = []
    for task, _ in pool.run(stacks.train, tasks(8, epochs=500), stop=lambda: min(len(done), 1)):
        done.append(job(task))
    pool.kill()
    assert len(done) <= 2  # the first, and the one that it was at by then


def test_a_stop_at_once_gives_up_what_runs(pool):
    pids = ready(pool)
    end = time.monotonic() + 0.5
    assert not list(
        pool.run(stacks.train, tasks(3, epochs=10**7), lambda: 2 * (time.monotonic() > end))
    )
    wait_for(lambda: not any(map(is_alive, pids)), seconds=5)


def test_killing_ends_a_worker_at_work_and_the_pool_starts_another(pool):
    pids = ready(pool)
    pool.lanes[0].give(stacks.train, tasks(1, epochs=10**7)[0])
    pool.kill()
    wait_for(lambda: not any(map(is_alive, pids)), seconds=5)
    assert len(list(pool.run(stacks.train, tasks(2)))) == 2


def test_workers_do_not_hear_ctrl_c_not_even_while_they_start(pool):
    pool.open(2)
    for _ in range(20):
        for pid in processes(pool):
            os.kill(pid, signal.SIGINT)
        time.sleep(0.02)
    before = ready(pool)
    for pid in before:
        os.kill(pid, signal.SIGINT)
    given = tasks()
    check(list(pool.run(stacks.train, given)), given)
    assert processes(pool) == before


def test_ctrl_c_is_heard_by_the_process_that_starts_workers(pool):
    with pytest.raises(KeyboardInterrupt):
        with process.apart():
            os.kill(os.getpid(), signal.SIGINT)
            assert sys.modules["__main__"].__dict__.get("__file__") is None
        time.sleep(10)  # the system may give it to another thread first
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()


# --- dying ----------------------------------------------------------------------------------------


def test_a_killed_worker_is_replaced_and_its_task_tried_again(pool):
    given = tasks(8, epochs=1500)
    first, second = ready(pool)
    killer = threading.Timer(0.2, kill, [first])
    killer.start()
    check(list(pool.run(stacks.train, given)), given)
    assert not is_alive(first) and is_alive(second)  # the other went on with its own


@pytest.mark.parametrize("pool", [1, 2], indirect=True)
@pytest.mark.parametrize("place", [0, 2, 5])
def test_a_task_that_kills_two_workers_has_failed_and_no_other(pool, place):
    given = tasks(5)
    given.insert(place, Poison())
    ended = [(task, result) for task, result in pool.run(stacks.train, given)]
    assert len(ended) == 6
    [(poison, error)] = [each for each in ended if isinstance(each[1], Exception)]
    assert poison is given[place] and isinstance(error, WorkerDied)
    check([each for each in ended if each[0] is not poison], [t for t in given if t is not poison])


def test_workers_may_be_killed_again_and_again(pool):
    given = tasks(30, epochs=300)
    done, hit, kills = [], [], 0
    for task, result in pool.run(stacks.train, given):
        done.append((task, result))
        held = list(pool.lanes[0].tasks.values())
        if held and not any(task is other for task in held for other in hit):
            hit += held  # no task shall be killed a second time, which it would not survive
            kill(*processes(pool)[:1])
            kills += 1
    assert kills >= 3
    check(done, given)


def test_a_worker_that_is_killed_while_idle_costs_no_task_a_trial(pool):
    poison = Poison()
    list(pool.run(stacks.train, tasks(2)))
    for pid in processes(pool):
        kill(pid)
        wait_for(lambda pid=pid: not is_alive(pid))
    given = tasks(4)
    check(list(pool.run(stacks.train, given)), given)
    [(task, error)] = pool.run(stacks.train, [poison])
    assert task is poison and isinstance(error, WorkerDied)


def test_a_worker_that_is_killed_while_it_hands_over_a_result_is_seen_to_be_dead():
    worker = process.Worker()
    answer = worker.submit(half_a_message)
    assert isinstance(answer.exception(30), BrokenExecutor)
    assert isinstance(worker.submit(int).exception(30), BrokenExecutor)


def half_a_message():
    """Dies, in a worker, with a result half sent."""
    pipe = sys._getframe(1).f_locals["pipe"]
    os.write(pipe.fileno(), struct.pack("!i", 1000) + b"only the beginning")
    kill(os.getpid())


def test_workers_that_cannot_start_are_given_up(pool, monkeypatch):
    monkeypatch.setattr(process, "_work", os._exit)
    with pytest.raises(UserError, match="die as soon as they start.*executor=serial"):
        list(pool.run(stacks.train, tasks(3)))


PARENT = """
import sys, time
from experiments.executors.pool import Pool
pool = Pool({"name": "local", "workers": 2, "address": None})
pool.open(2)
pids = [lane.executor.process.pid for lane in pool.lanes]
for lane in pool.lanes:
    lane.started.result()
    lane.executor.submit(time.sleep, 60)
print(*pids, flush=True)
time.sleep(60)
"""


def test_workers_do_not_outlive_their_parent():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(pids) == 2 and all(map(is_alive, pids))
    parent.kill()
    parent.communicate()
    wait_for(lambda: not any(map(is_alive, pids)), seconds=5)
