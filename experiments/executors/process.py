"""A worker process on this machine, as an executor of `concurrent.futures`.

Python's own ProcessPoolExecutor waits for ever for a worker that is killed while it hands a result
over: the parent holds the sending end of the pipe open too, so half a message never ends. Here each
worker has a pipe of its own: the parent holds one end and the worker the other.
"""

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import types
from collections import deque
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from queue import SimpleQueue

from experiments.executors import sharing
from experiments.process import limits, startup

# A forked child would share this process's locks and its connection to the store.
SPAWN = multiprocessing.get_context("spawn")


class Worker(Executor):
    """One process that makes calls, one after the other. It ends when its parent does.

    When the process dies, calls without an answer raise BrokenExecutor, and so do later calls.
    """

    def __init__(self):
        self._pipe, theirs = SPAWN.Pipe()
        with apart():
            self.process = SPAWN.Process(target=_work, args=(theirs,), daemon=True)
            self.process.start()
        theirs.close()  # so that the pipe ends when the worker does
        self._unanswered = deque()
        self._lock = threading.Lock()
        self._ended = False
        threading.Thread(target=self._listen, daemon=True).start()

    def submit(self, fn, /, *args, **kwargs):
        call = sharing.dumps((fn, args, kwargs))
        future = Future()
        with self._lock:
            self._unanswered.append(future)
            if self._ended:
                self._break()
            else:
                self._send(call)
        return future

    def shutdown(self, wait=True, *, cancel_futures=False):
        self._send(b"")
        if wait:
            self.process.join()

    def kill(self):
        """Ends the worker at once, whatever it is doing."""
        self.process.kill()

    def _send(self, message):
        with suppress(OSError):  # the worker has died, and `_listen` will hear it
            self._pipe.send_bytes(message)

    def _listen(self):
        with suppress(EOFError, OSError):
            while True:
                result, error = pickle.loads(self._pipe.recv_bytes())
                _settle(self._unanswered.popleft(), result, error)
        self.process.join()
        with self._lock:
            self._ended = True
            self._break()

    def _break(self):
        while self._unanswered:
            _settle(self._unanswered.popleft(), None, BrokenExecutor("a worker process died"))


def _settle(future, result, error):
    if not future.set_running_or_notify_cancel():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


def _work(pipe):
    """The life of a worker: makes the calls that come in, and sends back (result, error)."""
    if not hasattr(signal, "pthread_sigmask"):  # see `apart`
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    startup.computing()
    limits.may_end_this_process()
    calls = SimpleQueue()
    threading.Thread(target=_read, args=(pipe, calls), daemon=True).start()
    while call := calls.get():
        try:
            fn, args, kwargs = sharing.loads(call)
            del call  # it may be as large as the data
            answer = pickle.dumps((fn(*args, **kwargs), None))
        except Exception as error:
            answer = pickle.dumps((None, error))
        pipe.send_bytes(answer)
        fn = args = kwargs = answer = None


def _read(pipe, calls):
    """Takes in calls while one is made: the parent never waits, and its end is noticed."""
    with suppress(EOFError, OSError):
        while True:
            calls.put(pipe.recv_bytes())
    os._exit(1)


@contextmanager
def apart():
    """Processes that are started inside never hear Ctrl-C, and do not import the main module.

    This process hears a Ctrl-C afterwards. Its main module is of no use to a worker: it may import
    much, or be no file at all in a notebook. Where a system cannot block signals, a worker ignores
    Ctrl-C itself, from its first line on.
    """
    blocks = hasattr(signal, "pthread_sigmask")
    if blocks:
        # The tracker would end the blocking if it were started inside.
        resource_tracker.ensure_running()
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        if blocks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
