"""The claims of logistic regression come out on a small sweep of its own, and can fail."""

import dataclasses

import numpy as np
import pytest
from support import lesson_sweeps, planted

from analysis.figures import saving
from analysis.lessons import logistic as lesson

pytestmark = pytest.mark.errstate(under="ignore")


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    jobs = lesson_sweeps.configs("logistic")
    few = [job if job.dataset == "blobs" else dataclasses.replace(job, seeds=4) for job in jobs]
    return lesson.cells(lesson_sweeps.sweep(tmp_path_factory, "logistic", few))


def not_arrived(cells):
    cells.outputs["binary", 0.9] += 1e-5


def another_edge(cells):
    cells.lr["binary", 0.99] = 5.2


def a_third_state(cells):
    cells.cycles *= np.linspace(1.0, 1.1, cells.cycles.shape[1])[:, None]


def the_loss_rises(cells):
    cells.separable[0].loss[0, -1] += 1.0


def slower_than_log_t(cells):
    cells.separable[0].slope[1] *= 0.97


def another_direction(cells):
    cells.separable[1].angle[0] += np.linspace(0.0, 0.0, cells.separable[1].angle.shape[1]) + 3.0


def no_optimum(cells):
    cells.held.loc[2, "gradient_norm"] = 1e-8


def too_sure(cells):
    cells.p = stretched(cells.p, 1.7)


def not_sure_enough(cells):
    cells.p = stretched(cells.p, 0.6)


def stretched(p, factor):
    return 1.0 / (1.0 + np.exp(-factor * (np.log(p) - np.log1p(-p))))


def test_each_fault_refutes_what_it_is_about_and_nothing_else(cells):
    planted.check(lesson, cells, {
        not_arrived: ["Below the edge"], another_edge: ["The edge is lr"],
        a_third_state: ["Above the edge"], the_loss_rises: ["On AND and OR"],
        slower_than_log_t: ["They grow"], another_direction: ["Their direction"],
        no_optimum: ["With a penalty"], too_sure: ["On two clouds"],
        not_sure_enough: ["On two clouds"],
    })  # fmt: skip


def test_few_nets_do_not_show_that_a_forecast_is_calibrated(cells):
    """A bin off by nothing that a test would find is not thereby within .05."""

    def few(cells):
        cells.p, cells.y = cells.p[:5], cells.y[:5]

    assert any(one.startswith("On two clouds") for one in planted.refuted(lesson, cells, few))


def test_a_bin_holds_what_came_less_what_was_said(cells):
    cells = planted._copied(cells)
    cells.p, cells.y = np.array([[0.02, 0.04, 0.55]]), np.array([[0.0, 1.0, 1.0]])
    found = {b: off for b, off in lesson.bins(cells).items() if off}
    assert found == {0: [pytest.approx(0.47)], 5: [pytest.approx(0.45)]}


def test_the_figure_has_its_edge_its_diagonal_and_both_branches(cells):
    fig = lesson.draw(cells)
    surface, reliability, growth, edge = fig.axes[:4]
    dashed = [line for line in edge.lines if line.get_linestyle() == "--"]
    assert [set(line.get_xdata()) for line in dashed] == [{1.0}]
    for line in edge.lines[:2]:
        lr, p = line.get_data()
        assert np.allclose(p[lr < 1.0], 0.5, atol=1e-6)
        assert p[lr == 2.0].min() < 0.1 and p[lr == 2.0].max() > 0.9
    assert surface.images and len(reliability.containers) == 1
    assert {text.get_text() for text in growth.texts} == {"loss on XOR", "loss on AND"}
    saving.close(fig)
