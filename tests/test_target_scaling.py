"""Targets of a regression are scaled for training alone: what is told has their own units."""

import numpy as np
import pandas as pd
import pytest
from mlflow import pyfunc
from sklearn.metrics import root_mean_squared_error
from support import stored
from support.configurations import config, differing, train
from support.stores import empty_store
from support.tolerances import ANOTHER_WAY, PARITY, ROUNDING

from analysis.data import load
from analysis.resampling import Bank
from experiments import export
from experiments import train as command
from experiments.schema import sources
from experiments.tracking.layout import UNITS
from experiments.tracking.reader import Reader
from scratchml.evaluation import rmse
from scratchml.sampling import sample
from scratchml.scaling import rescaled
from scratchml.training import DATA, stream

pytestmark = pytest.mark.errstate(under="ignore")

LINE = {"dataset": "linear", "n_samples": 30, "test_fraction": 0.25, "epochs": 20, "seeds": 2}


def data(seed=0, **knobs):
    return sample(config(**LINE | knobs).knobs(), stream(seed, DATA), seed)


def test_the_training_targets_have_mean_0_and_deviation_1():
    plain, scaled = data(), data(target_scaling="standard")
    np.testing.assert_allclose([scaled.Y.mean(), scaled.Y.std()], [0.0, 1.0], atol=ROUNDING)
    assert scaled.units.tolist() == [[plain.Y.mean()], [plain.Y.std()]]
    for one, other in ((plain.Y, scaled.Y), (plain.Y_test, scaled.Y_test)):
        np.testing.assert_allclose(rescaled(other, scaled.units), one, rtol=ANOTHER_WAY)
    assert np.array_equal(plain.X, scaled.X) and plain.units is None


def test_the_rmse_is_that_of_scikit_learn_in_the_targets_own_units():
    rng = np.random.default_rng(0)
    Y, A = rng.standard_normal((2, 20, 3)) * [1.0, 10.0, 100.0]
    std = np.array([0.5, 10.0, 99.0])
    assert rmse((A / std)[None], Y / std, std[None])[0] == pytest.approx(
        root_mean_squared_error(Y, A), rel=PARITY
    )


def test_nets_of_both_kinds_are_trained_together_each_with_its_own_bits():
    one, other = config(**LINE), config(**LINE, target_scaling="standard")
    together = train(one, other)
    assert not differing(together[0], train(one)) and not differing(together[1], train(other))


def test_another_unit_of_the_targets_changes_no_loss_and_the_rmse_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.standard_normal((40, 2)), columns=["u", "v"])
    table["y"] = table.u - 2 * table.v + 0.1 * rng.standard_normal(40)
    found = []
    for unit in (1.0, 1024.0):  # a power of two rounds nothing
        path = f"{unit:.0f}.csv"
        table.assign(y=table.y * unit + 0.0).to_csv(path, index=False)
        found.append(train(config(dataset="file", path=path, target=["y"], lr=0.1, seeds=2,
                                  epochs=50, target_scaling="standard")))  # fmt: skip
    metres, others = found
    np.testing.assert_allclose(others["curve/test/loss"], metres["curve/test/loss"], rtol=1e-6)
    np.testing.assert_allclose(others["curve/test/rmse"], 1024 * metres["curve/test/rmse"],
                               rtol=1e-6)  # fmt: skip


def test_a_run_from_before_the_knob_is_the_same_run():
    plain = config(**LINE)
    assert "target_scaling" not in plain.canonical()
    assert plain.fingerprint() == config(**LINE, target_scaling="none").fingerprint()
    assert plain.fingerprint() != config(**LINE, target_scaling="standard").fingerprint()


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    return empty_store(tmp_path_factory, tmp_path_factory.mktemp("scaled"))


def test_examples_nets_and_exported_nets_have_the_units_of_the_file(uri, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.standard_normal((60, 2)), columns=["u", "v"])
    table["a"] = 1e5 + 3000 * (table.u - table.v)
    table["b"] = 0.01 * table.v
    table.to_csv("t.csv", index=False)
    words = ["-m", "dataset=file", "path=t.csv", "target=[a,b]", "width=4", "activation=tanh",
             "seeds=2", "epochs=2000", "lr=0.1", "target_scaling=standard", "executor=serial",
             "experiment=units", "--uri", uri]  # fmt: skip
    assert command.main(words) == 0
    found = load("units", uri)
    for index in (0, 1):
        data, net, arrays = found.examples(index=index), found.net(index=index), found.arrays()
        stacked = np.concatenate([data.Y, data.Y_test])
        rows = {tuple(row) for row in table[["a", "b"]].to_numpy()}
        assert {tuple(row) for row in stacked} == rows  # to the bit
        error = root_mean_squared_error(data.Y_test, net(data.X_test))
        assert arrays["final/test/rmse"][index] == pytest.approx(error, rel=ANOTHER_WAY)
        assert arrays["final/test/loss"][index] < 0.2
    drawn = Bank(found).data_of(lambda first, count: np.array([1, 0]))
    X = found.examples().X_test
    np.testing.assert_array_equal(drawn.net()(X), found.net(index=1)(X))
    assert export.main([found.run_id, "--seed", "1", "--to", "model", "--uri", uri]) == 0
    answer = pyfunc.load_model("model").predict(table)
    np.testing.assert_allclose(answer, found_again(found, table), rtol=PARITY)


def found_again(found, table):
    """What the net of seed 1 says of a table, whose inputs are scaled as the net learned them."""
    knobs = found._knobs(found.run_id) | {"scaling": "none"}
    raw = sample(knobs, stream(1, DATA), 1, sources.load(knobs))
    X = (table[["u", "v"]].to_numpy() - raw.X.mean(axis=0)) / raw.X.std(axis=0)
    return found.net(index=1)(X)


def test_a_run_says_in_which_units_its_losses_are(uri):
    jobs = [config(**LINE), config(**LINE, target_scaling="standard")]
    stored.sweep(uri, "tags", jobs)
    runs = Reader(uri).sweep("tags", None).runs
    tags = {run.params.get("target_scaling"): run.tags.get(UNITS) for run in runs}
    assert tags[None] is None and "variances of the training targets" in tags["standard"]
