"""A process can be told from another one, on every system, and asking does not end it."""

import ctypes
import os
import socket
import subprocess
import sys

import pytest

from experiments.tracking import heartbeat
from experiments.tracking.heartbeat import is_dead, process_name


def test_a_process_is_told_from_a_later_one_with_its_number():
    host, pid, started = process_name().rsplit(":", 2)
    assert not is_dead(process_name())
    assert is_dead(f"{host}:{pid}:{int(started) - 1}")
    assert not is_dead(f"another-{host}:{pid}:1")  # nobody can tell from here
    ended = subprocess.Popen([sys.executable, "-c", ""])
    name = f"{host}:{ended.pid}:"
    ended.wait()
    assert is_dead(name)


def test_without_proc_a_process_has_no_start_and_is_still_looked_for(monkeypatch):
    monkeypatch.setattr(heartbeat, "_started", lambda pid: "")
    assert process_name().endswith(f":{os.getpid()}:")
    assert not is_dead(process_name())
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert is_dead(process_name().replace(f":{os.getpid()}:", f":{ended.pid}:"))


class Kernel:
    """Windows' answers about processes: 1 runs, 2 has ended, 3 belongs to another user."""

    def __init__(self):
        self.opened, self.error = [], 0

    def OpenProcess(self, access, inherit, pid):
        self.error = {1: 0, 2: 0, 3: 5}.get(pid, heartbeat.INVALID_PARAMETER)
        if self.error:
            return 0
        self.opened.append(pid)
        return pid

    def WaitForSingleObject(self, handle, milliseconds):
        assert milliseconds == 0
        return heartbeat.WAIT_TIMEOUT if handle == 1 else 0

    def CloseHandle(self, handle):
        self.opened.remove(handle)


@pytest.mark.parametrize(("pid", "dead"), [(1, False), (2, True), (3, False), (4, True)])
def test_on_windows_no_signal_is_sent(monkeypatch, pid, dead):
    kernel = Kernel()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "WinDLL", lambda name, use_last_error: kernel, raising=False)
    monkeypatch.setattr(ctypes, "get_last_error", lambda: kernel.error, raising=False)
    monkeypatch.delattr(os, "kill")
    monkeypatch.setattr(heartbeat, "_started", lambda pid: "")
    host = process_name().rsplit(":", 2)[0]
    assert is_dead(f"{host}:{pid}:") == dead
    assert kernel.opened == []


@pytest.mark.parametrize("tail", ["", ":", ":1", ":x:1", f":{'9' * 30}:1", ":4294967296:1", ":-1:"])
def test_a_tag_that_names_no_process_is_of_no_dead_process(tail):
    for host in (socket.gethostname(), "", "\0"):
        assert not is_dead(f"{host}{tail}")
