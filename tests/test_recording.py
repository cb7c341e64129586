"""Checkpoints and points come when they should, and points and final values are what they say."""

import numpy as np
import pytest
from support.configurations import config, train
from support.tolerances import PARITY
from support.training import AND, trained

from scratchml.logistic import Logistic
from scratchml.mlp import MLP
from scratchml.perceptron import Perceptron
from scratchml.times import LATE, NEAR, checkpoints, points
from scratchml.training import Plan, Trainer

# --- when -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("epochs", [0, 1, 2, 127, 128, 300, 1000, 12_345, 10**7])
def test_checkpoints_are_often_enough(epochs):
    at = checkpoints(epochs)
    assert at[0] == 0 and at[-1] == epochs and np.array_equal(at, np.unique(at))
    assert np.array_equal(at[:257], np.arange(min(epochs, 256) + 1))
    gaps = np.diff(at)
    assert np.all(gaps <= np.maximum(1, at[:-1] / 128))


@pytest.mark.parametrize("epochs", [300, 384, 1000, 12_345, 360_360])
def test_no_three_checkpoints_in_a_row_are_in_the_same_phase(epochs):
    gaps = np.diff(checkpoints(epochs))[:-1]  # the last one is cut off by the end
    assert len(gaps) and np.all(np.gcd(gaps[1:], gaps[:-1]) == 1)


def test_a_net_that_is_solved_at_every_odd_epoch_alone_is_seen_to_be_solved():
    at = checkpoints(10_000)
    assert at[np.argmax((at > 256) & (at % 2 == 1))] == 259


@pytest.mark.parametrize("records", [2, 3, 10, 40, 300, 459, 999, 1000, 1001, 100_000])
@pytest.mark.parametrize("epochs", [0, 1, 2, 40, 1000, 12_345, 10**7])
def test_what_is_asked_for_is_recorded_from_the_first_epoch_to_the_last(epochs, records):
    at = points(epochs, records)
    assert at[0] == 0 and at[-1] == epochs and np.array_equal(at, np.unique(at))
    assert len(at) == min(records, epochs + 1)


def test_points_are_evenly_spaced_in_the_logarithm():
    at = points(10**6, 50)
    late = at[at > 100]
    ratios = late[1:] / late[:-1]
    assert np.abs(ratios / (10**6 / late[0]) ** (1 / len(ratios)) - 1.0).max() < 2 * NEAR / 100


@pytest.mark.parametrize("records", [459, 500, 999])
def test_many_points_are_every_epoch_first_and_then_even_in_the_logarithm(records):
    gaps = np.diff(points(1000, records))
    assert np.all(gaps >= 1) and np.all(gaps[:LATE] == 1)
    assert np.all(np.diff(gaps) >= -1 - 2 * NEAR)


def test_points_may_be_evenly_spaced():
    at = points(10_000, 51, "linear")
    assert len(at) == 51 and at[0] == 0 and at[-1] == 10_000
    assert np.abs(at - np.linspace(0, 10_000, 51)).max() <= NEAR
    assert points(10_000, 20_000, "linear").tolist() == list(range(10_001))


@pytest.mark.parametrize("spacing", ["log", "linear"])
@pytest.mark.parametrize("records", [5, 12, 40, 120, 300, 457, 458, 459, 600, 999])
@pytest.mark.parametrize("epochs", [200, 1000, 1024, 10_000, 12_345, 360_360])
def test_no_three_late_points_in_a_row_are_in_the_same_phase(epochs, records, spacing):
    at = points(epochs, records, spacing)
    assert at[0] == 0 and at[-1] == epochs and np.array_equal(at, np.unique(at))
    assert len(at) <= max(records, 2)
    late = at[at > LATE + NEAR]
    for period in (2, 3, 4, 5, 6, 8, 9, 10):
        phases = late % period
        rest = (phases[2:] == phases[1:-1]) & (phases[1:-1] == phases[:-2])
        assert not rest.any(), (period, late[2:][rest])


JUMPING = {"dataset": "quadratic", "n_features": 1, "condition": 1, "model": "linear"}
JUMPING |= {"bias": False, "init": "zero", "lr": 1.9999, "epochs": 1000, "seeds": 1, "paths": True}


def test_a_weight_that_jumps_each_epoch_jumps_in_its_record():
    arrays = train(config(**JUMPING, records=1001))
    assert arrays["epoch"].tolist() == list(range(1001))
    jumps = np.diff(arrays["path/W1"].ravel())
    assert np.all(np.abs(jumps) > 1.8) and np.all(jumps[1:] * jumps[:-1] < 0)


@pytest.mark.parametrize("spacing", ["log", "linear"])
@pytest.mark.parametrize("records", [40, 126, 300, 458])
def test_a_weight_that_jumps_each_epoch_is_not_recorded_as_rest(records, spacing):
    arrays = train(config(**JUMPING, records=records, spacing=spacing))
    jumps = np.abs(np.diff(arrays["path/W1"].ravel()[arrays["epoch"] > LATE + NEAR]))
    assert np.all(np.maximum(jumps[1:], jumps[:-1]) > 1.7)


def test_points_between_checkpoints_change_no_nets_end():
    choices = {"width": 4, "init": "normal", "lr": 3.0, "epochs": 900, "seeds": 6, "stop": "solved"}
    few, many = (train(config(**choices, records=records)) for records in (5, 901))
    for name in few:
        if name.startswith(("final/", "weights/")):
            assert np.array_equal(few[name], many[name], equal_nan=few[name].dtype == float)


def test_points_are_yielded_as_they_are_made():
    plan = Plan("cross_entropy", "sgd", 1000, lr=1.0, momentum=0.0, l2=0.0, records=12)
    trainer = Trainer(Logistic(2), np.zeros((1, 3)), AND, plan, [None])
    seen = []
    for epoch in trainer.run():
        seen.append(epoch)
        column = len(seen) - 1
        expected = np.full(
            len(trainer.recorder.epochs) - column, trainer.recorder.curves["train/loss"][0, column]
        )
        assert np.array_equal(trainer.recorder.curves["train/loss"][0, column:], expected)
    assert seen == points(1000, 12).tolist() == trainer.arrays()["epoch"].tolist()


def test_no_epochs_record_the_nets_as_they_start():
    theta = np.random.default_rng(0).standard_normal((3, 9))
    arrays = trained(MLP((2, 2, 1), "tanh", "sigmoid"), theta, epochs=0, paths=True)
    assert arrays["epoch"].tolist() == [0] and arrays["final/epochs"].tolist() == [0, 0, 0]
    assert arrays["curve/train/loss"].shape == (3, 1)
    assert np.array_equal(arrays["weights/W1"], theta[:, :4].reshape(3, 2, 2))
    assert np.array_equal(arrays["path/W1"][:, 0], arrays["weights/W1"])


# --- what -----------------------------------------------------------------------------------------


def test_the_curves_of_one_step_by_hand():
    # From zero all p are 1/2. AND: dL/dz = (1/2, 1/2, 1/2, -1/2)/4, dL/dw = (0, 0), dL/db = 1/4.
    arrays = trained(Logistic(2), [[0.0, 0.0, 0.0]], epochs=1)
    loss, after = np.log(2.0), np.log1p(np.exp(-0.25)) + 0.25 * 0.25
    assert arrays["curve/train/loss"][0] == pytest.approx([loss, after], rel=PARITY)
    assert arrays["curve/train/accuracy"][0].tolist() == [0.75, 0.75]  # of 1/2 and less, all say 0
    assert arrays["curve/weight_norm"][0] == pytest.approx([0.0, 0.25], rel=PARITY)
    assert arrays["curve/gradient_norm"][0, 0] == pytest.approx(0.25, rel=PARITY)
    assert arrays["weights/W1"][0].tolist() == [[0.0], [0.0]]
    assert arrays["weights/b1"][0].tolist() == [[-0.25]]


def test_final_values_are_the_last_of_their_curves():
    run = train(config(dataset="moons", test_fraction=0.2, epochs=300, records=7, seeds=4,
                       measure=["gradient_norm_by_layer", "dead_units"]))  # fmt: skip
    for name, curve in run.items():
        if name.startswith("curve/") and curve.ndim == 2:
            assert np.array_equal(run[name.replace("curve", "final")], curve[:, -1])
    assert {"curve/test/loss", "curve/test/accuracy", "curve/dead_units"} <= set(run)
    assert run["curve/gradient_norm_by_layer"].shape == (4, 7, 2)
    assert "final/gradient_norm_by_layer" not in run


def test_a_regression_has_no_classes_to_count():
    run = train(config(dataset="linear", model="linear", epochs=3, test_fraction=0.5, seeds=2))
    assert not {name for name in run if "accuracy" in name or "solve" in name}
    assert {"curve/test/loss", "final/train/loss"} <= set(run)


def test_paths_hold_the_weights_behind_every_record():
    run = train(config(epochs=200, records=9, seeds=3, paths=True, width=3))
    assert run["path/W1"].shape == (3, 9, 2, 3) and run["path/b2"].shape == (3, 9, 1, 1)
    squares = sum((run[f"path/{name}"] ** 2).sum(axis=(2, 3)) for name in ("W1", "b1", "W2", "b2"))
    np.testing.assert_allclose(np.sqrt(squares), run["curve/weight_norm"], rtol=PARITY)
    for name in ("W1", "b1", "W2", "b2"):
        assert np.array_equal(run[f"path/{name}"][:, -1], run[f"weights/{name}"])


# --- the perceptron -------------------------------------------------------------------------------


def test_mistakes_and_clean_epochs_of_the_perceptron_by_hand():
    # As in test_plain: on AND from zero the first epochs have 1, 3 and 3 mistakes.
    def run(epochs):
        plan = {"loss": "perceptron", "batch_size": 1, "epochs": epochs}
        return trained(Perceptron(2), [[0.0, 0.0, 0.0]], **plan)

    assert [run(epochs)["final/mistakes"].item() for epochs in (0, 1, 2)] == [0, 1, 4]
    long = run(30)
    assert long["final/clean_epochs"].item() > 20
    assert long["final/mistakes"].item() == run(29)["final/mistakes"].item()
    assert run(1)["final/max_norm"].item() == pytest.approx(3**0.5)  # w = (1, 1), b = 1


def test_the_longest_weights_on_the_way_are_kept():
    # From (9, 9) and b = 9 every step on AND makes the weights shorter at first.
    arrays = trained(Perceptron(2), [[9.0, 9.0, 9.0]], loss="perceptron", batch_size=1, epochs=40)
    assert arrays["final/max_norm"].item() == pytest.approx(243**0.5)
    assert arrays["final/weight_norm"].item() < 243**0.5


def test_a_perceptron_on_xor_never_has_a_clean_epoch():
    run = train(config(dataset="xor", model="perceptron", epochs=60, seeds=1))
    assert run["final/clean_epochs"].item() == 0 and run["final/mistakes"].item() >= 60


def test_only_perceptrons_count_mistakes():
    run = train(config(epochs=1, seeds=1))
    assert not {"final/mistakes", "final/max_norm", "final/clean_epochs"} & set(run)
