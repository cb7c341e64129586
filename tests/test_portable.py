"""The harness runs where a system lacks functions of Linux: each of them is taken away in turn."""

import ctypes
import os
import signal
import sys

import pytest
from support.processes import wait_for
from support.stores import empty_store
from support.sweeps import children, statuses

from experiments import train
from experiments.executors import process
from experiments.executors.pool import cores

# (module, name) of functions that macOS or Windows lacks.
MISSING = [
    (os, "sched_getaffinity"),
    (signal, "pthread_sigmask"),
    (signal, "SIGHUP"),
    (os, "killpg"),
    (os, "getpgid"),
    (os, "fork"),
]


@pytest.fixture
def uri(tmp_path_factory, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return empty_store(tmp_path_factory, tmp_path)


@pytest.mark.parametrize(("module", "name"), MISSING, ids=[name for _, name in MISSING])
def test_a_small_sweep_with_workers_needs_no(module, name, uri, monkeypatch):
    monkeypatch.delattr(module, name)
    words = ["lr=1,2", "seeds=2", "epochs=20", "executor.workers=1", f"tracking.uri={uri}"]
    assert train.main(["-m", *words]) == 0
    assert statuses(children(uri)) == {"FINISHED": 2}


def test_a_small_sweep_with_workers_needs_no_library_of_the_process(uri, monkeypatch):
    real = ctypes.CDLL

    def library(name=None, *more, **most):
        if name is None:
            raise TypeError("bad argument type for built-in operation")  # as on Windows
        return real(name, *more, **most)

    monkeypatch.setattr(ctypes, "CDLL", library)
    words = ["lr=1,2", "seeds=2", "epochs=20", "executor.workers=1", f"tracking.uri={uri}"]
    assert train.main(["-m", *words]) == 0
    assert statuses(children(uri)) == {"FINISHED": 2}


def test_a_small_sweep_with_workers_needs_no_locks_of_posix(uri, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    words = ["lr=1,2", "seeds=2", "epochs=20", "executor.workers=1", f"tracking.uri={uri}"]
    assert train.main(["-m", *words]) == 0
    assert statuses(children(uri)) == {"FINISHED": 2}


def test_cores_are_counted_where_the_system_does_not_tell_which_may_be_used(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.delattr(os, "process_cpu_count", raising=False)
    assert cores() == os.cpu_count()
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1


def test_a_worker_ignores_ctrl_c_where_signals_cannot_be_blocked():
    """Its parent lacks `pthread_sigmask`, and so does the worker itself."""
    pipe, theirs = process.SPAWN.Pipe()
    worker = process.SPAWN.Process(target=_work_without_masks, args=(theirs,), daemon=True)
    worker.start()
    theirs.close()
    try:
        pipe.send_bytes(process.pickle.dumps((os.getpid, (), {})))
        assert wait_for(pipe.poll) and process.pickle.loads(pipe.recv_bytes())[0] == worker.pid
        os.kill(worker.pid, signal.SIGINT)
        pipe.send_bytes(process.pickle.dumps((int, (), {})))
        assert wait_for(pipe.poll) and process.pickle.loads(pipe.recv_bytes()) == (0, None)
    finally:
        worker.kill()
        worker.join()


def _work_without_masks(pipe):
    del signal.pthread_sigmask
    process._work(pipe)
