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


def refuted(data):
    return [claim.sentence for claim in lesson.claims(data) if not claim.holds]


def test_real_valleys_and_xor_as_the_lesson_describes_it_uphold_every_claim(data):
    assert refuted(data) == []


def valley(run, optimizer, dataset="quadratic"):
    return run.dataset == dataset and run.optimizer == optimizer and run.n_features == 10


def on_xor(run, optimizer, lr):
    return run.dataset == "xor" and run.optimizer == optimizer and run.lr == lr


def quicker_descent(run, arrays):
    if valley(run, "sgd"):
        arrays["final/epochs"] = arrays["final/epochs"] // run.condition**0.5


def momentum_like_descent(run, arrays):
    if valley(run, "momentum"):
        arrays["final/epochs"] = arrays["final/epochs"] * run.condition**0.5


def newton_needs_two(run, arrays):
    if valley(run, "newton") and run.condition == 100:
        arrays["final/epochs"][0] = 2


def rotated_is_as_easy(run, arrays):
    if valley(run, "adagrad", "rotated"):
        arrays["final/epochs"][:] = 15


def adam_as_sure(run, arrays):
    if on_xor(run, "adam", 0.01):
        arrays["final/epochs_to_solve"] = np.where(
            np.arange(len(arrays["seed"])) < 0.7 * len(arrays["seed"]), 400.0, np.nan
        )


def adam_slow(run, arrays):
    if run.dataset == "xor" and run.optimizer == "adam":
        arrays["final/epochs_to_solve"] += 200.0


def adam_fast_and_sure(run, arrays):
    if on_xor(run, "adam", 0.01):
        arrays["final/epochs_to_solve"] /= 5.0


def momentum_slow(run, arrays):
    if run.dataset == "xor" and run.optimizer == "momentum":
        arrays["final/epochs_to_solve"] *= 3.0


@pytest.mark.parametrize(
    "fault, sentences",
    (
        (quicker_descent, ["Steps of gradient descent", "At condition 1,000"]),
        (momentum_like_descent, ["With momentum", "At condition 1,000"]),
        (newton_needs_two, ["Newton's method"]),
        (rotated_is_as_easy, ["Adagrad does not feel"]),
        (adam_as_sure, ["Adam solves XOR less often", "The optimizer changes the basin"]),
        (adam_slow, ["It is faster when it does"]),
        (adam_fast_and_sure, ["It is not both at once"]),
        (momentum_slow, ["Momentum beats both"]),
    ),
)
def test_a_fault_refutes_what_it_is_about_and_nothing_else(data, fault, sentences):
    wrong = refuted(planted.plant(data, fault))
    assert len(wrong) == len(sentences)
    assert all(one.startswith(part) for one, part in zip(wrong, sentences, strict=True))


def test_an_arm_that_does_not_arrive_is_not_the_best(data):
    def never(run, arrays):
        if valley(run, "sgd") and run.lr != 1.0:
            arrays["final/train/loss"][:] = 1.0

    one = lesson.best(planted.plant(data, never), "quadratic", "sgd", 100)
    assert np.isfinite(one).all() and np.median(one) > np.median(
        lesson.best(data, "quadratic", "sgd", 100)
    )


def test_the_figure_shows_the_ways_the_rates_and_both_valleys(data):
    ways, rates, straight, rotated = lesson.draw(data).axes
    labels = {line.get_label() for line in ways.lines}
    assert {"gradient descent", "momentum", "adam", "Newton"} <= labels
    assert len(rates.containers) == 4
    for ax in (straight, rotated):
        drawn = [line for line in ax.lines if line.get_label() in lesson.NAMES.values()]
        assert len(drawn) == len(lesson.NAMES)
    assert [line.get_label() for line in rotated.lines[:2]] == [
        "in proportion to the condition", "to its root"
    ]  # fmt: skip
