"""The teacher names the mistake in a reader's code, and blames no right code."""

import pytest
from support import planted_code
from support.workbook import LISTS, NUMPY, STYLES, fill

from experiments.workbook import check, teacher
from experiments.workbook.gaps import STEPS

NUMPY_IMPORT = "import numpy as np"
PLANTED = [
    (number, *one)
    for number, table in {
        1: planted_code.STEP1,
        3: planted_code.STEP3,
        4: planted_code.STEP4,
    }.items()
    for one in table
]


def said(folder, number):
    """What the teacher says about one step, in one line."""
    return " ".join(" ".join(teacher.chapter(check.look(folder, STEPS[number - 1]))).split())


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("style", STYLES)
def test_right_code_in_another_style_is_not_blamed(style, number, tmp_path):
    fill(tmp_path, *STYLES[style])
    report = check.look(tmp_path, STEPS[number - 1])
    kinds = {name: verdict.kind for name, verdict in report.verdicts.items()}
    assert kinds == {gap.name: "right" for gap in STEPS[number - 1].gaps}, "\n".join(
        teacher.chapter(report)
    )


@pytest.mark.parametrize(
    ("number", "gap", "right", "wrong", "words"),
    PLANTED,
    ids=[f"{gap}-{words[:40]}" for _, gap, _, _, words in PLANTED],
)
def test_the_mistake_in_a_line_is_named(number, gap, right, wrong, words, tmp_path):
    assert right in LISTS[gap]
    fill(tmp_path, LISTS | {gap: LISTS[gap].replace(right, wrong)})
    text = said(tmp_path, number)
    assert f"{gap} not right" in text or f"{gap} does not work" in text
    assert words in text
    assert text.count("not right (") + text.count("does not work (") == 1  # one thing at a time


@pytest.mark.parametrize(
    ("code", "style", "words"),
    [
        (planted_code.ONE_BY_ONE, LISTS, "the weights are updated after each example, not once"),
        (planted_code.OUTPUT_FIRST, NUMPY, "before the gradient below them was taken"),
        (planted_code.OUTPUT_IN_THE_MIDDLE, NUMPY, "W2 is updated after each example, before"),
    ],
)
def test_the_mistake_in_the_order_of_a_step_is_named(code, style, words, tmp_path):
    fill(tmp_path, style | {"train_step": code}, NUMPY_IMPORT)
    assert words in said(tmp_path, 4)


def test_the_first_number_that_differs_is_shown_with_both_values(tmp_path):
    fill(tmp_path, LISTS | {"hidden_delta": "return [dz2 * W2[h] for h in range(len(W2))]"})
    lines = list(teacher.chapter(check.look(tmp_path, STEPS[3])))
    i = next(i for i, line in enumerate(lines) if "hidden_delta" in line)
    assert "(step4_hidden_layer.py, line " in lines[i]
    assert "With dz2 = 0.3, W2 = [0.8, -0.6], a1 = [0.6, 0.25]" in lines[i + 1]
    assert lines[i + 2].strip() == "The first number that differs is dz1[0]:"
    values = [line.split() for line in lines if line.strip().startswith(("yours", "expected"))]
    assert values == [["yours", "0.24"], ["expected", "0.0576"]]  # 0.3 * 0.8, and * 0.6 * 0.4


def test_numbers_that_are_unknown_say_which_answers_are_right(tmp_path):
    body = LISTS["gradients"].replace("x[d] * dz1[h]", "x[d] * dz1[h] + 7")
    fill(tmp_path, LISTS | {"gradients": body})
    text = said(tmp_path, 4)
    assert "Right: db1, dW2, db2. Not right: dW1. No usual mistake gives these numbers." in text


def test_a_size_that_is_written_in_the_code_is_found(tmp_path):
    body = LISTS["hidden_delta"].replace("range(len(W2))", "range(2)")
    fill(tmp_path, LISTS | {"hidden_delta": body})
    text = said(tmp_path, 4)
    assert "dz1 has 2 numbers; expected: 3 numbers" in text
    assert "Is a number such as 2 written in your code?" in text


def test_a_net_that_learns_all_the_same_is_told_where_it_is_wrong(tmp_path):
    """The step does not use hidden_delta here, so nets learn; the gap is wrong all the same."""
    fill(tmp_path, NUMPY | {"hidden_delta": "return dz2 * W2"}, NUMPY_IMPORT)
    report = check.look(tmp_path, STEPS[3])
    assert report.verdicts["hidden_delta"].kind == "wrong"
    assert report.verdicts["train_step"].kind == "right"
    assert report.trainable


# --- what is not written yet ----------------------------------------------------------------------


def test_a_new_workbook_has_one_thing_to_do_next(tmp_path):
    fill(tmp_path, {})
    lines = list(teacher.page([check.look(tmp_path, step) for step in STEPS]))
    assert [line for line in lines if line] == [
        "Step 1  A perceptron (not begun)",
        "Step 2  XOR: why one line is not enough (not begun)",
        "Step 3  Logistic regression (not begun)",
        "Step 4  A net with a hidden layer (not begun)",
        "0 of 15 gaps are right.",
        "Next: write `step` (step1_perceptron.py, line 27). Then give the same command again.",
    ]


def test_after_each_gap_the_next_one_is_named(tmp_path):
    names = [gap.name for step in STEPS for gap in step.gaps if not gap.optional]
    code = {name: LISTS[name] for name in names[:7]}
    fill(tmp_path, code)
    lines = list(teacher.page([check.look(tmp_path, step) for step in STEPS]))
    assert lines[-2] == "7 of 15 gaps are right."
    assert lines[-1].startswith("Next: write `loss` (step3_logistic.py, line ")
    assert any(line.split() == ["loss", "not", "written", "yet"] for line in lines)


def test_a_gap_that_uses_one_that_is_not_written_is_not_blamed(tmp_path):
    fill(tmp_path, {"update": LISTS["update"], "step": LISTS["step"]})
    text = said(tmp_path, 1)
    assert "It uses `predict` of step1_perceptron.py, which is not written yet." in text
    assert "update cannot be looked at yet" in text


def test_all_gaps_that_are_right_are_told(tmp_path):
    fill(tmp_path, LISTS)
    lines = list(teacher.page([check.look(tmp_path, step) for step in STEPS]))
    assert lines[-1] == "All gaps are right, 15 of 15."
    assert list(teacher.page([check.look(tmp_path, STEPS[0])]))[-1] == (
        "All gaps of step 1 are right, 4 of 4."
    )


def test_the_sigmoid_of_the_page_overflows_and_is_right(tmp_path):
    fill(tmp_path, LISTS)
    assert "sigmoid right Below z = -709, exp(-z) is too large" in said(tmp_path, 3)
