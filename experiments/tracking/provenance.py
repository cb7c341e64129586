"""The origin of a run: the command, the code, the packages and the user that made it."""

import functools
import getpass
import json
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from experiments.tracking.layout import COMMAND, GIT_DIRTY, VERSIONS
from experiments.tracking.places import project_root
from experiments.tracking.record import shorten
from experiments.tracking.text import without_passwords

PACKAGES = ("numpy", "hydra-core", "mlflow")
CONSOLE_SCRIPT = "scratchml"
MOST = 2**20  # bytes of a patch
WITH_ARGUMENT = ("-X", "-W", "--check-hash-based-pycs")  # Python's options of two words


@functools.cache
def provenance() -> dict[str, str]:
    """Tags that every run of this process carries; cached, because git takes 10 ms."""
    tags = {
        "mlflow.user": _user(),
        "mlflow.source.name": _source(),
        "mlflow.source.type": "LOCAL",
        COMMAND: shorten(without_passwords(command(sys.orig_argv)), "tags"),
        VERSIONS: json.dumps(dict(_versions())),
    }
    commit = _git("rev-parse", "HEAD")
    if commit:
        # New files count: a lesson that was never committed is not in the commit either.
        dirty = bool(_git("status", "--porcelain"))
        tags |= {"mlflow.source.git.commit": commit, GIT_DIRTY: str(dirty).lower()}
    return tags


@functools.cache
def patch() -> bytes | None:
    """What git says of changes in tracked files of the project that are in no commit.

    None where there are none; a sentence in its place where it has more than MOST bytes. Programs
    that the repository's configuration names for comparing files are not run.
    """
    how = ["--no-ext-diff", "--no-textconv", "--no-color", "--binary"]
    command = ["git", "-C", str(project_root()), "diff", "HEAD", *how, "--", "."]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    try:
        with subprocess.Popen(command, **streams) as process:
            data = process.stdout.read(MOST + 1)
            process.kill()
    except OSError:
        return None
    if len(data) > MOST:
        return f"# the patch has more than {MOST:,} bytes, and is not kept\n".encode()
    return data or None


def command(words: list[str]) -> str:
    """The command of a process, with no path of this machine: `scratchml train -m lr=1,2`.

    Args:
        words: `sys.orig_argv`: the interpreter, its options, then a module or a script.
    """
    words = list(words[1:])
    place = 0
    while place < len(words) and words[place].startswith("-"):
        if words[place] in ("-m", "-c"):
            return shlex.join(["python", *words])
        place += 2 if words[place] in WITH_ARGUMENT else 1
    if place < len(words):  # a script
        script = Path(words[place])
        if script.stem == CONSOLE_SCRIPT:
            return shlex.join([CONSOLE_SCRIPT, *words[place + 1 :]])
        words[place] = _within_project(script)
    return shlex.join(["python", *words])


def _within_project(path):
    """A path below the project's folder; the name alone of a file outside."""
    path, root = path.resolve(), project_root()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def _user():
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may run under a number without a name
        return "unknown"


def _source():
    """The module or script that was started."""
    path = Path(sys.argv[0] or "python")
    return CONSOLE_SCRIPT if path.stem == CONSOLE_SCRIPT else _within_project(path)


def _versions():
    yield "python", sys.version.split()[0]
    for package in PACKAGES:
        try:
            yield package, metadata.version(package)
        except metadata.PackageNotFoundError:
            continue


def _git(*arguments):
    """The answer of git about the project; "" where there is no git or no repository."""
    command = ["git", "-C", str(project_root()), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
