"""Each net stops by its own rule, at the first checkpoint at which the rule holds."""

import numpy as np
import pytest
from support.configurations import config, differing, train
from support.training import XOR, X, parabola, trained

from experiments.errors import ConfigError
from scratchml.evaluation import TOLERANCE
from scratchml.logistic import Logistic
from scratchml.times import checkpoints


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
    """Nets follow the free ones to the first checkpoint where `condition` holds, and stop there."""
    column = first(condition & np.isin(free["epoch"], checkpoints(free["epoch"][-1])))
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
    assert np.array_equal(
        stopped["final/solved"], solved[:, np.isin(free["epoch"], checkpoints(600))].any(axis=1)
    )
    assert np.array_equal(free["final/solved"], solved[:, -1])
    at = np.isin(free["epoch"], checkpoints(600))
    expected = np.append(free["epoch"], np.nan)[first(solved & at)]
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


def test_no_progress_watches_the_loss_with_the_penalty_that_is_descended():
    # The penalty pulls the weights back, so the loss alone rises again while the sum of both falls.
    choices = {"model": "logistic", "dataset": "blobs", "noise": 1.5, "l2": 0.5, "lr": 0.1}
    choices |= {"init": "given", "start": [1.6, 0.0, 0.0], "epochs": 2000, "seeds": 5}
    arrays = train(config(**choices, stop="no_progress", stop_at=2))
    loss = arrays["curve/train/loss"]
    assert np.all(loss[:, -1] > 1.001 * loss.min(axis=1))
    assert np.all(arrays["final/gradient_norm"] < 1e-8)


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


# --- held-out examples ----------------------------------------------------------------------------


def held_out(**more):
    """Nets that overfit noisy moons."""
    noisy = {"dataset": "moons", "n_samples": 30, "noise": 0.4, "test_fraction": 0.5, "seeds": 6}
    form = {"width": 16, "activation": "tanh", "lr": 1.0, "epochs": 1500, "records": 60}
    stop = {"stop": "held_out", "stop_at": 8, "paths": True}
    return train(config(**noisy | form | stop | more))


def test_a_net_keeps_the_weights_of_its_lowest_loss_on_held_out_examples():
    arrays = held_out()
    losses, epochs = arrays["curve/test/loss"], arrays["epoch"]
    stopped, best = arrays["final/epochs"], arrays["final/best_epoch"]
    assert np.all(best < stopped) and np.any(stopped < 1500)
    for net in range(6):
        seen = epochs <= stopped[net]
        where = np.argmin(losses[net][seen])
        assert best[net] == epochs[where]
        assert arrays["final/test/loss"][net] == losses[net, where] == losses[net, -1]
        for name in ("W1", "b1", "W2", "b2"):
            at_best = arrays[f"path/{name}"][net, where]
            assert np.array_equal(arrays[f"weights/{name}"][net], at_best)


def test_it_stops_after_so_many_points_without_progress():
    arrays = held_out()
    epochs, stopped, best = arrays["epoch"], arrays["final/epochs"], arrays["final/best_epoch"]
    for net in np.flatnonzero(stopped < 1500):
        waited = np.sum((epochs > best[net]) & (epochs <= stopped[net]))
        assert waited == 8


def test_up_to_the_stop_the_curve_is_that_of_a_net_that_never_stops():
    arrays, whole = held_out(), held_out(stop="never", stop_at=None)
    for net, stopped in enumerate(arrays["final/epochs"]):
        seen = arrays["epoch"] <= stopped
        for name in ("curve/test/loss", "curve/train/loss"):
            known = seen & (arrays["epoch"] < stopped)
            assert np.array_equal(arrays[name][net][known], whole[name][net][known])


def test_it_needs_held_out_examples():
    with pytest.raises(
        ConfigError, match="stop=held_out needs held-out examples; got test_fraction=0"
    ):
        config(stop="held_out", stop_at=3)
