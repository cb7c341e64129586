"""XOR's claims come out on a small sweep of its own, and fail on what would refute them."""

import dataclasses

import numpy as np
import pytest
from support import lesson_sweeps, planted

from analysis import measures
from analysis.figures import saving
from analysis.lessons import xor

pytestmark = pytest.mark.errstate(under="ignore")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    jobs = lesson_sweeps.configs("xor")
    jobs = [dataclasses.replace(job, seeds=min(job.seeds, 240)) for job in jobs]
    return lesson_sweeps.sweep(tmp_path_factory, "xor", jobs)


@pytest.fixture(scope="module")
def cells(data):
    return xor.cells(data)


def test_nets_that_are_stopped_early_have_not_settled(tmp_path_factory):
    jobs = lesson_sweeps.configs("xor", epochs=12, seeds=100)
    few = xor.cells(lesson_sweeps.sweep(tmp_path_factory, "xor", jobs))
    assert any(sentence.startswith("In the end") for sentence in planted.refuted(xor, few))


def an_epoch_without_a_mistake(cells):
    cells.nets.loc[3, "clean_epochs"] = 1


def too_long(cells):
    cells.nets.loc[(cells.nets.init == "zero").idxmax(), "max_norm"] = 2.3


def too_much_longer(cells):
    at = (cells.nets.init != "zero").idxmax()
    cells.nets.loc[at, "max_norm"] = cells.paths[at, 0].max() + 20.0


def a_step_in_the_last_epoch(cells):
    cells.paths[0, -1] += 1.0


def all_right(cells):
    cells.best[2] = 1.0


def an_open_lap(cells):
    cells.laps[1, -1] += 1


def and_is_not_learned(cells):
    cells.learned[0] = False


def the_best_line(cells):
    cells.nets["train/accuracy"] = 0.75


def test_each_fault_refutes_what_it_is_about_and_nothing_else(cells):
    planted.check(xor, cells, {
        an_epoch_without_a_mistake: ["No perceptron"], too_long: ["From zero", "From any whole"],
        too_much_longer: ["From any whole"], a_step_in_the_last_epoch: ["In the end"],
        all_right: ["No line"], an_open_lap: ["It does not diverge"],
        and_is_not_learned: ["It does not diverge"], the_best_line: ["Stopping it"],
    })  # fmt: skip


def test_a_lap_follows_the_rule_step_by_step(data):
    run = data.select(dataset="xor", init="zero", coding="binary")
    # From (-1, 0, 1), rows in counting order, by hand:
    by_hand = [(-1, 0, 1), (-1, 0, 0), (-1, 1, 1), (0, 1, 2), (-1, 0, 1)]
    np.testing.assert_array_equal(measures.lap((-1, 0, 1), run.examples()), by_hand)


def test_the_settling_epoch_is_the_last_that_moved():
    path = np.zeros((3, 6, 1))
    path[1, 2:] = 1.0
    path[2, 5:] = 1.0
    np.testing.assert_array_equal(measures.settling(path), [0, 2, 5])


def test_the_figure_shows_four_lines_a_loop_and_a_point(cells):
    fig = xor.draw(cells)
    steps, (orbit, path) = fig.subfigs[0].axes, fig.subfigs[1].axes
    assert [ax.get_title("left")[0] for ax in steps] == list("1234")
    assert [text.get_text().strip() for text in orbit.texts] == list("1234")
    assert not path.texts
    loop = np.array(orbit.lines[1].get_data_3d()).T
    np.testing.assert_array_equal(loop[0], loop[-1])
    saving.close(fig)
