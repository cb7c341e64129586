"""The loop stops each net by its own rule, records what it should, and survives divergence."""

import numpy as np
import pytest
from support.configurations import config, differing, train
from support.tolerances import PARITY

from scratchml.arithmetic import BLAS
from scratchml.datasets import Data
from scratchml.diagnostics import DIAGNOSTICS, Probe
from scratchml.logistic import Linear, Logistic
from scratchml.mlp import MLP
from scratchml.optimizers import OPTIMIZERS
from scratchml.perceptron import Perceptron
from scratchml.training import (
    TOLERANCE,
    Plan,
    Trainer,
    accuracy,
    are_solved,
    batches,
    looks,
    recorded,
    stream,
)

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
AND = Data("binary", X, np.array([[0.0], [0.0], [0.0], [1.0]]))
XOR = Data("binary", X, np.array([[0.0], [1.0], [1.0], [0.0]]))


def trained(model, theta, data=AND, **plan):
    theta = np.array(theta, dtype=float)
    defaults = {"loss": "cross_entropy", "optimizer": "sgd", "lr": 1.0, "momentum": 0.0, "l2": 0.0}
    orders = [np.random.default_rng(i) for i in range(len(theta))]
    trainer = Trainer(model, theta, data, Plan(**defaults | plan), orders)
    list(trainer.run())
    return trainer.arrays()


# --- when -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("epochs", [0, 1, 2, 127, 128, 300, 1000, 12_345, 10**7])
def test_nets_are_looked_at_often_enough(epochs):
    at = looks(epochs)
    assert at[0] == 0 and at[-1] == epochs and np.array_equal(at, np.unique(at))
    assert np.array_equal(at[:129], np.arange(min(epochs, 128) + 1))
    gaps = np.diff(at)
    assert np.all(gaps <= np.maximum(1, at[:-1] / 128))


@pytest.mark.parametrize("records", [2, 3, 10, 40, 100_000])
@pytest.mark.parametrize("epochs", [0, 1, 2, 40, 1000, 12_345, 10**7])
def test_records_are_looks_from_the_first_epoch_to_the_last(epochs, records):
    at = recorded(epochs, records)
    assert at[0] == 0 and at[-1] == epochs and np.array_equal(at, np.unique(at))
    assert np.isin(at, looks(epochs)).all()
    assert len(at) <= max(records, min(2, epochs + 1))
    assert len(at) > min(records, len(looks(epochs))) / 2


def test_a_look_at_all_examples_is_the_first_half_of_the_next_step():
    calls = []

    def product(A, B, out=None):
        calls.append(out)
        return np.matmul(A, B, out=out)

    model = MLP((2, 3, 1), "tanh", "sigmoid", BLAS._replace(product=product))
    epochs, forward, backward = 100, 2, 5  # products; each epoch is looked at
    trained(model, np.ones((1, 13)), epochs=epochs, records=2)
    records = 2 * backward + forward  # the gradient at both, and the last look
    assert len(calls) == epochs * (forward + backward) + records


def test_a_net_is_solved_when_all_examples_are_not_the_first_few():
    X = np.array([[1.0]] * 30 + [[-1.0]])
    theta = np.array([[9.0, 0.0], [0.0, 9.0], [-9.0, 0.0]])  # slope and bias
    probe = Probe(Logistic(1), None, theta, X, np.ones((31, 1)), np.zeros((3, 1)))
    for few in (16, 30, 31):
        assert are_solved(probe, few).tolist() == [False, True, False]


def test_records_are_evenly_spaced_in_the_logarithm():
    at = recorded(10**6, 50)
    expected = 10 ** (6 / 48)  # 49 of them from 1 to a million
    ratios = at[at > 100][1:] / at[at > 100][:-1]
    assert np.abs(ratios / expected - 1.0).max() < 2 / 128  # each is moved to the next look


def test_records_are_yielded_as_they_are_made():
    plan = Plan("cross_entropy", "sgd", 1000, lr=1.0, momentum=0.0, l2=0.0, records=12)
    trainer = Trainer(Logistic(2), np.zeros((1, 3)), AND, plan, [None])
    seen = []
    for epoch in trainer.run():
        seen.append(epoch)
        column = len(seen) - 1
        expected = np.full(len(trainer.epochs) - column, trainer.curves["train/loss"][0, column])
        assert np.array_equal(trainer.curves["train/loss"][0, column:], expected)
    assert seen == recorded(1000, 12).tolist() == trainer.arrays()["epoch"].tolist()


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


def test_shorter_training_is_the_beginning_of_longer_training():
    choices = {"batch_size": 3, "optimizer": "adam", "lr": 0.05, "seeds": 3, "paths": True}
    short, long = (train(config(**choices, epochs=epochs, records=100)) for epochs in (20, 50))
    assert np.array_equal(short["path/W1"], long["path/W1"][:, :21])
    assert np.array_equal(short["curve/train/loss"], long["curve/train/loss"][:, :21])


def test_accuracy_counts_the_right_class():
    two = np.array([[[0.2], [0.5], [0.51], [0.9]]])
    assert accuracy(two, np.array([[0.0], [0.0], [1.0], [0.0]])).tolist() == [0.75]
    three = np.array([[[0.1, 0.6, 0.3], [0.4, 0.3, 0.3]], [[0.9, 0.1, 0.0], [0.0, 0.0, 1.0]]])
    assert accuracy(three, np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])).tolist() == [0.5, 0.5]


def test_a_penalty_pulls_weights_and_leaves_biases_alone():
    # Without a slope of the loss only the penalty moves: w <- w - lr l2 w.
    flat = Data("binary", np.zeros((2, 2)), np.array([[0.0], [1.0]]))
    arrays = trained(Logistic(2), [[1.0, -2.0, 0.0]], flat, epochs=1, lr=0.5, l2=0.1)
    assert arrays["weights/W1"].ravel() == pytest.approx([0.95, -1.9], rel=PARITY)
    arrays = trained(Logistic(2), [[0.0, 0.0, 3.0]], flat, epochs=1, lr=0.0, l2=0.1)
    assert arrays["weights/b1"].item() == 3.0


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name != "newton"])
def test_the_loop_takes_the_optimizers_steps_and_counts_them(name):
    lr, momentum = np.array([[0.1], [0.3]]), np.array([[0.5], [0.9]])
    theta = np.ones((2, 1))
    slots = [np.zeros_like(theta) for _ in range(OPTIMIZERS[name].slots)]
    arrays = parabola(lr[:, 0], momentum=momentum[:, 0], optimizer=name, epochs=6, paths=True)
    for t in range(1, 7):  # dL/dw = w
        OPTIMIZERS[name].step(theta, theta.copy(), slots, lr, momentum, t)
        np.testing.assert_allclose(arrays["path/W1"][:, t, 0], theta, rtol=PARITY)


# --- batches --------------------------------------------------------------------------------------


def test_an_epoch_is_a_step_a_batch_the_last_with_what_is_left():
    data = Data("regression", np.ones((5, 1)), np.zeros((5, 1)))
    for batch_size, steps in ((1, 5), (2, 3), (4, 2), (5, 1), (99, 1), (None, 1)):
        arrays = trained(Linear(1, bias=False), [[1.0]], data, epochs=1, lr=0.5,
                         loss="squared_error", batch_size=batch_size)  # fmt: skip
        # z = w, dL/dw = w whatever the batch: each step halves it.
        assert arrays["weights/W1"].item() == 0.5**steps


def test_every_example_is_seen_once_an_epoch_in_another_order_each_time():
    n = 10
    numbered = np.arange(float(n))[:, None]
    plan = Plan("squared_error", "sgd", 1, lr=1.0, momentum=0.0, l2=0.0)
    orders = [np.random.default_rng(i) for i in (0, 1)]
    own = np.stack([numbered, numbered])
    for X, Y in ((numbered, -numbered), (own, -own)):  # shared, and one set a net
        data = Data("regression", X, Y)
        stack = Trainer(Linear(1), np.zeros((2, 2)), data, plan, orders).stack
        epochs = []
        for _ in range(3):
            seen = list(batches(stack, 3, shuffle=True))
            assert [Xb.shape for Xb, _ in seen] == [(2, 3, 1)] * 3 + [(2, 1, 1)]
            assert all(np.array_equal(Xb, -Yb) for Xb, Yb in seen)
            epochs.append(np.concatenate([Xb[..., 0] for Xb, _ in seen], axis=1))
        for order in epochs:
            assert np.array_equal(np.sort(order, axis=1), np.tile(np.arange(n), (2, 1)))
            assert not np.array_equal(order[0], order[1])
        assert not np.array_equal(epochs[0], epochs[1])
        unshuffled = [Xb for Xb, _ in batches(stack, 3, shuffle=False)]
        assert np.array_equal(np.concatenate(unshuffled, axis=-2), X)


def test_the_three_streams_of_a_seed_are_apart():
    draws = [stream(seed, purpose).random(4).tolist() for seed in (0, 1) for purpose in range(3)]
    assert len({tuple(draw) for draw in draws}) == 6
    assert draws[:3] == [rng.random(4).tolist() for rng in np.random.default_rng(0).spawn(3)]


# --- stopping -------------------------------------------------------------------------------------


def stop(**choices):
    """A run of nets on XOR that stop, and the same nets, which do not."""
    choices = {"width": 4, "init": "normal", "lr": 3.0, "epochs": 600, "seeds": 6} | choices
    free = choices | {"stop": "never", "stop_at": None}
    dense = {"records": 10_000, "paths": True}
    return train(config(**choices | dense)), train(config(**free | dense))


def first(condition):
    """The column in which each row of (R, T) is true for the first time; T where never."""
    return np.where(condition.any(axis=1), condition.argmax(axis=1), condition.shape[1])


def check_stopped_when(stopped, free, condition):
    """Nets follow the free ones to the first column where `condition` holds, then stand still."""
    column = first(condition)
    assert (column < condition.shape[1]).sum() > 3 and len(np.unique(column)) > 2
    last = np.minimum(column, condition.shape[1] - 1)
    assert np.array_equal(stopped["final/epochs"], free["epoch"][last])
    for net, end in enumerate(last):
        for name in free:
            if name.startswith(("curve/", "path/")):
                assert np.array_equal(stopped[name][net, : end + 1], free[name][net, : end + 1])
                assert np.all(stopped[name][net, end:] == free[name][net, end])
        for name in ("W1", "b1", "W2", "b2"):
            assert np.array_equal(stopped[f"weights/{name}"][net], free[f"path/{name}"][net, end])


def test_stop_loss():
    stopped, free = stop(stop="loss", stop_at=0.1)
    check_stopped_when(stopped, free, free["curve/train/loss"] < 0.1)


def test_stop_gradient():
    stopped, free = stop(stop="gradient", stop_at=0.02)
    check_stopped_when(stopped, free, free["curve/gradient_norm"] < 0.02)


def outputs(run):
    """(R, T, N): what nets of a 2-H-1 shape with sigmoids said to the rows of XOR."""
    A = 1 / (1 + np.exp(-(X @ run["path/W1"] + run["path/b1"])))
    return (1 / (1 + np.exp(-(A @ run["path/W2"] + run["path/b2"]))))[..., 0]


def test_stop_solved():
    stopped, free = stop(stop="solved")
    solved = (np.abs(outputs(free) - XOR.Y[:, 0]) < TOLERANCE).all(axis=2)
    check_stopped_when(stopped, free, solved)
    assert np.array_equal(stopped["final/solved"], solved.any(axis=1))
    assert np.array_equal(free["final/solved"], solved[:, -1])
    expected = np.append(free["epoch"], np.nan)[first(solved)]
    for run in (stopped, free):
        assert np.array_equal(run["final/epochs_to_solve"], expected, equal_nan=True)


def test_stop_no_progress():
    choices = {"batch_size": 1, "lr": 3.0, "epochs": 120, "seeds": 12}
    stopped, free = stop(stop="no_progress", stop_at=3, **choices)
    loss = free["curve/train/loss"]
    best = np.minimum.accumulate(loss, axis=1)
    stalled = np.zeros_like(loss, dtype=int)
    for t in range(1, loss.shape[1]):
        stalled[:, t] = np.where(loss[:, t] < best[:, t - 1], 0, stalled[:, t - 1] + 1)
    check_stopped_when(stopped, free, stalled >= 3)


def test_standing_still_is_no_progress():
    arrays = parabola([0.0, 0.1], epochs=40, stop="no_progress", stop_at=3)
    assert arrays["final/epochs"].tolist() == [3, 40]


def test_a_net_that_stops_between_two_records_is_recorded_as_it_stopped():
    choices = {"width": 4, "init": "normal", "lr": 3.0, "epochs": 600, "seeds": 6}
    choices |= {"stop": "loss", "stop_at": 0.1, "paths": True}
    dense, sparse = (train(config(**choices, records=records)) for records in (10_000, 4))
    assert not np.isin(dense["final/epochs"], sparse["epoch"]).all()
    same = {name for name in dense if name.startswith(("final/", "weights/"))}
    assert not differing({n: dense[n] for n in same}, {n: sparse[n] for n in same})
    assert np.array_equal(sparse["curve/train/loss"][:, -1], dense["curve/train/loss"][:, -1])
    assert np.array_equal(sparse["path/W1"][:, -1], sparse["weights/W1"])


def test_a_net_that_is_solved_at_its_start_stops_there():
    arrays = trained(Logistic(2), [[20.0, 20.0, -30.0], [0.0, 0.0, 0.0]], epochs=50, stop="solved")
    assert arrays["final/epochs_to_solve"][0] == 0 and arrays["final/epochs"][0] == 0
    assert arrays["final/solved"][0] and arrays["final/epochs"][1] > 10


# --- divergence -----------------------------------------------------------------------------------

# On x = 1, y = 0 without a bias, squared error is w^2/2 and a step is w <- (1 - lr) w.
PARABOLA = Data("regression", np.ones((1, 1)), np.zeros((1, 1)))


def parabola(lr, **plan):
    theta = np.ones((len(np.atleast_1d(lr)), 1))
    return trained(Linear(1, bias=False), theta, PARABOLA, loss="squared_error", lr=lr, **plan)


def test_divergence_is_recorded_and_keeps_the_last_finite_weights():
    # lr = 3: w = (-2)^t, finite to t = 1023. lr = 5: (-4)^t, finite to t = 511.
    arrays = parabola([3.0, 5.0, 0.5], epochs=2000, records=2)
    assert arrays["final/diverged"].tolist() == [True, True, False]
    assert arrays["final/epochs"].tolist() == [1024, 512, 2000]
    assert arrays["weights/W1"].ravel()[:2].tolist() == [-(2.0**1023), -(4.0**511)]
    assert all(np.isfinite(array).all() for array in arrays.values())


def test_a_diverged_net_keeps_the_record_before():
    # With lr = 3 the loss is 4^t / 2, which is finite to t = 512.
    arrays = parabola([3.0], epochs=2000, records=10_000, paths=True)
    loss, epoch = arrays["curve/train/loss"][0], arrays["epoch"]
    last = np.flatnonzero(epoch <= 512)[-1]
    np.testing.assert_allclose(loss[: last + 1], 4.0 ** epoch[: last + 1] / 2)
    assert np.all(loss[last:] == loss[last]) and arrays["final/train/loss"][0] == loss[last]
    assert arrays["final/diverged"].item() and arrays["final/epochs"].item() == epoch[last + 1]
    assert arrays["weights/W1"].item() == (-2.0) ** epoch[last + 1]  # these are still finite
    assert all(np.isfinite(array).all() for array in arrays.values())


def test_a_net_that_diverges_has_not_solved_anything():
    one = Data("binary", np.ones((1, 1)), np.ones((1, 1)))
    arrays = trained(Linear(1, bias=False), [[0.9]], one, loss="squared_error", lr=4.0, epochs=2000)
    assert arrays["final/epochs_to_solve"].tolist() == [0]
    assert arrays["final/diverged"].item() and not arrays["final/solved"].item()
    # Here one step makes z infinite, sigmoid(z) right and the loss NaN.
    far = Data("binary", np.full((1, 1), 1e150), np.ones((1, 1)))
    arrays = trained(Logistic(1, bias=False), [[0.0]], far, epochs=5, lr=1e100)
    assert arrays["final/diverged"].item() and not arrays["final/solved"].item()


def test_a_diverging_net_leaves_the_others_in_peace():
    alone = parabola([0.5], epochs=1500)
    beside = parabola([3.0, 0.5, 7.0], epochs=1500)
    for name in alone:
        own = beside[name] if name == "epoch" else beside[name][1:2]
        assert np.array_equal(own, alone[name])


@pytest.mark.parametrize("measure", DIAGNOSTICS)
def test_divergence_is_a_result_with_every_diagnostic(measure):
    net = {"dataset": "chebyshev", "activation": "relu", "width": 3, "init": "normal", "seeds": 3}
    run = train(config(**net, lr=1e3, epochs=2000, measure=[measure]))
    assert run["final/diverged"].all()
    assert all(np.isfinite(array).all() for array in run.values())


def test_a_net_without_a_first_record_is_an_error_with_a_reason():
    with pytest.raises(ValueError, match="^train/loss.* not finite before the first step"):
        trained(Linear(1, bias=False), [[1e200]], PARABOLA, loss="squared_error", epochs=3)


def test_the_callers_floating_point_settings_hold_between_records():
    plan = Plan("cross_entropy", "sgd", 5, lr=1.0, momentum=0.0, l2=0.0)
    trainer = Trainer(Logistic(2), np.zeros((1, 3)), AND, plan, [None])
    settings = np.geterr()
    for _ in trainer.run():
        assert np.geterr() == settings


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
