"""A net that is carried away answers as it did here, to the bit, and needs nothing of us there."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient, pyfunc
from support import configurations, stored
from support.stores import empty_store

from experiments import export
from experiments.exporting import choice
from experiments.running import stacks
from experiments.running.results import failure, record
from experiments.schema import sizes, sources
from experiments.schema.config import Config
from experiments.tracking import meant
from experiments.tracking import model as logging_of_models
from experiments.tracking import reader as module
from experiments.tracking import record as records
from experiments.tracking.client import import_mlflow
from experiments.tracking.heartbeat import process_name
from experiments.tracking.layout import KIND, PROCESS
from experiments.tracking.locations import local_folder
from experiments.tracking.store import open_store
from scratchml import portable, sampling
from scratchml.losses import LOSSES, OUTPUTS
from scratchml.scaling import rescaled
from scratchml.training import DATA, stream

pytestmark = pytest.mark.errstate(under="ignore")

# One of each model and kind of output, with and without scaling, small and large products.
NETS = {
    "perceptron": {"model": "perceptron", "dataset": "blobs", "scaling": "centred"},
    "logistic": {"model": "logistic", "dataset": "moons", "scaling": "standard"},
    "softmax": {"model": "logistic", "dataset": "rings", "n_classes": 3, "bias": False},
    "linear": {"model": "linear", "dataset": "linear", "n_features": 3, "scaling": "standard"},
    "small mlp": {"model": "mlp", "noise": 0.1, "activation": "tanh", "scaling": "standard"},
    "mlp": {"model": "mlp", "dataset": "moons", "width": 16, "depth": 2, "activation": "relu",
            "scaling": "standard", "test_fraction": 0.5},
    "scaled targets": {"model": "mlp", "dataset": "diabetes", "scaling": "standard", "width": 3,
                       "target_scaling": "standard", "n_samples": 50},
    "labels": {"model": "logistic", "dataset": "encoder", "inputs": 3, "noise": 0.1},
    "labels of an mlp": {"model": "mlp", "dataset": "encoder", "scaling": "standard"},
    "softmax mlp": {"model": "mlp", "dataset": "spirals", "n_classes": 3, "width": 8,
                    "batch_size": 10},
    "mlp of numbers": {"model": "mlp", "dataset": "chebyshev", "width": 4, "activation": "tanh"},
    "real data": {"model": "logistic", "dataset": "breast_cancer", "scaling": "standard",
                  "n_samples": 50},
    "scikit-learn's": {"model": "sklearn_logistic", "dataset": "moons", "scaling": "standard"},
}  # fmt: skip


def configuration(name):
    usual = {"seeds": 3, "epochs": 30, "lr": 0.1}
    if NETS[name]["model"].startswith("sklearn"):  # which has no epochs
        usual = {"seeds": 3}
    return configurations.config(**usual | NETS[name])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """(URI of a store, {name: (config, arrays, run id)})."""
    uri = empty_store(tmp_path_factory, tmp_path_factory.mktemp("export"))
    configs = {name: configuration(name) for name in NETS}
    results = {name: configurations.train(config) for name, config in configs.items()}
    _, ids = stored.sweep(uri, "scratchml", configs.values(), results=list(results.values()))
    return uri, {
        name: (config, results[name], run_id)
        for (name, config), run_id in zip(configs.items(), ids, strict=True)
    }


@pytest.fixture(autouse=True)
def where(trained, monkeypatch):
    """The store, for our commands and for MLflow's own functions."""
    uri, _ = trained
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setattr(sys, "path", sys.path)  # MLflow puts a model's code there
    import_mlflow().set_tracking_uri(uri)
    yield uri
    import_mlflow().set_tracking_uri(None)


def exported(capsys, *words):
    """What the command calls the model that it makes."""
    assert export.main([*map(str, words)]) == 0
    return capsys.readouterr().out.splitlines()[-2].split()[2].rstrip(",")


def refusal(capsys, *words):
    """(exit status, what it says) of a command that is refused."""
    status = export.main([*map(str, words)])
    out, err = capsys.readouterr()
    assert out == "" and "Traceback" not in err
    return status, err.strip()


@pytest.mark.parametrize("name", NETS)
def test_it_answers_as_the_net_that_was_trained_to_the_bit(trained, capsys, name):
    config, arrays, run_id = trained[1][name]
    uri = exported(capsys, run_id, "--seed", 1)
    model = pyfunc.load_model(uri)
    real = sources.load(config.knobs())
    part = stacks.Part(0, config, 1, 1)
    trainer = stacks.trainer(stacks.Task((part,), {stacks.data_of(config): real} if real else {}))
    X, Y = (A if A.ndim == 2 else A[0] for A in trainer.data[1:3])  # as the net saw them
    weights = {n[8:]: a[1:2] for n, a in arrays.items() if n.startswith("weights/")}
    Z, _ = trainer.model.forward(weights, X)
    knobs = config.knobs() | {"scaling": "none"}
    raw = sampling.sample(knobs, stream(1, DATA), 1, real)
    answer = model.predict(np.array(raw.X))
    assert answer.dtype == float
    assert np.array_equal(answer, rescaled(OUTPUTS[trainer.model.output](Z)[0], raw.units))
    # And these are the outputs whose loss the store has.
    loss = LOSSES[trainer.model.output, config.loss].value(Z, Y[None])
    assert loss == arrays["final/train/loss"][1]


def test_each_answer_means_what_the_signature_says(trained, capsys):
    meant = {"logistic": "probability of class 1", "softmax": "probability of each class",
             "linear": "value", "perceptron": "class"}  # fmt: skip
    for name, meaning in meant.items():
        config, _, run_id = trained[1][name]
        uri = exported(capsys, run_id)
        model = pyfunc.load_model(uri)
        [output] = model.metadata.signature.outputs.inputs
        assert output.name == meaning
        X = model.input_example
        n, inputs, outputs = sizes.shape(config)
        answer = model.predict(X)
        assert X.shape == (min(n, 5), inputs) and answer.shape == (len(X), outputs)
        if name == "softmax":
            assert np.allclose(answer.sum(axis=1), 1.0, rtol=1e-15)
        if name == "perceptron":
            assert set(np.unique(answer)) <= {0.0, 1.0}


def test_inputs_of_another_shape_are_refused(trained, capsys):
    uri = exported(capsys, trained[1]["linear"][2])
    model = pyfunc.load_model(uri)
    for X in (np.zeros((2, 4)), np.zeros(3), np.zeros((1, 2, 3)), []):
        with pytest.raises(ValueError, match=r"inputs must be of shape \(N, 3\); got"):
            model.predict(X)
    with pytest.raises(ValueError, match="could not convert"):
        model.predict([["a", "b", "c"]])


def test_inputs_may_be_numbers_of_any_kind(trained, capsys):
    uri = exported(capsys, trained[1]["linear"][2])
    model = pyfunc.load_model(uri)
    X = np.array([[0, 1, -2], [3, 0, 1]])
    expected = model.predict(X.astype(float))
    for same in (X, X.astype("int8"), X.astype("float32"), X.tolist(), pd.DataFrame(X)):
        assert np.array_equal(model.predict(same), expected)


def test_mlflow_serves_it_from_the_command_line_and_elsewhere(trained, capsys, tmp_path):
    config, _, run_id = trained[1]["small mlp"]
    assert export.main([run_id, "--seed", "2", "--to", str(tmp_path / "model")]) == 0
    said = capsys.readouterr().out
    assert "seed 2" in said
    assert f"mlflow models predict --env-manager local -m {tmp_path / 'model'} -i" in said
    X = np.random.default_rng(0).normal(size=(4, 2))
    asked = portable.load(tmp_path / "model" / "data" / "net").predict(X)
    X[0] = 0, 1
    asked[0] = portable.load(tmp_path / "model" / "data" / "net").predict(X[:1])[0]
    rows = [[0, 1], *X[1:].tolist()]  # integers, too
    (tmp_path / "inputs.json").write_text(json.dumps({"inputs": rows}))
    command = [sys.executable, "-m", "mlflow", "models", "predict", "--env-manager", "local"]
    command += ["-m", "model", "-i", "inputs.json", "-o", "outputs.json"]
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_TRACKING_URI": "sqlite:///none.db"}
    subprocess.run(command, cwd=tmp_path, env=os.environ | quiet, check=True, timeout=120)
    answer = json.loads((tmp_path / "outputs.json").read_text())["predictions"]
    assert np.array_equal(answer, asked)


def test_it_brings_its_code_and_asks_for_numpy_and_mlflow_only(trained, tmp_path, capsys):
    run_id = trained[1]["mlp"][2]
    export.main([run_id, "--to", str(tmp_path / "model")])
    needed = (tmp_path / "model" / "requirements.txt").read_text().split()
    assert needed == [f"{name}=={metadata.version(name)}" for name in ("numpy", "mlflow")]
    files = {path.name for path in (tmp_path / "model").rglob("*") if path.is_file()}
    assert not [name for name in files if name.endswith((".pkl", ".pickle", ".pyc"))]
    # A Python that has nothing but NumPy: no site-packages of ours, no project on its path.
    site = tmp_path / "site"
    for package in ("numpy", "numpy.libs"):
        found = Path(np.__file__).parents[1] / package
        if found.exists():
            site.mkdir(exist_ok=True)
            (site / package).symlink_to(found)
    code = f"""
import sys
sys.path += [{str(site)!r}, {str(tmp_path / "model" / "code")!r}]
import scratchml.portable
net = scratchml.portable.load({str(tmp_path / "model" / "data" / "net")!r})
print(net.predict([[0.5, -1.0]]).tolist())
"""
    run = [sys.executable, "-I", "-S", "-c", code]
    said = subprocess.run(run, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    here = portable.load(tmp_path / "model" / "data" / "net").predict([[0.5, -1.0]])
    assert json.loads(said) == here.tolist()


def test_exporting_imports_neither_hydra_nor_scikit_learn(trained, where, tmp_path):
    run_id = trained[1]["mlp"][2]
    code = f"""
import sys
from experiments import export
assert export.main([{run_id!r}, "--to", {str(tmp_path / "model")!r}]) == 0
print(sorted({{"hydra", "omegaconf", "sklearn", "analysis", "matplotlib"}} & set(sys.modules)))
"""
    run = [sys.executable, "-c", code]
    said = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    assert said.splitlines()[-1] == "[]"


def test_it_takes_less_than_a_second_beyond_imports(trained, capsys, tmp_path):
    run_id = trained[1]["mlp"][2]
    times = []
    for number in range(3):
        began = time.process_time()
        assert export.main([run_id, "--to", str(tmp_path / str(number))]) == 0
        times.append(time.process_time() - began)
    assert min(times) < 0.5


def test_a_model_is_logged_to_the_run_it_came_from(trained, where, capsys):
    run_id = trained[1]["logistic"][2]
    uri = exported(capsys, run_id, "--seed", 0)
    client = MlflowClient(where)
    model = client.get_logged_model(uri.removeprefix("models:/"))
    run = client.get_run(run_id)
    assert model.status == "READY" and model.name == "seed-0" and model.source_run_id == run_id
    assert model.params == run.data.params
    assert model.model_id in [output.model_id for output in run.outputs.model_outputs]
    X = np.zeros((1, 2))
    here, there = (pyfunc.load_model(each) for each in (uri, f"runs:/{run_id}/seed-0"))
    assert here.predict(X) == there.predict(X)
    assert here.metadata.metadata["seed"] == 0 and here.metadata.run_id == run_id
    # What was stored of the run is as it was.
    assert run.info.status == "FINISHED" and run.data.metrics["train/loss"] > 0


DEAD = f"{socket.gethostname()}:{2**31 - 1}:0"  # a process that there cannot be


def test_a_model_whose_writer_was_killed_is_removed_by_the_next_export(trained, where, monkeypatch):
    client = MlflowClient(where)
    run = client.get_run(trained[1]["logistic"][2])
    root = local_folder(run.info.artifact_uri).parents[1] / "models"
    with monkeypatch.context() as killed:  # its files are there, and it was never finished
        killed.setattr(logging_of_models, "process_name", lambda: DEAD)
        killed.setattr(MlflowClient, "finalize_logged_model", lambda *_: None)
        half_made = export_to_mlflow(run)
    assert client.get_logged_model(half_made).status == "PENDING" and (root / half_made).is_dir()
    alive = client.create_logged_model(run.info.experiment_id, tags={PROCESS: process_name()})
    whole = export_to_mlflow(run)
    there = {model.model_id for model in client.search_logged_models([run.info.experiment_id])}
    assert half_made not in there and {alive.model_id, whole} <= there
    assert not (root / half_made).exists() and (root / whole).is_dir()


def export_to_mlflow(run):
    """Exports a run's best net; returns the id of the model."""
    before = {model.model_id for model in models(run)}
    assert export.main([run.info.run_id]) == 0
    [new] = {model.model_id for model in models(run)} - before
    return new


def models(run):
    return MlflowClient().search_logged_models([run.info.experiment_id])


def test_a_half_made_model_takes_no_folder_with_it_that_is_not_its_own(trained, where, tmp_path):
    client = MlflowClient(where)
    run = client.get_run(trained[1]["logistic"][2])
    logged = client.create_logged_model(run.info.experiment_id, tags={PROCESS: DEAD})
    folder = tmp_path / "models" / logged.model_id / "artifacts"
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(where.removeprefix("sqlite:///"))) as connected, connected:
        location = "UPDATE logged_models SET artifact_location = ? WHERE model_id = ?"
        connected.execute(location, [str(folder), logged.model_id])
    logging_of_models.remove_half_made(client, run)
    assert folder.is_dir() and logged.model_id not in {model.model_id for model in models(run)}


# --- which net ------------------------------------------------------------------------------------


def arrays(**ends):
    wanted = {"diverged": [False] * 3, "train/loss": [0.3, 0.1, 0.1]} | ends
    return {"seed": np.arange(3)} | {f"final/{k}": np.array(v) for k, v in wanted.items()}


@pytest.mark.parametrize(
    ("ends", "best"),
    [
        ({}, 1),
        ({"train/accuracy": [1.0, 0.5, 0.75]}, 0),
        ({"train/accuracy": [0.5, 0.75, 0.75]}, 1),
        ({"diverged": [False, True, False]}, 2),
        ({"diverged": [False, True, True], "train/accuracy": [0.0, 1.0, 1.0]}, 0),
        ({"test/loss": [0.0, 1.0, 1.0], "test/accuracy": [1.0, 0.0, 0.0]}, 1),
    ],
    ids=str,
)
def test_the_best_net_is_decided_on_the_training_data(ends, best):
    assert choice.best(arrays(**ends)) == best


def test_a_run_is_found_by_its_id_the_beginning_of_it_or_its_name(trained, where):
    config, _, run_id = trained[1]["mlp"]
    reader = module.Reader(where)
    for wanted in (run_id, run_id[:20], config.name()):
        found = reader.run(wanted)
        assert (found.id, reader.config(found, Config.from_stored)) == (run_id, config)
        assert reader.run(wanted, "scratchml").id == run_id


# --- what is refused ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def troubled(tmp_path_factory):
    """A store with runs that cannot be exported: {why: run id}, and its sweep."""
    uri = empty_store(tmp_path_factory, tmp_path_factory.mktemp("troubled"))
    config = configurations.config(seeds=2, epochs=3)
    fine = configurations.train(config)
    kinds = {}
    with open_store(uri) as store:
        kinds["sweep"] = store.write(records.RunRecord("a sweep", tags={KIND: "sweep"}))
        kinds["other"] = store.write(records.RunRecord("not ours"))
        kinds["FAILED"] = store.write(failure(config, ValueError("no")))
        kinds["KILLED"] = store.write(record(config, fine, status="KILLED"))
        all_bad = fine | {"final/diverged": np.array([True, True])}
        one_bad = fine | {"final/diverged": np.array([False, True])}
        kinds["diverged"] = store.write(record(config, all_bad))
        kinds["one"] = store.write(record(config, one_bad))
        kinds["lost"] = store.write(record(config, fine))
        other = configurations.config(seeds=2, epochs=3, scaling="standard", noise=0.1)
        changed = configurations.train(other) | {"digest": np.zeros((2, 32), dtype=np.uint8)}
        kinds["changed"] = store.write(record(other, changed))
    run = MlflowClient(uri).get_run(kinds["lost"])
    shutil.rmtree(local_folder(run.info.artifact_uri))
    return uri, kinds, config


def test_a_run_without_nets_is_refused_with_the_reason(troubled, capsys, tmp_path):
    uri, ids, config = troubled
    to = tmp_path / "model"
    said = {
        "sweep": "is a sweep; name one of its runs",
        "other": "was not made by `scratchml train`, so that it has no nets",
        "FAILED": "is FAILED; only a run that is FINISHED has nets",
        "KILLED": "is KILLED; only a run that is FINISHED has nets",
        "diverged": "all nets of run {} have diverged",
        "lost": "has lost its config.yaml; delete it and train it again",
        "changed": "do not come out as they did when run {} was trained",
    }
    for kind, words in said.items():
        status, complaint = refusal(capsys, ids[kind], "--uri", uri, "--to", to)
        assert status == 2 and words.format(ids[kind]) in complaint and ids[kind] in complaint
        assert len(complaint.splitlines()) == 1
        assert not to.exists()
    status, complaint = refusal(capsys, ids["one"], "--uri", uri, "--seed", 1)
    assert (status, complaint) == (2, "the net of seed 1 has diverged; choose another")
    status, complaint = refusal(capsys, config.name(), "--uri", uri)
    assert status == 2 and "means several runs; name one by its id: " in complaint
    assert MlflowClient(uri).search_logged_models(["0", "1"]) == []


@pytest.mark.parametrize("edit", [np.square, lambda x: x + 1.0], ids=["squared", "shifted"])
def test_a_file_of_data_that_has_changed_is_named(
    tmp_path_factory, tmp_path, capsys, monkeypatch, edit
):
    """Scaled examples of a column that has been shifted are those of training."""
    monkeypatch.chdir(tmp_path)
    table = pd.DataFrame({"x": np.arange(12.0), "y": [0, 1] * 6})
    table.to_csv("t.csv", index=False)
    config = configurations.config(
        dataset="file", path="t.csv", target=["y"], scaling="standard", seeds=2, epochs=3
    )
    uri = empty_store(tmp_path_factory, tmp_path)
    with open_store(uri) as store:
        run_id = store.write(record(config, configurations.train(config)))
    table.assign(x=edit(table.x)).to_csv("t.csv", index=False)
    status, complaint = refusal(capsys, run_id, "--uri", uri, "--to", tmp_path / "model")
    assert status == 2 and complaint.startswith(f"t.csv has changed since run {run_id} was trained")


def test_what_is_not_there_is_refused(trained, where, capsys, tmp_path):
    run_id = trained[1]["logistic"][2]
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    empty = tmp_path / "empty.db"
    empty.touch()
    for words, status, said in [
        (["nothing"], 2, "has the id or the name 'nothing'"),
        (["f" * 32], 2, f"has the id or the name '{'f' * 32}'"),
        ([run_id, "--experiment", "other"], 2, "has no experiment 'other'"),
        ([run_id, "--seed", 3], 2, "--seed must be one of the run's, 0 to 2; got 3"),
        ([run_id, "--to", tmp_path / "full"], 2, "--to must be a new folder; got"),
        (["x'\""], 2, """has the id or the name 'x\\'"'"""),
        ([run_id, "--uri", f"sqlite:///{tmp_path}/no.db"], 3, "there is no store at"),
        ([run_id, "--uri", f"sqlite:///{empty}"], 3, "is not a store of MLflow"),
        ([run_id, "--uri", "mlruns"], 3, "the URI of a store must start with one of ['sqlite', "),
        ([run_id, "--uri", "http://127.0.0.1:9"], 3, "http://127.0.0.1:9 does not answer"),
    ]:
        got, complaint = refusal(capsys, *words)
        assert (got, len(complaint.splitlines())) == (status, 1) and said in complaint, complaint
    assert not (tmp_path / "no.db").exists() and empty.stat().st_size == 0


def test_an_id_that_begins_several_runs_is_refused(trained, where, capsys, monkeypatch):
    monkeypatch.setattr(meant, "MAX_SHOWN", 2)
    with open_store(where, "many") as store:
        ids = store.write_many([records.RunRecord(str(i)) for i in range(40)])
    [(first, _)] = Counter(run_id[0] for run_id in ids).most_common(1)  # of 16, so 3 at least
    status, complaint = refusal(capsys, first, "--experiment", "many")
    assert status == 2 and complaint.endswith(", ...") and complaint.count(first) >= 3


# --- a net's own files ----------------------------------------------------------------------------


@pytest.fixture
def net(tmp_path):
    """The folder of a small net."""
    config = configurations.config(epochs=0, seeds=1)
    trained = configurations.train(config)
    weights = {n[8:]: a[0] for n, a in trained.items() if n.startswith("weights/")}
    example = sampling.sample(config.knobs(), stream(0, DATA))
    folder = tmp_path / "net"
    portable.save(folder, config.knobs(), example, weights, np.zeros(2), np.ones(2))
    return folder


def test_a_nets_files_that_do_not_belong_together_are_refused(net):
    with np.load(net / "net.npz") as file:
        arrays = dict(file)
    assert portable.load(net).predict(np.zeros((1, 2))).shape == (1, 1)
    for change in (
        {"W1": arrays["W1"].T[:1]},
        {"W9": arrays["W1"]},
        {"W1": arrays["W1"].astype("float32")},
        {"W1": np.full_like(arrays["W1"], np.nan)},
        {"mean": np.zeros(3)},
        {"W1": np.array([[None, None], [None, None]])},
    ):
        np.savez(net / "net.npz", **arrays | change)
        with pytest.raises(ValueError, match="must be|allow_pickle"):
            portable.load(net)
