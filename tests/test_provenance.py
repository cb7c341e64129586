"""A run says which command and which code made it."""

import json
import platform
import subprocess
import sys

import numpy as np
import pytest

from experiments.tracking import provenance


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder that is taken for the project."""
    monkeypatch.setattr(provenance, "project_root", lambda: tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path


def git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def asked_anew():
    return provenance.provenance.__wrapped__()


def test_the_commit_is_named_and_whether_anything_differs_from_it(project):
    git(project, "init")
    (project / "a.py").write_text("1")
    git(project, "add", "a.py")
    git(project, "commit", "-m", "one")
    tags = asked_anew()
    assert tags["mlflow.source.git.commit"] == git(project, "rev-parse", "HEAD")
    assert tags["scratchml.git_dirty"] == "false"
    (project / "new.yaml").write_text("a lesson that the commit does not have")
    assert asked_anew()["scratchml.git_dirty"] == "true"


def test_the_patch_is_that_of_tracked_files_and_makes_the_same_code_again(project):
    git(project, "init")
    (project / "a.py").write_bytes(b"1\r\n\n")
    git(project, "add", "a.py")
    git(project, "commit", "-m", "one")
    assert patched() is None
    (project / "a.py").write_bytes(b"2\r\n\n")
    (project / ".env").write_text("PASSWORD=secret")
    (project / "patch").write_bytes(patched())
    assert b"secret" not in patched()
    git(project, "checkout", "a.py")
    git(project, "apply", "patch")
    assert (project / "a.py").read_bytes() == b"2\r\n\n"


def test_a_patch_that_is_too_large_is_a_sentence(project, monkeypatch):
    git(project, "init")
    (project / "a.py").write_text("1")
    git(project, "add", "a.py")
    git(project, "commit", "-m", "one")
    (project / "a.py").write_text("x" * 100)
    monkeypatch.setattr(provenance, "MOST", 50)
    assert patched() == b"# the patch has more than 50 bytes, and is not kept\n"


def patched():
    provenance.patch.cache_clear()
    try:
        return provenance.patch()
    finally:
        provenance.patch.cache_clear()


def test_without_a_repository_nothing_is_said_of_one(project):
    assert patched() is None
    assert [key for key in asked_anew() if "git" in key] == []


def test_command_and_versions_are_those_of_this_process_name():
    tags = asked_anew()
    assert tags["scratchml.command"].startswith("python ")
    versions = json.loads(tags["scratchml.versions"])
    assert versions["python"] == platform.python_version()
    assert versions["numpy"] == np.__version__
    assert {"mlflow", "hydra-core"} <= versions.keys()


def test_a_program_of_the_project_is_named_by_its_place_there(project, monkeypatch):
    monkeypatch.setattr(sys, "argv", [str(project / "experiments" / "train.py"), "-m"])
    assert asked_anew()["mlflow.source.name"] == "experiments/train.py"
    monkeypatch.setattr(sys, "argv", ["/usr/bin/pytest"])
    assert asked_anew()["mlflow.source.name"] == "pytest"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-m", "experiments.train", "-m", "lr=1,2"], "python -m experiments.train -m lr=1,2"),
        (["-X", "importtime", "-m", "a.b", "x y"], "python -X importtime -m a.b 'x y'"),
        (["-I", "-c", "print(1)"], "python -I -c 'print(1)'"),
        (["/venv/bin/scratchml", "train", "lr=1"], "scratchml train lr=1"),
        (["-P", "venv/Scripts/scratchml.exe", "lessons", "xor"], "scratchml lessons xor"),
        (["-W", "error", "/elsewhere/bin/pytest", "-q"], "python -W error pytest -q"),
        ([], "python"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_a_command_names_the_script_and_not_its_folder(words, said):
    assert provenance.command(["/usr/bin/python3", *words]) == said


def test_a_script_of_the_project_is_named_by_its_place_there(project):
    words = ["python", str(project / "tools" / "own.py"), "x"]
    assert provenance.command(words) == "python tools/own.py x"


def test_a_run_of_the_console_script_says_so(monkeypatch):
    monkeypatch.setattr(sys, "orig_argv", ["python", "/venv/bin/scratchml", "train", "--uri", "x"])
    monkeypatch.setattr(sys, "argv", ["/venv/bin/scratchml", "train"])
    tags = asked_anew()
    assert tags["scratchml.command"] == "scratchml train --uri x"
    assert tags["mlflow.source.name"] == "scratchml"
