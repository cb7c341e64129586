"""The claims on penalty and stopping, on a real sweep of 40 features, and on faults in it."""

import dataclasses

import numpy as np
import pytest
from support import lesson_sweeps, planted

from analysis.lessons import regularization as lesson

pytestmark = pytest.mark.errstate(under="ignore")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The same problem with 40 features, in the same proportions, and more nets."""
    jobs = [
        dataclasses.replace(job, n_features=40, n_samples=job.n_samples * 2 // 5,
                            seeds=100 if job.noise else 20)
        for job in lesson_sweeps.configs("regularization")
    ]  # fmt: skip
    return lesson_sweeps.sweep(tmp_path_factory, "regularization", jobs)


def refuted(data):
    return [claim.sentence for claim in lesson.claims(data) if not claim.holds]


def test_real_nets_uphold_every_claim(data):
    assert refuted(data) == []


def ridge(run, noisy=True):
    return run.optimizer == "newton" and (run.noise > 0.0) == noisy


def path(run, noisy=True):
    return run.optimizer == "sgd" and (run.noise > 0.0) == noisy


def best_elsewhere(run, arrays):
    """Half the right penalty comes out a little better."""
    if ridge(run) and np.isclose(run.l2 * run.n_samples / run.n_features, 0.1):
        arrays["final/test/loss"] -= 0.02


def worse_on_the_way(run, arrays):
    if path(run):
        arrays["curve/test/loss"] *= 2.0


def no_overfitting(run, arrays):
    if path(run):
        arrays["curve/test/loss"][:, -1] = 0.1


def clean_penalty_helps(run, arrays):
    if ridge(run, noisy=False) and run.l2 > 0.0:
        arrays["final/test/loss"] *= 0.0


def clean_end_is_worse(run, arrays):
    if path(run, noisy=False):
        arrays["curve/test/loss"][:, -1] = 5.0


@pytest.mark.parametrize(
    "fault, sentences",
    (
        (best_elsewhere, ["n/d = 0.5", "n/d = 1", "n/d = 2"]),
        (worse_on_the_way, ["Stopped at time t"]),
        (no_overfitting, ["At n = d"]),
        (clean_penalty_helps, ["Without noise no penalty"]),
        (clean_end_is_worse, ["Without noise the end"]),
    ),
)
def test_a_fault_refutes_what_it_is_about_and_nothing_else(data, fault, sentences):
    wrong = refuted(planted.plant(data, fault))
    assert len(wrong) == len(sentences)
    assert all(one.startswith(part) for one, part in zip(wrong, sentences, strict=True))


def test_a_risk_between_two_records_lies_on_a_line_in_the_logarithm_of_time():
    times, risk = np.array([0.0, 1.0, 100.0]), np.array([[9.0, 4.0, 2.0], [9.0, 0.0, 1.0]])
    np.testing.assert_allclose(lesson.at(10.0, times, risk), [3.0, 0.5], rtol=1e-12)


def test_the_figure_shows_each_size_twice_and_rings_the_best(data):
    best, both, peak, clean = lesson.draw(data).axes
    assert best.get_legend_handles_labels()[1][1:] == ["n/d = 0.5", "n/d = 1", "n/d = 2"]
    rings = [line for line in best.lines if line.get_markerfacecolor() == "none"]
    assert len(rings) == 3
    for ax in (both, clean):
        labels = ax.get_legend_handles_labels()[1]
        assert len(labels) == 6 and sum("penalty" in label for label in labels) == 3
    assert peak.collections  # the band
