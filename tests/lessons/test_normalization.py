"""Normalization's claims come out on a small sweep of its own, and fail where they should."""

import numpy as np
import pytest
from support import lesson_sweeps, planted

from analysis.figures import saving
from analysis.lessons import normalization as lesson

pytestmark = pytest.mark.errstate(under="ignore", over="ignore")


def jobs():
    """The sweep with two nets a run, fewer epochs and learning rates."""

    def is_descent(k):
        return "lr_unit" in k and k["model"] == "logistic"

    def is_needed(k):
        return not is_descent(k) and (k["model"] != "mlp" or k["lr"] in (0.003, 0.5))

    descents = lesson_sweeps.configs(
        "normalization", lambda k: is_descent(k) and k["lr"] >= 0.5, seeds=2, epochs=600
    )
    return descents + lesson_sweeps.configs("normalization", is_needed, seeds=2)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return lesson_sweeps.sweep(tmp_path_factory, "normalization", jobs())


@pytest.fixture(scope="module")
def cells(data):
    return lesson.cells(data)


def badly_conditioned(cells):
    cells.curvature["standard"][-1] *= 1e-6


def calm_above_the_edge(cells):
    next(loss for lr, loss in cells.linear if lr > 1.0)[0, -1] = 0.0


def raw_is_fast(cells):
    cells.descents["none"][20]["curve/train/loss"][:, 50:] = 0.09


def raw_learns(cells):
    cells.loss["none"].iloc[1] = 50.0


def a_net_learns(cells):
    cells.accuracy["none"][1] = 0.9


def rises_below(cells):
    cells.descents["centred"][0.5]["curve/train/loss"][1, 4] += 1.0


def rises_scaled(cells):
    cells.descents["standard"][5]["curve/train/loss"][1, 4] += 1.0


def newton_cares(cells):
    cells.newton["none"]["curve/train/loss"][0, 3] += 1e-4


def test_each_fault_refutes_what_it_is_about_and_nothing_else(cells):
    planted.check(lesson, cells, {
        badly_conditioned: ["Standardizing"], calm_above_the_edge: ["The largest stable"],
        raw_is_fast: ["Logistic regression reaches"], raw_learns: ["At lr 0.5 logistic"],
        a_net_learns: ["At lr 0.5 a tanh net"], rises_below: ["Gradients do not"],
        rises_scaled: ["For logistic regression"], newton_cares: ["Newton's method"],
    })  # fmt: skip


def test_the_spectrum_is_that_of_the_models_own_hessian(data):
    """Ours by singular values of the data, the model's by its second derivatives."""
    from scratchml.logistic import Logistic

    X = data.select(model="logistic", lr_unit="critical", scaling="standard", lr=5).examples().X
    zero = {"W1": np.zeros((1, 30, 1)), "b1": np.zeros((1, 1, 1))}
    hessian = Logistic(30).hessian(zero, X)[0]
    ours = lesson.spectrum(X)
    assert ours == pytest.approx(np.linalg.eigvalsh(hessian)[::-1])


def test_the_figure_has_a_line_a_scaling(cells):
    fig = lesson.draw(cells)
    spectra, losses, rates, nets = fig.axes
    assert [len(line.get_xdata()) for line in spectra.lines] == [31, 31, 31]
    assert "Newton, any scaling" in [t.get_text() for t in losses.get_legend().get_texts()]
    assert len([line for line in rates.lines if line.get_marker() in "osD"]) == 3
    assert len(nets.containers) == 3
    saving.close(fig)
