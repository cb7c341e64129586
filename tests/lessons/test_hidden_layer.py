"""The hidden layer's claims: decided on nets made up for the purpose, and on a few that trained."""

import dataclasses
from itertools import islice

import numpy as np
import pytest
from support import configurations, lesson_sweeps

from analysis.figures import saving
from analysis.lessons import hidden_layer as lesson

pytestmark = pytest.mark.errstate(under="ignore")

RATES = {1: 0.0, 2: 0.8, 3: 0.98}  # of nets that solve XOR; the others all do


def made_up(jobs, rates=RATES, off=0.0, sharp=9.0):
    """Arrays as if so many nets had solved XOR, and the others ended `off` a trap's loss.

    Args:
        sharp: how large the last layer's weights are: outputs are sigmoid(+-sharp).
    """
    results = []
    for job in jobs:
        arrays = configurations.train(dataclasses.replace(job, epochs=1, records=2, stop="never",
                                                   stop_at=None))  # fmt: skip
        R = job.seeds
        good = np.arange(R) < round(rates.get(job.width, 1.0) * R)
        late = job.loss == "squared_error" and job.epochs == 10000
        trap = lesson.PLATEAU[job.loss] if late else lesson.TRAPS[job.loss][0] + off
        arrays["final/solved"] = good
        arrays["final/train/loss"] = np.where(good, 0.004, trap)
        if job.width == 2:
            # Units for OR and AND; the output says OR and not AND. A net that failed says 1/2.
            size = np.where(good, sharp, 0.0)[:, None, None]
            arrays["weights/W1"] = np.broadcast_to(20.0 * np.ones((2, 2)), (R, 2, 2))
            arrays["weights/b1"] = np.broadcast_to([[-10.0, -30.0]], (R, 1, 2))
            arrays["weights/W2"] = 2.0 * size * [[1.0], [-1.0]]
            arrays["weights/b2"] = -size
        results.append(arrays)
    return results


def invent(tmp_path_factory, **faults):
    jobs = [job for job in lesson_sweeps.configs("hidden_layer") if not job.paths]
    return lesson_sweeps.sweep(tmp_path_factory, "hidden_layer", jobs, made_up(jobs, **faults))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return invent(tmp_path_factory)


def refuted(data):
    return [claim.sentence for claim in lesson.claims(data) if not claim.holds]


def test_nets_as_the_lesson_describes_them_uphold_every_claim(data):
    assert refuted(data) == []


@pytest.mark.parametrize(
    "fault, sentence",
    (
        ({"rates": RATES | {1: 0.01}}, "No net of width 1"),
        ({"rates": RATES | {2: 0.95}}, "At width 2 the share"),
        ({"rates": RATES | {3: 0.94}}, "At width 3 more than 95 %"),
        ({"rates": {w: 0.8 for w in (2, 3, 4, 8, 16)} | {1: 0.0}}, "From width 2 on"),
        ({"off": 0.05}, "Of the nets that fail with cross-entropy"),
        ({"off": 0.05}, "Of the nets that fail with squared error"),
        ({"sharp": 2.5}, "Trained example by example"),
        ({"rates": RATES | {2: 0.7}}, '"A hidden layer solves XOR" is false for one seed in five'),
    ),
)
def test_a_fault_refutes(tmp_path_factory, fault, sentence):
    assert any(one.startswith(sentence) for one in refuted(invent(tmp_path_factory, **fault)))


def test_the_traps_losses_are_those_of_the_outputs_that_name_them():
    y = lesson.XOR
    for loss, value in (
        ("cross_entropy", lambda a: -np.mean(y * np.log(a) + (1 - y) * np.log1p(-a))),
        ("squared_error", lambda a: np.mean((a - y) ** 2) / 2),
    ):
        two = np.array([1e-16, 1 - 1e-16, 0.5, 0.5])
        three = np.array([1 / 3, 1 / 3, 1 - 1e-16, 1 / 3])
        half = np.full(4, 0.5)
        wanted = [*lesson.TRAPS[loss], lesson.PLATEAU[loss]]
        np.testing.assert_allclose([value(a) for a in (two, three, half)], wanted, rtol=1e-12)


def test_the_figure_counts_every_net_and_shows_one_of_each_spike(data):
    fig = lesson.draw(data)
    spikes, rates, online = fig.axes[:3]
    run = data.select(loss="cross_entropy", width=2, batch_size=None)
    assert sum(bar.get_height() for bar in spikes.patches) == len(run.nets)
    assert len(spikes.child_axes) == 3 and all(inset.images for inset in spikes.child_axes)
    assert [c.get_label() for c in rates.containers] == ["cross-entropy", "squared error"]
    dots = [line for line in online.lines if line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in dots] == [200] * 4
    saving.close(fig)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The nets to watch, and a few of those that see one example after the other."""
    jobs = lesson_sweeps.configs("hidden_layer", lambda k: k.get("paths"))
    jobs += lesson_sweeps.configs(
        "hidden_layer", lambda k: k.get("batch_size"), seeds=6, epochs=4000
    )
    return lesson_sweeps.sweep(tmp_path_factory, "hidden_layer", jobs)


def test_real_nets_are_on_their_way_to_the_classic_outputs(trained):
    run = trained.select(batch_size=1)
    assert run.nets.solved.sum() >= 3
    assert (np.abs(lesson.outputs(run) - lesson.XOR)[run.nets.solved] <= 0.06).all()


def test_the_boundary_of_a_net_that_solves_xor_bends(trained):
    frames = list(islice(lesson.animate(trained), 12))
    assert len({frame.shape for frame in frames}) == 1
    assert len({frame.tobytes() for frame in frames}) == 12
