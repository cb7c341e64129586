"""The vanishing gradient's claims: factors of real nets, and nets made up to learn or not."""

import dataclasses

import numpy as np
import pytest
from support import configurations, lesson_sweeps, planted

from analysis.lessons import vanishing_gradient as lesson

pytestmark = pytest.mark.errstate(under="ignore")


LEARNED = {"final/train/accuracy": 1.0, "final/train/loss": 0.1}
STUCK = {"final/train/accuracy": 0.5, "final/train/loss": np.log(2.0)}


def end_as(ends, arrays, nets=10):
    """Makes the first nets of a run end so."""
    for name, value in ends.items():
        arrays[name][:nets] = value


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


def refuted(data):
    return [claim.sentence for claim in lesson.claims(data) if not claim.holds]


def test_nets_as_the_lesson_describes_them_uphold_every_claim(data):
    assert refuted(data) == []


def each_layer_passes_on_more(run, arrays):
    if run.epochs == 0:
        arrays["curve/signal_norm_by_layer"] *= 1.05 ** np.arange(run.depth + 1.0)


def saturated(run, arrays):
    if run.epochs == 0:
        for layer in range(1, int(run.depth) + 1):
            arrays[f"weights/W{layer}"] *= 4.0


def sigmoid_learns_at_one_lr(run, arrays):
    if run.activation == "sigmoid" and run.lr == 3.0:
        end_as(LEARNED, arrays, nets=2)


def fails(activation, init, init_scale=1.0):
    def fault(run, arrays):
        if (run.activation, run.init, run.init_scale) == (activation, init, init_scale):
            if run.epochs:
                end_as(STUCK, arrays, nets=2)

    return fault


@pytest.mark.parametrize(
    "fault, sentences",
    (
        (each_layer_passes_on_more, ["a layer multiplies"] * 5),
        (saturated, ["It is not saturation"]),
        (sigmoid_learns_at_one_lr, ["Sigmoid nets of depth 6"]),
        (fails("relu", "he"), ["Relu nets of depth 12"]),
        (fails("relu", "xavier"), ["Relu needs no He"]),
        (fails("tanh", "xavier"), ["Tanh trains"]),
        (fails("sigmoid", "xavier", 4), ["Four times"]),
    ),
)
def test_a_fault_refutes_what_it_is_about_and_nothing_else(data, fault, sentences):
    wrong = refuted(planted.plant(data, fault))
    assert len(wrong) == len(sentences)
    assert all(part in one for one, part in zip(wrong, sentences, strict=True))


@pytest.mark.parametrize(
    "activation, s2, wanted", (("relu", 1.0, 0.5**0.5), ("relu", 2.0, 1.0), ("identity", 1.0, 1.0))
)
def test_the_factor_is_that_of_a_layer_whose_mean_square_slope_is_known(activation, s2, wanted):
    assert lesson.factor(activation, s2) == pytest.approx(wanted, rel=1e-12)


def test_sigmoids_factor_is_that_of_a_hundred_thousand_random_sums():
    q, z = 1.0, np.random.default_rng(0).standard_normal(100_000)
    for _ in range(20):
        q = np.mean((1.0 / (1.0 + np.exp(-np.sqrt(q) * z))) ** 2)
    a = 1.0 / (1.0 + np.exp(-np.sqrt(q) * z))
    slope = np.sqrt(np.mean((a - a * a) ** 2))
    assert lesson.factor("sigmoid", 1.0) == pytest.approx(slope, rel=1e-3)


def test_the_figure_shows_every_arm_with_its_theory(data):
    fig = lesson.draw(data)
    profile, histogram, accuracy, losses = fig.axes
    assert len(profile.lines) == 2 * len(lesson.ARMS)
    assert len(histogram.patches) == 2 * 25 and histogram.get_legend()
    labels = accuracy.get_legend_handles_labels()[1]
    assert labels == [arm for arm in lesson.ARMS if arm != "relu, Xavier"] + ["guessing"]
    assert len(losses.get_legend_handles_labels()[1]) == 5
