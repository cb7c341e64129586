"""Imports change no setting of the process; commands and workers do, and the bits stay the same."""

import ctypes
import gc
import importlib
import inspect
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import threadpoolctl

from analysis.cli import COMMANDS
from experiments.executors.process import Worker
from experiments.process import startup

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
    ["experiments", "experiments.process.startup", "experiments.train", "experiments.running.sweep",
     "experiments.executors.pool", "hydra_plugins.scratchml_stacked.launcher"],
)  # fmt: skip
def test_an_import_changes_no_setting(module):
    before, after = settings(f"import {module}")
    assert before == after


def test_a_command_sets_threads_allocator_and_garbage_collector():
    before, after = settings("from experiments.process import startup; startup.command()")
    assert {name: after[0][name] for name in startup.THREADS} == dict.fromkeys(startup.THREADS, "1")
    assert after[1] == [50_000, 20, 20] != before[1]
    assert after[4] == [[-1, 2**28], [-3, 2**25]] and before[4] == []


# --- threads: one, whatever is set ----------------------------------------------------------------

# Each in a shell of its own: a user who sets nothing, one number, or all of them.
SHELLS = [
    {},
    {"OPENBLAS_NUM_THREADS": "2"},
    {"OMP_NUM_THREADS": "2"},
    {"MKL_DOMAIN_NUM_THREADS": "MKL_BLAS=2"} | dict.fromkeys(startup.THREADS, "2"),
]
POOLS = """
import threadpoolctl
def threads():
    return sorted({p["num_threads"] for p in threadpoolctl.threadpool_info()
                   if p["user_api"] == "blas"})
"""


def in_a_shell(shell, code):
    """What a fresh process prints that executes `code` with these variables alone."""
    ours = (*startup.THREADS, *startup.OVERRULING)
    env = {n: v for n, v in os.environ.items() if n not in ours} | shell
    return subprocess.check_output([sys.executable, "-c", code], env=env, text=True).strip()


@pytest.mark.parametrize("shell", SHELLS, ids=str)
@pytest.mark.parametrize("first", ["import numpy", "import numpy, scipy.linalg", ""])
def test_blas_has_one_thread_whatever_is_set_and_whatever_is_loaded(shell, first):
    code = f"""{first}
from experiments.process import startup
startup.computing()
import numpy, scipy.linalg  # SciPy has a BLAS of its own
{POOLS}
print(threads())"""
    assert in_a_shell(shell, code) == "[1]"


# A net that BLAS computes, large enough for a second thread to change its bits.
TRAIN = """
import numpy as np
from scratchml.mlp import MLP
from scratchml.sampling import Data
from scratchml.training import Plan, Trainer
rng = np.random.default_rng(0)
data = Data("multiclass", rng.standard_normal((300, 64)), np.eye(10)[rng.integers(0, 10, 300)])
model = MLP((64, 200, 10), "tanh", "softmax")
theta = rng.standard_normal((1, 64 * 200 + 200 + 200 * 10 + 10))
training = Trainer(model, theta, data, Plan("cross_entropy", "sgd", 3, 0.1, 0.0, 0.0), [None])
for _ in training.run():
    pass
print(training.arrays()["weights/W1"].tobytes().hex())
"""


@pytest.mark.skipif(os.cpu_count() < 2, reason="needs two cores")
def test_the_bits_of_a_net_are_the_same_whatever_is_set():
    prepared = f"from experiments.process import startup; startup.computing(){TRAIN}"
    late = f"import numpy\n{prepared}"
    one, two = SHELLS[-1] | dict.fromkeys(startup.THREADS, "1"), SHELLS[-1]
    given = {in_a_shell(shell, code) for shell in (one, two) for code in (prepared, late)}
    assert len(given) == 1
    assert {in_a_shell(one, TRAIN)} == given
    assert in_a_shell(two, TRAIN) not in given  # so it is the preparation that decides


@pytest.mark.parametrize("shell", SHELLS, ids=str)
def test_a_worker_has_one_thread_whatever_its_parent_has(shell, monkeypatch):
    for name in (*startup.THREADS, *startup.OVERRULING):
        monkeypatch.delenv(name, raising=False)
    for name, number in shell.items():
        monkeypatch.setenv(name, number)
    worker = Worker()
    try:
        worker.submit(np.zeros, 1)  # NumPy is loaded
        pools = worker.submit(threadpoolctl.threadpool_info).result(60)
    finally:
        worker.kill()
    assert {pool["num_threads"] for pool in pools} == {1}


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


# `ui` and `pack` compute nothing; `learn` computes with code of the reader's, in other processes.
OTHERS = ("experiments.ui", "experiments.pack", "experiments.workbook.__main__")
COMPUTING = [module for module, _ in COMMANDS.values() if module not in OTHERS]


@pytest.mark.parametrize("module", [*COMPUTING, "analysis.lessons.__main__"])
def test_every_command_that_computes_prepares_its_process(module):
    source = inspect.getsource(importlib.import_module(module).main)
    assert "startup.computing()" in source
