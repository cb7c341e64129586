"""Activation: what is exact comes out on a small sweep, what is a rate on planted ones."""

import numpy as np
import pytest
from support import configurations, lesson_sweeps, planted

from analysis import theory
from analysis.figures import saving
from analysis.lessons import activation as lesson

pytestmark = pytest.mark.errstate(under="ignore")

SOLVED = {"sigmoid": 0.79, "tanh": 0.59, "relu": 0.23}  # at 2-2-1
WIDE = {"sigmoid": 200, "tanh": 22, "relu": 17}  # epochs at width 16
DEEP = {"sigmoid": np.inf, "tanh": 70, "relu": 60}  # epochs on the spirals


def jobs():
    """The whole sweep: step nets and nets as initialized as they are, others hardly trained."""
    exact = lesson_sweeps.configs(
        "activation", lambda k: "start" in k or "measure" in k or "paths" in k
    )
    rates = lesson_sweeps.configs(
        "activation", lambda k: k.get("dataset", "xor") in ("xor", "spirals")
        and not {"start", "measure", "paths"} & k.keys(), epochs=1,
    )  # fmt: skip
    circles = lesson_sweeps.configs("activation", lambda k: k.get("dataset") == "circles", seeds=3)
    return exact + rates + circles


def make_up(config, arrays):
    """Who solves what, and when."""
    kind, n = config.activation, config.seeds
    share = None
    if config.dataset == "xor" and config.epochs == 1 and kind in SOLVED:
        share = SOLVED[kind] if config.width == 2 else 0.6 if config.width == 4 else 1.0
        epochs = np.linspace(0.5, 1.5, n) * WIDE[kind]
    elif config.dataset == "spirals":
        share, epochs = float(DEEP[kind] < np.inf), np.full(n, DEEP[kind])
    if share is not None:
        won = np.arange(n) < round(share * n)
        arrays["final/solved"] = won
        arrays["final/epochs_to_solve"] = np.where(won, epochs, np.nan)


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    configs = jobs()
    results = configurations.train(*configs)
    for config, arrays in zip(configs, results, strict=True):
        make_up(config, arrays)
    return lesson.cells(lesson_sweeps.sweep(tmp_path_factory, "activation", configs, results))


def a_bit_moved(cells):
    cells.moved[17] = True


def a_line_solves_it(cells):
    cells.solved["identity"][2][3] = True


def tanh_like_relu(cells):
    cells.solved["tanh"][2] = cells.solved["relu"][2]


def another_law(cells):
    cells.dead[4][5] = np.arange(3000) < 0.4 * 3000


def a_law_of_few_nets(cells):
    """As many nets as no test would tell from the law, which does not show it."""
    cells.dead[4][5] = np.arange(100) < 0.27 * 100


def more_with_biases(cells):
    cells.biased[:] = np.arange(500) < 0.8 * 500


def width_does_nothing(cells):
    for width in cells.solved["relu"]:
        n = len(cells.solved["relu"][width])
        cells.solved["relu"][width] = np.arange(n) < 0.24 * n


def relu_is_no_faster(cells):
    cells.epochs["relu"][16] = cells.epochs["tanh"][16]


def sigmoid_begins(cells):
    cells.spirals["sigmoid"] = cells.spirals["relu"]


def test_each_fault_refutes_what_it_is_about_and_nothing_else(cells):
    planted.check(lesson, cells, {
        a_bit_moved: ["Step units"], a_line_solves_it: ["Identity"], tanh_like_relu: ["At 2-2-1"],
        another_law: ["A relu net of width N"], a_law_of_few_nets: ["A relu net of width N"],
        more_with_biases: ["With two inputs"], width_does_nothing: ["Width rescues"],
        relu_is_no_faster: ["At width 16"], sigmoid_begins: ["Four layers deep"],
    })  # fmt: skip


@pytest.mark.parametrize(("N", "L", "p"), [(1, 1, 0.5), (2, 1, 0.25), (2, 5, 1 - 0.75**5)])
def test_the_chance_of_a_dead_layer_by_hand(N, L, p):
    assert theory.born_dead(N, L) == p


def test_the_figure_shows_five_surfaces_and_two_laws(cells):
    fig = lesson.draw(cells)
    surfaces, (rates, dead) = fig.subfigs[0].axes, fig.subfigs[1].axes
    titles = [ax.get_title(loc="left").split()[0] for ax in surfaces]
    assert titles == list(lesson.KINDS)
    assert all(len(ax.images) == 1 for ax in surfaces)
    labels = [text.get_text() for text in rates.get_legend().get_texts()]
    assert labels == ["relu", "tanh", "sigmoid", "identity", "step"]
    assert len(dead.containers) == 3
    saving.close(fig)
