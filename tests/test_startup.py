"""Imports change no setting of the process; commands and workers do, and the bits stay the same."""

import ctypes
import gc
import importlib
import inspect
import json
import os
import subprocess
import sys

import pytest

from analysis.cli import COMMANDS
from experiments import startup
from experiments.executors.process import Worker

LOOK = """
import ctypes, gc, json, os, signal, sys
calls = []

class Libc:
    def mallopt(self, *options):
        calls.append(options)

def settings():
    handlers = [str(signal.getsignal(n)) for n in (signal.SIGINT, signal.SIGTERM)]
    return [dict(os.environ), gc.get_threshold(), gc.get_freeze_count(), handlers, list(calls)]

real = ctypes.CDLL
ctypes.CDLL = lambda name=None, *more, **most: real(name, *more, **most) if name else Libc()
before = settings()
{code}
after = settings()
print(json.dumps([before, after]))
"""


def settings(code):
    """[before, after] of a fresh process that executes `code`: its settings."""
    env = {name: value for name, value in os.environ.items() if name not in startup.THREADS}
    script = LOOK.replace("{code}", code)
    return json.loads(subprocess.check_output([sys.executable, "-c", script], env=env, text=True))


@pytest.mark.parametrize(
    "module",
    ["experiments", "experiments.startup", "experiments.train", "experiments.running.sweep",
     "experiments.executors.pool", "hydra_plugins.scratchml_stacked.launcher"],
)  # fmt: skip
def test_an_import_changes_no_setting(module):
    before, after = settings(f"import {module}")
    assert before == after


def test_a_command_sets_threads_allocator_and_garbage_collector():
    before, after = settings("from experiments import startup; startup.command()")
    assert {name: after[0][name] for name in startup.THREADS} == dict.fromkeys(startup.THREADS, "1")
    assert after[1] == [50_000, 20, 20] != before[1]
    assert after[4] == [[-1, 2**28], [-3, 2**25]] and before[4] == []


def test_threads_that_the_user_has_chosen_stay(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    startup.one_blas_thread()
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"


def test_a_blas_that_is_loaded_already_is_limited():
    code = (
        "import numpy, threadpoolctl\n"
        "before = threadpoolctl.threadpool_info()[0]['num_threads']\n"
        "from experiments import startup\n"
        "startup.one_blas_thread()\n"
        "print(before, threadpoolctl.threadpool_info()[0]['num_threads'])"
    )
    env = {n: v for n, v in os.environ.items() if n not in startup.THREADS}
    env["OMP_NUM_THREADS"] = "2"
    said = subprocess.check_output([sys.executable, "-c", code], env=env, text=True)
    assert said.split() == ["2", "1"]


def test_a_worker_has_the_settings_even_where_its_parent_has_none(monkeypatch):
    for name in startup.THREADS:
        monkeypatch.delenv(name, raising=False)
    worker = Worker()
    try:
        threads = worker.submit(os.getenv, startup.THREADS[0]).result(60)
    finally:
        worker.kill()
    assert threads == "1"


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_a_system_without_glibc_keeps_its_allocator(monkeypatch, error):
    def missing(_):
        raise error

    monkeypatch.setattr(ctypes, "CDLL", missing)
    startup.keep_freed_memory()


def test_the_garbage_that_is_left_at_the_end_is_not_collected(monkeypatch):
    frozen = []
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(True))
    with pytest.raises(SystemExit) as end:
        startup.leave(3)
    assert end.value.code == 3 and frozen


COMPUTING = [module for module, _ in COMMANDS.values() if module != "experiments.ui"]


@pytest.mark.parametrize("module", [*COMPUTING, "analysis.lessons.__main__"])
def test_every_command_that_computes_prepares_its_process(module):
    source = inspect.getsource(importlib.import_module(module).main)
    assert "startup.computing()" in source
