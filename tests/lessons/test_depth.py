"""Depth's claims on a real sweep of nets that hardly train, and on faults planted in it."""

import dataclasses

import numpy as np
import pytest
from support import configurations, lesson_sweeps, planted

from analysis import theory
from analysis.lessons import depth as lesson

pytestmark = pytest.mark.errstate(under="ignore")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """What the lesson's nets come out as after 20 epochs instead of 1,000."""
    jobs = lesson_sweeps.configs("depth")
    shorter = [dataclasses.replace(job, epochs=min(job.epochs, 20)) for job in jobs]
    return lesson_sweeps.sweep(tmp_path_factory, "depth", jobs, configurations.train(*shorter))


@pytest.fixture(scope="module")
def cells(data):
    return lesson.cells(data)


def a_piece_too_few(cells):
    cells.made["linear_regions"] -= cells.made.depth == 7


def one_point_wrong(cells):
    cells.made.loc[cells.made.depth == 10, "train/accuracy"] = 1024 / 1025


def one_net_beats_the_bound(cells):
    """By one point of 17."""
    cells.errors[1][8][3] = 3.0 / 17.0


def pieces_grow_with_depth(cells):
    for depth, row in cells.untrained.items():
        for pieces in row.values():
            pieces *= depth


def another_law(cells):
    cells.one[24] += 1.0


def a_law_of_few_nets(cells):
    cells.one[24] = cells.one[24][:15]


def deep_nets_learn(cells):
    cells.errors[4][2][:10] = 0.0


def wide_nets_learn(cells):
    cells.errors[1][64][:10] = 0.0


def test_each_fault_refutes_what_it_is_about_and_nothing_else(cells):
    planted.check(lesson, cells, {
        a_piece_too_few: ["k layers"], one_point_wrong: ["k layers"],
        one_net_beats_the_bound: ["No trained net"], pieces_grow_with_depth: ["Untrained, 8"],
        another_law: ["Untrained, one layer"], a_law_of_few_nets: ["Untrained, one layer"],
        deep_nets_learn: ["Expressible"], wide_nets_learn: ["Nor do"],
    })  # fmt: skip


@pytest.mark.parametrize("m", range(1, 7))
def test_the_bound_is_what_the_best_line_of_so_many_sides_leaves(m):
    """m units change sides m + 1 times at most: every way to cut 9 points into m + 2 runs."""
    n, y = 9, np.arange(9) % 2
    least = n
    for bits in range(2**n):
        side = bits >> np.arange(n) & 1
        if np.count_nonzero(np.diff(side)) <= m + 1:
            least = min(least, np.count_nonzero(side != y))
    assert least / n >= theory.alternating(n, m) > (least - 1) / n


def test_the_figure_shows_the_compositions_every_net_and_the_bound(cells):
    compositions, pieces, errors, best = lesson.draw(cells).axes
    assert len(compositions.lines) == 6
    assert len(pieces.containers) == 5  # depths of untrained nets
    assert any("bound" in line.get_label() for line in errors.lines)
    assert [line.get_label() for line in best.lines][-1] == "decision"
