"""Who does what docs/beyond_one_machine.md says has it: every block of `bash` runs as it stands.

Changed are only the ports, as others may use those of the page, and who administers PostgreSQL.
"""

import inspect
import os
import shlex
import signal
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from support.checkout import ROOT, Checkout
from support.markdown import blocks
from support.processes import wait_for
from support.servers import HOST, PASSWORD, binaries, free_port
from support.sweeps import children, parents, statuses

PAGE = (ROOT / "docs" / "beyond_one_machine.md").read_text()
SECTIONS = [blocks(section) for section in PAGE.split("\n## ")]
BLOCKS = [block for section in SECTIONS for block in section]
SHARED = "file:///srv/scratchml"  # the folder that the page says all machines see


class Reader:
    """Does what the page says, in a copy of the project."""

    def __init__(self, project, postgres):
        ports = {number: free_port() for number in ("5000", "8786", "8787")}
        self.changes = {f":{port}": f":{own}" for port, own in ports.items()}
        self.changes |= {f"--port {port}": f"--port {own}" for port, own in ports.items()}
        self.changes |= {f"@{HOST}/": f"@{HOST}:{postgres.port}/", "sudo -u postgres ": ""}
        self.changes[SHARED] = (project.root / "shared").as_uri()
        self.project, self.running = project, []
        paths = [str(Path(sys.executable).parent), str(binaries()), os.environ["PATH"]]
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("MLFLOW_")}
        self.env |= {"PATH": os.pathsep.join(paths), "PGHOST": HOST, "PGUSER": "ada"}
        self.env["PYTHONPATH"] = str(project.root)  # `scratchml` runs the code of the copy
        self.env |= {"PGPORT": str(postgres.port), "PGPASSWORD": PASSWORD, "PGDATABASE": "postgres"}

    def follow(self, section):
        """In a shell of its own: what is exported is for this section."""
        before = dict(self.env)
        for block in section:
            if block.language == "bash":
                for line in block.commands:
                    self.do(line)
        self.env = before

    def own(self, line):
        """A line of the page, with what is changed."""
        for told, own in self.changes.items():
            line = line.replace(told, own)
        return line

    def do(self, line):
        words = shlex.split(self.own(line))
        options = {"cwd": self.project.root, "env": self.env, "stdin": subprocess.DEVNULL}
        if words[0] == "export":
            self.env |= [words[1].split("=", 1)]
        elif words[-1] == "&":
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            started = subprocess.Popen(words[:-1], start_new_session=True, **quiet, **options)
            self.running.append(started)
            if words[0] == "mlflow":
                wait_for(lambda: answers(f"{HOST}:{words[words.index('--port') + 1]}"), 90)
        else:
            done = subprocess.run(words, capture_output=True, text=True, timeout=120, **options)
            assert done.returncode == 0, (line, done.stdout, done.stderr)

    def stop(self):
        for process in self.running:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def answers(where):
    with suppress(OSError), urllib.request.urlopen(f"http://{where}/health", timeout=5):
        return True


@pytest.fixture(scope="module")
def followed(postgres, tmp_path_factory):
    """A reader who has done all of it."""
    reader = Reader(Checkout(tmp_path_factory, "beyond"), postgres)
    try:
        for section in SECTIONS:
            reader.follow(section)
        yield reader
    finally:
        reader.stop()


def test_every_sweep_of_the_page_is_in_the_store_that_it_names(followed):
    lines = (line for block in BLOCKS for line in block.commands)
    named = [line.split("=", 1)[1] for line in lines if "export MLFLOW_TRACKING_URI=" in line]
    served, direct = (followed.own(uri) for uri in named)
    assert statuses(children(served)) == statuses(children(direct, "direct")) == {"FINISHED": 4}
    assert len(list((followed.project.root / "mlartifacts").rglob("nets.npz"))) == 4 + 16 + 1 + 2
    assert len(list((followed.project.root / "shared").rglob("nets.npz"))) == 4
    here = followed.project.uri  # where the sections about workers say nothing of a store
    assert statuses(children(here)) == {"FINISHED": 16 + 1 + 2}
    assert statuses(parents(here)) == {"FINISHED": 2}


def test_what_is_not_run_says_so_by_its_language():
    assert {block.language for block in BLOCKS} == {"bash", "sh", "py"}
    assert "A block of `sh` or `py` needs machines that no test has, and was not run." in PAGE
    for block in BLOCKS:
        if block.language == "py":
            compile(block.text, "docs/beyond_one_machine.md", "exec")


def test_dasks_own_class_for_ssh_takes_what_the_page_gives_it():
    distributed = pytest.importorskip("distributed")
    inspect.signature(distributed.SSHCluster).bind(["head"], worker_options={"nthreads": 1})
