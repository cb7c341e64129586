"""Lanes: executors with the tasks that they have been given, and how tasks are handed out."""

from concurrent.futures import BrokenExecutor

from experiments.errors import UserError
from experiments.executors.process import Worker

MAX_FAILED_STARTS = 5  # consecutive workers that die before their first task; then give up


class Lane:
    """An executor and the tasks that it has been given: the first `slots` run, the others wait.

    A lane of this machine is one worker process. When the process dies, we know which task it was
    at, and the tasks of other workers are not affected.
    """

    def __init__(self, start, slots=1, ahead=1):
        self.start = start
        self.slots = slots
        self.ahead = ahead  # tasks a slot that are given in advance, so that no worker has to wait
        self.executor = None
        self.tasks = {}  # future -> task, oldest first
        self.started = None  # a future that is done when the first worker has begun to work
        self.failed_starts = 0

    def open(self):
        """Starts the executor, if there is none."""
        if self.executor is None:
            self.executor = self.start()
            self.started = self.executor.submit(int)

    def give(self, function, task):
        """Submits `function(task)`."""
        self.open()
        self.tasks[self.executor.submit(function, task)] = task

    def take(self):
        """[(task, result or exception), ...] of the tasks that are done, and a dead worker's tasks.

        Raises:
            UserError: The Dask cluster is gone.
        """
        done, lost = [], []
        for future, task in list(self.tasks.items()):
            if not lost and not future.done():
                continue
            if future.cancelled():
                raise UserError("the Dask scheduler does not answer any more; start it again")
            del self.tasks[future]
            if lost or isinstance(future.exception(), BrokenExecutor):
                lost.append(task)
            else:
                done.append((task, future.exception() or future.result()))
        return done, lost

    def restart(self):
        """Starts a worker in place of a dead one; returns whether the dead one had begun to work.

        Raises:
            UserError: Workers here die before they begin, again and again.
        """
        had_begun = self.started.done() and self.started.exception() is None
        self.failed_starts = 0 if had_begun else self.failed_starts + 1
        if self.failed_starts == MAX_FAILED_STARTS:
            raise UserError(
                f"worker processes die as soon as they start, {MAX_FAILED_STARTS} times in a row; "
                "executor=serial trains without them"
            )
        self.close()
        self.open()
        return had_begun

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
        """Ends the worker when it has finished its call."""
        if self.executor is not None:
            for future in self.tasks:
                future.cancel()  # by hand: Dask's shutdown has no `cancel_futures`
            self.executor.shutdown(wait=False)
            self.executor = None


def hand_out(function, waiting, lanes):
    """Gives tasks from `waiting` to lanes: one to each free slot, and more while there are plenty.

    Towards the end no task should wait behind a long one while another worker has nothing to do.
    """
    slots = sum(lane.slots for lane in lanes)
    for ahead in (0, 1):
        for lane in lanes:
            room = lane.slots * (1 + ahead * lane.ahead) - len(lane.tasks)
            for _ in range(room):
                if len(waiting) > ahead * slots:
                    lane.give(function, waiting.popleft())
