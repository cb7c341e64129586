"""The command that shows a store names it, and says no password."""

import shlex

import pytest

from experiments import ui
from experiments.tracking.places import default_uri, ui_command
from experiments.tracking.uris import sqlite_file


def test_the_default_store_needs_no_name(monkeypatch, tmp_path):
    assert ui_command(None) == ui_command(default_uri()) == "scratchml ui"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
    assert ui_command(f"sqlite:///{tmp_path}/mlflow.db") == "scratchml ui"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://localhost:5000")
    assert ui_command("http://localhost:5000") == "scratchml ui"


@pytest.mark.parametrize("name", ["a.db", "a b's.db", "$x.db"])
def test_another_store_is_named_as_a_shell_reads_it(monkeypatch, tmp_path, name):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "file:///what-is-no-store")
    command, *words = shlex.split(ui_command(f"sqlite:///{name}"))
    assert command == "scratchml"
    assert sqlite_file(ui._parse(words[1:]).uri) == tmp_path / name


def test_a_password_is_not_said():
    said = ui_command("postgresql://ada:s3cret@host/runs")
    assert said == (
        "scratchml ui --uri postgresql://host/runs, with the name and the password in it"
    )
