"""The loop takes the steps that it should, in batches, and survives divergence."""

from dataclasses import replace

import numpy as np
import pytest
from support.configurations import config, train
from support.tolerances import PARITY
from support.training import AND, PARABOLA, parabola, trained

from scratchml.arithmetic import BLAS
from scratchml.diagnostics import DIAGNOSTICS
from scratchml.logistic import Linear, Logistic
from scratchml.mlp import MLP
from scratchml.optimizers import OPTIMIZERS
from scratchml.sampling import Data
from scratchml.stack import batches
from scratchml.training import Plan, Trainer, stream

# --- steps ----------------------------------------------------------------------------------------


def test_a_checkpoint_is_the_first_half_of_the_next_step(monkeypatch):
    calls = []

    def product(A, B, out=None):
        calls.append(out)
        return np.matmul(A, B, out=out)

    model = MLP((2, 3, 1), "tanh", "sigmoid")
    monkeypatch.setitem(vars(model), "arithmetic", BLAS._replace(product=product))
    epochs, forward, backward = 100, 2, 3  # products; each epoch is a checkpoint
    trained(model, np.ones((1, 13)), epochs=epochs, records=2)
    records = 2 * backward + forward  # the gradient at both, and the last forward pass
    assert len(calls) == epochs * (forward + backward) + records


def test_shorter_training_is_the_beginning_of_longer_training():
    choices = {"batch_size": 3, "optimizer": "adam", "lr": 0.05, "seeds": 3, "paths": True}
    short, long = (train(config(**choices, epochs=epochs, records=100)) for epochs in (20, 50))
    assert np.array_equal(short["path/W1"], long["path/W1"][:, :21])
    assert np.array_equal(short["curve/train/loss"], long["curve/train/loss"][:, :21])


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
            assert [Xb.shape for Xb, _, _ in seen] == [(2, 3, 1)] * 3 + [(2, 1, 1)]
            assert all(np.array_equal(Xb, -Yb) for Xb, Yb, _ in seen)
            epochs.append(np.concatenate([Xb[..., 0] for Xb, _, _ in seen], axis=1))
        for order in epochs:
            assert np.array_equal(np.sort(order, axis=1), np.tile(np.arange(n), (2, 1)))
            assert not np.array_equal(order[0], order[1])
        assert not np.array_equal(epochs[0], epochs[1])
        unshuffled = [Xb for Xb, _, _ in batches(stack, 3, shuffle=False)]
        assert np.array_equal(np.concatenate(unshuffled, axis=-2), X)


def test_the_three_streams_of_a_seed_are_apart():
    draws = [stream(seed, purpose).random(4).tolist() for seed in (0, 1) for purpose in range(3)]
    assert len({tuple(draw) for draw in draws}) == 6
    assert draws[:3] == [rng.random(4).tolist() for rng in np.random.default_rng(0).spawn(3)]


# --- divergence -----------------------------------------------------------------------------------


def test_divergence_is_recorded_and_keeps_the_last_finite_weights():
    # lr = 3: w = (-2)^t, finite to t = 1023. lr = 5: (-4)^t, finite to t = 511.
    arrays = parabola([3.0, 5.0, 0.5], epochs=2000, records=2)
    assert arrays["final/diverged"].tolist() == [True, True, False]
    assert arrays["final/epochs"].tolist() == [1024, 512, 2000]
    assert arrays["weights/W1"].ravel()[:2].tolist() == [-(2.0**1023), -(4.0**511)]
    assert all(np.isfinite(array).all() for array in arrays.values())


def test_a_diverged_net_keeps_the_record_before():
    # With lr = 3 the loss is 4^t / 2, whose square of the output is finite to t = 511.
    arrays = parabola([3.0], epochs=2000, records=10_000, paths=True)
    loss, epoch = arrays["curve/train/loss"][0], arrays["epoch"]
    last = np.flatnonzero(epoch <= 511)[-1]
    np.testing.assert_allclose(loss[: last + 1], 4.0 ** epoch[: last + 1] / 2)
    assert np.all(loss[last:] == loss[last]) and arrays["final/train/loss"][0] == loss[last]
    assert arrays["final/diverged"].item() and arrays["final/epochs"].item() == epoch[last + 1]
    assert arrays["weights/W1"].item() == (-2.0) ** epoch[last + 1]  # these are still finite
    assert all(np.isfinite(array).all() for array in arrays.values())


def test_a_net_that_stops_between_two_points_is_recorded_as_it_has_stopped():
    net = config(stop="solved", lr=5.0, width=4, epochs=300, records=3, seeds=30)
    arrays = train(net)
    between = ~np.isin(arrays["final/epochs"], arrays["epoch"])
    assert between.sum() > 9 and len(np.unique(arrays["final/epochs"])) > 5
    assert (arrays["final/epochs_to_solve"] == arrays["final/epochs"])[between].all()
    for i in np.flatnonzero(between):  # trained to that epoch, it ends with the same numbers
        short = train(replace(net, epochs=int(arrays["final/epochs"][i]), seed=int(i), seeds=1,
                              stop="never", records=2))  # fmt: skip
        for name in short.keys() - {"epoch"}:
            if not name.startswith("curve/"):
                assert np.array_equal(short[name][0], arrays[name][i]), name


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
