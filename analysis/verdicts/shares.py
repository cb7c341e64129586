"""Verdicts on shares of nets. Nets are given as arrays of true and false, one value a net."""

import numpy as np

from analysis.statistics import (
    difference_beyond,
    newcombe,
    number,
    proportion,
    score,
    trend,
    two_proportions,
    wilson,
)
from analysis.verdicts.verdict import asked, decided, interval


def share(hits):
    """The share of nets, as a Measure with its Wilson 95 % interval.

    Args:
        hits: (R,) true or false.
    """
    k, n = counted(hits)

    def p(limit, side):
        if not 0.0 < limit < 1.0:  # no share lies beyond
            return float(k / n > limit if side == "less" else k / n < limit)
        return score(k, n, limit, side).p

    return interval(wilson(k, n), n, "Wilson 95 %", p, asked("share", hits))


def rises(groups, p, scores=None):
    """That the share rises along groups: Cochran-Armitage.

    Args:
        groups: {score: (R,) true or false}, in their order.
        p: the level.
        scores: (G,) positions of the groups; by default their keys.
    """
    k, n = zip(*map(counted, groups.values()), strict=True)
    test = trend(k, n, [*groups] if scores is None else scores, "greater")
    measured = f"{wilson(k[0], n[0])} to {wilson(k[-1], n[-1])}"
    return decided(measured, test.name, f"{test}; asked: p < {number(p)}", sum(n), test.p < p,
                   p=test.p, level=p)  # fmt: skip


def more_often(x, y, p):
    """That nets of x do it more often than nets of y: two proportions."""
    return _compared(x, y, p, "greater")


def less_often(x, y, p):
    """That nets of x do it less often than nets of y: two proportions."""
    return _compared(x, y, p, "less")


def less_often_than(limit, hits, p):
    """That a share is below a number, by the exact binomial test."""
    k, n = counted(hits)
    test = proportion(k, n, limit, "less")
    return decided(str(wilson(k, n)), "exact binomial test", f"{test}; asked: p < {number(p)}", n,
                   test.p < p, p=test.p, level=p, margin=float(limit))  # fmt: skip


def difference(x, y):
    """The difference of two shares, x - y, as a Measure with Newcombe's 95 % interval."""
    (k1, n1), (k2, n2) = counted(x), counted(y)
    found = newcombe(k1, n1, k2, n2)

    def p(limit, side):
        return difference_beyond(k1, n1, k2, n2, limit, side)

    measure = interval(found, n1 + n2, "Newcombe 95 %", p)
    return measure.named("difference")


def counted(hits):
    """(k, n): how many are true, of how many."""
    hits = np.asarray(hits)
    if hits.dtype != bool and not np.isin(hits, (0, 1)).all():
        raise ValueError("a share needs nets that are true or false")
    return int(hits.astype(bool).sum()), hits.size


def _compared(x, y, p, side):
    (k1, n1), (k2, n2) = counted(x), counted(y)
    test = two_proportions(k1, n1, k2, n2, side)
    measured = f"{wilson(k1, n1)} against {wilson(k2, n2)}"
    return decided(measured, test.name, f"{test}; asked: p < {number(p)}", n1 + n2, test.p < p,
                   p=test.p, level=p)  # fmt: skip
