"""The lesson on seeds: its claims follow from two shares, and fail where the shares are others."""

import numpy as np
import pytest
from support import configurations, lesson_sweeps, planted

from analysis.figures import saving
from analysis.lessons import read
from analysis.lessons import seeds as lesson

pytestmark = pytest.mark.errstate(under="ignore")


def fates(both, sigmoid, tanh):
    """(sigmoid, tanh): of 1,000 pairs so many are solved by both, and by one alone."""
    i = np.arange(1000)
    return (i < both + sigmoid), (i < both) | ((both + sigmoid <= i) & (i < both + sigmoid + tanh))


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    """The nets of the lesson activation, hardly trained: their fate is planted."""

    def is_read(knobs):
        return knobs.get("activation") in ("sigmoid", "tanh") and len(knobs) == 5

    jobs = lesson_sweeps.configs("activation", is_read, epochs=1)
    assert [job.activation for job in jobs] == ["sigmoid", "tanh"]
    results = configurations.train(*jobs)
    for arrays, solved in zip(results, fates(both=551, sigmoid=244, tanh=41), strict=True):
        arrays["final/solved"] = solved
    data = lesson_sweeps.sweep(tmp_path_factory, "activation", jobs, results)
    return lesson.cells(data.select(**dict(read("seeds").selected)))


def end_as(**fate):
    """The fault that other shares of nets solve XOR."""

    def fault(cells):
        cells.sigmoid, cells.tanh = fates(**fate)

    return fault


alike, far_apart, surer = (
    end_as(both=790, sigmoid=5, tanh=5),
    end_as(both=300, sigmoid=500, tanh=5),
    end_as(both=780, sigmoid=200, tanh=5),
)


def starts_do_not_matter(cells):
    cells.tanh = np.random.default_rng(0).permutation(cells.tanh)


def test_each_fault_refutes_what_it_is_about_and_nothing_else(cells):
    planted.check(lesson, cells, {
        alike: ["A thousand", "Twenty", "With a hundred", "Nets in pairs"],
        far_apart: ["Three", "Five", "Twenty", "The best of five"],
        surer: ["A difference of 4 points", "Nets in pairs"],
        starts_do_not_matter: ["Nets in pairs"],
    })  # fmt: skip


def test_the_figure_shows_what_n_nets_say_and_how_often_a_test_sees_it(cells):
    orders, power = lesson.draw(cells).axes
    assert [text.get_text() for text in orders.texts] == ["right", "tied", "wrong"]
    pairs, alone, little = (line.get_ydata() for line in power.lines[:3])
    assert alone[-1] > 99.0 > little[-1] and (pairs >= alone - 10.0).all()
    saving.close(orders.figure)
