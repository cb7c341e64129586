"""The application by its real command line: what it says, its exit status, and what is stored."""

import json
import os
import pty
import re
import shlex
import signal

import pytest
from omegaconf import OmegaConf
from support.processes import wait_for
from support.stores import empty_store
from support.sweeps import (
    account,
    children,
    command,
    file,
    finish,
    parents,
    start,
    statuses,
    stored,
    whole,
)

from experiments import train
from experiments.running import stacks
from experiments.schema import commandline
from experiments.schema.config import KNOBS
from experiments.schema.fields import Choice

QUICK = ["epochs=20", "seeds=2"]
HERE = ["executor=serial", *QUICK]


@pytest.fixture
def uri(tmp_path_factory, tmp_path, monkeypatch):
    """A store, which is the default for commands in this process too; and a folder to be in."""
    uri = empty_store(tmp_path_factory, tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    return uri


# --- what it says ---------------------------------------------------------------------------------


def test_a_run_of_defaults_ends_with_a_table_and_where_to_look(uri, tmp_path):
    status, said = command(uri, "epochs=300", cwd=tmp_path / "cwd")
    assert status == 0
    lines = said.splitlines()
    assert lines[0] == "xor mlp sigmoid w=2 lr=1 uniform x20: 20 nets"
    shown = dict(line.split() for line in lines[2:-2])
    [run] = stored(uri)
    assert whole(run) and run.data.params["epochs"] == "300"
    assert shown.keys() == run.data.metrics.keys() > {"train/loss", "train/accuracy", "solved"}
    assert float(shown["train/loss"]) == pytest.approx(run.data.metrics["train/loss"], rel=1e-3)
    assert lines[-2:] == [
        f"run {run.info.run_id} of experiment scratchml",
        "look: scratchml ui",
    ]
    assert list((tmp_path / "cwd").iterdir()) == []  # Hydra leaves no folders


def test_help_shows_every_knob_with_what_it_takes_and_at_once(uri):
    began = os.times()
    status, said = command(uri, "--help")
    ended = os.times()
    cpu = sum(ended[2:4]) - sum(began[2:4])  # user and system time of children
    assert status == 0 and cpu < 1.0
    flat = " ".join(said.split())
    for name, kind in KNOBS.items():
        assert f" {name}=" in flat
        words = " | ".join(kind.options) if isinstance(kind, Choice) else str(kind)
        assert f"[{words}]" in flat or name in commandline.GROUPS
    for group in commandline.GROUPS:
        assert all(option in flat for option in commandline.options(group))
    examples = re.findall(r"^  scratchml train(.*?)(?:  |$)", said, re.MULTILINE)
    assert len(examples) == 5
    for example in examples:
        assert commandline.problems(shlex.split(example)) == []
    for name, value in {
        "width": "2",
        "activation": "sigmoid",
        "inputs": "2",
        "noise": "0.0",
        "batch_size": "null",
        "bias": "true",
        "objective": "train/loss",
    }.items():
        assert f" {name}={value} " in flat  # the default run has them
    for group in commandline.GROUPS:
        for option in commandline.options(group):
            assert re.search(rf"^    {option} +[A-Z0-9s]", said, re.MULTILINE), option
    assert "hydra/sweeper/sampler=random" in said and "'width=range(1,9)'" in said


BAD = {
    # what is given: what is said
    "lr=-0.1": "lr must be a number > 0; got -0.1",
    "lr=abc": "lr must be a number > 0; got 'abc'",
    "lr=nan": "lr must be a number > 0; got nan",
    "lr=": "lr must be a number > 0; got ''",
    "~lr": "lr must be a number > 0; got null",
    "epochs=1.5": "epochs must be a whole number >= 0; got 1.5",
    "seeds=0": "seeds must be a whole number >= 1; got 0",
    "activation=relu6": "activation must be one of ['identity', 'step', 'sigmoid', 'tanh', 'relu']",
    "lr=-1 init=foo": "lr must be a number > 0; got -1",
    "lr=-2 init=foo": "init must be one of ['zero', 'constant', 'uniform', 'normal', 'integer'",
    "lrr=1": "lrr is not a knob; did you mean lr?",
    "+lrr=1": "lrr is not a knob; did you mean lr?",
    "quux=1": "quux is not a knob; --help lists all knobs",
    "executor.worker=1": "executor.worker is not a knob; did you mean executor.workers?",
    "executor.workers=0": "executor.workers must be a whole number from 1 to 4096 or null; got 0",
    "executor.workers=1000000000": "from 1 to 4096 or null; got 1000000000",
    f"seed={2**63}": f"seed must be a whole number >= 0; got {2**63}; the largest is {2**63 - 1}",
    f"seed={2**63 - 1}": f"the last seed, seed + seeds - 1, must be at most {2**63 - 1}",
    f"epochs={2**63}": f"epochs must be a whole number >= 0; got {2**63}; the largest is",
    f"seed={'9' * 4301}": "(4,306 characters): ",
    "lesson=xor": "a lesson is a sweep, and needs a plus: -m +lesson=xor",
    "-m activation=glob(*)": "the sweep is empty: activation has no values",
    "hydra.run.dir=/proc/x": "/proc/x",
    "-m hydra.sweep.dir=/proc/x": "/proc/x",
    "experiment=${experiment}": "experiment",
    "dataset=penguins": "dataset must be one of ['and', 'blobs', 'breast_cancer'",
    "model=cnn": "model must be one of ['linear', 'logistic', 'mlp', 'perceptron', 'sklearn_",
    "-m dataset=xor,penguins": "got 'penguins'",
    "executor=ray": "executor must be one of ['dask', 'local', 'serial']; got 'ray'",
    "executor=dask": "executor=dask needs executor.address, the address of its scheduler, such as",
    "executor.address=tcp://a:1": "executor.address has no meaning for executor=local",
    "foo": "cannot read 'foo': it is not KNOB=VALUE",
    "lr=[1": "cannot read 'lr=[1': ",
    "lr=1,2": "lr=1,2 has several values, which make a sweep: -m lr=1,2",
    "+lesson=xor": "a lesson is a sweep: -m +lesson=xor",
    "-m lesson=xor": "lesson needs a plus: +lesson=xor",
    "-m +lesson=nothing": "lesson must be one of ['activation'",
    "-m +lesson=xor,activation": "launch +lesson=xor by itself",
    "-m lr=range(3,3)": "the sweep is empty: lr has no values",
    "-m lr=interval(0,1)": "an optimizing sweeper such as hydra/sweeper=optuna",
    "-m experiment=a,b": "experiment must be the same for all runs of a sweep; got 'a' and 'b'",
    "hydra.foo=1": "Key 'foo' not in 'HydraConf'",
    "hydra/launcher=slurm": "Could not find 'hydra/launcher/slurm'",
    "width=1000000000": "one net needs about",
    "seeds=1000000 dataset=moons n_samples=1000": "1,000,000 nets at once need about",
    "width=3 model=logistic": "width has no meaning for model logistic; leave it out",
    "init=given": "init=given and start go together; got init=given, start=null",
    "objective=speed": "objective must be one of ['train/loss'",
    "resume=perhaps": "resume must be true or false; got 'perhaps'",
    "tracking.uri=mlflow.db": "the URI of a store must start with one of ['sqlite'",
}


@pytest.mark.parametrize("words", BAD)
def test_a_wrong_command_is_refused_with_what_is_wrong(uri, capsys, words):
    status = train.main(words.split())
    out, err = capsys.readouterr()
    assert BAD[words] in err
    assert status == (3 if words.startswith("tracking") else 2)
    assert out == "" and "Traceback" not in err and "HYDRA_FULL_ERROR" not in err
    assert stored(uri) == []


def test_all_that_is_wrong_is_said_at_once(uri, capsys):
    words = "-m lr=-1,0.1,0 activation=relu6 wdith=3 dataset=penguins executor.workers=0 foo"
    assert train.main(words.split()) == 2
    starts = ["lr must be", "lr must be", "activation must be", "wdith is not", "dataset must be",
              "executor.workers must be", "cannot read 'foo'"]  # fmt: skip
    said = capsys.readouterr().err.splitlines()
    assert len(said) == len(starts) and all(map(str.startswith, said, starts))


def test_a_wrong_option_is_refused(uri, capsys):
    assert train.main(["--fast"]) == 2
    assert "--fast is not an option; --help lists" in capsys.readouterr().err


def test_hydras_own_options_are_left_to_hydra(uri, capsys):
    assert train.main(["--cfg", "job", "lr=3"]) == 0
    assert OmegaConf.create(capsys.readouterr().out).lr == 3
    assert stored(uri) == []


def test_m_may_stand_anywhere(uri):
    assert train.main(["lr=1,2", *HERE, "-m"]) == 0
    assert statuses(children(uri)) == {"FINISHED": 2}


def test_a_failing_run_ends_in_one_sentence_and_status_1(uri, capfd):
    assert train.main(["init=normal", "init_scale=1e200", *QUICK]) == 1
    said = "".join(capfd.readouterr())
    assert said.startswith("failed: xor mlp sigmoid w=2 lr=1 normal*1e+200 x2: ValueError: ")
    assert len(said.splitlines()) == 1
    [run] = stored(uri)
    assert run.info.status == "FAILED"
    assert "not finite before the first step" in run.data.tags["scratchml.error"]
    assert b"Traceback" in file(run, "traceback.txt")


def test_a_failing_run_does_not_stop_a_sweep_but_its_status_is_1(uri, capfd):
    assert train.main(["-m", "init_scale=1,1e200", "init=normal", "lr=1,2", *QUICK]) == 1
    assert statuses(children(uri)) == {"FINISHED": 2, "FAILED": 2}
    out, err = capfd.readouterr()
    assert err.splitlines()[-1] == "2 of 4 jobs failed"
    assert "Traceback" not in out + err


def test_the_store_is_the_same_from_every_folder(uri, tmp_path, monkeypatch, capfd):
    for number, name in enumerate("ab"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        assert train.main(QUICK) == 0
        assert ("done already" in capfd.readouterr().out) == bool(number)
        assert list((tmp_path / name).iterdir()) == []
    assert len(stored(uri)) == 1


def test_a_store_beside_the_project_is_the_default(monkeypatch, tmp_path, uri):
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    monkeypatch.setattr("experiments.tracking.places.project_root", lambda: tmp_path)
    assert train.main(HERE) == 0
    assert len(stored(uri)) == 1


def on_a_terminal(uri, *words):
    """(exit status, lines) of a command that talks to a terminal; a bar is a line each time."""
    ours, theirs = pty.openpty()
    process = start(uri, *words, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    written = b""
    try:
        while some := os.read(ours, 65536):
            written += some
    except OSError:  # the other side is closed
        pass
    os.close(ours)
    # Without colours and moves of the cursor.
    text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", written.decode())
    return process.wait(), re.split(r"[\r\n]+", text.strip())


def test_on_a_terminal_a_bar_tells_how_far_it_is_and_leaves_failures_whole(uri):
    words = ["width=2,3,4", "depth=1,2", "init=normal", "init_scale=1,1e200", "seeds=2"]
    status, lines = on_a_terminal(uri, "-m", *words, "epochs=1000", "executor=serial")
    assert status == 1
    bar = r"[━╸╺]+ +\d+% \d+ of 12 runs, \d failed · \d+ nets/s · [\d.]+ s left \d:\d\d:\d\d"
    assert any(re.fullmatch(bar, line) for line in lines), lines
    failures = [line for line in lines if line.startswith("failed: ")]
    assert failures[0].endswith("the initial weights or the data are too large")
    assert lines[-1] == "6 of 12 jobs failed" and "━" not in "".join(lines[-9:])


def test_on_a_terminal_a_single_run_has_a_bar_of_epochs(uri):
    status, lines = on_a_terminal(uri, "epochs=3000000", "seeds=1", "records=400")
    assert status == 0
    bar = r"[━╸╺]+ +\d+% epoch [\d,]+ of 3,000,000 · [\d.]+ s left \d:\d\d:\d\d"
    assert any(re.fullmatch(bar, line) for line in lines), lines


# --- a single run is live -------------------------------------------------------------------------

LONG = ["epochs=100000000", "records=2000", "seeds=1"]


@pytest.fixture
def running(uri):
    """A long run: its process, and a function that asks the store for it."""
    with start(uri, *LONG) as process:
        yield process, lambda: (stored(uri) or [None])[0]
        process.kill()


def test_a_single_run_can_be_watched_and_ctrl_c_marks_it(uri, running):
    process, run = running
    first = wait_for(run)
    assert first.info.status == "RUNNING"
    assert first.data.params["epochs"] == "100000000" and first.inputs.dataset_inputs
    grown = wait_for(lambda: run().data.metrics.get("train/loss") and run())
    wait_for(lambda: run().data.metrics["train/loss"] != grown.data.metrics["train/loss"])
    assert run().info.status == "RUNNING"
    process.send_signal(signal.SIGINT)
    status, said = finish(process)
    assert status == 130
    assert said == "stopped; the run is marked KILLED, and the same command starts it anew\n"
    assert run().info.status == "KILLED"
    assert "scratchml.fingerprint" not in run().data.tags


def test_a_single_run_that_is_terminated_is_marked_too(uri, running):
    process, run = running
    wait_for(run)
    process.terminate()
    assert finish(process)[0] == 130
    assert run().info.status == "KILLED"


def test_a_single_run_that_was_killed_is_marked_by_the_next_command(uri, running):
    process, run = running
    wait_for(run)
    process.kill()
    process.wait()
    assert run().info.status == "RUNNING"
    assert train.main(QUICK) == 0
    assert statuses(stored(uri)) == {"KILLED": 1, "FINISHED": 1}


# --- the same bits, however it was launched -------------------------------------------------------

GRID = ["-m", "dataset=xor,moons,blobs", "lr=0.1,1", "model=mlp,logistic", "seeds=3", "epochs=20"]
LAUNCHERS = {
    "as it is": [],
    "serial": ["executor=serial"],
    "one worker": ["executor.workers=1"],
    "two workers": ["executor.workers=2"],
    "strict": ["executor=serial", "hydra.launcher.strict=true"],
    "batches": ["executor=serial", "hydra.sweeper.max_batch_size=5"],
    "basic": ["hydra/launcher=basic"],
    "basic sweeper": ["hydra/sweeper=basic", "executor=serial"],
    "joblib": ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"],
}


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """{fingerprint: nets.npz} of the grid."""
    folder = tmp_path_factory.mktemp("reference")
    uri = empty_store(tmp_path_factory, folder)
    assert train.main([*GRID, "executor=serial", f"tracking.uri={uri}"]) == 0
    return nets(uri)


def nets(uri):
    runs = children(uri)
    found = {whole(run): file(run, "nets.npz") for run in runs}
    assert len(found) == len(runs) == 12
    return found


@pytest.mark.parametrize("launcher", [name for name in LAUNCHERS if name != "serial"])
def test_every_launcher_comes_to_the_same_bits(uri, reference, launcher):
    assert train.main([*GRID, *LAUNCHERS[launcher]]) == 0
    assert nets(uri) == reference


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_every_size_of_tasks_comes_to_the_same_bits(uri, reference, size, monkeypatch):
    cut = stacks.cut
    monkeypatch.setattr(stacks, "cut", lambda jobs, real, **_: cut(jobs, size=size, real=real))
    assert train.main([*GRID, "executor=serial"]) == 0
    assert nets(uri) == reference


def test_a_run_alone_comes_to_the_same_bits_as_in_a_sweep(uri, reference):
    assert train.main(["dataset=moons", "lr=0.1", "model=logistic", "seeds=3", "epochs=20"]) == 0
    [run] = stored(uri)
    assert file(run, "nets.npz") == reference[whole(run)]


def test_a_sweep_over_real_data(uri):
    words = ["dataset=breast_cancer,digits", "model=logistic,mlp", "scaling=standard", "seeds=2"]
    assert train.main(["-m", *words, "lr=0.1", "epochs=3", "test_fraction=0.5"]) == 0
    runs = children(uri)
    assert len({whole(run) for run in runs}) == 4
    assert all(run.data.metrics["test/accuracy"] > 0 for run in runs)
    assert statuses(parents(uri)) == {"FINISHED": 1}


# --- under another sweeper ------------------------------------------------------------------------

OPTUNA = ["-m", "hydra/sweeper=optuna", "hydra.sweeper.sampler.seed=1", *HERE]


def test_optuna_minimizes_the_objective(uri, tmp_path, capsys):
    trials = ["hydra.sweeper.n_trials=10", "hydra.sweeper.n_jobs=2", "dataset=choice(xor,and)"]
    assert train.main([*OPTUNA, *trials, "lr=interval(0.1,20)", "objective=train/loss"]) == 0
    runs, [parent] = children(uri), parents(uri)
    best = min(runs, key=lambda run: run.data.metrics["train/loss"])
    found = OmegaConf.load(tmp_path / "cwd" / "optimization_results.yaml")
    assert found.best_value == pytest.approx(best.data.metrics["train/loss"], rel=1e-12)
    assert found.best_params.lr == float(best.data.params["lr"])
    assert found.best_params.dataset == best.data.params["dataset"] == "and"  # the easier one
    assert parent.info.status == "FINISHED" and len(account(parent)["runs"]) == len(runs) == 10
    assert "FutureWarning" not in capsys.readouterr().err


def test_a_failing_trial_ends_optunas_sweep_in_one_sentence(uri):
    """In a process of its own: what Optuna says goes to the first stream that it has seen."""
    trials = ["hydra.sweeper.n_trials=3", "hydra.sweeper.n_jobs=1", "init=normal"]
    status, said = command(uri, *OPTUNA, *trials, "init_scale=choice(1e200,2e200)")
    assert status == 1
    assert "failed: xor mlp sigmoid" in said and "Traceback" not in said
    assert statuses(children(uri)) == {"FAILED": 1}


@pytest.mark.parametrize("count", ["n_trials", "n_jobs"])
def test_an_optimizing_sweep_without_trials_or_jobs_is_refused(uri, capsys, count):
    words = [f"hydra.sweeper.{count}=0", "lr=interval(0.1,20)"]
    assert train.main([*OPTUNA, *words]) == 2
    assert capsys.readouterr().err.strip() == f"hydra.sweeper.{count} must be at least 1; got 0"
    assert parents(uri) == []


# --- for programs ---------------------------------------------------------------------------------


def test_json_is_all_of_standard_output(uri, capsys):
    assert train.main(["-m", "lr=0.1,1", *HERE, "--json"]) == 0
    out, err = capsys.readouterr()
    said = json.loads(out)
    assert "best by train/loss" in err
    assert (said["status"], said["trained"], said["nets"]) == (0, 2, 4)
    losses = [run["metrics"]["train/loss"] for run in said["runs"]]
    assert losses == sorted(losses) and {run["knobs"]["lr"] for run in said["runs"]} == {0.1, 1.0}
    assert {run["run_id"] for run in said["runs"]} == {run.info.run_id for run in children(uri)}
    assert all(f"{name}: {text}" in err for name, text in said["remarks"].items())


def test_a_single_run_and_a_mistake_are_json_too(uri, capsys):
    assert train.main(["--json", *HERE]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["run"]["knobs"]["epochs"] == 20 and "train/loss" in said["run"]["metrics"]
    assert train.main(["widht=3", "--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out) == {"status": 2} and "width" in err
