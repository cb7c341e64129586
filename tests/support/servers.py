"""A PostgreSQL and a tracking server of one's own, on loopback, to be killed and started again."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import suppress
from pathlib import Path

import psycopg
from filelock import FileLock
from support.processes import wait_for

from experiments.tracking import database

HOST = "127.0.0.1"
PASSWORD = "n0-b0dys-business"


def binaries():
    """The folder of PostgreSQL's programs, which Debian keeps out of the PATH; None without it."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else Path("/usr/lib/postgresql").glob("*/bin")
    return max(folders, default=None, key=lambda folder: folder.parent.name.zfill(4))


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


class Postgres:
    """A cluster of databases that ask for a password. It does not sync: no test cuts the power.

    Its programs refuse root, and nobody else may enter pytest's folders. So root's are somebody
    else's, in a folder of their own.
    """

    def __init__(self, master=None):
        self.user = next(_unprivileged()) if os.getuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="scratchml-postgres-"))
        self.data = self.folder / "data"
        self.port = free_port()
        if master:
            shutil.copytree(master, self.data)
        self._own()
        if not master:
            secret = self.folder / "password"
            secret.write_text(PASSWORD)
            words = ["--username=ada", f"--pwfile={secret}", "--auth=scram-sha-256"]
            self._do("initdb", *words, "--no-sync", "--encoding=UTF8", "--locale=C")

    def start(self):
        settings = f"-p {self.port} -c listen_addresses={HOST} -c fsync=off"
        settings += f" -c unix_socket_directories={self.folder} -c shared_buffers=16MB"
        self._do("pg_ctl", "start", "-w", "-l", str(self.folder / "log"), "-o", settings)

    def stop(self, mode="immediate"):
        """Immediate is as bad as a crash: connections are cut in the middle of what they did."""
        self._do("pg_ctl", "stop", "-w", "-m", mode)

    def close(self):
        if (self.data / "postmaster.pid").exists():  # else it has been stopped already
            self.stop()
        shutil.rmtree(self.folder)

    def uri(self, name):
        return f"postgresql://ada:{PASSWORD}@{HOST}:{self.port}/{name}"

    def create(self, name, template="template0"):
        """A new database; returns its URI."""
        with psycopg.connect(self.uri("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.uri(name)

    def _own(self):
        if self.user:
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, self.user.pw_uid, self.user.pw_gid)

    def _do(self, program, *words):
        options = {}
        if self.user:
            options = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        command = [binaries() / program, "-D", self.data, *words]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        subprocess.run(command, check=True, cwd=self.folder, **pipes, **options)


def _unprivileged():
    """Users that root can lend to PostgreSQL, the best first."""
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            yield pwd.getpwnam(name)


def master(shared):
    """The data of a cluster whose database `empty` is a store without runs; made once a session.

    Args:
        shared: a folder that is the same for all processes of the session.
    """
    made = shared / "postgres-data"
    with FileLock(f"{made}.lock"):
        if not made.exists():
            cluster = Postgres()
            try:
                cluster.start()
                database.create(cluster.create("empty"), "file:///nowhere")
                cluster.stop("fast")
                shutil.copytree(cluster.data, made)
            finally:
                cluster.close()
    return made


class TrackingServer:
    """`mlflow server` as docs/beyond_one_machine.md starts it: files go through it, too."""

    def __init__(self, backend, files):
        self.backend, self.files = backend, files
        self.port = free_port()
        self.uri = f"http://{HOST}:{self.port}"
        self.process = None

    def start(self):
        settings = {"MLFLOW_BACKEND_STORE_URI": self.backend, "MLFLOW_DISABLE_TELEMETRY": "true"}
        settings |= {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "DO_NOT_TRACK": "true"}
        words = ["--host", HOST, "--port", str(self.port), "--workers", "1"]
        words += ["--artifacts-destination", str(self.files)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "server", *words],
            env=os.environ | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def ready(self):
        wait_for(self._answers, 300)  # a busy machine takes its time
        return self

    def _answers(self):
        assert self.process.poll() is None, "MLflow's server has ended by itself"
        with suppress(OSError), urllib.request.urlopen(f"{self.uri}/health", timeout=5):
            return True

    def kill(self):
        """All its processes at once, as when the machine is lost."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
