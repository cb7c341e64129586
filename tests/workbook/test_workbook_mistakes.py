"""The tables of the teacher: right formulas are those of scratchml/plain.py, mistakes differ."""

import numpy as np
import pytest

from experiments.workbook import reference
from experiments.workbook.comparison import first_difference
from experiments.workbook.diagnosis import both, evaluate, find, partly
from experiments.workbook.gaps import STEPS
from scratchml import plain

GAPS = {gap.name: gap for step in STEPS for gap in step.gaps if gap.reference}
MISTAKES = [(gap, mistake) for gap in GAPS.values() for mistake in gap.mistakes]


def pairs(gap, formula):
    """What a reader's function with this formula answers, as lists."""
    found = [(arguments, evaluate(gap, formula, arguments)) for arguments in gap.cases]
    single = len(gap.answers) == 1
    return [
        (
            arguments,
            np.asarray(out[0]).tolist() if single else [np.asarray(o).tolist() for o in out],
        )
        for arguments, out in found
        if out is not None
    ]


@pytest.mark.parametrize("gap", GAPS.values(), ids=GAPS)
def test_the_right_formula_has_no_diagnosis(gap):
    assert len(pairs(gap, gap.reference)) == len(gap.cases)
    for arguments, value in pairs(gap, gap.reference):
        assert first_difference(gap.answers, value, evaluate(gap, gap.reference, arguments)) is None
    assert find(gap, pairs(gap, gap.reference)) is None


@pytest.mark.parametrize(
    ("gap", "mistake"), MISTAKES, ids=[f"{g.name}-{m.name[:40]}" for g, m in MISTAKES]
)
def test_each_mistake_is_told_from_all_others(gap, mistake):
    assert find(gap, pairs(gap, mistake.f)).names == (mistake.name,)
    assert mistake.hint.endswith((".", "?"))


def test_two_mistakes_at_once_are_both_named():
    gap = GAPS["hidden_delta"]
    left_out, at_a1 = gap.mistakes[:2]
    turned = gap.factors[0]
    assert find(gap, pairs(gap, both(gap, at_a1.f, turned[1]))).names == (at_a1.name, turned[0])
    gap = GAPS["train_step"]
    frozen = next(m for m in gap.mistakes if "b1 are not updated" in m.name)
    for name, factor in gap.factors:
        assert find(gap, pairs(gap, both(gap, frozen.f, factor))).names == (frozen.name, name)


def test_a_mistake_in_some_of_the_answers_is_said_of_these():
    gap = GAPS["gradients"]
    turned = next(m for m in gap.mistakes if m.name == "the signs are turned")
    found = find(gap, pairs(gap, partly(gap, turned.f, ("dW1", "db1"))))
    assert (found.names, found.answers) == ((turned.name,), ("dW1", "db1"))


def test_numbers_that_no_usual_mistake_gives_have_no_diagnosis():
    gap = GAPS["gradient"]
    shifted = lambda P, X, Y: [part + 0.01 for part in reference.gradient(P, X, Y)]  # noqa: E731
    assert find(gap, pairs(gap, shifted)) is None


def test_the_perceptron_is_that_of_plain():
    for w, b, X, Y, lr, epochs in GAPS["train"].cases:
        model = plain.Perceptron(w, b)
        mistakes = model.train(list(zip(X, Y, strict=True)), lr, epochs)
        found = reference.train(np.array(w), b, np.array(X), Y, lr, epochs)
        assert [found[0].tolist(), found[1], found[2]] == [model.w, model.b, mistakes]


def test_the_logistic_regression_is_that_of_plain():
    w, b, X, Y = [0.5, -1.0], 0.25, [[1.0, 2.0], [0.5, -1.0], [3.0, 0.25]], [1, 0, 1]
    model, examples = plain.Logistic(w, b), list(zip(X, Y, strict=True))
    P = reference.probabilities(np.array(w), b, np.array(X))
    assert reference.loss(P, np.array(Y)) == pytest.approx(model.loss(examples), rel=1e-13)
    dw, db = reference.gradient(P, np.array(X), np.array(Y))
    assert [*dw, db] == pytest.approx([*model.gradient(examples)[0], model.gradient(examples)[1]])


@pytest.mark.parametrize("case", range(3))
def test_the_step_of_a_net_is_that_of_plain(case):
    W1, b1, W2, b2, X, Y, lr = GAPS["train_step"].cases[case]
    model = plain.Net(W1, b1, W2, b2)
    model.train(list(zip(X, Y, strict=True)), lr)
    found = evaluate(GAPS["train_step"], reference.train_step, GAPS["train_step"].cases[case])
    for mine, theirs in zip(found, (model.W1, model.b1, model.W2, model.b2), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-13)


def test_formulas_of_a_net_take_one_net_or_many():
    rng = np.random.default_rng(0)
    weights = [rng.uniform(-1, 1, (5, *shape)) for shape in ((2, 3), (3,), (3,), ())]
    X, Y = np.array(reference.XOR_X), np.array(reference.XOR_Y)
    together = reference.train_step(*weights, X, Y, 0.5)
    for i in range(5):
        alone = reference.train_step(*(part[i] for part in weights), X, Y, 0.5)
        for mine, all_of_them in zip(alone, together, strict=True):
            np.testing.assert_allclose(mine, all_of_them[i], rtol=1e-13)
