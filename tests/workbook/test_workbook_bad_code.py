"""Code that raises, hangs, prints or returns anything: one clear sentence, with file and line."""

import pytest
from support.workbook import LISTS, fill

from experiments.workbook import check, teacher
from experiments.workbook.gaps import STEPS


def chapter(folder, number=3, limit=30.0):
    report = check.look(folder, STEPS[number - 1], limit)
    return " ".join(" ".join(teacher.chapter(report)).split()), report


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return undefined", "NameError: name 'undefined' is not defined, at `return undefined`"),
        ("z = 1 / 0", "ZeroDivisionError: division by zero, at `z = 1 / 0`"),
        ("raise SystemExit", "It ends Python, by exit() or sys.exit(), at `raise SystemExit`"),
        ("return float(input())", "(input() cannot be used here), at `return float(input())`"),
        ("return sigmoid(z)", "RecursionError: maximum recursion depth exceeded"),
        ("pass", "It returns None. Does it end with a line `return …`?"),
        ("return float('nan')", "yours NaN (not a number)"),
        ("return [z, z]", "The answer has 2 numbers; expected: one number."),
        ("return 'one'", "The answer is text; expected: one number."),
        ("return {z: z}", "The answer is an object (dict); expected: one number."),
        ("return sigmoid", "The answer is an object (function); expected: one number."),
        ("return [[z], z]", "The answer is a list of unequal lists; expected: one number."),
        ("import os; os._exit(3)", "Python ended while it ran."),
        ("def sigmoid(a, z):\n    return z", "`sigmoid` must take (z); yours takes (a, z)."),
        ("def other(z):\n    return z", "The file has no function `sigmoid`."),
    ],
)  # fmt: skip
def test_the_sentence_says_what_and_where(body, words, tmp_path):
    fill(tmp_path, LISTS)
    path = tmp_path / "step3_logistic.py"
    code = body.replace("def other", "def sigmoid") if "def " in body else body
    fill_one(path, code)
    if "def other" in body:
        path.write_text(path.read_text().replace("def sigmoid", "def other"))
    text, report = chapter(tmp_path)
    assert words in text
    assert "Traceback" not in text and "runner.py" not in text
    verdict = report.verdicts["sigmoid"]
    if "no function" not in words and "Python ended" not in words:
        line = int(verdict.place.removeprefix("step3_logistic.py, line "))
        lines = path.read_text().splitlines()
        assert lines[line - 1].strip() in (body.strip(), "def sigmoid(z):", body.split("\n")[0])


def fill_one(path, body):
    """Replaces the right sigmoid by another one."""
    right = "    " + LISTS["sigmoid"] + "\n"
    if body.startswith("def "):
        head = path.read_text().index("def sigmoid")
        tail = path.read_text().index(right) + len(right)
        path.write_text(path.read_text()[:head] + body + "\n" + path.read_text()[tail:])
    else:
        path.write_text(path.read_text().replace(right, f"    {body}\n"))


@pytest.mark.parametrize(
    ("loop", "line"),
    [("while True:\n        pass", "pass"), ("while z < 9:\n        z = z * 1", "z = z * 1")],
)
def test_a_loop_without_an_end_is_stopped_and_its_line_is_told(loop, line, tmp_path):
    fill(tmp_path, LISTS | {"sigmoid": loop})
    text, report = chapter(tmp_path, limit=0.5)
    assert "`sigmoid` did not come back in time. When it was stopped, this line was running" in text
    source = (tmp_path / "step3_logistic.py").read_text().splitlines()
    place = int(report.verdicts["sigmoid"].place.removeprefix("step3_logistic.py, line "))
    assert source[place - 1].strip() in (line, loop.split("\n")[0])
    assert not report.trainable


def test_a_loop_that_lets_no_other_thread_run_is_ended_too(tmp_path, monkeypatch):
    monkeypatch.setattr("experiments.workbook.process.GRACE", 0.5)
    fill(tmp_path, LISTS | {"sigmoid": "import itertools; return sum(itertools.repeat(1))"})
    text, _ = chapter(tmp_path, limit=0.5)
    assert "sigmoid does not work" in text and "did not come back in time" in text


def test_a_file_that_starts_a_long_loop_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr("experiments.workbook.process.LOADING", 0.5)
    monkeypatch.setattr("experiments.workbook.process.GRACE", 60.0)
    fill(tmp_path, LISTS, head="while True:\n    pass")
    text, report = chapter(tmp_path, limit=0.5)
    assert "The file was not read to its end in time." in text
    assert report.problem.place.startswith("step3_logistic.py, line ")


def test_a_file_that_is_no_python(tmp_path):
    fill(tmp_path, LISTS)
    path = tmp_path / "step3_logistic.py"
    path.write_text(path.read_text().replace("def loss(P, Y):", "def loss(P, Y)"))
    text, _ = chapter(tmp_path)
    assert "The file cannot be used (step3_logistic.py, line " in text
    assert "SyntaxError: expected ':', at `def loss(P, Y)`." in text
    text, _ = chapter(tmp_path, 4)  # it imports from the file of step 3
    assert "The file cannot be used (step3_logistic.py, line " in text


def test_a_file_that_is_not_there(tmp_path):
    fill(tmp_path, LISTS)
    (tmp_path / "step2_xor.py").unlink()
    text, _ = chapter(tmp_path, 2)
    assert "step2_xor.py is not there. `scratchml learn`, with the name of this folder," in text


def test_a_function_that_changes_its_arguments_is_told(tmp_path):
    body = "a1.append(0)\n" + LISTS["hidden_delta"]
    fill(tmp_path, LISTS | {"hidden_delta": body.replace("len(W2)", "len(a1) - 1")})
    text, report = chapter(tmp_path, 4)
    assert "The numbers are right, but `hidden_delta` changes its argument a1." in text
    assert report.verdicts["hidden_delta"].kind == "broken"


def test_a_function_that_remembers_its_first_call_is_told(tmp_path):
    body = (
        "def gradient(P, X, Y, db=[]):"
        + """
        dw = [sum((p - y) * x[d] for p, x, y in zip(P, X, Y)) / len(Y) for d in range(len(X[0]))]
        key = len(db)
        db.append(sum(p - y for p, y in zip(P, Y)) / len(Y))
        return dw, db[key] if key < 2 else sum(db)
    """
    )
    fill(tmp_path, LISTS | {"gradient": body})
    text, _ = chapter(tmp_path)
    assert "the same call once more gives another answer" in text


def test_the_logarithm_of_0_has_its_usual_reason(tmp_path):
    fill(tmp_path, LISTS | {"loss": LISTS["loss"].replace("zip(P, Y)", "zip(Y, P)")})
    text, _ = chapter(tmp_path)
    assert "ValueError: math domain error, at `total -= " in text
    assert (
        "This happens, for example, if inputs and targets are swapped: y where p belongs." in text
    )


def test_another_error_has_not_that_reason(tmp_path):
    fill(tmp_path, LISTS | {"loss": LISTS["loss"].replace("zip(P, Y)", "zip(P, y)")})
    text, _ = chapter(tmp_path)
    assert "NameError" in text or "UnboundLocalError" in text
    assert "This happens" not in text


def test_code_that_ends_python_in_the_middle_is_not_right(tmp_path):
    """With NumPy each case is called twice, and one of the two ways has seen too few cases."""
    body = "if isinstance(P, list) and len(P) == 4:\n            import os; os._exit(3)\n"
    fill(tmp_path, LISTS | {"loss": f"\n        {body}{LISTS['loss'].lstrip(chr(10))}"},
         "import numpy as np")  # fmt: skip
    text, report = chapter(tmp_path)
    assert report.verdicts["loss"].kind == "broken"
    assert "Python ended while it ran." in text


def test_print_does_no_harm_and_is_told_once(tmp_path):
    fill(tmp_path, LISTS | {"sigmoid": "print('z is', z)\n" + LISTS["sigmoid"]})
    text, report = chapter(tmp_path)
    assert report.verdicts["sigmoid"].kind == "right"
    assert "It prints 'z is 2.0' (step3_logistic.py, line " in text
    assert len(report.printed) == 3


def test_no_other_file_of_the_folder_takes_the_place_of_a_module(tmp_path):
    fill(tmp_path, LISTS)
    for name in ("math", "random", "json", "inspect"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('not this one')")
    _, report = chapter(tmp_path, 4)
    assert {verdict.kind for verdict in report.verdicts.values()} == {"right"}


def test_the_folder_holds_no_more_than_before(tmp_path):
    fill(tmp_path, LISTS)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    chapter(tmp_path, 4)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
