"""A command goes on when whoever reads it has left, and says when its output is lost."""

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.stores import empty_store
from support.sweeps import ROOT, children, parents

from analysis.cli import COMMANDS
from experiments.process import streams

FULL = "/dev/full"  # a device that is always full
SWEEP = ["lr=0.1,1", "epochs=5", "seeds=2"]


@pytest.fixture
def uri(tmp_path_factory, tmp_path):
    return empty_store(tmp_path_factory, tmp_path)


def command(uri, *words, stdout=None, before=None, **settings):
    """(exit status, standard error) of a command of ours."""
    env = os.environ | {"MLFLOW_TRACKING_URI": uri, "PYTHONPATH": str(ROOT)} | settings
    done = subprocess.run(
        [sys.executable, "-m", "analysis.cli", *words],
        env=env, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, text=True,
        preexec_fn=before, timeout=300,
    )  # fmt: skip
    return done.returncode, done.stderr


def ended_pipe():
    """The writing end of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.parametrize("executor", ["serial", "local"])
def test_a_sweep_whose_reader_has_left_is_stored(uri, executor):
    pipe = ended_pipe()
    words = ["train", "-m", *SWEEP, f"executor={executor}", "executor.workers=2"]
    code, said = command(uri, *words[: 6 if executor == "serial" else 7], stdout=pipe)
    os.close(pipe)
    assert (code, said) == (0, "")
    assert len(children(uri)) == 2
    assert [run.info.status for run in parents(uri)] == ["FINISHED"]


def test_a_sweep_without_standard_streams_is_stored(uri):
    """Then the next file to be opened, such as the database, would be what print writes to."""
    code, _ = command(uri, "train", "-m", *SWEEP, before=lambda: os.closerange(0, 3))
    assert code == 0
    assert len(children(uri)) == 2


@pytest.mark.parametrize(
    "words",
    [["--help"], ["--version"], ["train", "--help"], ["lessons", "--help"], ["report", "--help"],
     ["report", "--markdown"], ["train", "--cfg", "job"], ["ui", "--help"], ["export", "--help"],
     ["compare", "--help"]],
    ids=" ".join,
)  # fmt: skip
def test_a_command_whose_reader_has_left_ends_without_a_word(uri, words):
    pipe = ended_pipe()
    code, said = command(uri, *words, stdout=pipe)
    os.close(pipe)
    assert (code, said) == (0, "")


def test_an_error_keeps_its_exit_status(uri):
    pipe = ended_pipe()
    code, said = command(uri, "train", "lr=-1", stdout=pipe)
    os.close(pipe)
    assert code == 2 and said.startswith("lr must be a number > 0")


@pytest.mark.skipif(not os.path.exists(FULL), reason="the system has no device that is full")
def test_output_that_is_lost_on_a_full_disk_is_an_error_and_the_work_goes_on(uri):
    with open(FULL, "w") as full:
        code, said = command(uri, "train", "-m", *SWEEP, "executor=serial", stdout=full)
    assert (code, said) == (1, "the output cannot be written: No space left on device\n")
    assert len(children(uri)) == 2


def test_signs_that_an_encoding_lacks_are_written_out(uri):
    code, said = command(uri, "train", "lr=\u03bb", PYTHONIOENCODING="ascii")
    assert code == 2 and "\\u03bb" in said


def test_a_stream_that_is_safe_already_stays(monkeypatch):
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    with open(os.devnull, "w") as nowhere:
        monkeypatch.setattr(sys, "stdout", nowhere)
        safe = streams._safe(nowhere, nowhere.fileno())
        assert streams._safe(safe, nowhere.fileno()) is safe
        safe.close()


@pytest.mark.parametrize("module", sorted({module for module, _ in COMMANDS.values()}))
def test_every_command_prepares_its_streams_first(module):
    main = importlib.util.find_spec(module).origin
    code = Path(main).read_text().partition('if __name__ == "__main__":')[2]
    assert "streams.prepare()" in code


def test_ctrl_c_is_a_word_and_no_traceback():
    script = "from experiments.process import streams as s; s.prepare(); raise KeyboardInterrupt"
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, "stopped\n")
