"""Where tasks are executed: this process, processes on this machine, or a Dask cluster.

All three are used through the interface of `concurrent.futures.Executor`. What a worker imports is
NumPy, `scratchml` and `experiments.running.stacks`: no Hydra, no MLflow.
"""

import math
import os
from collections import deque
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait

from experiments import interrupts
from experiments.errors import UserError, WorkerDied
from experiments.executors.process import Worker
from experiments.running import stacks

SOON = 4e5  # cost, see stacks.cost, of what is trained here before a worker would have begun
STILLBORN = 5  # workers that die one after the other before they do anything: no other will live


class Serial(Executor):
    """Executes each task in this process, when it is submitted."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        try:
            with interrupts.interruptible():
                result = fn(*args, **kwargs)
            future.set_result(result)
        except Exception as error:
            future.set_exception(error)
        return future


class Lane:
    """An executor and the tasks that it has been given: the first `slots` run, the others wait.

    A lane of this machine is one worker process. So when it dies one knows which task it was at,
    and the tasks of the other workers are none the worse for it.
    """

    def __init__(self, start, slots=1, ahead=1):
        self.start = start
        self.slots = slots
        self.ahead = ahead  # tasks given in advance, so that no worker waits while we store
        self.executor = None
        self.tasks = {}  # future -> task, oldest first
        self.hello = None  # done when the first worker has begun to work
        self.stillborn = 0

    def open(self):
        if self.executor is None:
            self.executor = self.start()
            self.hello = self.executor.submit(int)

    def give(self, task):
        self.open()
        self.tasks[self.executor.submit(stacks.train, task)] = task

    def take(self):
        """[(task, result or exception), ...] of what is done, and the tasks of a dead worker.

        Raises:
            UserError: The Dask cluster is gone.
        """
        done, died = [], []
        for future, task in list(self.tasks.items()):
            if not died and not future.done():
                continue
            if future.cancelled():
                raise UserError("the Dask scheduler does not answer any more; start it again")
            del self.tasks[future]
            if died or isinstance(future.exception(), BrokenExecutor):
                died.append(task)
            else:
                done.append((task, future.exception() or future.result()))
        return done, died

    def revive(self):
        """A new worker in place of a dead one; returns whether that one had begun to work.

        Raises:
            UserError: Workers here die before they begin, again and again.
        """
        born = self.hello.done() and self.hello.exception() is None
        self.stillborn = 0 if born else self.stillborn + 1
        if self.stillborn == STILLBORN:
            raise UserError(
                f"worker processes die as soon as they start, {STILLBORN} times in a row; "
                "executor=serial trains without them"
            )
        self.close()
        self.open()
        return born

    def drain(self):
        """Forgets the tasks that have not begun."""
        for future in list(self.tasks)[self.slots :]:
            future.cancel()
            del self.tasks[future]

    def kill(self):
        """Ends the worker at once, whatever it is doing."""
        if isinstance(self.executor, Worker):
            self.executor.kill()
        self.tasks.clear()
        self.close()

    def close(self):
        if self.executor is not None:
            for future in self.tasks:
                future.cancel()  # by hand: Dask's shutdown has no `cancel_futures`
            self.executor.shutdown(wait=False)
            self.executor = None


class Pool:
    """Workers that outlive a sweep: an optimizing sweeper launches many small ones.

    `settings` are name, workers and address, as in conf/executor/. `size` is how many tasks run at
    once. `run` may be called again and again; `close` ends the workers. Where the number of workers
    of this machine is not given, `open` starts none for a little, and `run` trains it here.

    Raises:
        UserError: There is no Dask cluster at that address, or none that can train.
    """

    def __init__(self, settings):
        self.settings = settings
        self.cluster = None
        match settings["name"]:
            case "serial":
                self.lanes = [Lane(Serial, ahead=0)]
            case "local":
                cores = getattr(os, "process_cpu_count", lambda: len(os.sched_getaffinity(0)))
                self.lanes = [Lane(Worker) for _ in range(settings["workers"] or cores())]
            case "dask":
                from experiments.executors.dask import Cluster

                self.cluster = Cluster(settings["address"])
                self.lanes = [Lane(self.cluster.executor, self.cluster.slots)]

    @property
    def size(self):
        return sum(lane.slots for lane in self.lanes)

    @property
    def may_do_without(self):
        """Whether it is left to us that there are workers at all."""
        return self.settings["name"] == "local" and self.settings["workers"] is None

    def open(self, tasks, cost=math.inf):
        """Starts workers for so many tasks of this cost, which import while the caller goes on."""
        if cost > SOON or not self.may_do_without:
            for lane in self.lanes[:tasks]:
                lane.open()

    def run(self, tasks, stop=lambda: 0):
        """Yields (task, results) for each task as it is done; results may be an exception.

        A task whose worker died is tried once more. When `stop()` is 1 no further task is begun,
        and those that run are waited for; when it is more they are given up.
        """
        waiting, died_before = deque(tasks), []
        lanes = self.lanes
        if self.may_do_without and not any(lane.executor for lane in lanes):
            lanes = [Lane(Serial, ahead=0)]
        while True:
            if asked := stop():
                if asked > 1:
                    self.kill()
                waiting.clear()
                for lane in lanes:
                    lane.drain()
            _give(waiting, lanes)
            running = [future for lane in lanes for future in lane.tasks]
            if not running:
                return
            wait(running, timeout=0.25, return_when=FIRST_COMPLETED)
            for lane in lanes:
                done, died = lane.take()
                if died:
                    if lane.revive():  # its worker was at the first, and only held the others
                        if any(died[0] is task for task in died_before):
                            done.append((died.pop(0), WorkerDied("its worker died, twice")))
                        else:
                            died_before.append(died[0])
                    waiting.extendleft(reversed(died))
                yield from done

    def kill(self):
        """Ends the workers at once, whatever they are doing."""
        for lane in self.lanes:
            lane.kill()

    def close(self):
        """Ends the workers when they have finished what they do."""
        for lane in self.lanes:
            lane.close()
        if self.cluster is not None:
            self.cluster.close()


def _give(waiting, lanes):
    """Hands tasks out: one to each slot that is free, and more while there are plenty.

    Towards the end no task should wait behind a long one while another worker has nothing.
    """
    size = sum(lane.slots for lane in lanes)
    for ahead in (0, 1):
        for lane in lanes:
            room = lane.slots * (1 + ahead * lane.ahead) - len(lane.tasks)
            for _ in range(room):
                if len(waiting) > ahead * size:
                    lane.give(waiting.popleft())
