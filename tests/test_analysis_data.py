"""What the writer stored the reader reads, with its types; what is not there is an error."""

import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import configurations, stored, stores

from analysis.data import load
from analysis.values import rank, typed
from experiments.running.results import record
from experiments.schema.config import KNOBS
from experiments.schema.fields import Choice
from experiments.tracking import files, queries
from experiments.tracking.errors import Damaged, Lost, Missing, NoStore, StoreError
from experiments.tracking.places import default_uri
from experiments.tracking.record import text as as_text
from experiments.tracking.store import open_store

pytestmark = pytest.mark.errstate(under="ignore")

WIDTHS, RATES = (2, 10), (10.0, 1e-5, 0.5)


def configs(**more):
    """Six small runs on XOR and a perceptron, which has no width."""
    small = {"epochs": 20, "seeds": 3, "records": 5}
    nets = [configurations.config(width=w, lr=lr, **small, **more) for w in WIDTHS for lr in RATES]
    return [*nets, configurations.config(model="perceptron", **small)]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store with one sweep in experiment `lesson`; (uri, run ids)."""
    uri = stores.empty_store(tmp_path_factory, tmp_path_factory.mktemp("runs"))
    _, ids = stored.sweep(uri, "lesson", configs(measure=["distinct_units"], paths=True))
    return uri, ids


@pytest.fixture
def empty(tmp_path_factory, tmp_path):
    """The URI of a store of one's own."""
    return stores.empty_store(tmp_path_factory, tmp_path)


@pytest.fixture(scope="module")
def data(store):
    return load("lesson", store[0])


# --- what is read ---------------------------------------------------------------------------------


def test_runs_come_in_the_order_of_the_sweep_with_the_values_of_their_configurations(data, store):
    wanted = configs(measure=["distinct_units"], paths=True)
    assert data.runs.run_id.tolist() == store[1]
    assert data.runs.name.tolist() == [config.name() for config in wanted]
    assert data.runs.fingerprint.tolist() == [config.fingerprint() for config in wanted]
    for (_, row), config in zip(data.runs.iterrows(), wanted, strict=True):
        canonical = config.canonical()
        for knob in data.knobs:
            expected = canonical.get(knob)
            if expected is None:
                assert pd.isna(row[knob])
            else:
                assert row[knob] == (tuple(expected) if isinstance(expected, list) else expected)


def test_data_describe_themselves_in_one_line_and_in_a_small_table(data):
    assert repr(data) == f"<lesson: 7 runs, {', '.join(data.varied)} varied>"
    assert "lr" in data.varied
    shown = data._repr_html_()
    assert shown.count("<tr") == 1 + 7
    assert [f"<th>{knob}</th>" in shown for knob in data.varied] == [True] * len(data.varied)
    wild = replace(data, runs=pd.concat([data.runs] * 3).assign(model="<script>x</script>"))
    assert "<script>" not in wild._repr_html_() and "and 13 more" in wild._repr_html_()
    assert repr(replace(data, experiment="a\x1b[2J\nb")).isprintable()


def test_numbers_sort_as_numbers(data):
    assert data.values("lr") == [1e-5, 0.5, 1.0, 10.0]
    assert data.runs.lr.dtype == float
    assert data.values("width") == [2, 10]
    assert data.runs.paths.dtype == bool


def test_nets_are_what_training_returned(data, store):
    wanted = configs(measure=["distinct_units"], paths=True)
    for run_id, config in zip(store[1], wanted, strict=True):
        trained = configurations.train(config)
        nets = data.nets[data.nets.run_id == run_id]
        assert nets.seed.tolist() == [0, 1, 2]
        assert nets["train/loss"].tolist() == trained["final/train/loss"].tolist()
        assert nets.solved.tolist() == trained["final/solved"].tolist()
        assert nets.lr_used.tolist() == trained["final/lr"].tolist()
        assert (nets.lr == config.lr).all()
        assert (nets.epochs_used == 20).all()


def test_curves_are_long_and_layers_have_columns(data, store):
    run_id = store[1][0]
    curves = data.curves[data.curves.run_id == run_id]
    arrays = data.arrays(run_id)
    loss = curves.pivot(index="seed", columns="epoch", values="train/loss")
    assert np.array_equal(loss, arrays["curve/train/loss"])
    assert loss.columns.tolist() == arrays["epoch"].tolist()
    assert np.array_equal(curves["distinct_units/1"], arrays["curve/distinct_units"].ravel())
    assert (curves.width == 2).all()


def test_arrays_are_those_that_were_stored(data, store):
    trained = configurations.train(configs(measure=["distinct_units"], paths=True)[0])
    assert not configurations.differing(data.arrays(store[1][0]), trained)


def test_metrics_stand_beside_knobs(data):
    assert {"train/loss", "train/loss/low", "solved", "gradient_norm"} <= set(data.runs.columns)
    assert "lr_used" in data.runs  # the metric lr would hide the knob lr


def test_a_knob_that_a_run_does_not_have_is_missing(data):
    perceptron = data.select(model="perceptron")
    assert perceptron.runs.width.isna().all()
    assert data.select(width=None).run_id == perceptron.run_id
    assert "mistakes" in perceptron.nets
    assert data.nets.mistakes.isna().sum() == 18  # no other model counts them


def test_select_takes_values_and_lists(data):
    assert len(data.select(width=2)) == 3
    assert len(data.select(width=[2, 10], lr=[0.5, 10])) == 4
    assert len(data.select(measure=("distinct_units",))) == 6
    assert data.select(width=2).nets.width.unique().tolist() == [2]
    assert len(data) == 7


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"widht": 2}, r"no knob 'widht' .*'width'"),
        ({"width": 3}, r"width=3; there are \[2\.0, 10\.0\]"),
        ({"width": 2, "model": "perceptron"}, "all of"),
    ],
)
def test_select_says_what_there_is(data, knobs, message):
    with pytest.raises(LookupError, match=message):
        data.select(**knobs)


def test_varied_names_the_axes_of_the_sweep(data):
    assert {"lr", "width", "model"} <= set(data.varied)
    assert not {"dataset", "epochs", "seed", "seeds"} & set(data.varied)


def test_one_run_needs_no_name(data, store):
    assert data.select(width=2, lr=0.5).run_id == store[1][2]
    with pytest.raises(LookupError, match="7 runs, not one.*'lr'"):
        data.arrays()
    with pytest.raises(LookupError, match="no run 'x'"):
        data.arrays("x")


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"model": "logistic", "dataset": "spirals", "n_classes": 3, "n_samples": 30},
        {"model": "linear", "dataset": "linear", "n_samples": 20, "n_features": 3},
        {"dataset": "moons", "depth": 11, "width": 3, "n_samples": 20, "test_fraction": 0.5},
        {"dataset": "breast_cancer", "scaling": "standard", "n_samples": 50, "label_noise": 0.1},
        {"dataset": "blobs", "model": "logistic", "bias": False, "n_samples": 9},
    ],
    ids=lambda choices: "-".join(map(str, choices.values())) or "xor",
)
def test_a_net_and_its_examples_give_back_the_loss_that_was_recorded(empty, choices):
    """The function and the data are built again from what is stored; the numbers must agree."""
    config = configurations.config(**{"epochs": 3, "seeds": 2, "seed": 5} | choices)
    stored.sweep(empty, "one", [config])
    data = load("one", empty)
    for index, recorded in enumerate(data.nets["train/loss"]):
        examples = data.examples(index=index)
        outputs, Y = data.net(index=index)(examples.X), examples.Y
        if examples.problem == "regression":
            loss = 0.5 * np.mean((outputs - Y) ** 2)
        elif examples.problem == "binary":
            loss = -np.mean(Y * np.log(outputs) + (1 - Y) * np.log(1 - outputs))
        else:
            loss = -np.mean(np.log(outputs[Y == 1.0]))
        assert loss == pytest.approx(recorded)


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays: arrays.pop("weights/b2"),
        lambda arrays: arrays.pop("weights/W1"),
        lambda arrays: arrays.update({"weights/W2": arrays["weights/W2"][:, :, 0]}),
        lambda arrays: arrays.update({"weights/W1": arrays["weights/W1"][:, :, :1]}),
        lambda arrays: [arrays.pop(name) for name in list(arrays) if name[:8] == "weights/"],
    ],
)
def test_weights_that_are_not_those_of_the_model_are_damaged(empty, change):
    config = configurations.config(epochs=1, seeds=2)
    arrays = configurations.train(config)
    change(arrays)
    stored.sweep(empty, "one", [config], results=arrays)
    with pytest.raises(Damaged, match=r"weights"):
        load("one", empty).net()


def test_a_perceptron_and_its_examples_give_back_the_accuracy_that_was_recorded(empty):
    config = configurations.config(
        model="perceptron", order="seed", coding="bipolar", epochs=1, seeds=24
    )
    stored.sweep(empty, "one", [config])
    data = load("one", empty)
    for index, recorded in enumerate(data.nets["train/accuracy"]):
        examples = data.examples(index=index)
        assert np.mean(data.net(index=index)(examples.X) == examples.Y) == recorded
    assert data.nets["train/accuracy"].nunique() > 1


def test_a_record_on_the_path_is_a_net_too(data, store):
    arrays = data.arrays(store[1][0])
    last = {n.removeprefix("path/"): a[1, -1] for n, a in arrays.items() if n.startswith("path/")}
    X = np.array([[0.0, 0.0], [0.3, 1.0]])
    there = data.function(last, store[1][0])(X)
    assert np.array_equal(there, data.net(store[1][0], index=1)(X))


# --- which runs -----------------------------------------------------------------------------------


def test_the_newest_finished_sweep_is_read_with_the_runs_that_it_found_done(empty):
    first, second, third = (configurations.config(width=w, epochs=2, seeds=1) for w in (2, 3, 4))
    old, (id1, id2) = stored.sweep(empty, "lesson", [first, second], hour=1)
    _, (again, id3) = stored.sweep(empty, "lesson", [second, third], hour=2)
    stored.sweep(empty, "lesson", [first], hour=3, status="KILLED")
    assert again == id2
    assert load("lesson", empty).runs.run_id.tolist() == [id2, id3]
    assert load("lesson", empty, old).runs.run_id.tolist() == [id1, id2]
    assert sorted(load("lesson", empty, "all").runs.width) == [2, 3, 4]


def test_all_takes_the_newest_run_of_a_configuration(empty):
    config = configurations.config(epochs=2, seeds=1)
    arrays = configurations.train(config)
    with open_store(empty, "lesson") as store:
        ids = store.write_many([record(config, arrays, t, t + 1) for t in (5, 9, 7)])
        store.write(record(config, None, 20, 21, status="FAILED"))
    assert load("lesson", empty, "all").run_id == ids[1]


def test_runs_that_were_trained_one_by_one_are_read_unless_there_is_a_sweep(empty):
    first, second = (configurations.config(epochs=2, seeds=1, width=w) for w in (2, 3))
    with open_store(empty, "lesson") as store:
        alone = store.write(record(first, configurations.train(first), 1, 2))
    data = load("lesson", empty)
    assert data.run_id == alone and len(data.nets) == 1
    stored.sweep(empty, "lesson", [second], status="KILLED")
    with pytest.raises(Missing, match='no finished sweep .*sweep="all"'):
        load("lesson", empty)  # and half a sweep is not taken for a whole one
    _, [swept] = stored.sweep(empty, "lesson", [second], hour=2)
    assert load("lesson", empty).run_id == swept


def test_a_configuration_counts_once_whatever_code_has_trained_it(empty):
    config = configurations.config(epochs=2, seeds=4)
    arrays = configurations.train(config)
    long = configurations.config(
        model="linear", dataset="linear", init="given", epochs=1, seeds=1, noise=0.1,
        n_features=800, n_samples=5, start=[0.123456789] * 801,
    )  # fmt: skip
    other = replace(long, start=(*long.start[:-1], 0.5))  # differs behind the cut of its text
    with open_store(empty, "lesson") as store:
        old = record(config, arrays, 5, 6)
        new = replace(record(config, arrays, 7, 8), fingerprint="f" * 64)
        _, newest, *lists = store.write_many(
            [old, new, *(record(c, configurations.train(c), 9, 10) for c in (long, other))]
        )
    data = load("lesson", empty, "all")
    assert data.runs.run_id.tolist() == [newest, *lists]
    assert len(data.nets) == 4 + 2


def test_nets_that_several_runs_hold_count_once(empty):
    small = {"epochs": 20, "records": 5}
    runs = [
        configurations.config(seeds=seeds, seed=seed, lr=lr, **small)
        for lr in (0.1, 1.0)
        for seeds, seed in ((3, 0), (5, 0), (4, 2))  # nets 0 to 2, 0 to 4, and 2 to 5
    ]
    _, ids = stored.sweep(empty, "lesson", runs)
    data = load("lesson", empty)
    assert len(data) == 6
    for lr, (three, five, four) in ((0.1, ids[:3]), (1.0, ids[3:])):
        nets, curves = (frame[frame.lr == lr] for frame in (data.nets, data.curves))
        assert nets.seed.tolist() == [0, 1, 2, 3, 4, 5]
        assert nets.run_id.tolist() == [five] * 2 + [four] * 4
        assert len(curves) == 6 * curves.epoch.nunique()
        assert curves.groupby("seed").run_id.first().tolist() == nets.run_id.tolist()
        assert data.select(lr=lr, seeds=3).nets.run_id.tolist() == [three] * 3


def test_what_a_sweep_lacks_is_named(empty):
    config = configurations.config(epochs=2, seeds=1)
    stored.sweep(empty, "lesson", [config], failed=["xor mlp of the deep"])
    data = load("lesson", empty)
    assert data.missing == ("xor mlp of the deep",)
    assert len(data) == 1


def test_a_deleted_run_is_missing(empty):
    from mlflow import MlflowClient

    pair = [configurations.config(width=w, epochs=2, seeds=1) for w in (2, 3)]
    _, ids = stored.sweep(empty, "lesson", pair)
    MlflowClient(empty).delete_run(ids[0])
    data = load("lesson", empty)
    assert data.run_id == ids[1]
    assert data.missing == (pair[0].name(),)


def test_more_runs_than_a_page_holds(empty, monkeypatch):
    """MLflow gives 1,000 runs at once; with pages of 2 seven runs are four pages."""
    _, ids = stored.sweep(empty, "lesson", configs())
    monkeypatch.setattr(queries, "PAGE", 2)
    assert load("lesson", empty).runs.run_id.tolist() == ids
    assert set(load("lesson", empty, "all").runs.run_id) == set(ids)


def test_runs_of_several_shapes_make_one_frame(empty):
    """Regression beside classes, one diagnostic beside none, curves of different length."""
    pair = [
        configurations.config(epochs=2, seeds=2, measure=["gradient_norm_by_layer"]),
        configurations.config(
            model="linear", dataset="linear", n_samples=20, n_features=3, epochs=50, seeds=3
        ),
    ]
    stored.sweep(empty, "lesson", pair)
    data = load("lesson", empty)
    assert data.nets.solved.isna().tolist() == [False, False, True, True, True]
    assert data.nets.solved[:2].tolist() == [False, False]
    assert data.nets["train/loss"].notna().all()
    assert data.curves.groupby("run_id", observed=True).epoch.max().tolist() == [2, 50]
    assert data.curves["gradient_norm_by_layer/2"].notna().sum() == 2 * 3


def test_the_command_is_kept_without_what_belongs_to_a_machine(empty):
    config = configurations.config(epochs=2, seeds=1)
    where = f"tracking.uri={empty} executor=serial hydra.verbose=true resume=false"
    stored.sweep(empty, "a", [config], command=f"python -m experiments.train -m lr=1,2 {where}")
    stored.sweep(empty, "b", [config], command=f"python -m analysis.reproduce b --uri {empty}")
    stored.sweep(empty, "c", [config], command="python -m pytest")
    command = "python -m analysis.reproduce a b lr=1 --quick --uri=sqlite:///b?c=d"
    stored.sweep(empty, "b-quick", [config], command=command)
    assert load("a", empty).command == "scratchml train -m lr=1,2"
    assert load("b", empty).command == "scratchml lessons b"
    assert load("b-quick", empty).command == "scratchml lessons b lr=1 --quick"
    assert load("c", empty).command == "scratchml train -m experiment=c"
    assert load("a", empty, "all").command == "scratchml train -m experiment=a"


# --- what is not there ----------------------------------------------------------------------------


def test_a_store_that_is_not_there_is_not_made(tmp_path):
    path = tmp_path / "mlflow.db"
    with pytest.raises(NoStore, match=r"no store .*make it with: scratchml train -m experiment=x"):
        load("x", f"sqlite:///{path}")
    assert not path.exists()


def test_an_experiment_that_is_not_there_is_named_with_those_that_are(store):
    with pytest.raises(Missing, match=r"'xorr'; .*'lesson'.*make it with: scratchml train"):
        load("xorr", store[0])
    with pytest.raises(Missing, match="no finished sweep 0123"):
        load("lesson", store[0], sweep="0123")


def test_a_server_that_does_not_answer_is_given_up_at_once():
    with pytest.raises(StoreError, match=r"http://127\.0\.0\.1:9 does not answer"):
        load("lesson", "http://me:secret@127.0.0.1:9")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("noise", "is damaged or not a store of MLflow"),
        ("other", "is damaged or not a store of MLflow; .*no such table: experiments"),
        ("newer", "was made by a newer MLflow than the "),
    ],
)
def test_a_database_that_is_no_store_is_named(empty, tmp_path, how, said):
    path = tmp_path / "mlflow.db"
    if how == "noise":
        path.write_bytes(b"no database" * 1000)
    else:
        with closing(sqlite3.connect(path)) as database, database:
            database.execute(
                "UPDATE alembic_version SET version_num = 'ffff'"
                if how == "newer"
                else "DROP TABLE experiments"
            )
    before = path.read_bytes()
    with pytest.raises(StoreError, match=rf"mlflow\.db {said}"):
        load("lesson", empty)
    assert path.read_bytes() == before


def test_the_store_of_the_environment_is_the_default(store, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store[0])
    assert len(load("lesson")) == 7
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    root = Path(__file__).resolve().parents[1]
    assert default_uri() == f"sqlite:///{root / 'mlflow.db'}"


def test_reading_says_nothing_and_leaves_nothing(store, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    data = load("lesson", store[0])
    assert len(data.nets) == 21
    assert capfd.readouterr() == ("", "")
    assert os.listdir(tmp_path) == []


# --- a store that cannot be trusted ---------------------------------------------------------------


def artifact(uri, run_id, name="nets.npz"):
    from mlflow import MlflowClient

    folder = MlflowClient(uri).get_run(run_id).info.artifact_uri.removeprefix("file://")
    return Path(folder, name)


def test_lost_arrays_are_an_error_that_names_the_run(empty):
    _, (run_id,) = stored.sweep(empty, "lesson", [configurations.config(epochs=2, seeds=1)])
    artifact(empty, run_id).unlink()
    data = load("lesson", empty)
    with pytest.raises(Lost, match=f"{run_id}.*lost its nets.npz"):
        _ = data.nets


@pytest.mark.parametrize("how", ["cut", "noise", "pickle", "huge", "npy"])
def test_damaged_arrays_are_an_error_that_names_the_run(empty, how):
    _, (run_id,) = stored.sweep(empty, "lesson", [configurations.config(epochs=2, seeds=1)])
    path = artifact(empty, run_id)
    whole = path.read_bytes()
    if how == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif how == "noise":
        path.write_bytes(whole.replace(b"NUMPY", b"DUMPY"))
    elif how == "pickle":
        np.savez(path, seed=np.array([print], dtype=object))
    elif how == "npy":
        with path.open("wb") as file:
            np.save(file, np.ones(3))
    else:  # a header that asks for an exabyte
        path.write_bytes(whole.replace(b"'shape': (1,)", b"'shape': (1" + b"0" * 18 + b",)"))
    data = load("lesson", empty)
    with pytest.raises(Damaged, match=f"{run_id} .*is damaged"):
        data.arrays(run_id)


def test_a_link_out_of_the_store_is_not_followed(empty, tmp_path):
    _, (run_id,) = stored.sweep(empty, "lesson", [configurations.config(epochs=2, seeds=1)])
    path = artifact(empty, run_id)
    shutil.move(path, tmp_path / "elsewhere.npz")
    path.symlink_to(tmp_path / "elsewhere.npz")
    data = load("lesson", empty)
    with pytest.raises(Damaged, match="leads out of its folder"):
        _ = data.nets


@pytest.mark.parametrize("run_id", ["x' OR '1'='1", "../../etc", 7, "a" * 65])
def test_a_run_id_that_is_none_goes_into_no_query(empty, run_id):
    parent, _ = stored.sweep(empty, "lesson", [configurations.config(epochs=2, seeds=1)])
    listed = {"command": "python", "runs": [{"run_id": run_id, "name": "x"}]}
    artifact(empty, parent, "sweep.json").write_text(json.dumps(listed))
    with pytest.raises(Damaged, match="not a run id"):
        load("lesson", empty)


def test_downloaded_arrays_are_those_that_are_read_in_place(store, monkeypatch):
    """Where artifacts are not files of this machine they come through MLflow's client."""
    here = load("lesson", store[0])
    monkeypatch.setattr(files, "local_folder", lambda uri: None)
    there = load("lesson", store[0])
    pd.testing.assert_frame_equal(here.nets, there.nets)
    pd.testing.assert_frame_equal(here.curves, there.curves)
    found = there._arrays.reader.files
    folder = Path(found.downloads)
    assert len(found.paths) == 1 + len(there)
    assert all(path.is_relative_to(folder) for path in found.paths.values())
    del there, found
    assert not folder.exists()


# --- types ----------------------------------------------------------------------------------------

VALUES = st.one_of(
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["a"]))),
)


@given(VALUES)
def test_a_value_comes_back_as_it_was_written(value):
    back = typed(as_text(value))
    assert back == (tuple(value) if isinstance(value, list) else value)
    assert type(back) is (tuple if isinstance(value, list) else type(value))


def test_every_word_of_every_knob_stays_a_word():
    words = [w for kind in KNOBS.values() if isinstance(kind, Choice) for w in kind.options]
    assert [typed(word) for word in words] == words


@pytest.mark.parametrize(
    "text", ["01", "nan", "NaN", "Infinity", "-inf", "null", "", "1e999", "9" * 5000, '"a"', "{}",
             "[" * 5000, "[1, 2", "1_000"]
)  # fmt: skip
def test_what_is_no_value_stays_a_text(text):
    assert typed(text) == text
    assert isinstance(typed(text), str)


def test_columns_of_mixed_values_can_be_sorted():
    values = [True, "b", (1, "x"), 10.0, 2, "a", ()]
    assert sorted(values, key=rank) == [True, 2, 10.0, (), (1, "x"), "a", "b"]
