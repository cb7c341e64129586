"""Sweeps on a real Dask cluster, and on clusters that are not there or not fit."""

import re
import sys
from subprocess import DEVNULL, Popen

import numpy as np
import pytest
import threadpoolctl
from support.configurations import config
from support.own_code import TEXT
from support.processes import wait_for
from support.stores import empty_store
from support.sweeps import children, file, parents, statuses, whole

from experiments import train
from experiments.errors import UserError
from experiments.executors import dask as dask_executor
from experiments.executors.pool import Pool
from experiments.process import startup
from experiments.running import stacks
from experiments.running.saving import Saver
from experiments.running.session import versions
from experiments.schema import source

pytest.importorskip("distributed")

DASK = [sys.executable, "-m", "dask"]
ONE = ["--nworkers", "1", "--nthreads", "1", "--no-dashboard", "--no-nanny"]


class Running:
    """A scheduler on loopback and its workers, each a process of its own."""

    def __init__(self, folder):
        self.file = folder / "scheduler.json"
        where = ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(self.file)]
        self.processes = []
        self.scheduler = self._start("scheduler", *where, "--no-dashboard")
        self.address = wait_for(self._read)

    def _read(self):
        if self.file.exists() and (text := self.file.read_text()):
            return text.partition('"address": "')[2].partition('"')[0]

    def add_worker(self):
        return self._start("worker", self.address, *ONE)

    def _start(self, *command):
        # In a folder without our code: workers have it because it is installed.
        folder = self.file.parent
        self.processes.append(Popen([*DASK, *command], cwd=folder, stdout=DEVNULL, stderr=DEVNULL))
        return self.processes[-1]

    def executor(self):
        return {"name": "dask", "workers": None, "address": self.address}

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def dask(tmp_path):
    """A cluster of one's own, without workers."""
    running = Running(tmp_path)
    yield running
    running.close()


@pytest.fixture
def uri(tmp_path_factory, tmp_path):
    return empty_store(tmp_path_factory, tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A cluster for all tests that leave its scheduler alive."""
    running = Running(tmp_path_factory.mktemp("dask"))
    running.workers = []
    yield running
    running.close()


@pytest.fixture
def two(shared):
    """The shared cluster with two living workers."""
    shared.workers = [worker for worker in shared.workers if worker.poll() is None]
    while len(shared.workers) < 2:
        shared.workers.append(shared.add_worker())
    return shared


@pytest.fixture(autouse=True)
def connections(monkeypatch):
    """Connections wait long enough on a busy machine, and are closed before the cluster is."""
    monkeypatch.setattr(dask_executor, "PATIENCE", 60)
    opened, real = [], dask_executor.Cluster.__init__

    def init(self, *arguments):
        real(self, *arguments)
        opened.append(self)

    monkeypatch.setattr(dask_executor.Cluster, "__init__", init)
    yield
    for each in opened:
        each.close()


def pool(dask, workers_expected=2):
    """A pool on all workers of a cluster."""
    made = Pool(dask.executor(), versions)
    wait_for(lambda: len(made.cluster.client.nthreads()) == workers_expected)
    return made


def tasks(n, **choices):
    jobs = {job: config(lr=0.1 * (job + 1), seeds=1, **choices) for job in range(n)}
    return stacks.cut(jobs, size=1)


GRID = ["-m", "dataset=xor,moons,digits", "lr=0.1,1", "model=logistic", "seeds=3", "epochs=20"]


def sweep(uri, *words, experiment="scratchml"):
    return train.main([*GRID, *words, f"tracking.uri={uri}", f"experiment={experiment}"])


def test_a_cluster_comes_to_the_same_bits_as_this_process(two, uri):
    assert sweep(uri, "executor=dask", f"executor.address={two.address}", experiment="there") == 0
    assert sweep(uri, "executor=serial", experiment="here") == 0
    here, there = (
        {whole(run): file(run, "nets.npz") for run in children(uri, name)}
        for name in ("here", "there")
    )
    assert here == there and len(here) == 6
    assert two.scheduler.poll() is None  # it is left running


def test_after_a_stop_nothing_more_is_begun(two):
    done = []
    for task, _ in pool(two).run(
        stacks.train, tasks(30, epochs=500), stop=lambda: min(len(done), 1)
    ):
        done.append(task)
    assert len(done) <= 4


def test_blas_has_one_thread_on_every_worker_whatever_its_environment_says(dask, monkeypatch):
    for name in startup.THREADS:
        monkeypatch.setenv(name, "2")
    early = dask.add_worker()
    cluster = dask_executor.Cluster(dask.address, versions)
    for _ in range(2):
        executor = cluster.executor()
        executor.submit(np.zeros, 1).result(60)  # NumPy is loaded
        pools = executor.submit(threadpoolctl.threadpool_info).result(60)
        assert {pool["num_threads"] for pool in pools} == {1}
        early.kill()
        early.wait()
        dask.add_worker()  # it joins after the workers were checked


def test_a_killed_worker_costs_no_run(two):
    given = tasks(20, epochs=1500)
    ended = []
    for task, result in pool(two).run(stacks.train, given):
        ended.append(task)
        assert not isinstance(result, Exception)
        if len(ended) == 4:
            two.workers[0].kill()
    assert sorted(task.parts[0].job for task in ended) == list(range(20))


def test_a_sweep_goes_on_when_the_cluster_is_lost(dask, uri, monkeypatch, capsys):
    """Not by itself: it ends, says so, and the same command trains what is missing."""
    dask.add_worker()
    dask_executor.Cluster(dask.address).close()  # waits for the worker
    monkeypatch.setattr(dask_executor, "PATIENCE", 2)
    monkeypatch.setattr("experiments.running.saving.FLUSH", 0.0)
    flush = Saver.flush

    def lose(self):
        flush(self)
        dask.scheduler.kill()

    monkeypatch.setattr(Saver, "flush", lose)
    long = ["epochs=3000", "batch_size=2", "width=2,3,4", "model=mlp", "dataset=xor"]
    assert sweep(uri, *long, "executor=dask", f"executor.address={dask.address}") == 2
    said = re.search(
        r"the Dask scheduler does not answer any more; start it again; (\d) of 6 runs are stored, "
        "and the same command goes on from there",
        capsys.readouterr().err,
    )
    stored = int(said[1])
    assert 0 < stored < 6 and statuses(children(uri)) == {"FINISHED": stored}
    assert statuses(parents(uri)) == {"FAILED": 1}
    monkeypatch.undo()
    assert sweep(uri, *long, "executor=serial") == 0
    assert f"6 runs: {stored} done already, {6 - stored} to train" in capsys.readouterr().out
    assert len({whole(run) for run in children(uri)}) == 6


# --- clusters that cannot be used -----------------------------------------------------------------


def test_a_scheduler_that_is_not_there_is_said(uri, capsys):
    assert sweep(uri, "executor=dask", "executor.address=tcp://127.0.0.1:9") == 2
    said = capsys.readouterr().err
    assert said.startswith("no Dask scheduler answers at executor.address=tcp://127.0.0.1:9; ")
    assert len(said.splitlines()) == 1
    assert children(uri) == parents(uri) == []


@pytest.mark.parametrize("address", ["localhost", "tcp://", "http://127.0.0.1:9", "127.0.0.1:x"])
def test_an_address_that_is_none_is_said(address):
    said = f"executor.address must be as in tcp://127.0.0.1:8786; got '{address}'"
    with pytest.raises(UserError, match=said):
        dask_executor.Cluster(address)


def test_a_cluster_that_is_not_fit_is_said(dask, monkeypatch):
    monkeypatch.setattr(dask_executor, "PATIENCE", 0.5)
    with pytest.raises(UserError, match=f"has no workers; start one: dask worker {dask.address}"):
        dask_executor.Cluster(dask.address)
    monkeypatch.setattr(dask_executor, "PATIENCE", 60)
    dask.add_worker()
    with pytest.raises(UserError, match="lack a module that training needs .*'test_dask'"):
        dask_executor.Cluster(
            dask.address, tasks
        )  # a function of this file, which no worker can import
    monkeypatch.setattr(source, "package_digest", lambda: "another")
    with pytest.raises(UserError, match="1 of 1 Dask workers .* have another scratchml than this"):
        dask_executor.Cluster(dask.address, versions)


def test_a_missing_package_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UserError, match="executor=dask needs a package: pip install distributed"):
        dask_executor.Cluster("tcp://127.0.0.1:9")


def test_code_of_ones_own_goes_along(two, uri, tmp_path):
    (tmp_path / "mine.py").write_text(TEXT)
    words = ["-m", f"code={tmp_path / 'mine.py'}", "activation=swish", "dataset=plaid", "seed=0,9"]
    words += ["seeds=3", "epochs=20", "--uri", uri]
    address = f"executor.address={two.address}"
    assert train.main([*words, "executor=dask", address, "experiment=there"]) == 0
    assert train.main([*words, "executor=serial", "experiment=here"]) == 0
    there, here = ({r.data.params["seed"]: file(r, "nets.npz") for r in children(uri, name)}
                   for name in ("there", "here"))  # fmt: skip
    assert there == here and len(there) == 2
