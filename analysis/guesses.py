"""Predict first: the number that a lesson asks for before it shows what was measured.

The page has no script. A guess is a choice among marks on a scale; the style sheet then shows the
interval, and on which side of it the mark lies.
"""

import math
import re
from typing import NamedTuple

from analysis.asked import PERCENT
from analysis.statistics import number

NUMBER = re.compile(r"(?P<digits>\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?|\.\d+)(?P<unit>%?)")
MARGIN = 5.0  # per cent of the scale, left of its first mark and right of its last one


class Mark(NamedTuple):
    """A number to choose: its text, its place in per cent, and its side: low, inside, ..."""

    text: str
    at: float
    side: str


class Guess(NamedTuple):
    """A question with its scale: places are in per cent of the scale's width."""

    question: str
    marks: tuple
    left: float
    width: float
    measured: str


def guess(answer):
    """The Guess of an Answer, or None if its lesson asks nothing, or nothing was measured."""
    ask = answer.lesson.ask
    found = None if ask is None else _measured(answer, ask)
    if found is None:
        return None
    low, high = found
    place = _scale(ask.marks)
    closest = min(ask.marks, key=lambda mark: max(low - mark, mark - high))
    is_met = low <= closest <= high
    marks = tuple(
        Mark(_text(mark, ask), place(mark),
             _side(mark, low, high) if is_met or mark != closest else "closest")
        for mark in ask.marks
    )  # fmt: skip
    ends = [min(max(place(end), 0.0), 100.0) for end in (low, high)]
    width = max(ends[1] - ends[0], 1.0)
    return Guess(ask.question, marks, round(ends[0] - (width - ends[1] + ends[0]) / 2, 2),
                 round(width, 2), _words(low, high, ask))  # fmt: skip


def _measured(answer, ask):
    """(low, high) of what was measured, in the units of the marks; or None."""
    percent = 100.0 if ask.marks == PERCENT else 1.0
    if ask.claim:
        claims = [c for c in answer.claims if c.sentence.startswith(ask.claim)]
        ends = [(check.low, check.high) for claim in claims[:1] for check in claim.verdict.checks
                if check.low is not None]  # fmt: skip
        return tuple(percent * end for end in ends[ask.nth]) if ask.nth < len(ends) else None
    found = [*NUMBER.finditer(answer.sentence)]
    if ask.nth >= len(found):
        return None
    digits, unit = found[ask.nth]["digits"], found[ask.nth]["unit"]
    value = float(digits.replace(",", "")) * (1.0 if unit else percent)
    return value, value


def _side(mark, low, high):
    return "low" if mark < low else "high" if mark > high else "inside"


def _scale(marks):
    """The place in per cent of a number on the scale of these marks."""
    ratios = [b / a for a, b in zip(marks, marks[1:], strict=False) if a]
    is_log = len(ratios) == len(marks) - 1 and min(ratios) > 1.5
    turn = math.log if is_log else float
    first, last = turn(marks[0]), turn(marks[-1])

    def place(value):
        if is_log and value <= 0.0:
            return 0.0
        share = (turn(value) - first) / (last - first)
        return round(MARGIN + (100.0 - 2.0 * MARGIN) * share, 2)

    return place


def _text(mark, ask):
    return f"{mark}%" if ask.marks == PERCENT else number(mark)


def _words(low, high, ask):
    unit = "%" if ask.marks == PERCENT else ""
    if low == high:
        return f"{number(low)}{unit}"
    return f"{number(low)}{unit} to {number(high)}{unit}"
