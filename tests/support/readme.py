"""The answers of lessons, as README tells them."""

import re

from support.checkout import ROOT

ROW = re.compile(r"^\| \[(\w+)\]\(analysis/lessons/\w+\.py\) \| .* \| (.*) \| [\d,]+ \|$", re.M)


def answers():
    """{lesson: answer} of README's table."""
    return dict(ROW.findall((ROOT / "README.md").read_text()))


def answer(lesson):
    """README's answer of a lesson's module."""
    return answers()[lesson.__name__.rpartition(".")[2]]


def without_numbers(sentence):
    """A sentence whose numbers are all alike, because a small sweep has others than a whole one."""
    return re.sub(r"\.?\d[\d,]*(\.\d+)?(e-?\d+)?", "#", sentence)
