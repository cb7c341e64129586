"""The hidden layer's claims: decided on nets made up for the purpose, and on a few that trained."""

import dataclasses
from itertools import islice

import numpy as np
import pytest
from support import configurations, lesson_sweeps, planted

from analysis import measures
from analysis.figures import saving
from analysis.lessons import hidden_layer as lesson

pytestmark = pytest.mark.errstate(under="ignore")

RATES = {1: 0.0, 2: 0.8, 3: 0.98}  # of nets that solve XOR; the others all do


def made_up(jobs):
    """Arrays as if so many nets had solved XOR, and the others ended in a trap or on the plateau.

    The nets to watch are trained.
    """
    results = []
    for job in jobs:
        if job.paths:
            results += configurations.train(job, job)[:1]
            continue
        arrays = configurations.train(dataclasses.replace(job, epochs=1, records=2, stop="never",
                                                   stop_at=None))  # fmt: skip
        R = job.seeds
        good = np.arange(R) < round(RATES.get(job.width, 1.0) * R)
        late = job.loss == "squared_error" and job.epochs == 10000
        trap = lesson.PLATEAU[job.loss] if late else lesson.TRAPS[job.loss][0]
        arrays["final/solved"] = good
        arrays["final/train/loss"] = np.where(good, 0.004, trap)
        if job.width == 2:
            # Units for OR and AND; the output says OR and not AND. A net that failed says 1/2.
            size = np.where(good, 9.0, 0.0)[:, None, None]
            arrays["weights/W1"] = np.broadcast_to(20.0 * np.ones((2, 2)), (R, 2, 2))
            arrays["weights/b1"] = np.broadcast_to([[-10.0, -30.0]], (R, 1, 2))
            arrays["weights/W2"] = 2.0 * size * [[1.0], [-1.0]]
            arrays["weights/b2"] = -size
        results.append(arrays)
    return results


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    jobs = lesson_sweeps.configs("hidden_layer")
    return lesson_sweeps.sweep(tmp_path_factory, "hidden_layer", jobs, made_up(jobs))


@pytest.fixture(scope="module")
def cells(data):
    return lesson.cells(data)


def rate(width, share, losses=("cross_entropy", "squared_error")):
    """The fault that another share of nets of a width solves XOR."""

    def fault(cells):
        for loss in losses:
            n = len(cells.solved[loss][width])
            cells.solved[loss][width] = np.arange(n) < share * n

    return fault


def wide_is_no_better(cells):
    for width in cells.solved["cross_entropy"]:
        if width > 1:
            rate(width, 0.8, ["cross_entropy"])(cells)


def elsewhere(loss, epochs):
    """The fault that a tenth of the nets that failed ended at no trap."""

    def fault(cells):
        end, _ = cells.ends[loss, epochs]
        end[: len(end) // 10] += 0.05

    return fault


def no_plateau(cells):
    cells.ends["squared_error", 10000][0][:] = lesson.TRAPS["squared_error"][0]


def not_sharp(cells):
    cells.said[:] = np.where(cells.said > 0.5, 0.9, 0.1)


def test_each_fault_refutes_what_it_is_about_and_nothing_else(cells):
    planted.check(lesson, cells, {
        not_sharp: ["Trained example by example"], rate(1, 0.01): ["No net of width 1"],
        rate(2, 0.92): ["At width 2", '"A hidden layer'], rate(3, 0.94): ["At width 3"],
        wide_is_no_better: ["At width 3", "From width 2 on"],
        elsewhere("cross_entropy", 10000): ["Of the nets that fail with cross-entropy"],
        elsewhere("squared_error", 40000): ["Of the nets that fail with squared error"],
        no_plateau: ["With squared error 10,000"], rate(2, 0.7): ['"A hidden layer'],
    })  # fmt: skip


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


def test_the_figure_counts_every_net_and_shows_one_of_each_spike(cells):
    cells.spikes = cells.spikes[:2] + cells.spikes[:1]  # no net was made up for the third
    fig = lesson.draw(cells)
    spikes, rates, online = fig.axes[:3]
    assert sum(bar.get_height() for bar in spikes.patches) == len(cells.losses)
    assert len(spikes.child_axes) == 3 and all(inset.images for inset in spikes.child_axes)
    labels = [text.get_text() for text in rates.get_legend().get_texts()]
    assert labels == ["cross-entropy", "squared error"]
    dots = [line for line in online.lines if line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in dots] == [200] * 4
    saving.close(fig)


def test_real_nets_are_on_their_way_to_the_classic_outputs(tmp_path_factory):
    """A few of those that see one example after the other."""
    jobs = lesson_sweeps.configs(
        "hidden_layer", lambda k: k.get("batch_size"), seeds=6, epochs=4000
    )
    run = lesson_sweeps.sweep(tmp_path_factory, "hidden_layer", jobs)
    assert run.nets.solved.sum() >= 3
    assert (
        np.abs(measures.outputs(run.arrays(), lesson.ROWS) - lesson.XOR)[run.nets.solved] <= 0.06
    ).all()


def test_the_boundary_of_a_net_that_solves_xor_bends(cells):
    frames = list(islice(lesson.animate(cells), 12))
    assert len({frame.shape for frame in frames}) == 1
    assert len({frame.tobytes() for frame in frames}) == 12
