"""The gradient's claims: decided on nets whose fate is planted, and on differences as they are."""

import numpy as np
import pytest
from support import configurations, lesson_sweeps, planted

from analysis import differences
from analysis.figures import saving
from analysis.lessons import gradient as lesson

pytestmark = pytest.mark.errstate(under="ignore")

# Shares of nets that solve XOR, {(backprop, width): share}; 1 where nothing is said.
FATE = {
    ("exact", 2): 0.8, ("slope_of_output", 2): 0.5, ("no_hidden_bias", 2): 0.5,
    ("random_feedback", 2): 0.76, ("sign_feedback", 2): 0.7, ("transposed", 2): 0.4,
    **{(name, width): 0.0 for name in lesson.NEVER for width in (2, 4, 8)},
}  # fmt: skip


@pytest.fixture(scope="module")
def trained():
    """The whole sweep, but the nets take two steps: what becomes of them is planted."""
    steps = lesson_sweeps.configs("gradient", lambda k: "dataset" not in k, epochs=2, stop="never")
    steps += lesson_sweeps.configs("gradient", lambda k: "dataset" in k)
    return steps, configurations.train(*steps)


def sweep(tmp_path_factory, trained, fate=FATE, spoil=lambda config, arrays: None):
    jobs, results = trained
    results = [{name: array.copy() for name, array in arrays.items()} for arrays in results]
    for job, arrays in zip(jobs, results, strict=True):
        if "final/solved" in arrays:
            share = fate.get((job.backprop, job.width), 1.0)
            arrays["final/solved"] = np.arange(job.seeds) < round(share * job.seeds)
        spoil(job, arrays)
    return lesson_sweeps.sweep(tmp_path_factory, "gradient", jobs, results)


@pytest.fixture(scope="module")
def data(tmp_path_factory, trained):
    return sweep(tmp_path_factory, trained)


@pytest.fixture(scope="module")
def cells(data):
    return lesson.cells(data)


def forward_is_second_order(cells):
    cells.errors["forward"] **= 2.0


def central_has_a_floor(cells):
    np.maximum(cells.errors["central"], 1e-4, out=cells.errors["central"])


def central_rounds_off_slowly(cells):
    below = differences.STEPS < 1e-7
    cells.errors["central"][below] **= 0.5


def complex_is_wrong(cells):
    cells.errors["complex"] += 1e-12


def a_wrong_gradient_costs_nothing(cells):
    cells.solved["transposed"][2] = cells.solved[lesson.EXACT][2]


def frozen_nets_learn(cells):
    cells.solved["frozen"][4][:100] = True


def nine_in_ten_learn_at_width_8(cells):
    cells.solved["sign_feedback"][8][:40] = False


def fewer_kinds(cells):
    del cells.solved["sign_feedback"]


def a_check_overlooks_one(cells):
    cells.wrong.iloc[7] = 1e-8


def test_each_fault_refutes_what_it_is_about_and_nothing_else(cells):
    planted.check(lesson, cells, {
        forward_is_second_order: ["A forward", "Below its best step a forward"],
        central_has_a_floor: ["A central", "Below its best step a central", "The best steps"],
        central_rounds_off_slowly: ["Below its best step a central"],
        complex_is_wrong: ["A complex step"], a_wrong_gradient_costs_nothing: ["At width 2"],
        frozen_nets_learn: ["Without"], nine_in_ten_learn_at_width_8: ["At width 8"],
        fewer_kinds: ["At width 8"], a_check_overlooks_one: ["A check"],
    })  # fmt: skip


def test_the_answer_tells_how_many_are_fooled(cells):
    assert "100% of nets of width 8 solve XOR" in lesson.answer(cells)


def test_the_figure_shows_two_valleys_and_a_rate_for_each_gradient(cells):
    fig = lesson.draw(cells)
    left, right = fig.axes
    forward, central = (line.get_ydata() for line in left.lines[:2])
    assert central.min() < forward.min() / 100
    assert len(right.containers) == len(lesson.WORDS)
    saving.close(fig)
