"""A run says which code made it, and which process is still at it."""

import json
import platform
import subprocess
import sys

import numpy as np
import pytest

from experiments.tracking import provenance
from experiments.tracking.provenance import is_dead, process


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


def test_without_a_repository_nothing_is_said_of_one(project):
    assert [key for key in asked_anew() if "git" in key] == []


def test_command_and_versions_are_those_of_this_process():
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


def test_a_process_is_told_from_a_later_one_with_its_number():
    host, pid, started = process().rsplit(":", 2)
    assert not is_dead(process())
    assert is_dead(f"{host}:{pid}:{int(started) - 1}")
    assert not is_dead(f"another-{host}:{pid}:1")  # nobody can tell from here
    ended = subprocess.Popen([sys.executable, "-c", ""])
    name = f"{host}:{ended.pid}:"
    ended.wait()
    assert is_dead(name)
