"""A term is explained where it first appears in a lesson, and words are never markup."""

import re

from analysis.terms import Telling, glossary


def test_a_term_is_explained_the_first_time_only():
    tell = Telling()
    first, second = tell("Nets 2-2-1 that solve XOR"), tell("solved by 2-50-1, in nats")
    assert re.findall(r'popovertarget="term-(\w+)">(.*?)<', first) == [
        ("shape", "2-2-1"), ("solved", "solve")
    ]  # fmt: skip
    assert re.findall(r'popovertarget="term-(\w+)"', second) == ["nats"]
    assert 'popovertarget="term-solved"' in Telling()("solved")


def test_a_term_in_a_formula_is_one():
    assert re.search(r'term-curvature"><math>.*λ.*</math></button>', Telling()("at 2/lambda_max"))
    assert 'term-margin">margin<' in Telling().term("margin")


def test_only_words_are_terms():
    assert "popover" not in Telling()("the widest margin is dissolved on two levels, unsolved")


def test_what_is_told_of_is_escaped():
    told = Telling()("<b>solved</b> & 'x' < y_1 at 2^k</math>")
    assert "<b>" not in told and "&lt;b&gt;" in told and "&amp;" in told
    assert told.count("</math>") == told.count("<math>")


def test_black_is_white_on_a_dark_page():
    assert Telling()("black is the boundary, blackish").count("in-dark") == 1


def test_every_term_has_a_meaning():
    names = [name for name, _, _ in glossary()]
    assert len(set(names)) == len(names) > 8
    assert all(meaning for _, _, meaning in glossary())
