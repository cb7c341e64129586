"""Initialization: what is exact comes out on a small sweep, what is a rate on planted ones."""

import numpy as np
import pytest
from support import configurations, lesson_sweeps, planted

from analysis.figures import saving
from analysis.lessons import initialization as lesson

pytestmark = pytest.mark.errstate(under="ignore")

FAIL = {0.1: 0.11, 0.5: 0.05, 1: 0.17, 2: 0.3, 4: 0.45, 6: 0.54, 8: 0.65, 10: 0.73}


def jobs():
    """The whole sweep, but the nets of the scales hardly train: their fate is planted."""
    scales = lesson_sweeps.configs("initialization", lambda k: "loss" in k, epochs=2)
    equal = lesson_sweeps.configs("initialization", lambda k: "measure" in k, epochs=60)
    paths = lesson_sweeps.configs("initialization", lambda k: "paths" in k, seeds=3)
    convex = lesson_sweeps.configs("initialization", lambda k: "l2" in k, seeds=3)
    perceptrons = lesson_sweeps.configs("initialization", lambda k: k.get("model") == "perceptron")
    return scales + equal + paths + convex + perceptrons


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    """The lesson's cells; nets from U(-s, s) fail at a rate of FAIL[s], those of .1 take long."""
    configs = jobs()
    results = configurations.train(*configs)
    for config, arrays in zip(configs, results, strict=True):
        if config.loss == "squared_error":
            n, scale = config.seeds, config.init_scale
            solved = np.arange(n) >= round(n * FAIL[scale])
            epochs = (15_000 if scale == 0.1 else 500) * np.linspace(0.5, 1.5, n)
            arrays["final/solved"] = solved
            arrays["final/epochs_to_solve"] = np.where(solved, epochs, np.nan)
    return lesson.cells(lesson_sweeps.sweep(tmp_path_factory, "initialization", configs, results))


def a_second_unit(cells):
    cells.equal.loc[7, "distinct_units/1"] = 2


def all_rows_right(cells):
    cells.equal.loc[7, "train/accuracy"] = 1.0


def a_gradient(cells):
    cells.zero.loc[cells.zero.index[3], "gradient_norm"] = 1e-17


def no_rise(cells):
    for scale in cells.failed:
        if scale > 0.5:
            cells.failed[scale] = cells.failed[0.5]


def small_fails(cells):
    cells.failed[0.5] = np.arange(400) < 0.1 * 400


def large_fails_less(cells):
    cells.failed[10] = np.arange(400) < 0.62 * 400


def small_is_quick(cells):
    cells.epochs[0.1] = 3_000 * np.linspace(0.5, 1.5, 400)


def an_order_is_not_learned(cells):
    cells.perceptron[7] = False


def another_end(cells):
    cells.apart[2] = 1e-5


def test_each_fault_refutes_what_it_is_about_and_nothing_else(cells):
    planted.check(lesson, cells, {
        a_second_unit: ["Hidden units"], all_rows_right: ["A net of equal units"],
        a_gradient: ["All-zero"], no_rise: ["The larger the start", "At scale 10"],
        small_fails: ["At scale .5"], large_fails_less: ["At scale 10"],
        small_is_quick: ["Small has a price"], an_order_is_not_learned: ["From zero"],
        another_end: ["Logistic"],
    })  # fmt: skip


def test_nets_that_never_solve_it_count_as_infinitely_slow(cells):
    assert (cells.failed[10].sum(), len(cells.failed[10])) == (292, 400)
    assert np.isinf(cells.epochs[10]).sum() == 292


def test_the_figure_shows_paths_that_part_and_paths_that_do_not(cells):
    fig = lesson.draw(cells)
    equal, random, rates, epochs = fig.axes
    one, other = (line.get_xydata() for line in equal.lines if len(line.get_xydata()) > 1)
    assert np.array_equal(one, other)
    one, other = (line.get_xydata() for line in random.lines if len(line.get_xydata()) > 1)
    assert np.linalg.norm(one[-1] - other[-1]) > 3.0
    assert rates.lines[0].get_ydata() == pytest.approx(100 * np.array(list(FAIL.values())))
    assert [text.get_text() for text in epochs.texts][0].replace(",", "").isdigit()
    saving.close(fig)
