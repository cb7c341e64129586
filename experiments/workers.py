"""Where tasks are executed: this process, processes on this machine, or a Dask cluster.

All three are used through the interface of `concurrent.futures.Executor`. What a worker imports is
NumPy, `scratchml` and `experiments.stacks`: no Hydra, no MLflow.
"""

import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from experiments import stacks


class WorkerDied(RuntimeError):
    """A task's worker died twice, so that the task itself is taken to be the reason."""


class Serial(Executor):
    """Executes each task in this process, when it is submitted."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def n_workers(settings):
    """How many tasks `settings` (name, workers, address) can run at once on this machine."""
    if settings["name"] == "serial":
        return 1
    cores = getattr(os, "process_cpu_count", lambda: len(os.sched_getaffinity(0)))()
    return settings["workers"] or cores


class Pool:
    """Workers that outlive a sweep: an optimizing sweeper launches many small ones.

    `run` may be called again and again; `close` ends the workers.
    """

    def __init__(self, settings):
        self.settings = settings
        self.size = n_workers(settings)
        self.client = None
        self.executor = None

    def open(self):
        """Starts the workers, so that they import while the caller goes on."""
        if self.executor is None:
            self.executor = self._start()
        return self

    def _start(self):
        match self.settings["name"]:
            case "serial":
                return Serial()
            case "local":
                # A forked child would share this process's locks and its connection to the store.
                context = multiprocessing.get_context("spawn")
                pool = ProcessPoolExecutor(self.size, context, _prepare, (os.getpid(),))
                for _ in range(self.size):
                    pool.submit(int)
                return pool
            case "dask":
                from distributed import Client

                self.client = Client(self.settings["address"], timeout=10, set_as_default=False)
                self.size = max(1, sum(self.client.nthreads().values()))
                return self.client.get_executor(pure=False, retries=1)

    def run(self, tasks, stop=lambda: False):
        """Yields (task, results) for each task as it is done; results may be an exception.

        A task whose worker died is tried once more, alone, so that no other task is blamed for it.
        When `stop()` turns true no further task is started, and those that run are waited for.
        """
        self.open()
        waiting, suspects = list(reversed(tasks)), []
        running = {}
        while waiting or suspects or running:
            while waiting and not suspects and len(running) < 2 * self.size and not stop():
                self._submit(running, waiting.pop())
                if self.settings["name"] == "serial":
                    break  # hand over each result before the next task is begun
            if suspects and not running and not stop():
                self._submit(running, suspects[-1])
            if not running:
                return
            done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
            broken = []
            for future in done:
                task = running.pop(future)
                error = future.exception()
                if isinstance(error, BrokenProcessPool):
                    broken.append(task)
                    continue
                if task in suspects:
                    suspects.remove(task)
                yield task, error or future.result()
            if broken:
                broken += running.values()  # the pool is gone, and with it all that it ran
                running.clear()
                self.executor.shutdown(wait=False, cancel_futures=True)
                self.executor = self._start()
                if suspects:
                    task = suspects.pop()
                    yield task, WorkerDied("its worker died twice, the second time alone")
                else:
                    suspects += broken

    def _submit(self, running, task):
        try:
            running[self.executor.submit(stacks.train, task)] = task
        except BrokenProcessPool as error:  # a worker died while nobody looked
            future = Future()
            future.set_exception(error)
            running[future] = task

    def kill(self):
        """Ends the workers at once, whatever they are doing."""
        for process in list(getattr(self.executor, "_processes", None) or {}):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.close()

    def close(self):
        """Ends the workers when they have finished what they do."""
        if self.executor is not None:
            self.executor.shutdown(wait=False, cancel_futures=True)
        if self.client is not None:
            self.client.close()
        self.executor = self.client = None


def _prepare(parent):
    """What a local worker does first: leave Ctrl-C to its parent, and not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch():
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
