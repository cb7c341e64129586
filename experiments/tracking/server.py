"""MLflow's server for a database: small, on this machine only, and gone when it is not needed."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from experiments.tracking import database
from experiments.tracking.errors import StoreError

HOST = "127.0.0.1"
PORT = 5000
STARTING = 240  # seconds: MLflow imports itself twice; 125 s were seen on a very busy machine
STOPPING = 10
# Credentials for another server, of which this one has no need.
WATCHED = Path(__file__).with_name("watched.py")
SECRET = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")


@contextmanager
def server(uri: str, port: int | None = None) -> Iterator[tuple[subprocess.Popen, str]]:
    """MLflow's server for a database, listening on this machine only.

    These settings make it two processes and 0.5 GB; its defaults would be 15 processes and 3 GB.

    Yields:
        The process and its address, once it answers.

    Raises:
        StoreError: It does not start.
    """
    port, lock = _reserve(port)
    settings = {
        "MLFLOW_BACKEND_STORE_URI": uri,  # an argument could be seen by others
        "MLFLOW_DEFAULT_ARTIFACT_ROOT": database.artifacts_of(uri),
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }
    command = [sys.executable, str(WATCHED), "mlflow", "server", "--workers", "1", "--host", HOST]
    # The server imports from its working directory, where code of other people may lie.
    empty = tempfile.TemporaryDirectory(prefix="scratchml-ui-", ignore_cleanup_errors=True)
    with empty as folder, tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=folder,
            env={k: v for k, v in os.environ.items() if k not in SECRET} | settings,
            stdin=subprocess.PIPE,  # closed when this process is gone, whatever ended it
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group, which is ended as a whole; not on Windows
        )
        try:
            base = f"http://{HOST}:{port}"
            _wait(process, f"{base}/health", log)
            yield process, base
        finally:
            _stop(process)
            process.stdin.close()
            lock.release()


def _reserve(port):
    """(port, held lock): `port`; without a port PORT, or any port that is free.

    The lock keeps other commands of ours away until the server listens. Two commands that begin
    together would both find the port free, and one of them would show the store of the other.
    """
    for wanted in (port,) if port else (PORT, 0):
        with socket.socket() as tried, suppress(OSError, Timeout):
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((HOST, wanted))
            found = tried.getsockname()[1]
            lock = FileLock(Path(tempfile.gettempdir(), f"scratchml-ui-{found}.lock"))
            lock.acquire(timeout=0)
            return found, lock
    raise StoreError(f"port {port} is taken; name another one, or none to get a free one")


def _wait(process, address, log):
    deadline = time.monotonic() + STARTING
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.1)
    log.seek(0)
    said = "".join(log.readlines()[-10:])
    raise StoreError(f"MLflow's server does not start; its last words were:\n{said}")


def _stop(process):
    """Ends the server and every process that it has started."""
    if not hasattr(os, "killpg"):
        _stop_tree(process)
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + STOPPING
        while time.monotonic() < deadline:
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:  # the last one is gone
                process.wait()
                return
            process.poll()  # otherwise the first one would remain as a zombie
            number = 0
            time.sleep(0.05)


def _stop_tree(process):
    """The same on Windows, which has no groups of processes."""
    with suppress(OSError):  # where there is no taskkill, the server ends its own processes
        tree = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
        subprocess.run(tree, check=False, capture_output=True)
    for end in (process.terminate, process.kill):
        end()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOPPING)
            return
