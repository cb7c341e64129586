"""A net's numbers are the same to the last bit, whoever shares its stack and wherever it is cut."""

import dataclasses

import numpy as np
import pytest
from support.configurations import config, differing, train

from experiments.running import stacks
from experiments.running.arrays import results
from experiments.schema import sources
from scratchml.activations import ACTIVATIONS
from scratchml.optimizers import OPTIMIZERS
from scratchml.times import checkpoints

# The first, the last, and some between: alone, in twos and in fives.
COMPANIES = ((0, 1), (17, 1), (36, 1), (3, 2), (30, 5))
BATCHES = {
    "full": {"batch_size": None},
    "in order": {"batch_size": 5, "shuffle": False},
    "shuffled": {"batch_size": 5, "shuffle": True},
    "one by one": {"batch_size": 1, "shuffle": True},
}
DATA = {
    "shared data": {"dataset": "or", "n_samples": 12, "noise": 0.0},
    "own data": {"dataset": "blobs", "n_samples": 12, "test_fraction": 0.25},
}


def together(config, first=0, nets=None):
    """The arrays of some nets of a configuration, trained as one stack."""
    part = stacks.Part(0, config, first, nets or config.seeds)
    real = sources.load(config.knobs())
    read = {} if real is None else {stacks.data_of(config): real}
    training = stacks.trainer(stacks.Task((part,), read))
    for _ in training.run():
        pass
    ((_, _, arrays),) = results(stacks.Task((part,), {}), training)
    return arrays


def rows(arrays, first, nets):
    return {k: a if k == "epoch" else a[first : first + nets] for k, a in arrays.items()}


def hold(config):
    """Asserts that nets of a stack of 37 are the same alone and in smaller stacks."""
    whole = together(dataclasses.replace(config, seeds=37))
    for first, nets in COMPANIES:
        assert differing(rows(whole, first, nets), together(config, first, nets)) == set()
    return whole


@pytest.mark.parametrize("source", DATA)
@pytest.mark.parametrize("batches", BATCHES)
@pytest.mark.parametrize(
    ("activation", "optimizer"),
    [(name, "sgd") for name in ACTIVATIONS]
    + [("tanh", name) for name in OPTIMIZERS if name not in ("sgd", "newton")],
)
def test_mlps(activation, optimizer, batches, source):
    choices = DATA[source] | BATCHES[batches]
    net = config(
        **choices, activation=activation, optimizer=optimizer, width=3, init="normal", lr=0.1,
        l2=0.01, epochs=3, paths=True,
    )  # fmt: skip
    hold(net)


@pytest.mark.parametrize("source", DATA)
@pytest.mark.parametrize(
    ("model", "optimizer", "batches"),
    [
        (model, optimizer, batches)
        for model in ("logistic", "linear", "perceptron")
        for optimizer in OPTIMIZERS
        for batches in BATCHES
        if optimizer != "newton" or (model != "perceptron" and batches == "full")
    ],
)
def test_models_without_hidden_layers(model, optimizer, batches, source):
    choices = DATA[source] | BATCHES[batches]
    hold(config(**choices, model=model, optimizer=optimizer, init="normal", lr=0.1, epochs=3))


# Products are taken in other ways for vectors, for small matrices, and for odd ends.
SHAPES = {
    "2-2-1": {"dataset": "xor"},
    "2-2-1 with noise": {"dataset": "xor", "noise": 0.1},
    "2-1": {"dataset": "xor", "depth": 0},
    "3-2-2-2-1": {"dataset": "and", "inputs": 3, "depth": 3, "order": "seed"},
    "2-8-1": {"dataset": "xor", "width": 8, "noise": 0.1},
    "2-9-1": {"dataset": "xor", "width": 9, "noise": 0.1},
    "tiny": {"dataset": "linear", "n_samples": 1, "n_features": 1, "width": 1},
    "thin": {"dataset": "moons", "n_samples": 257, "width": 1},
    "wide": {"dataset": "moons", "n_samples": 33, "width": 130},
    "odd": {"dataset": "blobs", "n_samples": 71, "n_features": 13, "n_classes": 7, "width": 11},
    "deep": {"dataset": "spirals", "n_samples": 40, "depth": 4, "width": 9},
    "tumours": {"dataset": "breast_cancer", "width": 16},
    "drawn tumours": {"dataset": "breast_cancer", "width": 5, "n_samples": 100},
}


@pytest.mark.parametrize("batch_size", [None, 16, 3])
@pytest.mark.parametrize("name", SHAPES)
def test_shapes(name, batch_size):
    hold(config(**SHAPES[name], activation="tanh", lr=0.05, epochs=2, batch_size=batch_size))


def test_digits():
    hold(config(dataset="digits", model="logistic", epochs=2, batch_size=300, n_samples=600))


@pytest.mark.parametrize("lr", [0.5, 1.0, 1.5])
def test_critical_learning_rates(lr):
    choices = {"model": "logistic", "lr_unit": "critical", "lr": lr, "epochs": 20}
    hold(config(dataset="blobs", **choices))
    hold(config(dataset="and", **choices, init="normal"))


MEASURES = {
    "tanh": ["gradient_norm_by_layer", "weight_norm_by_layer", "signal_norm_by_layer", "sharpness"],
    "relu": ["dead_units", "born_dead", "distinct_units", "linear_regions"],
}


@pytest.mark.parametrize("activation", MEASURES)
def test_diagnostics(activation):
    dataset = {"dataset": "sawtooth"} if activation == "relu" else {"dataset": "moons"}
    hold(config(**dataset, activation=activation, width=4, depth=2, init="normal", epochs=3,
                measure=MEASURES[activation]))  # fmt: skip


STOPS = {
    "solved": {"stop": "solved"},
    "loss": {"stop": "loss", "stop_at": 0.1},
    "gradient": {"stop": "gradient", "stop_at": 0.02},
    "solved with momentum": {"stop": "solved", "optimizer": "momentum", "lr": 0.5},
    "solved with adam": {"stop": "solved", "optimizer": "adam", "lr": 0.05},
    "no_progress": {"stop": "no_progress", "stop_at": 2, "batch_size": 1, "epochs": 150},
    "held_out": {
        "stop": "held_out",
        "stop_at": 3,
        "dataset": "moons",
        "n_samples": 30,
        "noise": 0.4,
        "test_fraction": 0.5,
        "lr": 1.0,
    },
}


@pytest.mark.parametrize("stop", STOPS)
def test_nets_that_stop_at_different_times(stop):
    net = config(**{"init": "normal", "width": 4, "lr": 5.0, "epochs": 1000} | STOPS[stop])
    whole = hold(net)
    # Otherwise this would not test what it says.
    assert len(np.unique(whole["final/epochs"])) > 4


def test_nets_that_diverge_at_different_times():
    choices = {"dataset": "blobs", "model": "linear", "n_samples": 8, "lr": 2.0, "epochs": 500}
    whole = hold(config(**choices))
    diverged = whole["final/diverged"]
    assert diverged.any() and not diverged.all()
    assert len(np.unique(whole["final/epochs"])) > 4


def test_a_net_that_diverges_does_not_make_others_be_looked_at():
    # From epoch 256 on nets are looked at at every second epoch and less. Some of these diverge in
    # between; the others must not be found solved, and stopped, on that occasion.
    choices = {"dataset": "and", "model": "linear", "lr_unit": "critical", "stop": "solved"}
    slow = config(**choices, lr=0.01, epochs=1500, records=2, seeds=40)
    wild = [dataclasses.replace(slow, lr=lr, seeds=1) for lr in np.linspace(1.3, 3.0, 30)]
    alone, (beside, *others) = train(slow), train(slow, *wild)
    at = np.array([run["final/epochs"][0] for run in others])
    assert np.setdiff1d(at, checkpoints(1500)).size > 9 and all(
        run["final/diverged"] for run in others
    )
    assert len(np.unique(alone["final/epochs"])) > 9 and alone["final/solved"].all()
    assert differing(alone, beside) == set()


# Configurations of one structure that differ in everything a stack may differ in.
MIXED = [
    {"dataset": dataset, "init": init, "lr": lr, "l2": l2, "seeds": seeds, "seed": seed,
     "init_scale": scale, "momentum": momentum}
    for dataset, init, lr, l2, seeds, seed, scale, momentum in [
        ("xor", "normal", 0.3, 0.0, 3, 0, 1.0, 0.9),
        ("xor", "zero", 0.3, 0.0, 1, 0, 1.0, 0.9),
        ("and", "uniform", 3.0, 0.0, 8, 5, 2.0, 0.5),
        ("xor", "xavier", 0.01, 1e-3, 2, 1, 1.0, 0.9),
        ("or", "he", 1.0, 1e-1, 11, 0, 1.0, 0.0),
        ("table", "constant", 0.1, 0.0, 4, 2, 0.5, 0.9),
    ]
]  # fmt: skip


@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_configurations_that_share_a_stack_come_out_as_if_alone(noise):
    configs = [
        config(**mixed, noise=noise, optimizer="momentum", activation="tanh", width=3, epochs=6)
        for mixed in MIXED
    ]
    alone = [train(one) for one in configs]
    assert len(stacks.cut(dict(enumerate(configs)))) == 2  # with and without l2
    for size in (1, 2, 7, 1000):
        for one, other in zip(alone, train(*configs, size=size), strict=True):
            assert differing(one, other) == set()


def test_shared_data_beside_others_are_used_as_if_shared():
    # Alone, nets on XOR share one (N, D) array; beside nets on AND each has its own, (R, N, D).
    for batch in BATCHES.values():
        xor, both = (
            config(dataset=name, activation="relu", width=7, init="he", epochs=5, lr=0.2, **batch)
            for name in ("xor", "and")
        )
        alone = train(xor)
        beside, _ = train(xor, both)
        assert differing(alone, beside) == set()


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_cuts_cover_every_net_once_in_stacks_of_at_most_that_size(size):
    jobs = {job: config(seeds=seeds, seed=job) for job, seeds in enumerate((1, 2, 10, 5))}
    tasks = stacks.cut(jobs, size=size)
    assert max(task.nets for task in tasks) == min(size, 18)
    seeds = [(part.job, seed) for task in tasks for part in task.parts for seed in part.seeds]
    assert sorted(seeds) == [(job, job + i) for job in jobs for i in range(jobs[job].seeds)]


def test_a_difference_in_one_bit_would_be_noticed():
    arrays = train(config(epochs=2, seeds=2))
    for name, array in arrays.items():
        if array.dtype != float or not np.isfinite(array).all():
            continue
        other = dict(arrays)
        other[name] = array.copy()
        other[name].flat[-1] = np.nextafter(array.flat[-1], np.inf)
        assert differing(arrays, other) == {name}
    assert differing(arrays, {k: a for k, a in arrays.items() if k != "epoch"}) == {"epoch"}
