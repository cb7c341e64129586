"""The gradient's claims: decided on nets whose fate is planted, and on differences as they are."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from support import configurations, lesson_sweeps

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


def refuted(cells):
    return [claim.sentence for claim in lesson.claims(cells) if not claim.holds]


def planted(cells, **changes):
    """The sentences that other cells refute."""
    return refuted(SimpleNamespace(**vars(cells) | changes))


def test_every_claim_holds(cells):
    assert refuted(cells) == []
    assert "100% of nets of width 8 solve XOR" in lesson.answer(cells)


def test_other_fates_refute_what_they_should(cells):
    hits = np.arange(400) < 320
    solved = {name: dict.fromkeys(widths, hits) for name, widths in cells.solved.items()}
    assert [re.split("[,:]", sentence)[0] for sentence in planted(cells, solved=solved)] == [
        "At width 2 all wrong gradients but random feedback cost nets",
        "Without the derivative",
        "At width 8 nets with four kinds of wrong gradient solve XOR",
    ]


def test_fewer_kinds_are_no_four(cells):
    solved = {name: widths for name, widths in cells.solved.items() if name != "sign_feedback"}
    (found,) = planted(cells, solved=solved)
    assert found.startswith("At width 8 nets with four kinds")


def test_a_wrong_gradient_that_a_check_overlooks_refutes(cells):
    wrong = cells.wrong.copy()
    wrong.iloc[7] = 1e-8
    (found,) = planted(cells, wrong=wrong)
    assert found.startswith("A check by central differences tells every wrong gradient")


@pytest.mark.parametrize(
    ("kind", "fault", "said"),
    [
        ("forward", lambda e: np.sqrt(e), {"A forward difference errs as h"}),
        ("central", lambda e: np.maximum(e, 1e-4), {"A central difference errs as h^2"}),
        ("complex", lambda e: e + 1e-12, {"A complex step is right to the last digits"}),
    ],
)
def test_other_errors_refute(cells, kind, fault, said):
    errors = cells.errors | {kind: fault(cells.errors[kind])}
    assert said <= set(planted(cells, errors=errors))


def test_the_figure_shows_two_valleys_and_a_rate_for_each_gradient(cells):
    fig = lesson.draw(cells)
    left, right = fig.axes
    forward, central = (line.get_ydata() for line in left.lines[:2])
    assert central.min() < forward.min() / 100
    assert len(right.containers) == len(lesson.WORDS)
    saving.close(fig)
