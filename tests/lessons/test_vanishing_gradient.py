"""The vanishing gradient's claims: factors of real nets, and nets made up to learn or not."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from support import configurations, lesson_sweeps, planted

from analysis.lessons import vanishing_gradient as lesson

pytestmark = pytest.mark.errstate(under="ignore")


LEARNED = {"final/train/accuracy": 1.0, "final/train/loss": 0.1}
STUCK = {"final/train/accuracy": 0.5, "final/train/loss": np.log(2.0)}


def end_as(ends, arrays):
    """Makes the nets of a run end so."""
    for name, value in ends.items():
        arrays[name][:] = value


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The real wide nets; the others learn as they are told."""
    jobs = lesson_sweeps.configs("vanishing_gradient")
    results = configurations.train(
        *(dataclasses.replace(job, epochs=min(job.epochs, 1), records=2) for job in jobs)
    )
    for job, arrays in zip(jobs, results, strict=True):
        if job.epochs == 0:
            continue
        deep = job.activation == "sigmoid" and job.depth > (2 if job.init_scale == 1.0 else 8)
        end_as(STUCK if deep else LEARNED, arrays)
    return lesson_sweeps.sweep(tmp_path_factory, "vanishing_gradient", jobs, results)


@pytest.fixture(scope="module")
def cells(data):
    return lesson.cells(data)


def passes_on_more(arm):
    def fault(cells):
        signals = cells.signals[arm]
        signals *= 1.05 ** np.arange(signals.shape[1])

    return fault


def sigmoid_learns_at_one_lr(cells):
    cells.stuck[3][:2] = False


def fails(arm, depth, nets):
    def fault(cells):
        cells.accuracy[arm][depth][:nets] = 0.5

    return fault


def saturated(cells):
    cells.slopes[lesson.PLAIN] /= 4.0


def too_few_to_tell(cells):
    """Ten nets of ten and ten of ten differ by nothing, and are not shown to be the same."""
    for arm in (lesson.TANH, lesson.HE):
        cells.accuracy[arm][12] = np.ones(10)


def test_each_fault_refutes_what_it_is_about_and_nothing_else(cells):
    planted.check(lesson, cells, {
        **{passes_on_more(arm): [f"{arm}: a layer"] for arm in lesson.ARMS},
        sigmoid_learns_at_one_lr: ["Sigmoid nets of depth 6"],
        fails(lesson.HE, 12, 12): ["Relu nets of depth 12", "Tanh trains"],
        fails(lesson.XAVIER, 12, 2): ["Relu needs no He"],
        fails(lesson.TANH, 12, 12): ["Tanh trains"], too_few_to_tell: ["Tanh trains"],
        fails(lesson.LARGE, 6, 2): ["Four times"], saturated: ["It is not saturation"],
    })  # fmt: skip


def theory(activation, s2):
    row = SimpleNamespace(activation=activation, init="xavier", init_scale=np.sqrt(s2))
    return lesson.factor(row)


@pytest.mark.parametrize(
    "activation, s2, wanted", (("relu", 1.0, 0.5**0.5), ("relu", 2.0, 1.0), ("identity", 1.0, 1.0))
)
def test_the_factor_is_that_of_a_layer_whose_mean_square_slope_is_known(activation, s2, wanted):
    assert theory(activation, s2) == pytest.approx(wanted, rel=1e-12)


def test_sigmoids_factor_is_that_of_a_hundred_thousand_random_sums():
    q, z = 1.0, np.random.default_rng(0).standard_normal(100_000)
    for _ in range(20):
        q = np.mean((1.0 / (1.0 + np.exp(-np.sqrt(q) * z))) ** 2)
    a = 1.0 / (1.0 + np.exp(-np.sqrt(q) * z))
    slope = np.sqrt(np.mean((a - a * a) ** 2))
    assert theory("sigmoid", 1.0) == pytest.approx(slope, rel=1e-3)


def test_the_figure_shows_every_arm_with_its_theory(cells):
    fig = lesson.draw(cells)
    profile, histogram, accuracy, losses = fig.axes
    assert len(profile.lines) == 2 * len(lesson.ARMS)
    assert len(histogram.patches) == 2 * 25 and histogram.get_legend()
    labels = accuracy.get_legend_handles_labels()[1]
    assert labels == [arm for arm in lesson.ARMS if arm != "relu, Xavier"] + ["guessing"]
    assert len(losses.get_legend_handles_labels()[1]) == 5
