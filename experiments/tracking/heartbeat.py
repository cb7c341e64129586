"""The name of a process, and whether the process of a name still runs."""

import os
import re
import socket
import sys
from pathlib import Path

# Windows: the right to wait for a process, "no such process", and "it has not ended".
SYNCHRONIZE, INVALID_PARAMETER, WAIT_TIMEOUT = 0x100000, 87, 258
NAME = re.compile(r"(.+):([0-9]{1,10}):([0-9]*)")  # of a process


def process_name() -> str:
    """The name of this process, for other processes: `host:pid:start`."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def is_dead(name: str) -> bool:
    """Whether the process of that name ran on this machine and runs no more.

    The system may have given the number to another process since, which started at another time.
    A text that names no process is not dead.
    """
    parts = NAME.fullmatch(name)
    if parts is None:
        return False
    host, pid, started = parts.groups()
    if host != socket.gethostname() or int(pid) >= 2**31:  # no system has so large a number
        return False
    if not _runs(int(pid)):
        return True
    return bool(started) and _started(int(pid)) != started


def _runs(pid):
    """Whether a process of this number exists."""
    if sys.platform == "win32":  # there, os.kill ends a process whatever the signal
        return _runs_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # the process belongs to another user
        pass
    return True


def _runs_on_windows(pid):
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    handle = kernel.OpenProcess(SYNCHRONIZE, False, pid)
    if not handle:  # no such process, or a process of another user
        return ctypes.get_last_error() != INVALID_PARAMETER
    try:
        return kernel.WaitForSingleObject(handle, 0) == WAIT_TIMEOUT
    finally:
        kernel.CloseHandle(handle)


def _started(pid):
    """The start of a process, in clock ticks since the machine started.

    "" on systems without /proc, and for a process that has ended and was not yet waited for.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()  # the name, in parentheses, may hold any character
    return "" if fields[0] == "Z" else fields[19]
