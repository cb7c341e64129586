"""The claims on optimizers: on real valleys, on XOR made up for the purpose, and on faults."""

import dataclasses

import numpy as np
import pytest
from support import configurations, lesson_sweeps, planted

from analysis.lessons import optimizer as lesson

pytestmark = pytest.mark.errstate(under="ignore")

# (optimizer, lr) -> the share of nets that solve XOR, and their median epochs
XOR = {
    ("sgd", 4): (0.8, 130), ("sgd", 8): (0.6, 110), ("momentum", 2): (0.8, 60),
    ("adam", 0.01): (0.6, 400), ("adam", 0.3): (0.4, 45),
}  # fmt: skip


def made_up(job):
    """Arrays of a run on XOR in which so many nets solve it, hardly trained."""
    arrays = configurations.train(dataclasses.replace(job, epochs=1, stop="never"))
    share, epochs = XOR.get((job.optimizer, job.lr), (0.3, 1000))
    solves = np.arange(job.seeds) < share * job.seeds
    arrays["final/solved"] = solves
    spread = np.linspace(0.7, 1.3, int(solves.sum()))
    arrays["final/epochs_to_solve"] = np.full(job.seeds, np.nan)
    arrays["final/epochs_to_solve"][solves] = epochs * spread
    return arrays


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    jobs = [
        job if job.dataset == "xor" else dataclasses.replace(job, seeds=min(job.seeds, 4))
        for job in lesson_sweeps.configs("optimizer")
    ]
    valleys = iter(configurations.train(*(job for job in jobs if job.dataset != "xor")))
    results = [made_up(job) if job.dataset == "xor" else next(valleys) for job in jobs]
    return lesson_sweeps.sweep(tmp_path_factory, "optimizer", jobs, results)


@pytest.fixture(scope="module")
def cells(data):
    return lesson.cells(data)


def grows_otherwise(name, power, place="quadratic"):
    """The fault that the steps of an optimizer grow with another power of the condition."""

    def fault(cells):
        for condition, steps in cells.steps[place][name].items():
            steps *= float(condition) ** power

    return fault


def newton_needs_two(cells):
    cells.steps["quadratic"]["newton"][100][0] = 2


def adam_as_sure(cells):
    n = len(cells.xor["adam"][0.01])
    cells.xor["adam"][0.01] = np.where(np.arange(n) < 0.7 * n, 400.0, np.inf)


def adam_slow(cells):
    for epochs in cells.xor["adam"].values():
        epochs += 200.0


def adam_fast_and_sure(cells):
    cells.xor["adam"][0.01] /= 5.0


def momentum_slow(cells):
    for epochs in cells.xor["momentum"].values():
        epochs *= 3.0


def test_each_fault_refutes_what_it_is_about_and_nothing_else(cells):
    planted.check(lesson, cells, {
        grows_otherwise("sgd", -0.5): ["Steps of gradient descent", "At condition 1,000"],
        grows_otherwise("momentum", 0.5): ["With momentum", "At condition 1,000"],
        grows_otherwise("adagrad", -0.5, "rotated"): ["Adagrad does not feel"],
        newton_needs_two: ["Newton's method"],
        adam_as_sure: ["Adam solves XOR less often", "The optimizer changes the basin"],
        adam_slow: ["It is faster when it does"], adam_fast_and_sure: ["It is not both at once"],
        momentum_slow: ["Momentum beats both"],
    })  # fmt: skip


def test_an_arm_that_does_not_arrive_is_not_the_best(data):
    nets = data.select(dataset="quadratic", n_features=10, optimizer="sgd").nets
    late = nets.assign(**{"train/loss": nets["train/loss"].where(nets.lr == 1.0, 1.0)})
    one, all_ = lesson.steps(late)["sgd"], lesson.steps(nets)["sgd"]
    assert np.isfinite(one[100]).all()
    assert np.median(one[100]) > np.median(all_[100])


def test_the_figure_shows_the_ways_the_rates_and_both_valleys(cells):
    ways, rates, straight, rotated = lesson.draw(cells).axes
    labels = {line.get_label() for line in ways.lines}
    assert {"gradient descent", "momentum", "adam", "Newton"} <= labels
    assert len(rates.containers) == 4
    for ax in (straight, rotated):
        drawn = [line for line in ax.lines if line.get_label() in lesson.NAMES.values()]
        assert len(drawn) == len(lesson.NAMES)
    assert [line.get_label() for line in rotated.lines[:2]] == [
        "in proportion to the condition", "to its root"
    ]  # fmt: skip
