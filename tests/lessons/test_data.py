"""The claims on data: real least squares of 40 features, digits and XOR made up."""

import dataclasses

import numpy as np
import pytest
from support import configurations, lesson_sweeps, planted

from analysis import theory
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


@pytest.fixture(scope="module")
def cells(data):
    """Close to n = d a few nets in a hundred make the mean, and here there are 100: it is given."""
    cells = lesson.cells(data)
    for n in (36, 44):
        wanted = theory.risk(n, cells.d, cells.variance)
        cells.plain[n] = cells.plain[n] * (wanted / cells.plain[n].mean())
    return cells


def noisier(cells):
    """As if the theory were off."""
    for risk in cells.plain.values():
        risk += 0.2


def no_peak(cells):
    d = cells.d
    cells.plain[int(0.9 * d)] = cells.plain[d // 2] * 2.4


def more_does_not_hurt(cells):
    cells.plain[cells.d] = cells.plain[cells.d // 2]


def decay_peaks(cells):
    cells.decay[cells.d] += 1.0


def gap_widens(width):
    def fault(cells):
        cells.gap[width][800] += 0.5

    return fault


def random_labels_stay(cells):
    cells.random["train"][64][0] = 0.995


def random_labels_teach(cells):
    cells.random["test"][64] += 0.06


def narrow_is_better(cells):
    cells.test[4] += 1.0


def xor_is_easy(cells):
    cells.xor[2][:] = True


def test_each_fault_refutes_what_it_is_about_and_nothing_else(cells):
    planted.check(lesson, cells, {
        noisier: ["The risk of least"], no_peak: ["The risk of least", "Just below"],
        more_does_not_hurt: ["More data can hurt"], decay_peaks: ["Decay"],
        **{gap_widens(width): [f"Width {width} on digits"] for width in (4, 16, 64)},
        random_labels_stay: ["Width 64, 4,810"], random_labels_teach: ["Width 64, 4,810"],
        narrow_is_better: ["Bigger does not"], xor_is_easy: ["Width 16 finds XOR"],
    })  # fmt: skip


def test_theory_is_the_mean_of_random_least_squares():
    """5 features: below, where the shortest solution is taken, and above."""
    rng, d, variance = np.random.default_rng(0), 5, 0.2
    for n in (2, 9):
        X = rng.standard_normal((20_000, n, d))
        y = X[..., 0] + np.sqrt(variance) * rng.standard_normal(X.shape[:2])  # u = e1
        w = (np.linalg.pinv(X) @ y[..., None])[..., 0]
        off = ((w - np.eye(d)[0]) ** 2).sum(axis=1)
        error = off.std() / np.sqrt(len(off))
        assert abs(off.mean() - theory.risk(n, d, variance)) < 5.0 * error


def test_theory_is_infinite_where_examples_and_features_are_as_many():
    assert np.isinf(theory.risk([99, 100, 101], 100, 0.2)).all()


def test_the_figure_shows_theory_every_width_and_chance(cells):
    descent, gap, test, random_labels = lesson.draw(cells).axes
    assert descent.lines[0].get_label() == "theory, no decay"
    assert len(descent.containers) == 2
    for ax in (gap, test):
        assert ax.get_legend_handles_labels()[1] == ["width 4", "width 16", "width 64"]
    assert random_labels.get_legend_handles_labels()[1] == ["train", "test", "chance"]
