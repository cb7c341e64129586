"""Where a run comes from: the code, the packages and the process that made it."""

import functools
import getpass
import json
import os
import shlex
import socket
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from experiments.tracking.errors import without_passwords
from experiments.tracking.record import shorten

PACKAGES = ("numpy", "hydra-core", "mlflow")


def project_root():
    """The folder of pyproject.toml above this file; the working directory for an installed one."""
    above = Path(__file__).resolve().parents[2]
    return above if (above / "pyproject.toml").is_file() else Path.cwd()


@functools.cache
def provenance():
    """Tags that every run of this process carries; asked once, as git takes 10 ms."""
    command = without_passwords(shlex.join(["python", *sys.orig_argv[1:]]))
    tags = {
        "mlflow.user": _user(),
        "mlflow.source.name": _source(),
        "mlflow.source.type": "LOCAL",
        "scratchml.command": shorten(command, "tags"),
        "scratchml.versions": json.dumps(dict(_versions())),
    }
    commit = _git("rev-parse", "HEAD")
    if commit:
        # New files count: a lesson that was never committed is not in the commit either.
        dirty = bool(_git("status", "--porcelain"))
        tags |= {
            "mlflow.source.git.commit": commit,
            "scratchml.git_dirty": str(dirty).lower(),
        }
    return tags


def _user():
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may run under a number without a name
        return "unknown"


def _source():
    """The module or script that was started, as a path below the project where it is there."""
    main = Path(sys.argv[0] or "python").resolve()
    root = project_root()
    return str(main.relative_to(root)) if main.is_relative_to(root) else main.name


def _versions():
    yield "python", sys.version.split()[0]
    for package in PACKAGES:
        try:
            yield package, metadata.version(package)
        except metadata.PackageNotFoundError:
            continue


def _git(*arguments):
    """What git says about the project; "" where there is no git or no repository."""
    command = ["git", "-C", str(project_root()), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


# --- is the process still there? ------------------------------------------------------------------


def process():
    """This process, in a way that another one can look for: `host:pid:start`."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def is_dead(name):
    """Whether the process of that name ran on this machine and runs no more.

    A number may have been given to another process since: that one started at another time.
    """
    host, pid, started = name.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # it is there and is somebody else's
        pass
    return bool(started) and _started(int(pid)) != started


def _started(pid):
    """When a process started, in clock ticks since the machine did.

    "" where there is no /proc, and for one that has ended but was not yet waited for.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()  # the name, in parentheses, may hold anything
    return "" if fields[0] == "Z" else fields[19]
