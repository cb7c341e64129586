"""A verdict with the checks that it rests on, and a measure on which rules can be stated."""

from collections.abc import Callable
from functools import reduce
from operator import and_
from typing import NamedTuple

from analysis.measured import source
from analysis.statistics import Interval, number

SIDE = 0.025  # the level of a test by one end of a 95 % interval
EXACT = "exact"  # the test of what is said of the stored nets only: one exception falsifies


class Check(NamedTuple):
    """One condition of a verdict, as data.

    Attributes:
        test: the name of the test, such as "Wilson 95 %", or "exact".
        rule: what is asked, in words, with the statistic where there is one.
        nets: the number of nets that the test is about.
        holds: whether the condition is met.
        p: the p-value against the sentence that the condition states, or None without sampling.
        level: the p-value below which the condition holds, or None.
        margin: the number that the measure is compared with, or None.
        low, high: the ends of the interval of what was measured, or None where there is none.
        asked: the rule as data, to decide it on other nets: (kind, sources, sign, limit, ...), see
            `asked`; None where that is not known.
    """

    test: str
    rule: str
    nets: int
    holds: bool
    p: float | None = None
    level: float | None = None
    margin: float | None = None
    low: float | None = None
    high: float | None = None
    asked: tuple | None = None


class Verdict(NamedTuple):
    """What was measured, in words, and the checks that decide; all of them must hold.

    Attributes:
        measured: the numbers, with their intervals.
        checks: the `Check`s; none for words alone.
        nets: the number of nets that the verdict rests on.
    """

    measured: str
    checks: tuple
    nets: int

    @property
    def holds(self):
        return all(check.holds for check in self.checks)

    @property
    def rule(self):
        return "; ".join(dict.fromkeys(check.rule for check in self.checks))

    @property
    def p(self):
        """The largest p-value of its checks, or None without any.

        A sentence of several parts is shown once every part is: the test that rejects if all of
        them reject has the largest p-value (intersection-union test, Berger 1982).
        """
        found = [check.p for check in self.checks if check.p is not None]
        return max(found) if found else None

    def on(self, nets):
        """The same verdict, on another number of nets."""
        return self._replace(nets=int(nets))

    def __and__(self, other):
        words = "; ".join(dict.fromkeys(filter(None, (self.measured, other.measured))))
        return Verdict(words, self.checks + other.checks, max(self.nets, other.nets))


def joined(verdicts):
    """One verdict of several, all of which must hold."""
    return reduce(and_, verdicts)


def decided(measured, test, rule, nets, holds, **data):
    """A verdict of one check; `data` are its p, level, margin, low, high and what is `asked`."""
    return Verdict(measured, (Check(test, rule, int(nets), bool(holds), **data),), int(nets))


def asked(kind, *values):
    """(kind, sources) of a rule on values that remember their nets, see `groups`; otherwise None.

    Args:
        kind: "share", "every", "none", "some", or "ratio", of two medians.
    """
    sources = tuple(map(source, values))
    return None if None in sources else (kind, sources)


class Measure(NamedTuple):
    """A number, or an estimate with its interval, on which a rule can be stated.

    Attributes:
        text: the number in words, with its interval.
        low, high: the ends of the interval; a number that needs no sampling has equal ends.
        nets: the number of nets that it rests on.
        name: of the measure, such as "Wilson 95 %" or "largest gradient".
        p: (limit, "greater" or "less") -> the p-value of the test whether the true value is so.
        asked: of what, see `asked`.
    """

    text: str
    low: float
    high: float
    nets: int
    name: str
    p: Callable | None = None
    asked: tuple | None = None

    def named(self, words):
        """The same measure, after words that say of what it is."""
        return self._replace(text=f"{words} {self.text}")

    def at_least(self, limit):
        return self._decided(">=", limit, self.low >= limit, ["greater"])

    def above(self, limit):
        return self._decided(">", limit, self.low > limit, ["greater"])

    def at_most(self, limit):
        return self._decided("<=", limit, self.high <= limit, ["less"])

    def below(self, limit):
        return self._decided("<", limit, self.high < limit, ["less"])

    def equals(self, value):
        """Exactly: for measures without an interval."""
        return decided(self.text, EXACT, f"{self.name} = {number(value)}, exactly", self.nets,
                       self.low == value == self.high)  # fmt: skip

    def within(self, margin, of, called=None):
        """That it is no further than `margin` from `of`: for an interval, both of its ends.

        Args:
            called: what `of` is, in words; by default its value.
        """
        inside = max(of - self.low, self.high - of) <= margin
        ends = "both ends " if self._sampled else ""
        rule = f"{self.name}, {ends}within {number(margin)} of {called or number(of)}"
        sides = [(of - margin, "greater"), (of + margin, "less")]
        return self._verdict(rule, inside, margin, sides, "within", float(margin), float(of))

    @property
    def _sampled(self):
        return self.p is not None

    def _decided(self, sign, limit, holds, sides):
        end = {"greater": "lower end ", "less": "upper end "}[sides[0]] if self._sampled else ""
        rule = f"{self.name}{', ' if end else ' '}{end}{sign} {number(limit)}"
        sides = [(limit, side) for side in sides]
        return self._verdict(rule, holds, limit, sides, sign, float(limit))

    def _verdict(self, rule, holds, margin, sides, *asked):
        asked = self.asked and (*self.asked, *asked)
        if not self._sampled:
            return decided(self.text, EXACT, rule, self.nets, holds, margin=margin, asked=asked)
        p = max(self.p(limit, side) for limit, side in sides)
        return decided(self.text, self.name, rule, self.nets, holds, p=float(p), level=SIDE,
                       margin=margin, low=float(self.low), high=float(self.high),
                       asked=asked)  # fmt: skip


def interval(found: Interval, nets, name, p, asked=None):
    """The Measure of an estimate and its 95 % interval."""
    return Measure(str(found), found.low, found.high, int(nets), name, p, asked)
