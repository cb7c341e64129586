"""Depth's claims on a real sweep of nets that hardly train, and on faults planted in it."""

import dataclasses

import numpy as np
import pytest
from support import configurations, lesson_sweeps, planted

from analysis.lessons import depth as lesson

pytestmark = pytest.mark.errstate(under="ignore")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """What the lesson's nets come out as after 20 epochs instead of 1,000."""
    jobs = lesson_sweeps.configs("depth")
    shorter = [dataclasses.replace(job, epochs=min(job.epochs, 20)) for job in jobs]
    return lesson_sweeps.sweep(tmp_path_factory, "depth", jobs, configurations.train(*shorter))


def refuted(data):
    return [claim.sentence for claim in lesson.claims(data) if not claim.holds]


def test_real_nets_uphold_every_claim(data):
    assert refuted(data) == []


def a_piece_too_few(run, arrays):
    if run.init == "sawtooth" and run.depth == 7:
        arrays["final/linear_regions"] -= 1.0


def one_point_wrong(run, arrays):
    if run.init == "sawtooth" and run.depth == 10:
        arrays["final/train/accuracy"] -= 1.0 / run.n_samples


def one_net_beats_the_bound(run, arrays):
    """At one record only, and by one point of 17."""
    if run.optimizer == "adam" and run.depth == 1 and run.width == 8:
        arrays["curve/train/accuracy"][3, 1] = 14.0 / 17.0


def pieces_grow_with_depth(run, arrays):
    if run.init == "normal" and run.epochs == 0:
        arrays["final/linear_regions"] *= run.depth


def pieces_do_not_grow_with_units(run, arrays):
    if run.init == "normal" and run.epochs == 0:
        arrays["final/linear_regions"][:] = 7.0 + np.arange(run.seeds) % 2


def deep_nets_learn(run, arrays):
    if run.optimizer == "adam" and run.depth == 4:
        arrays["curve/train/accuracy"][:10, -1] = 1.0


def wide_nets_learn(run, arrays):
    if run.optimizer == "adam" and run.width == 64:
        arrays["curve/train/accuracy"][:10, -1] = 1.0


@pytest.mark.parametrize(
    "fault, sentences",
    (
        (a_piece_too_few, ("k layers",)),
        (one_point_wrong, ("k layers",)),
        (one_net_beats_the_bound, ("No trained net",)),
        (pieces_grow_with_depth, ("Untrained, 8 times",)),
        (pieces_do_not_grow_with_units, ("Untrained, 8 times", "Untrained, one layer")),
        (deep_nets_learn, ("Expressible",)),
        (wide_nets_learn, ("Nor do",)),
    ),
)
def test_a_fault_refutes_what_it_is_about_and_nothing_else(data, fault, sentences):
    wrong = refuted(planted.plant(data, fault))
    assert len(wrong) == len(sentences)
    assert all(one.startswith(part) for one, part in zip(wrong, sentences, strict=True))


@pytest.mark.parametrize("m", range(1, 7))
def test_the_bound_is_what_the_best_line_of_so_many_sides_leaves(m):
    """m units change sides m + 1 times at most: every way to cut 9 points into m + 2 runs."""
    n, y = 9, np.arange(9) % 2
    least = n
    for bits in range(2**n):
        side = bits >> np.arange(n) & 1
        if np.count_nonzero(np.diff(side)) <= m + 1:
            least = min(least, np.count_nonzero(side != y))
    assert least / n >= lesson.bound(n, m) > (least - 1) / n


def test_the_figure_shows_the_compositions_every_net_and_the_bound(data):
    compositions, pieces, errors, best = lesson.draw(data).axes
    assert len(compositions.lines) == 6
    assert len(pieces.containers) == 5  # depths of untrained nets
    assert any("bound" in line.get_label() for line in errors.lines)
    assert [line.get_label() for line in best.lines][-1] == "decision"
