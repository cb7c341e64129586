"""A guess is compared with the interval of its claim, or with the number of the answer."""

import numpy as np
import pytest

from analysis import lessons
from analysis.answers import Answer
from analysis.asked import Ask
from analysis.claims import Claim
from analysis.guesses import guess
from analysis.verdicts import share

HITS = np.arange(100) < 80
CLAIM = Claim("At width 2 most do", share(HITS).above(0.5))


def asked(ask, sentence="Of 1,000 nets 24% do in 3e-06 s.", claims=(CLAIM,)):
    lesson = lessons.Lesson("one", "Is it?", ask=ask)
    return guess(Answer(lesson, tuple(claims), sentence=sentence))


def sides(found):
    return {mark.text: mark.side for mark in found.marks}


def test_a_mark_lies_left_of_the_interval_inside_or_right_of_it():
    found = asked(Ask("How many?", claim="At width 2"))
    assert found.measured == "71.1% to 86.7%"
    assert sides(found)["70%"] == "low" and sides(found)["80%"] == "inside"
    assert sides(found)["90%"] == "high"
    places = {mark.text: mark.at for mark in found.marks}
    assert places["70%"] < found.left < places["80%"] < found.left + found.width < places["90%"]


def test_where_no_mark_lies_inside_the_closest_one_is_right():
    found = asked(Ask("How many?", nth=1))
    assert found.measured == "24%"
    assert [text for text, side in sides(found).items() if side == "closest"] == ["20%"]
    assert sides(found)["10%"] == "low" and sides(found)["30%"] == "high"


def test_numbers_that_grow_by_ratios_lie_on_a_logarithmic_scale():
    found = asked(Ask("How many?", (1, 10, 100, 1000, 10000)))
    steps = np.diff([mark.at for mark in found.marks])
    assert steps == pytest.approx(steps[0], rel=0.01)
    assert sides(found)["1,000"] == "inside"
    assert asked(Ask("How fast?", (1e-9, 1e-6, 1e-3), nth=2)).measured == "3e-06"


def test_without_a_number_nothing_is_asked():
    assert asked(None) is None
    assert asked(Ask("How many?", claim="At width 3")) is None
    assert asked(Ask("How many?", claim="At width 2", nth=1)) is None
    assert asked(Ask("How many?", nth=3)) is None
    assert asked(Ask("How many?"), sentence="") is None
