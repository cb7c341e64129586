"""The perceptron's claims come out on its own sweep, and fail where they should."""

from itertools import islice

import numpy as np
import pytest
from support import lesson_sweeps, planted

from analysis.figures import saving
from analysis.lessons import perceptron as lesson

pytestmark = pytest.mark.errstate(under="ignore")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The whole sweep; of three inputs all tables, but in two orders."""
    jobs = lesson_sweeps.configs("perceptron", lambda k: k["inputs"] == 2)
    jobs += lesson_sweeps.configs("perceptron", lambda k: k["inputs"] == 3, seeds=2)
    return lesson_sweeps.sweep(tmp_path_factory, "perceptron", jobs)


@pytest.fixture(scope="module")
def cells(data):
    return lesson.cells(data)


def one_table_more(cells):
    cells.tables.loc[(cells.tables.inputs == 2) & (cells.tables.table == 6), "learned"] = True


def one_of_three_inputs_less(cells):
    at = ((cells.tables.inputs == 3) & cells.tables.learned).idxmax()
    cells.tables.loc[at, "learned"] = False


def half_the_bound(cells):
    at = cells.tables.inputs == 3
    cells.tables.loc[at, "bound"] /= 5.0


def another_bound(cells):
    at = (cells.tables.table == 7) & (cells.tables.inputs == 2)
    cells.tables.loc[at, "bound"] += 1.0


def longer_weights(cells):
    cells.rates[8.0].loc[0, "weight_norm"] *= 1 + 1e-15 + 1e-16


def another_mistake(cells):
    cells.rates[0.125].loc[0, "mistakes"] += 1


def rounding_decides_nothing(cells):
    cells.rates[0.1] = cells.rates[1.0]


def coding_makes_no_difference(cells):
    cells.mistakes["bipolar"] = cells.mistakes["binary"] + np.arange(24) % 2 * 2 - 1


def test_each_fault_refutes_what_it_is_about_and_nothing_else(cells):
    planted.check(lesson, cells, {
        one_table_more: ["Of the 16"], one_of_three_inputs_less: ["Of the 256"],
        half_the_bound: ["No perceptron makes more"], another_bound: ["The bound is 51"],
        longer_weights: ["From zero weights"], another_mistake: ["From zero weights"],
        rounding_decides_nothing: ["With lr 0.1"], coding_makes_no_difference: ["Writing AND's"],
    })  # fmt: skip


def test_a_net_that_stopped_before_the_bound_proves_nothing(cells):
    """40 epochs, a bound of 51."""

    def early(cells):
        cells.tables.loc[~cells.tables.learned & (cells.tables.inputs == 2), "epochs"] = 40

    (sentence,) = planted.refuted(lesson, cells, early)
    assert sentence.startswith("Of the 16 tables")


def test_the_figure_shows_each_table_and_each_epoch(cells):
    fig = lesson.draw(cells)
    small_planes, (bounds, plane) = fig.subfigs[0].axes, fig.subfigs[1].axes
    assert len(small_planes) == 16
    without = [ax.get_title(loc="center") for ax in small_planes if not ax.lines]
    assert without == ["XOR", "XNOR"]
    assert len(plane.lines) == len(cells.path) - 1 == len(plane.get_legend().get_texts())
    assert len(bounds.collections) == 3 and bounds.lines[0].get_linestyle() == "--"
    saving.close(fig)


def test_the_line_turns_after_the_first_epoch(cells):
    frames = list(islice(lesson.animate(cells), 48))
    assert len({frame.shape for frame in frames}) == 1
    assert len({frame.tobytes() for frame in frames}) > 16
