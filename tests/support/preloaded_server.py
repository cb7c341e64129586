"""The server of preloaded.py: `python preloaded_server.py SOCKET` forks for each job."""

import json
import os
import runpy
import signal
import socket
import sys
import types
from importlib import import_module

PACKAGES = (
    *("hydra._internal.hydra", "mlflow.tracking", "mlflow.store.tracking.sqlalchemy_store"),
    *("pandas", "scipy.stats", "matplotlib.pyplot", "seaborn", "sklearn.linear_model"),
    *("sklearn.datasets", "sklearn.ensemble", "sklearn.neural_network"),
)
LONGEST = 2**20  # bytes of one job


def serve(channel):
    """Returns (job, its standard output and error) in a copy for each job, never in the server."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a keeper
    while True:
        text, files, *_ = socket.recv_fds(channel, LONGEST, 3)
        if not text:
            os._exit(0)
        if os.fork() == 0:
            channel.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            *streams, end = files
            keep(end, streams)
            return json.loads(text), streams
        for file in files:
            os.close(file)


def keep(end, streams):
    """Forks and returns in the copy; what remains writes its number, then its status."""
    child = os.fork()
    if child == 0:
        os.close(end)
        return
    for stream in streams:
        os.close(stream)
    os.write(end, f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    os.write(end, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def become(job, streams):
    """Gives this process the session, streams, folder, environment and paths of a job."""
    os.setsid()
    for number, stream in enumerate(streams, 1):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(job["folder"])
    os.environ.clear()
    os.environ.update(job["environment"])
    first, *_ = job["arguments"]
    first = {"-m": job["folder"], "-c": ""}.get(first, os.path.dirname(first))
    named = os.environ.get("PYTHONPATH")
    sys.path[:0] = [first, *(named.split(os.pathsep) if named else [])]


def execute(kind, *rest):
    """Executes what `python KIND REST` does."""
    sys.orig_argv = [sys.executable, kind, *rest]
    if kind == "-m":
        sys.argv = [*rest]
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif kind == "-c":
        sys.argv = ["-c", *rest[1:]]
        sys.modules["__main__"] = main = types.ModuleType("__main__")
        exec(compile(rest[0], "<string>", "exec"), main.__dict__)
    else:
        sys.argv = [kind, *rest]
        runpy.run_path(kind, run_name="__main__")


if __name__ == "__main__":
    sys.path.pop(0)  # this folder, whose files may have the names of packages
    for package in PACKAGES:
        import_module(package)
    todo, files = serve(socket.socket(fileno=int(sys.argv[1])))
    become(todo, files)
    execute(*todo["arguments"])
