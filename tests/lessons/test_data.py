"""The claims on data: real least squares of 40 features, digits and XOR made up."""

import dataclasses

import numpy as np
import pytest
from support import configurations, lesson_sweeps, planted

from analysis.lessons import data as lesson

pytestmark = pytest.mark.errstate(under="ignore")


def smaller(job):
    """The linear problem with 40 features, in the same proportions."""
    if job.dataset != "linear":
        return job
    return dataclasses.replace(job, n_features=40, n_samples=job.n_samples * 2 // 5, seeds=100)


def make_up(job, arrays):
    """Digits and XOR as the lesson describes them."""
    if job.dataset == "digits":
        right = 1.0 - 3.0 / np.sqrt(job.n_samples) / job.width**0.3
        arrays["final/train/accuracy"] = np.ones(job.seeds)
        arrays["final/test/accuracy"] = np.full(job.seeds, 0.1 if job.label_noise else right)
        arrays["final/test/accuracy"] += np.linspace(-0.01, 0.01, job.seeds)
    if job.dataset == "xor":
        arrays["final/solved"] = np.arange(job.seeds) < (0.8 if job.width == 2 else 1) * job.seeds


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    jobs = list(map(smaller, lesson_sweeps.configs("data")))
    results = configurations.train(*(dataclasses.replace(job, epochs=1) for job in jobs))
    for job, arrays in zip(jobs, results, strict=True):
        make_up(job, arrays)
    return lesson_sweeps.sweep(tmp_path_factory, "data", jobs, results)


def refuted(data):
    return [claim.sentence for claim in lesson.claims(data) if not claim.holds]


def test_real_least_squares_and_nets_as_described_uphold_every_claim(data):
    assert refuted(data) == []


def noisier(run, arrays):
    """Held-out losses too high by a tenth, as if the theory were off."""
    if run.dataset == "linear" and run.l2 == 0.0:
        arrays["final/test/loss"] += 0.1


def without_peak(run, arrays):
    if run.dataset == "linear" and run.n_samples in (36, 40):
        arrays["final/test/loss"] = np.full(run.seeds, 0.2) + 1e-3 * np.arange(run.seeds)


def decay_peaks(run, arrays):
    if run.dataset == "linear" and run.l2 > 0.0 and run.n_samples == 40:
        arrays["final/test/loss"] += 1.0


def gap_widens(run, arrays):
    if run.dataset == "digits" and run.width == 16 and run.n_samples == 800:
        arrays["final/test/accuracy"] -= 0.2


def random_labels_stay(run, arrays):
    if run.label_noise == 1.0 and run.width == 64:
        arrays["final/train/accuracy"][0] = 0.995


def narrow_is_better(run, arrays):
    if run.dataset == "digits" and run.width == 4 and run.label_noise == 0.0:
        arrays["final/test/accuracy"] = np.full(run.seeds, 1.0 - 1.0 / run.n_samples)


def xor_is_easy(run, arrays):
    if run.dataset == "xor":
        arrays["final/solved"][:] = True


@pytest.mark.parametrize(
    "fault, sentences",
    (
        (noisier, ("The risk of least squares",)),
        (without_peak, ("The risk of least", "Just below", "More data can hurt", "Decay")),
        (decay_peaks, ("Decay",)),
        (gap_widens, ("Width 16 on digits",)),
        (random_labels_stay, ("Width 64, 4,810 weights",)),
        (narrow_is_better, ("Bigger does not need more",)),
        (xor_is_easy, ("Width 16 finds XOR",)),
    ),
)
def test_a_fault_refutes_what_it_is_about(data, fault, sentences):
    wrong = refuted(planted.plant(data, fault))
    assert all(any(one.startswith(part) for one in wrong) for part in sentences)


def test_theory_is_the_mean_of_random_least_squares():
    """5 features: below, where the shortest solution is taken, and above."""
    rng, d, variance = np.random.default_rng(0), 5, 0.2
    for n in (2, 9):
        X = rng.standard_normal((20_000, n, d))
        y = X[..., 0] + np.sqrt(variance) * rng.standard_normal(X.shape[:2])  # u = e1
        w = (np.linalg.pinv(X) @ y[..., None])[..., 0]
        off = ((w - np.eye(d)[0]) ** 2).sum(axis=1)
        error = off.std() / np.sqrt(len(off))
        assert abs(off.mean() - lesson.theory(n, d, variance)) < 5.0 * error


def test_theory_is_infinite_where_examples_and_features_are_as_many():
    assert np.isinf(lesson.theory([99, 100, 101], 100, 0.2)).all()


def test_the_figure_shows_theory_every_width_and_chance(data):
    descent, gap, test, random_labels = lesson.draw(data).axes
    assert descent.lines[0].get_label() == "theory, no decay"
    assert len(descent.containers) == 2
    for ax in (gap, test):
        assert ax.get_legend_handles_labels()[1] == ["width 4", "width 16", "width 64"]
    assert random_labels.get_legend_handles_labels()[1] == ["train", "test", "chance"]
