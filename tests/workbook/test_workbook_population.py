"""Populations of nets: trained by a reader's code, or with one mistake in the right formulas."""

import pytest
from support.workbook import LISTS, NUMPY, fill

from analysis.statistics import wilson
from experiments.workbook import net_mistakes, population, teacher
from experiments.workbook.gaps import STEPS
from experiments.workbook.population import Count

FILE = STEPS[3].file
NETS = 12


def trained(folder, nets=NETS, width=4, arrays=False, seconds=600.0):
    told = []
    count = population.of_reader(folder, FILE, nets, width, arrays, told.append, seconds)
    return count, told


@pytest.fixture
def short(monkeypatch):
    """Few epochs, for nets that do not learn."""
    monkeypatch.setattr(population, "EPOCHS", 20)


@pytest.mark.parametrize("code", [LISTS, NUMPY], ids=["lists", "numpy"])
def test_right_code_solves_xor_with_four_hidden_units(code, tmp_path):
    fill(tmp_path, code, "import numpy as np" if code is NUMPY else "")
    count, told = trained(tmp_path, arrays=code is NUMPY)
    assert (count.nets, count.failed, count.error) == (NETS, 0, None)
    assert count.solved > NETS / 2
    assert told[-1] == NETS and told == sorted(told)


def test_code_that_raises_counts_as_not_solved_and_its_place_is_told(tmp_path, short):
    body = LISTS["train_step"].replace("D, H, N =", "1 / (lr - 3)\n        D, H, N =")
    fill(tmp_path, LISTS | {"train_step": body})
    count, _ = trained(tmp_path)
    assert (count.solved, count.nets, count.failed) == (0, NETS, NETS)
    text = " ".join(teacher.meaning(count, Count(10, 12), is_right=True))
    assert "In 12 of them your code raised ZeroDivisionError" in text
    assert "at `1 / (lr - 3)` (step4_hidden_layer.py, line " in text


def test_when_the_time_is_over_the_nets_so_far_count(tmp_path):
    fill(tmp_path, LISTS | {"forward": "while True:\n    pass"})
    count, _ = trained(tmp_path, seconds=0.5)
    assert (count.solved, count.nets) == (0, 0)


def test_a_mistake_costs_nets(tmp_path):
    nets = 200
    named = {mistake.name: mistake.f for mistake in net_mistakes.HIDDEN_DELTA}
    right = population.of_formulas(nets, 2)
    left_out = named["the derivative of the activation is left out"]
    none = population.of_formulas(nets, 2, "hidden_delta", left_out)
    (transposed,) = (m.f for m in net_mistakes.GRADIENTS if "transposed" in m.name)
    some = population.of_formulas(nets, 2, "gradients", transposed)
    assert none.interval()[1] < some.interval()[0] < some.interval()[1] < right.interval()[0]
    # At a larger width some nets with a mistake learn as well: a net that learns is no proof.
    (no_bias,) = (m.f for m in net_mistakes.GRADIENTS if "hidden biases" in m.name)
    few = population.of_formulas(nets, 2, "gradients", no_bias)
    many = population.of_formulas(nets, 8, "gradients", no_bias)
    assert few.interval()[1] < right.interval()[0] < many.interval()[1]


@pytest.mark.parametrize(("k", "n"), [(0, 10), (156, 400), (400, 400)])
def test_the_interval_is_that_of_wilson(k, n):
    known = wilson(k, n)
    assert Count(k, n).interval() == pytest.approx((known.low, known.high), abs=1e-9)


@pytest.mark.parametrize(
    ("mine", "is_right", "words"),
    [
        (Count(150, 400), False, "That is why it matters: fewer of these nets learn."),
        (Count(330, 400), False, "A net that learns is no proof that its code is right."),
        (Count(320, 400), True, "so are the nets that do not solve XOR"),
        (Count(400, 400), True, "each net finds the way"),
        (Count(80, 100), True, "The time was over after 100 nets, and only these are counted."),
        (Count(150, 400), True, "are your first weights much smaller"),
    ],
)
def test_what_the_shares_mean(mine, is_right, words):
    assert words in " ".join(teacher.meaning(mine, Count(328, 400), is_right))


def test_each_share_has_its_interval():
    lines = list(teacher.shares({"your nets": Count(156, 400), "right nets": Count(324, 400)}))
    assert lines == [
        "  your nets    39 % of 400 solve XOR    (95 % interval: 34 to 44 %)",
        "  right nets   81 % of 400 solve XOR    (95 % interval: 77 to 85 %)",
    ]
