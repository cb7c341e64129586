"""A copy of the project, to change and to run commands in: for tests of what users are told."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from support import preloaded
from support.stores import empty_store

ROOT = Path(__file__).resolve().parents[2]


def files():
    """The project's files, relative to its root, whether they are committed yet or not."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [Path(name) for name in names.split("\0") if name and (ROOT / name).is_file()]


def console_script():
    """The script `scratchml` of the environment that runs the tests."""
    found = shutil.which("scratchml", path=str(Path(sys.executable).parent))
    assert found, "the environment lacks the script; install the project again: pip install -e ."
    return found


class Checkout:
    """A copy of the project with an empty store.

    Attributes:
        root: its folder; `mlflow.db` and `figures` go there, as in the project itself.
        uri: its store.
    """

    def __init__(self, tmp_path_factory, name):
        self.root = tmp_path_factory.mktemp(name)
        for file in files():
            (self.root / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, self.root / file)
        self.uri = empty_store(tmp_path_factory, self.root)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def start(self, command, cwd=None, **options):
        """Starts a command as a user would type it.

        `python` is this Python. `scratchml` is the script beside it, and runs the copy's code.
        """
        words, settings = self._words(command)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(words, cwd=cwd or self.root, env=settings, **pipes, **options)

    def run(self, command, cwd=None):
        """Runs a command to its end; returns its exit code, standard output and standard error."""
        words, settings = self._words(command)
        if words[0] == sys.executable and words[1:3] != ["-m", "pytest"]:  # which wants to be first
            process = preloaded.Process(words[1:], cwd or self.root, settings)
        else:
            process = self.start(command, cwd)
        with process:
            out, err = process.communicate(timeout=300)
        return process.returncode, out, err

    def _words(self, command):
        """The words of a command as the system takes them, and its environment."""
        program, *words = command.split() if isinstance(command, str) else command
        settings = {k: v for k, v in os.environ.items() if k != "MLFLOW_TRACKING_URI"}
        if program == "python":
            program = sys.executable
        elif program == "scratchml":
            program, words = sys.executable, [console_script(), *words]
            settings["PYTHONPATH"] = str(self.root)
        return [program, *words], settings
