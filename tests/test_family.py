"""One error rate for a report: Holm's verdict over all claims, and which would change."""

import numpy as np

from analysis.answers import Answer
from analysis.claims import Claim
from analysis.family import LEVEL, family
from analysis.lessons import Lesson
from analysis.verdicts import Check, Verdict, every


def answer(name, *p, level=0.06):
    """An answer whose claims have these p-values, and one that has none."""
    claims = [
        Claim(f"{name} {i}", Verdict("m", (Check("t", "r", 9, one < level, one, level),), 9))
        for i, one in enumerate(p)
    ]
    return Answer(Lesson(name, "?"), claims=(*claims, Claim("exact", every([True]))))


def test_claims_that_hold_one_by_one_may_not_hold_together():
    found = family([answer("a", 0.001, 0.03), answer("b", 0.03)])
    assert found.changed == (("a", "a 1"), ("b", "b 0"))  # .03 twice, of three tests
    assert len(found.adjusted) == 3
    assert "2 of them would no longer hold (a: a 1; b: b 0)" in found.words
    assert found.words.startswith("3 claims rest on a p-value; with one error rate of .05")


def test_that_none_changes_is_said():
    found = family([answer("a", 1e-9, 1e-4), answer("b", 0.9)])
    assert found.changed == ()  # what does not hold anyway cannot change
    assert found.words.endswith("(Holm) no verdict would change")
    assert str(LEVEL)[1:] in found.words


def test_a_claim_without_sampling_takes_no_part():
    one = answer("a", 0.01)
    found = family([one])
    assert found.of("a", one.claims[0]) == 0.01
    assert found.of("a", one.claims[1]) is None
    assert family([answer("a")]).words == "No claim rests on a p-value"


def test_the_weakest_part_of_a_claim_counts():
    """A sentence of two parts is shown once both are."""
    parts = tuple(Check("t", "r", 9, True, p, 0.05) for p in (1e-9, 0.02))
    claim = Claim("both", Verdict("m", parts, 9))
    assert family([Answer(Lesson("a", "?"), claims=(claim,))]).adjusted == {("a", "both"): 0.02}
    assert np.isclose(claim.p, 0.02)
