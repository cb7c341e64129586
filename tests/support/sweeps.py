"""Sweeps as a user launches them, and what a store holds afterwards."""

import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import yaml
from support import configurations, preloaded

from experiments.running import sweep
from experiments.running.ledger import Ledger
from experiments.running.session import Session

ROOT = Path(__file__).resolve().parents[2]
TRAIN = ["-m", "experiments.train"]
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast; a test reads hundreds


def launch(uri, *choices, ledger=None, session=None, experiment="scratchml", **common):
    """Launches, in this process, one job for each of `choices`; returns its Outcomes.

    Args:
        ledger: of the sweep that the launch belongs to; by default a new one.
        session: whose workers train; by default one that ends with the launch.
    """
    settings = {"tracking": {"uri": uri}, "experiment": experiment, "seeds": 2, "epochs": 20}
    common = {"executor": "serial"} | settings | common
    configs = [
        each if isinstance(each, Exception) else configurations.composed(**common | each)
        for each in choices
    ]
    overrides = [
        ["lrr=1"] if isinstance(each, Exception) else [f"{k}={v}" for k, v in each.items()]
        for each in choices
    ]
    with nullcontext(session) if session else Session() as workers:
        return sweep.launch(configs, overrides, ledger or Ledger(), workers)


def start(uri, *arguments, cwd=None, **streams):
    """Starts a command in a session of its own, with that store.

    Where it is given streams of its own, nothing is imported before it starts.
    """
    env = {**os.environ, "MLFLOW_TRACKING_URI": uri, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    if not streams:
        return preloaded.Process([*TRAIN, *arguments], cwd or Path.cwd(), env, together=True)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True} | streams
    command = [sys.executable, *TRAIN, *arguments]
    return subprocess.Popen(command, env=env, cwd=cwd, start_new_session=True, **pipes)


def finish(process, seconds=120):
    """(exit status, all that it said) of a command, which is killed if it takes too long."""
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
        raise AssertionError(f"still running after {seconds} s, having said: {said}") from None
    return process.returncode, said


def command(uri, *arguments, **more):
    """Runs a command to its end: (exit status, all that it said)."""
    return finish(start(uri, *arguments, **more))


def stored(uri, experiment="scratchml"):
    """All runs of an experiment, as MLflow's client has them, oldest first."""
    from mlflow import MlflowClient

    client = MlflowClient(uri)
    found = client.get_experiment_by_name(experiment)
    if found is None:
        return []
    return list(client.search_runs([found.experiment_id], order_by=["start_time"]))


def children(uri, experiment="scratchml"):
    return [run for run in stored(uri, experiment) if run.data.tags["scratchml.kind"] == "run"]


def parents(uri, experiment="scratchml"):
    return [run for run in stored(uri, experiment) if run.data.tags["scratchml.kind"] == "sweep"]


def file(run, name):
    """The bytes of one of a run's files."""
    return (Path(urlsplit(run.info.artifact_uri).path) / name).read_bytes()


def account(parent):
    """What a parent run says about its sweep."""
    return json.loads(file(parent, "sweep.json"))


def statuses(runs):
    return Counter(run.info.status for run in runs)


def whole(run):
    """Asserts that nothing is missing of a run that is FINISHED; returns its fingerprint."""
    assert run.info.status == "FINISHED", run.info
    knobs = yaml.load(file(run, "config.yaml"), LOADER)
    assert run.data.params.keys() == knobs.keys()
    with np.load(Path(urlsplit(run.info.artifact_uri).path) / "nets.npz") as nets:
        assert len(nets["seed"]) == knobs["seeds"] and nets["epoch"][-1] == knobs["epochs"]
        median = np.median(nets["final/train/loss"])
    assert np.isclose(run.data.metrics["train/loss"], median, rtol=1e-12)
    assert len(file(run, "nets.csv").splitlines()) == 1 + knobs["seeds"]
    [dataset] = run.inputs.dataset_inputs
    assert dataset.dataset.name == knobs["dataset"]
    return run.data.tags["scratchml.fingerprint"]
