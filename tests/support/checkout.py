"""A copy of the project, to change and to run commands in: for tests of what users are told."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from support.stores import empty_store

ROOT = Path(__file__).resolve().parents[2]


def files():
    """The project's files, relative to its root, whether they are committed yet or not."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [Path(name) for name in names.split("\0") if name and (ROOT / name).is_file()]


class Checkout:
    """A copy, with an empty store in its place, so that MLflow need not make one (seconds).

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

    def start(self, command, **options):
        """Starts a command as a user would type it, with this Python for `python`."""
        words = command.split() if isinstance(command, str) else command
        words = [sys.executable if word == "python" else word for word in words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        settings = {k: v for k, v in os.environ.items() if k != "MLFLOW_TRACKING_URI"}
        return subprocess.Popen(words, cwd=self.root, env=settings, **pipes, **options)

    def run(self, command):
        """Runs it to its end: its exit code, what it said, and what it complained of."""
        with self.start(command) as process:
            out, err = process.communicate(timeout=300)
        return process.returncode, out, err
