"""Verdicts: the rule that is read is the rule that decides, and no finding is no sameness."""

import numpy as np
import pytest

from analysis import verdicts as v
from analysis.statistics import newcombe, wilson

pytestmark = pytest.mark.errstate(under="ignore", divide="ignore")


def nets(k, n):
    """(n,) true and false, k of them true."""
    return np.arange(n) < k


LOW = np.random.default_rng(0).normal(size=200)

# A verdict that holds, the same of data that refute it, and words of its rule.
CASES = {
    "every": (v.every(nets(9, 9)), v.every(nets(8, 9)), "one exception falsifies"),
    "none": (v.none(nets(0, 9)), v.none(nets(1, 9)), "one would falsify"),
    "some": (v.some(nets(1, 9)), v.some(nets(0, 9)), "one or more"),
    "largest": (v.largest([1, 2], "error").below(3), v.largest([1, np.nan], "error").below(3),
                "largest error < 3"),
    "least": (v.least([1, 2], "loss").above(0.5), v.least([0.5, 2], "loss").above(0.5),
              "least loss > .500"),
    "equals": (v.number_of(51, "bound").equals(51), v.number_of(51.1, "bound").equals(51),
               "bound = 51, exactly"),
    "at least": (v.share(nets(990, 1000)).at_least(0.95), v.share(nets(960, 1000)).at_least(0.95),
                 "Wilson 95 %, lower end >= .950"),
    "at most": (v.share(nets(5, 100)).at_most(0.12), v.share(nets(10, 100)).at_most(0.12),
                "Wilson 95 %, upper end <= .120"),
    "within": (v.share(nets(500, 2000)).within(0.05, of=0.25),
               v.share(nets(25, 100)).within(0.05, of=0.25),
               "Wilson 95 %, both ends within .050 of .250"),
    "rises": (v.rises({1: nets(1, 50), 2: nets(20, 50), 4: nets(45, 50)}, p=1e-9),
              v.rises({1: nets(45, 50), 2: nets(20, 50), 4: nets(1, 50)}, p=1e-9), "p < 1e-09"),
    "more often": (v.more_often(nets(80, 100), nets(20, 100), p=1e-6),
                   v.more_often(nets(20, 100), nets(80, 100), p=1e-6), "asked: p < 1e-06"),
    "less often": (v.less_often(nets(20, 100), nets(80, 100), p=1e-6),
                   v.less_often(nets(80, 100), nets(20, 100), p=1e-6), "asked: p < 1e-06"),
    "less than": (v.less_often_than(0.5, nets(10, 100), p=1e-6),
                  v.less_often_than(0.5, nets(45, 100), p=1e-6), "exact binomial test"),
    "difference": (v.difference(nets(80, 100), nets(20, 100)).at_least(0.4),
                   v.difference(nets(80, 100), nets(35, 100)).at_least(0.4),
                   "Newcombe 95 %, lower end >= .400"),
    "larger": (v.larger(LOW + 2, LOW, p=1e-6), v.larger(LOW, LOW, p=1e-6), "P(first > second)"),
    "smaller": (v.smaller(LOW - 2, LOW, p=1e-6), v.smaller(LOW, LOW, p=1e-6), "P(first < second)"),
    "mostly": (v.mostly([1.0] * 30, p=1e-6), v.mostly([1.0, -1.0] * 15, p=1e-6), "sign test"),
    "ratio": (v.ratio([10, 20, 30], [1, 2, 3]).at_least(10),
              v.ratio([9, 19, 30], [1, 2, 3]).at_least(10), "ratio of medians >= 10"),
    "ratio of means": (v.ratio_of_means([2, 4], [1, 1]).at_least(3),
                       v.ratio_of_means([2, 3], [1, 1]).at_least(3), "ratio of means >= 3"),
    "average": (v.average(1 + LOW / 9).within(0.05, of=1), v.average(1 + LOW).within(0.05, of=1),
                "Student 95 %, both ends within .050 of 1"),
    "exponent": (v.exponent([1, 2, 4, 8], [1, 2.01, 4, 8]).within(0.05, of=1),
                 v.exponent([1, 2, 4, 8], [1, 3, 4, 8]).within(0.05, of=1), "exponent, both ends"),
    "same shares": (v.equivalent(nets(95, 100), nets(97, 100), margin=0.15),
                    v.equivalent(nets(10, 10), nets(10, 10), margin=0.15),
                    "Newcombe 95 %, both ends within .150 of 0"),
    "same places": (v.equivalent(LOW, LOW + 0.01, margin=0.5),
                    v.equivalent(LOW[:5], LOW[:5], margin=0.5), "TOST by ranks"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_rule_holds_fails_and_reads(name):
    holds, fails, words = CASES[name]
    assert (holds.holds, fails.holds) == (True, False)
    assert words in holds.rule
    for verdict in (holds, fails):
        assert verdict.measured and verdict.nets > 0


@pytest.mark.parametrize("name", CASES)
def test_a_check_holds_exactly_if_its_p_value_is_below_its_level(name):
    """The duality of tests and intervals: whichever decides, both say the same."""
    for verdict in CASES[name][:2]:
        for check in verdict.checks:
            if check.p is None:
                assert check.level is None
            else:
                assert (check.p < check.level) == check.holds, check


def test_the_text_of_a_measure_is_its_interval():
    assert v.share(nets(786, 1000)).at_least(0.7).measured == str(wilson(786, 1000))
    found = v.difference(nets(80, 100), nets(20, 100)).above(0)
    assert found.measured == f"difference {newcombe(80, 100, 20, 100)}"
    assert v.share(nets(1, 4)).named("at width 2:").below(1).measured.startswith("at width 2: ")


def test_all_rules_that_are_joined_must_hold():
    both = v.share(nets(99, 100)).at_least(0.9) & v.larger(LOW + 2, LOW, p=1e-6)
    assert both.holds and both.nets == 400
    assert both.rule.count("; ") >= 2 and both.measured.count("; ") == 1
    assert not (both & v.every([False])).holds
    assert both.p == max(check.p for check in both.checks)  # both must be shown
    assert v.joined([both, both]).rule == both.rule  # nothing is said twice


def test_a_note_decides_nothing():
    noted = v.every([True]) & v.note("seen at dawn")
    assert noted.measured == "1 of 1 nets; seen at dawn"
    assert (noted.rule, noted.nets, len(noted.checks)) == ("one exception falsifies", 1, 1)


def test_a_verdict_may_rest_on_other_nets():
    assert v.every([True] * 3).on(7).nets == 7


def test_never_is_a_word():
    assert "never" in v.ratio([1.0], [np.inf]).text
    assert v.larger([np.inf] * 9, [1.0] * 9, p=0.01).measured == "median never against 1"
    assert not v.ratio([1.0], [np.inf]).at_least(1).holds


def test_nothing_is_true_of_no_nets():
    for verdict in (v.every([]), v.none([])):
        assert not verdict.holds


def test_a_share_is_of_nets_that_are_true_or_false():
    with pytest.raises(ValueError, match="true or false"):
        v.share([0.2, 0.3])


def test_what_is_the_law_and_what_is_the_same_is_said_once():
    assert (v.LAW, v.SHARE) == (0.05, 0.15)


NEVER = float("inf")


@pytest.mark.parametrize(
    ("x", "y"),
    [([1, 2], [np.nan, 1]), ([np.nan, 1], [1, 2]), ([NEVER], [NEVER]), ([np.nan], [NEVER])],
)
def test_a_ratio_that_is_no_number_meets_no_rule(x, y):
    found = v.ratio(x, y)
    for decided in (found.at_most(1), found.below(1), found.at_least(0), found.above(-1),
                    found.equals(0), found.within(1, of=0)):  # fmt: skip
        assert not decided.holds


def test_a_ratio_to_never_is_zero():
    assert v.ratio([1, 2, 3], [NEVER, NEVER, 3]).equals(0).holds
    assert not v.ratio([NEVER], [1]).at_most(1e300).holds
