"""Python commands in copies of one process that has imported the packages of others already.

A command imports MLflow, pandas and matplotlib, which takes three to six seconds of processor time,
and tests start many commands. A server imports them once and forks for each command: the copy has
the arguments, folder, environment and streams of the command, and imports the project's code anew.
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path

SERVER = Path(__file__).with_name("preloaded_server.py")


class Process:
    """`python ARGUMENTS` in a copy of the server, in a session of its own; used as a Popen is.

    Args:
        arguments: a module (-m), code (-c) or a script, and what it is told.
        together: whether standard error goes where standard output goes.

    Attributes:
        pid, returncode: as of a Popen.
        stdout, stderr: texts to read; stderr is None where they go together.
    """

    def __init__(self, arguments, folder, environment, together=False):
        outs = [os.pipe() for _ in range(1 if together else 2)]
        ends, end = os.pipe()
        given = [outs[0][1], outs[-1][1], end]
        job = {"arguments": arguments, "folder": str(folder), "environment": environment}
        channel, _ = server()
        socket.send_fds(channel, [json.dumps(job).encode()], given)
        for file in {*given}:
            os.close(file)
        self.stdout, *others = (os.fdopen(out, encoding="utf-8") for out, _ in outs)
        self.stderr = others[0] if others else None
        self.returncode, self._readers, self._said = None, [], {}
        self._ends = os.fdopen(ends)
        number = self._ends.readline()
        assert number, "the server has ended; what it imports may say why"
        self.pid = int(number)

    def poll(self):
        if self.returncode is None and self._has_ended(0):
            self.returncode = int(self._ends.readline())
        return self.returncode

    def wait(self, timeout=None):
        if self.returncode is None and not self._has_ended(timeout):
            raise subprocess.TimeoutExpired(self.pid, timeout)
        return self.poll()

    def _has_ended(self, timeout):
        ends = select.poll()  # which takes any number of a file, as select.select does not
        ends.register(self._ends)
        return bool(ends.poll(None if timeout is None else 1000 * timeout))

    def communicate(self, timeout=None):
        if not self._readers:
            for stream in filter(None, (self.stdout, self.stderr)):
                reader = threading.Thread(target=self._read, args=(stream,), daemon=True)
                reader.start()
                self._readers.append(reader)
        for reader in self._readers:
            reader.join(timeout)
            if reader.is_alive():
                raise subprocess.TimeoutExpired(self.pid, timeout)
        self.wait(timeout)
        self._close()
        return self._said[self.stdout], self._said.get(self.stderr)

    def _read(self, stream):
        self._said[stream] = stream.read()

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wait()
        self._close()

    def _close(self):
        for stream in filter(None, (self.stdout, self.stderr, self._ends)):
            stream.close()


@cache
def server():
    """(socket, process) of the server for this process, started when it is needed first."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    settings = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(
        [sys.executable, SERVER, str(there.fileno())],
        pass_fds=[there.fileno()], env=settings, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    there.close()
    atexit.register(stop, here, process)
    return here, process


def stop(channel, process):
    channel.close()  # at which the server ends
    process.wait()
