"""`scratchml COMMAND` does what `python -m MODULE` does, from any folder."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing, suppress
from importlib import import_module
from importlib.util import find_spec

import pytest
from support.checkout import ROOT, console_script
from support.processes import wait_for
from support.stores import empty_store

from analysis import cli
from experiments.tracking import database

TRAP = "raise SystemExit('this is code of somebody else')\n"
SWEEP = "-m lr=0.1,1 width=2,4 seeds=2 epochs=20 executor.workers=2".split()


def scratchml(*words, cwd, **settings):
    """Runs the script to its end; returns its exit status, standard output and standard error."""
    done = subprocess.run(
        [console_script(), *map(str, words)],
        cwd=cwd,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def foreign(tmp_path):
    """A folder of somebody else's, in which many names are ours or those of what we import."""
    folder = tmp_path / "foreign"
    for name in ("analysis", "experiments", "conf", "hydra_plugins", "mlflow", "numpy", "random"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(TRAP)
    for name in ("scratchml", "sitecustomize", "pickle", "struct"):
        (folder / f"{name}.py").write_text(TRAP)
    (folder / "conf" / "config.yaml").write_text("of: somebody else\n")
    return folder


def test_every_command_is_a_module_that_can_be_started():
    for name, (module, meaning) in cli.COMMANDS.items():
        source = (ROOT / module.replace(".", "/")).with_suffix(".py").read_text()
        assert 'if __name__ == "__main__":' in source, module
        assert re.search(rf"^  {name} +{re.escape(meaning)}$", cli.help_text(), re.MULTILINE)
        assert find_spec(module)


def test_help_and_version(capsys):
    for word in ("--help", "-h", "help"):
        assert cli.main([word]) == 0
        assert capsys.readouterr().out == cli.help_text() + "\n"
    assert cli.main(["--version"]) == 0
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert capsys.readouterr().out == f"scratchml {project['version']}\n"


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("trian", "did you mean train?"),
        ("lesson", "did you mean lessons or learn?"),
        ("reproduce", "did you mean lessons or report?"),
        ("comapre", "did you mean compare?"),
        ("xyz", f"there are {', '.join(name for name in cli.COMMANDS if name != cli.LESSON)}"),
    ],
)
def test_another_name_gets_a_hint(word, hint, capsys):
    assert cli.main([word]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"{word!r} is not a command of scratchml; {hint}\n")


def test_no_name_gets_the_help(capsys):
    assert cli.main([]) == 2
    assert capsys.readouterr().err == cli.help_text() + "\n"


def test_help_imports_nothing_that_takes_time(tmp_path):
    code = (
        "import sys; before = set(sys.modules); from analysis import cli; cli.main(['--help']); "
        "assert not {'numpy', 'hydra', 'mlflow', 'rich'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_a_command_starts_its_module_with_its_words(name, monkeypatch):
    started = []
    monkeypatch.setattr(sys, "argv", ["scratchml"])
    monkeypatch.setenv("PYTHONSAFEPATH", "")
    monkeypatch.setattr(
        cli.runpy, "run_module", lambda module, **_: started.append((module, sys.argv[1:]))
    )
    assert cli.main([*name.split(), "some", "--words"]) == 0
    assert started == [(cli.COMMANDS[name][0], ["some", "--words"])]


@pytest.mark.parametrize("name", ["train", "compare"])
def test_the_script_says_what_the_module_says(name, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "100")
    with suppress(SystemExit):
        import_module(cli.COMMANDS[name][0]).main(["--help"])
    said = capsys.readouterr()
    assert said.out
    assert scratchml(name, "--help", cwd=tmp_path) == (0, *said)


@pytest.mark.parametrize(
    ("words", "status"),
    [("train lr=x", 2), ("lessons nonsense", 2), ("report --nonsense", 2), ("export nothing", 2)],
)
def test_the_exit_status_is_that_of_the_command(words, status, tmp_path, tmp_path_factory):
    uri = empty_store(tmp_path_factory, tmp_path)
    code, out, err = scratchml(*words.split(), cwd=tmp_path, MLFLOW_TRACKING_URI=uri)
    assert (code, out) == (status, "")
    assert err and "Traceback" not in err


def test_code_of_the_working_directory_is_never_imported(foreign, tmp_path):
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    code, out, err = scratchml("train", *SWEEP, f"tracking.uri={uri}", cwd=foreign)
    assert code == 0, err
    assert "4 runs of 8 nets" in out
    words = ("scratchml", "--x", "lr", "--y", "solved", "--uri", uri, "--out", tmp_path / "a.png")
    code, out, err = scratchml("compare", *words, cwd=foreign)
    assert (code, err) == (0, "")
    assert (tmp_path / "a.csv").exists()
    code, out, err = scratchml("report", "--markdown", "--uri", uri, cwd=foreign)
    assert (code, err) == (0, "")
    assert "| [xor](analysis/lessons/xor.py) |" in out


def test_mlflows_server_does_not_import_from_the_working_directory(foreign, tmp_path):
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    database.create(uri, (tmp_path / "mlartifacts").as_uri())
    words = [console_script(), "ui", "--no-open", "--uri", uri]
    process = subprocess.Popen(words, cwd=foreign, stdout=subprocess.PIPE, text=True)
    try:
        assert "is shown at http://127.0.0.1:" in process.stdout.readline()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_the_trap_would_be_noticed(foreign):
    """`python -m` imports from the working directory, as Python has it."""
    command = [sys.executable, "-m", "experiments.train", "--help"]
    done = subprocess.run(command, cwd=foreign, capture_output=True, text=True)
    assert done.returncode != 0


def test_a_run_knows_its_module_and_hydra_its_job(tmp_path):
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    code, out, err = scratchml(
        "train", "--cfg", "hydra", "-p", "hydra.job", f"tracking.uri={uri}", cwd=tmp_path
    )
    assert code == 0, err
    assert re.search(r"^name: train$", out, re.MULTILINE), out
    code, _, err = scratchml("train", "seeds=1", "epochs=5", f"tracking.uri={uri}", cwd=tmp_path)
    assert code == 0, err
    query = "SELECT value FROM tags WHERE key = 'mlflow.source.name'"
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection:
        assert set(connection.execute(query)) == {("experiments/train.py",)}


def test_ctrl_c_stops_it(tmp_path):
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    words = "train -m lr=0.1,1 seeds=500 epochs=100000 stop=never executor=serial".split()
    words = [console_script(), *words, f"tracking.uri={uri}"]
    process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    wait_for((tmp_path / "mlflow.db").exists)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
