"""A usual saying is so if its claims hold, and not shown otherwise."""

from dataclasses import replace

from analysis import essay, lessons
from analysis.answers import Answer
from analysis.claims import Claim
from analysis.verdicts import every


def answer(name, beginnings, ok=True):
    claims = [Claim(f"{beginning} so", every([ok])) for beginning in beginnings]
    return Answer(lessons.Lesson(name, "Is it?"), tuple(claims), sentence="Of 3 all.")


SAYING = next(saying for saying in essay.SAYINGS if saying.words == "zero breaks")


def row(given):
    return next(row for row in essay.rows([given]) if row.words == SAYING.words)


def test_a_saying_rests_on_its_claims_alone():
    others = answer("initialization", ["Something else"], ok=False).claims
    held = answer("initialization", SAYING.claims)
    held = replace(held, claims=held.claims + others)
    assert row(held).outcome == SAYING.outcome
    assert row(held).sentences == " ".join(f"{one} so." for one in SAYING.claims)
    assert row(answer("initialization", SAYING.claims, ok=False)).outcome == "not shown"
    assert row(answer("initialization", SAYING.claims[:1])).outcome == "not shown"
    assert row(replace(held, absent=("a run",))).outcome == "not shown"


def test_without_claims_the_answer_stands_in_their_place():
    assert row(answer("initialization", [])).measured == (("Of 3 all.", ""),)


def test_a_lesson_of_ones_own_may_name_sayings():
    own = answer("parity", ["It is"])
    own = replace(own, lesson=replace(own.lesson, sayings=(("parity is hard", "yes"),)))
    assert essay.rows([own]) == [essay.Row("parity is hard", "yes", "parity", (("Of 3 all.", ""),))]


def test_every_saying_is_of_a_lesson_and_says_whether_it_is_so():
    for saying in essay.SAYINGS:
        assert saying.lesson in lessons.names() and saying.claims
        assert saying.outcome.split(",")[0].split(":")[0] in ("yes", "no")
        assert len(saying.words.split()) <= 8
