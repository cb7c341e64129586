"""Configurations are cut into tasks by what their training needs, and come together again."""

import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.configurations import config, differing, train

from experiments.errors import TrainingError
from experiments.running import stacks
from experiments.running.arrays import join
from experiments.schema import sources
from experiments.schema.config import KNOBS
from experiments.schema.sizes import activations, memory

REGRESSION = {"dataset": "linear", "model": "linear", "n_samples": 20}
LOGISTIC = {"dataset": "blobs", "model": "logistic"}

# Knob -> what it is changed on, and to. Nets that differ in it cannot be trained by the same code.
STRUCTURAL = {
    "model": ({"dataset": "and", "model": "logistic", "loss": "squared_error"}, "linear"),
    "width": ({}, 3),
    "depth": ({}, 2),
    "activation": ({}, "relu"),
    "bias": (LOGISTIC, False),
    "options": ({"model": "sklearn_logistic"}, {"C": 10}),
    "loss": ({}, "squared_error"),
    "backprop": ({}, "no_slope"),
    "optimizer": ({}, "adam"),
    "lr_unit": (LOGISTIC, "critical"),
    "batch_size": ({}, 2),
    "shuffle": ({"batch_size": 2}, False),
    "epochs": ({}, 51),
    "stop": ({}, "solved"),
    "stop_at": ({"stop": "loss", "stop_at": 0.1}, 0.2),
    "records": ({}, 39),
    "spacing": ({}, "linear"),
    "measure": ({}, ["sharpness"]),
    "paths": ({}, True),
}
# As above, but for knobs of the data: these change shapes.
SHAPES = {
    "n_samples": ({"dataset": "moons"}, 7),
    "inputs": ({"dataset": "table", "table": 6, "inputs": 2}, 3),
    "n_features": (LOGISTIC, 5),
    "n_classes": (LOGISTIC, 3),
    "test_fraction": ({"dataset": "moons"}, 0.5),
    "dataset": ({}, "moons"),
}
# What nets of one stack may differ in: knob -> on what, the values.
FREE = {
    "lr": ({}, [0.1, 1.0, 5.0]),
    "momentum": ({"optimizer": "momentum"}, [0.0, 0.9]),
    "l2": ({}, [0.1, 0.01]),
    "init": ({}, ["zero", "he", "uniform"]),
    "init_scale": ({}, [0.1, 2.0]),
    "start": ({"init": "given"}, [[0.0] * 9, [1.0] * 9]),
    "seed": ({}, [0, 7]),
    "seeds": ({}, [1, 20]),
    "dataset": ({}, ["xor", "and", "or"]),
    "table": ({"dataset": "table", "inputs": 2}, [6, 8]),
    "coding": ({}, ["binary", "bipolar"]),
    "order": ({}, ["given", "seed"]),
    "noise": ({"dataset": "moons"}, [0.1, 0.2]),
    "label_noise": ({"dataset": "moons"}, [0.0, 0.5]),
    "scaling": ({"dataset": "moons"}, ["none", "standard"]),
}


def pair(changes, knob):
    choices, value = changes[knob]
    return config(**choices), config(**choices | {knob: value})


@pytest.mark.parametrize("knob", STRUCTURAL)
def test_nets_that_need_other_code_are_not_mixed(knob):
    assert len(stacks.cut(dict(enumerate(pair(STRUCTURAL, knob))))) == 2


@pytest.mark.parametrize("knob", SHAPES)
def test_nets_of_other_shapes_are_not_mixed(knob):
    assert len(stacks.cut(dict(enumerate(pair(SHAPES, knob))))) == 2


@pytest.mark.parametrize("knob", FREE)
def test_nets_that_differ_in_numbers_only_share_a_stack(knob):
    choices, values = FREE[knob]
    jobs = {v: config(**choices | {knob: each}) for v, each in enumerate(values)}
    [task] = stacks.cut(jobs, size=10**6)
    assert [part.job for part in task.parts] == list(range(len(values)))


def test_nets_without_a_penalty_are_not_mixed_with_those_that_have_one():
    # A penalty of 0 is not computed, and adding 0 would change the sign of a zero.
    assert len(stacks.cut({0: config(l2=0.0), 1: config(l2=0.1)})) == 2


def test_every_knob_either_separates_stacks_or_may_vary_in_one():
    free = {*stacks.VARYING, *sources.all_knobs()}
    assert STRUCTURAL.keys() == KNOBS.keys() - free
    assert free <= KNOBS.keys()


# --- cutting --------------------------------------------------------------------------------------

some_jobs = st.lists(
    st.tuples(
        st.integers(1, 40), st.integers(0, 5), st.sampled_from([2, 3]), st.sampled_from([0.1, 1])
    ),
    min_size=1,
    max_size=8,
)


@given(some_jobs, st.integers(1, 9), st.none() | st.integers(1, 60))
@settings(max_examples=50, deadline=None)
def test_every_net_is_in_one_task_and_tasks_are_of_one_structure(jobs, workers, size):
    jobs = {
        job: dataclasses.replace(config(), seeds=seeds, seed=seed, width=width, lr=lr)
        for job, (seeds, seed, width, lr) in enumerate(jobs)
    }
    tasks = stacks.cut(jobs, workers, size)
    nets = [(part.job, seed) for task in tasks for part in task.parts for seed in part.seeds]
    assert sorted(nets) == [(j, c.seed + i) for j, c in jobs.items() for i in range(c.seeds)]
    for task in tasks:
        assert len({stacks.structure(part.config) for part in task.parts}) == 1
        assert all(part.config is jobs[part.job] for part in task.parts)
        assert size is None or task.nets <= size


def test_a_task_fits_the_cache():
    many = config(dataset="moons", width=50, seeds=5000)
    for each, largest in (
        (many, stacks.LARGEST_SMALL),
        (dataclasses.replace(many, depth=2, width=100), stacks.LARGEST),
    ):
        tasks = stacks.cut({0: each})
        assert len(tasks) > 1
        assert max(8 * task.nets * activations(each) for task in tasks) <= largest


def test_a_task_fits_the_memory_however_much_is_recorded():
    many = config(records=1000, paths=True, width=50, seeds=5000, epochs=100000)
    tasks = stacks.cut({0: many})
    assert 1 < max(task.nets for task in tasks) < 5000
    assert max(task.nets * memory(many) for task in tasks) <= stacks.MEMORY


def test_one_net_too_large_for_the_cache_is_a_task():
    huge = config(dataset="moons", n_samples=10**5, width=100, seeds=3)
    assert [task.nets for task in stacks.cut({0: huge})] == [1, 1, 1]


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_a_large_stack_has_work_for_all_workers_and_a_small_one_is_left_whole(workers):
    assert len(stacks.cut({0: config(seeds=100)}, workers)) == 1
    tasks = stacks.cut({0: config(seeds=3000)}, workers)
    assert len(tasks) >= workers
    assert max(task.nets for task in tasks) < 1.01 * min(task.nets for task in tasks)


def test_what_takes_longest_comes_first():
    jobs = {
        "short": config(epochs=1),
        "wide": config(epochs=100, width=200),
        "online": config(dataset="moons", epochs=100, batch_size=1),
        "long": config(epochs=100),
        "sharp": config(epochs=100, measure=["sharpness"]),
    }
    order = [task.parts[0].job for task in stacks.cut(jobs)]
    assert order == ["online", "sharp", "wide", "long", "short"]


def test_a_task_carries_the_real_data_that_it_needs_and_no_more():
    jobs = {
        name: config(dataset=name, model="logistic") for name in ("breast_cancer", "digits", "xor")
    }
    tasks = {task.parts[0].job: task for task in stacks.cut(jobs, real=sources.load)}
    sizes = {job: [len(one.X) for one in task.real.values()] for job, task in tasks.items()}
    assert sizes == {"breast_cancer": [569], "digits": [1797], "xor": []}


# --- what comes back ------------------------------------------------------------------------------


@pytest.mark.parametrize("choices", [{}, {"dataset": "moons"}, {"order": "seed"}], ids=str)
def test_digests_of_data_do_not_depend_on_the_cut(choices):
    one = config(**choices, seeds=6, epochs=0)
    beside = config(dataset="and", seeds=3, epochs=0) if "dataset" not in choices else one
    digests = [train(one, beside, size=size)[0]["digest"] for size in (1, 4, 1000)]
    assert all((digest == digests[0]).all() for digest in digests)


def distinct(**choices):
    """How many different digests 4 nets of a configuration have."""
    return len(np.unique(train(config(**choices, seeds=4, epochs=0))["digest"], axis=0))


def test_equal_data_have_equal_digests_and_others_others():
    assert distinct() == 1
    assert distinct(dataset="moons") == 4
    assert distinct(order="seed", seed=1) > 1
    one, other = (train(config(dataset=name, epochs=0))["digest"][0] for name in ("xor", "and"))
    assert (one != other).any()


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_one_bad_configuration_does_not_spoil_the_others(size):
    good = [config(lr=lr, seeds=3, epochs=20) for lr in (0.1, 1.0)]
    bad = config(init="normal", init_scale=1e200, seeds=3, epochs=20)
    jobs = {0: good[0], "bad": bad, 1: good[1]}
    done = [part for task in stacks.cut(jobs, size=size) for part in stacks.train(task)[0]]
    for job, alone in enumerate(good):
        parts = [(first, arrays) for name, first, arrays in done if name == job]
        assert differing(join(parts), train(alone)) == set()
    errors = [error for name, _, error in done if name == "bad"]
    assert errors and all(isinstance(error, TrainingError) for error in errors)


def test_an_error_says_what_and_where_and_survives_the_way_between_processes():
    [task] = stacks.cut({0: config(init="normal", init_scale=1e200)})
    [(_, _, error)], began, ended = stacks.train(task)
    for each in (error, pickle.loads(pickle.dumps(error))):
        assert str(each).startswith("ValueError: weight_norm not finite before the first step")
        assert "Traceback" in each.traceback and "scratchml/training.py" in each.traceback
    assert began <= ended


def test_parts_are_joined_in_the_order_of_their_seeds():
    one = config(seeds=10, seed=4, epochs=5)
    tasks = stacks.cut({0: one}, size=3)
    parts = [(first, arrays) for task in tasks for _, first, arrays in stacks.train(task)[0]]
    assert len(parts) == 4
    joined = join(reversed(parts))
    assert joined["seed"].tolist() == list(range(4, 14))
    assert differing(joined, train(one)) == set()
