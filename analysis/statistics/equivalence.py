"""Tests of sameness: two things differ by less than a margin that was named before.

A test that finds no difference shows nothing: it may have had too few nets. So these tests ask the
question the other way round (Schuirmann 1987, two one-sided tests, TOST): the hypothesis is that
the difference is as large as the margin, on either side, and both sides must be rejected. The
p-value is the larger of the two. An interval that lies inside the margin says the same: that of
95 % is two tests at the level .025.
"""

import numpy as np
from scipy import optimize, stats

from analysis.statistics.checks import numbers
from analysis.statistics.proportions import newcombe
from analysis.statistics.results import Test, number


def difference_beyond(k1, n1, k2, n2, limit, side):
    """The p-value of "p1 - p2 is above (`greater`) or below (`less`) the limit" (Newcombe 1998).

    The smallest level a at which the interval of level 1 - 2 a excludes the limit on that side. It
    is 1/2 at most, which is where the difference itself lies on the other side.

    Raises:
        ValueError: Not 0 <= k <= n with n >= 1.
    """

    def short(level):  # > 0 if the interval does not exclude the limit
        _, low, high = newcombe(k1, n1, k2, n2, level)
        return limit - low if side == "greater" else high - limit

    least, most = 1e-9, 1.0 - 1e-15
    if short(most) < 0.0:
        return (1.0 - most) / 2.0
    if short(least) >= 0.0:
        return 0.5
    return (1.0 - optimize.brentq(short, least, most, xtol=1e-15)) / 2.0


def same_proportions(k1, n1, k2, n2, margin):
    """Whether two proportions differ by less than `margin`: Newcombe's interval lies inside.

    Raises:
        ValueError: Not 0 <= k <= n with n >= 1, or the margin is not positive.
    """
    margin = _positive(margin)
    p = max(difference_beyond(k1, n1, k2, n2, -margin, "greater"),
            difference_beyond(k1, n1, k2, n2, margin, "less"))  # fmt: skip
    return Test("Newcombe 95 %, difference", k1 / n1 - k2 / n2, float(p))


def same_place(x, y, margin):
    """Whether x lies less than `margin` above or below y, by ranks (Wellek 2010, section 6.2).

    Two one-sided Mann-Whitney tests, of x + margin above y and of x - margin below y. Infinity, for
    a net that never solved its problem, may take part.

    Raises:
        ValueError: A sample is empty or holds NaN, or the margin is not positive.
    """
    x, y, margin = numbers(x, "x"), numbers(y, "y"), _positive(margin)
    p = max(stats.mannwhitneyu(x + margin, y, alternative="greater").pvalue,
            stats.mannwhitneyu(x - margin, y, alternative="less").pvalue)  # fmt: skip
    shift = float(np.median(x) - np.median(y))
    return Test(f"TOST by ranks within {number(margin)}, difference of medians", shift, float(p))


def _positive(margin):
    if not (np.isfinite(margin) and margin > 0.0):
        raise ValueError(f"a margin must be a number > 0; got {margin!r}")
    return float(margin)
