"""Where tasks are executed: in this process, in processes of this machine, or on a Dask cluster.

All three are used through the interface of `concurrent.futures.Executor`. A pool is handed a
function and its tasks; it knows nothing of either.
"""

import os
from collections import deque
from concurrent.futures import FIRST_COMPLETED, wait

from experiments.errors import WorkerDied
from experiments.executors import sharing
from experiments.executors.lanes import Lane, hand_out
from experiments.executors.process import Worker
from experiments.executors.serial import Serial

POLL = 0.25  # seconds between two calls of `stop`


class Pool:
    """Workers that may be used again and again. `size` is how many tasks run at once.

    Where the number of workers of this machine is left open, `open` starts none for tasks that are
    not worth it, and `run` executes them here.

    Args:
        settings: name, workers and address, as in conf/executor/.
        versions: function without arguments, importable on a worker; it returns {name: version} of
            all that results depend on. Dask workers must return the same as this process.

    Raises:
        UserError: There is no Dask cluster at that address, or none that can execute our tasks.
    """

    def __init__(self, settings, versions=dict):
        self.settings = settings
        self.cluster = None
        match settings["name"]:
            case "serial":
                self.lanes = [_serial_lane()]
            case "local":
                self.lanes = [Lane(Worker) for _ in range(settings["workers"] or cores())]
            case "dask":
                from experiments.executors.dask import Cluster

                self.cluster = Cluster(settings["address"], versions)
                self.lanes = [Lane(self.cluster.executor, self.cluster.slots)]

    @property
    def size(self):
        return sum(lane.slots for lane in self.lanes)

    @property
    def may_do_without(self):
        """Whether workers are optional: nobody has asked for a number of them."""
        return self.settings["name"] == "local" and self.settings["workers"] is None

    def open(self, tasks, worth_it=True):
        """Starts workers for so many tasks; the workers import while the caller goes on.

        Args:
            worth_it: whether the tasks take longer than a worker takes to start.
        """
        if worth_it or not self.may_do_without:
            for lane in self.lanes[:tasks]:
                lane.open()

    def run(self, function, tasks, stop=lambda: 0):
        """Yields (task, result or exception of `function(task)`) for each task when it is done.

        A task whose worker died is tried once more. When `stop()` is 1, no further task is begun,
        and those that run are waited for; when it is more, those that run are given up.
        """
        waiting, suspects = deque(tasks), []
        lanes = self._lanes_in_use()
        while True:
            if asked := stop():
                if asked > 1:
                    self.kill()
                waiting.clear()
                for lane in lanes:
                    lane.drain()
            hand_out(function, waiting, lanes)
            running = [future for lane in lanes for future in lane.tasks]
            if not running:
                return
            wait(running, timeout=POLL, return_when=FIRST_COMPLETED)
            for lane in lanes:
                done, lost = lane.take()
                if lost:
                    done += _judge(lane.restart(), lost, suspects)
                    waiting.extendleft(reversed(lost))
                yield from done

    def _lanes_in_use(self):
        if self.may_do_without and not any(lane.executor for lane in self.lanes):
            return [_serial_lane()]
        return self.lanes

    def kill(self):
        """Ends the workers at once, whatever they are doing."""
        for lane in self.lanes:
            lane.kill()

    def close(self):
        """Ends the workers when they have finished their calls."""
        for lane in self.lanes:
            lane.close()
        sharing.forget()
        if self.cluster is not None:
            self.cluster.close()


def cores():
    """How many cores this process may use; where the system does not tell, all there are."""
    if hasattr(os, "process_cpu_count"):  # Python 3.13
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _serial_lane():
    return Lane(Serial, ahead=0)


def _judge(had_begun, lost, suspects):
    """[(task, WorkerDied)] of a task whose worker died twice, which leaves `lost`; often none.

    A worker that had begun was at the first of the `lost` tasks, and only held the others.
    """
    if not had_begun:
        return []
    if any(lost[0] is task for task in suspects):
        return [(lost.pop(0), WorkerDied("its worker died, twice"))]
    suspects.append(lost[0])
    return []
