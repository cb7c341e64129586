"""Formulas are found in sentences, prose is left alone, and both are typeset as they are meant."""

import xml.etree.ElementTree as XML

import pytest

from analysis.formulas import formulas, parts
from analysis.mathml import mathml


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("explodes above lr = 2/lambda_max, within 1 %", ["lr = 2/lambda_max"]),
        ("with probability 1 - (1 - 2^-N)^L, to within 5 points", ["1 - (1 - 2^-N)^L"]),
        ("multiplied by W' and by phi'(z). With", ["phi'(z)"]),
        ("so sqrt(s2 E[phi'(z)^2]), s2 = H var(w)", ["sqrt(s2 E[phi'(z)^2])", "s2 = H var(w)"]),
        ("No: with f'(a) for f'(z) 100% of nets", ["f'(a)", "f'(z)"]),
        ("can be tent^4's 17 points and is a 2^k of", ["tent^4", "2^k"]),
        ("its first step is a (1 - a) / n of it", ["a (1 - a) / n"]),
        ("pooled two-proportion z = 10, p < 1e-22", ["z = 10", "p < 1e-22"]),
        ("largest |p - 1/2| 6.66e-15 (tolerance 1e-10)", ["|p - 1/2|", "6.66e-15", "1e-10"]),
        ("mistakes at lr 1/8 and 8", ["1/8"]),
        ("A'A/N with A = [X, 1]", ["A'A/N", "A = [X, 1]"]),
    ],
)  # fmt: skip
def test_a_formula_is_found_as_a_whole(sentence, found):
    assert formulas(sentence) == found


@pytest.mark.parametrize(
    "sentence",
    [
        "Of the 16 tables of 2 inputs a perceptron learns exactly 14: 87.5 %",
        "trained 2-2-1 nets reach .04, .96, .96, .05 or better (bars: Wilson 95 %)",
        "I said: a net, the XOR's 4 rows, train/loss, AND/OR and fit(X, y) in [.760, .810]",
        "<b>two</b> & [bold] x@RUN_ID",
    ],
)
def test_prose_is_left_alone(sentence):
    assert formulas(sentence) == []


@pytest.mark.parametrize("text", ["", " ", "((", "|", "2^", "^-", "sqrt", "a_b_c^'", "e^(-x" * 50])
def test_any_text_comes_back_whole_and_can_be_typeset(text):
    for whole in (text, f"so {text}, then {text}."):
        assert "".join(part for part, _ in parts(whole)) == whole
        for part in [*formulas(whole), text]:
            XML.fromstring(mathml(part))


def drawn(formula):
    """A formula as plain signs: powers and indices in brackets."""

    def flat(node):
        inside = [flat(child) for child in node]
        if node.tag in ("msup", "msub"):
            return f"{inside[0]}{'^' if node.tag == 'msup' else '_'}{{{inside[1]}}}"
        if node.tag == "msqrt":
            return f"√{{{''.join(inside)}}}"
        return (node.text or "") + "".join(inside)

    return flat(XML.fromstring(mathml(formula)))


@pytest.mark.parametrize(
    ("formula", "signs"),
    [
        ("lr = 2/lambda_max", "lr=2/λ_{max}"),
        ("(1 - 2^-N)^L", "(1−2^{−N})^{L}"),
        ("eps^(1/2)", "ε^{1/2}"),
        ("sqrt(s2 q)", "√{s_{2}q}"),
        ("phi'^2 <= x", "φ^{′}^{2}≤x"),
        ("lr x sharpness / 2", "lr×sharpness/2"),
        ("relu(x) = x.u", "relu(x)=x·u"),
        ("p < 1e-22", "p<10^{−22}"),
        ("3e-06", "3×10^{−6}"),
    ],
)
def test_a_formula_is_typeset(formula, signs):
    assert drawn(formula) == signs
