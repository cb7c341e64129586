"""`scratchml check mine.py`: what is wrong is said in words, and what is right is not blamed."""

import re
from pathlib import Path

import pytest
from support.own_code import TEXT

from experiments import check
from experiments.checking import looking
from experiments.checking.table import CHECKS
from experiments.schema.own_rows import KINDS

MODULES = {"ACTIVATIONS": "activations", "LOSSES": "losses", "OPTIMIZERS": "optimizers",
           "INITIALIZERS": "initializers", "DATASETS": "datasets", "DIAGNOSTICS": "diagnostics",
           "STOPS": "stopping"}  # fmt: skip


@pytest.fixture
def checked(tmp_path, capsys):
    """Checks a text: (exit status, lines that it prints, lines on standard error)."""

    def run(text):
        (tmp_path / "mine.py").write_text(text)
        status = check.main([str(tmp_path / "mine.py")])
        said = capsys.readouterr()
        return status, said.out.splitlines(), said.err.splitlines()

    return run


def test_every_kind_has_a_check():
    assert CHECKS.keys() == {*KINDS, "MODELS"} and all(CHECKS.values())


def test_right_entries_are_right(checked):
    status, out, err = checked(TEXT)
    assert (status, out[-1], err) == (0, "8 of 8 right", [])
    assert all(line.startswith("right  ") for line in out[:-1])


@pytest.mark.parametrize("table", MODULES)
def test_every_entry_of_ours_is_right(checked, table):
    new = '(*k[:-1], "own_" + k[-1])' if table == "LOSSES" else '"own_" + k'
    text = f"from scratchml.{MODULES[table]} import {table} as OURS\n"
    status, out, _ = checked(text + f"{table} = {{{new}: row for k, row in OURS.items()}}\n")
    assert status == 0, out
    assert len(out) == 1 + len(KINDS[table].table)


WRONG = {  # (old text, new text): a sentence that is printed
    ("return z * sigmoid(BETA * z)", "return -z * sigmoid(BETA * z)"):
        "mine.py, line 16: activation swish: the derivative at z = ",
    ("s + BETA * z * s * (1.0 - s)", "s"): "mine.py, line 16: activation swish: the derivative at ",
    ("return z * sigmoid(BETA * z)", "return z - z.mean()"):
        "mine.py, line 12: activation swish has other bits for a net alone than beside others",
    ("return z * sigmoid(BETA * z)", "return z * np.random.rand()"):
        "mine.py, line 12: activation swish returns other numbers when it is called again",
    ("return z * sigmoid(BETA * z)", "return z * np.exp(z) / (1.0 + np.exp(z))"):
        "mine.py, line 12: activation swish returned NaN for 1e+09",
    ("return z * sigmoid(BETA * z)", "return np.exp(z)"):
        "mine.py, line 12: activation swish: is inf at z = 1e+09",
    ("return z * sigmoid(BETA * z)", "z *= 2.0; return z"):
        "mine.py, line 13: ValueError: output array is read-only",
    ("return z * sigmoid(BETA * z)", "return z.sum()"):
        "mine.py, line 12: activation swish must return numbers of the shape of z, (3, 6, 4); got ",
    ("return z * sigmoid(BETA * z)", "return z / 0 if z else 1"):
        "mine.py, line 13: ValueError: The truth value of an array",
    ("return z * sigmoid(BETA * z)", "raise SystemExit(3)"): "mine.py, line 13: SystemExit: 3",
    ("np.sign(A - Y) * A", "np.sign(Y - A) * A"):
        "mine.py, line 36: loss absolute: the gradient along a random direction is ",
    ("/ Z.shape[-2]", ""): "it is 6 times too large",
    (".mean(axis=-1)\n\n\ndef absolute_error_g", ".sum(axis=-1)\n\n\ndef absolute_error_g"):
        "mine.py, line 32: loss absolute changes when each example comes twice: it must be the mea",
    ("return np.abs(sigmoid(Z) - Y)", "return -np.log(1.0 - np.abs(sigmoid(Z) - Y))"):
        "mine.py, line 32: loss absolute is not finite at logits of 1e+09",
    ("theta -= lr", "theta = theta - lr"):
        "mine.py, line 41: optimizer signs changes nothing: write theta -= ..., which chang",
    ("theta -= lr", "theta += lr"): "mine.py, line 41: optimizer signs goes uphill",
    ("np.sign(gradient)", "gradient / np.abs(gradient).max()"):
        "mine.py, line 41: optimizer signs has other bits for a net alone than beside others",
    ("np.sign(gradient)", "gradient / np.abs(gradient)"):
        "mine.py, line 41: optimizer signs made theta NaN in step 1, from a finite gradient",
    ("np.sign(gradient)", "gradient * momentum"): "mine.py, line 41: optimizer signs uses momentum",
    ("rng.choice([-0.5, 0.5]", "np.random.choice([-0.5, 0.5]"):
        "mine.py, line 45: init halves returns other weights for the same rng: draw from rng alone",
    ("return scale * rng", "return rng"): "mine.py, line 45: init halves does not depend on scale",
    ("X = rng.uniform(-1.0, 1.0, (n_samples, 2))", "X = np.random.rand(n_samples, 2) - 0.5"):
        "mine.py, line 21: dataset plaid makes other examples from the same rng",
    ("X[:, 0] * X[:, 1] > 0", "X[:, 0] > 2"):
        "mine.py, line 21: dataset plaid has one class alone among 40 examples",
    ("np.abs(evaluation.theta).max(axis=1)", "evaluation.theta[:, 0] - evaluation.theta.sum()"):
        "mine.py, line 49: measure largest has other bits for a net alone than beside others",
    ("return np.abs(evaluation", "evaluation.gradient[:] = 0.0; return np.abs(evaluation"):
        "mine.py, line 49: measure largest changes the gradient of the nets that it looks at",
    ("largest(evaluation) > stop_at", "largest(evaluation) > largest(evaluation).mean()"):
        "mine.py, line 53: stop far has other bits for a net alone than beside others",
}  # fmt: skip


@pytest.mark.parametrize("edit", WRONG, ids=lambda edit: edit[1][:60])
def test_what_is_wrong_is_said_with_file_and_line(checked, edit):
    assert edit[0] in TEXT
    status, out, _ = checked(TEXT.replace(*edit))
    said = [line.strip() for line in out if line.startswith("     ")]
    assert status == 1 and any(WRONG[edit] in line for line in said), out


def test_code_that_never_returns_is_ended(checked, monkeypatch):
    monkeypatch.setattr(looking, "SECONDS", 0.2)
    text = TEXT.replace("return z * sigmoid(BETA * z)", "\n    while True:\n        pass")
    status, out, _ = checked(text)
    assert status == 1 and out[0] == "wrong  activation swish"
    assert re.search(r"mine.py, line 1[45]: TimeoutError: there is no answer after 0.2 s", out[1])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\n", "there is nothing to check"),
        ("x = (\n", "mine.py, line 1: SyntaxError"),
        ("x = 1 / 0\n", "mine.py, line 1: ZeroDivisionError"),
        ("ACTIVATIONS = {'tanh': (abs, abs)}\n", "activation tanh is there already"),
    ],
)
def test_a_file_that_cannot_be_checked_is_one_sentence(checked, text, said):
    status, out, err = checked(text)
    assert status == 2 and out == [] and len(err) == 1 and said in err[0]


def test_right_classes_are_right(checked):
    text = (Path(__file__).parent / "support" / "textbook.py").read_text()
    assert checked(text) == (0, [
        "right  model mine.py:Perceptron", "right  model mine.py:LogReg",
        "right  model mine.py:TinyNet", "3 of 3 right",
    ], [])  # fmt: skip


WRONG_CLASSES = {  # what the class draws its first weight from, and what it answers: a sentence
    ("__import__('secrets').randbelow(10**6) / 1e6", "self.w"):
        "model mine.py:Net has other numbers when it is trained again: draw them from `random`",
    ("SHARED.append(1) or float(len(SHARED) % 2)", "self.w"):
        "model mine.py:Net has other numbers alone than beside another net: keep them in self",
    ("1 / 0", "self.w"): "mine.py, line 6: ZeroDivisionError: division by zero",
    ("0.5", "2.0"): "mine.py, line 9: Net.forward must answer with probabilities, from 0 to 1",
}  # fmt: skip


@pytest.mark.parametrize("drawn, answer", WRONG_CLASSES)
def test_what_is_wrong_with_a_class_is_said(checked, drawn, answer):
    status, out, _ = checked(f"""
SHARED = []

class Net:
    def __init__(self, n_inputs):
        self.w = {drawn}
    def train(self, xs, ys, epochs=1):
        pass
    def forward(self, x):
        return {answer}
""")
    assert status == 1 and out[0] == "wrong  model mine.py:Net"
    assert out[1].strip().startswith(WRONG_CLASSES[drawn, answer])
