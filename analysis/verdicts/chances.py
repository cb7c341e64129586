"""Verdicts on what follows from two shares, such as the chance that a test tells them apart."""

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from analysis.statistics import Interval, wilson
from analysis.verdicts.shares import counted
from analysis.verdicts.verdict import interval

TIGHT, WIDE = 1e-6, 6.0  # standard deviations between which p-values are searched


def follows_from(f, *arms):
    """f(share, ...) of one arm or of two, as a Measure with its 95 % interval.

    Of one arm its ends are at those of Wilson's interval. Of two arms they are where Newcombe's
    interval of the difference has its ends: there each share is moved by the square of its own
    reach over the joint reach,

        p - (p - l1)^2 / r,  q + (u2 - q)^2 / r      with r = sqrt((p - l1)^2 + (u2 - q)^2)

    and likewise apart (Newcombe 1998; Zou & Donner 2008).

    Args:
        f: rises or falls with the share, or with the difference of the shares.
        arms: (R,) true or false, each.
    """
    counts = [*map(counted, arms)]

    def ends(level):
        values = [f(*shares) for shares in _moved([wilson(k, n, level) for k, n in counts])]
        return min(values), max(values)

    def p(limit, side):
        """The p-value at which an end of the interval touches the limit."""

        def away(z):
            low, high = ends(1.0 - 2.0 * stats.norm.sf(z))
            return low - limit if side == "greater" else limit - high

        if away(TIGHT) <= 0.0:  # the estimate is not beyond the limit
            return 0.5
        z = WIDE if away(WIDE) > 0.0 else brentq(away, TIGHT, WIDE, xtol=1e-3)
        return float(stats.norm.sf(z))

    found = Interval(f(*(k / n for k, n in counts)), *ends(0.95))
    name = "Wilson 95 %" if len(arms) == 1 else "Newcombe 95 %"
    return interval(found, sum(n for _, n in counts), name, p)


def _moved(intervals):
    """The shares at the two ends: the nearest to each other, and the farthest apart."""
    if len(intervals) == 1:
        return [(end,) for end in intervals[0][1:]]
    (p, l1, u1), (q, l2, u2) = intervals
    near, far = np.hypot(p - l1, u2 - q), np.hypot(u1 - p, q - l2)
    return [(p - (p - l1) ** 2 / near, q + (u2 - q) ** 2 / near),
            (p + (u1 - p) ** 2 / far, q - (q - l2) ** 2 / far)]  # fmt: skip
