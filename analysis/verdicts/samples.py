"""Verdicts on measured numbers: by ranks, signs, means and slopes. Infinity means "never"."""

import numpy as np
from scipy import stats

from analysis.statistics import (
    improvement,
    mann_whitney,
    mean,
    middle,
    number,
    sign_test,
    slope,
)
from analysis.verdicts.verdict import Measure, asked, decided, interval


def larger(x, y, p):
    """That x is larger than y: Mann-Whitney, with the probability of improvement."""
    return _ranked(x, y, p, "greater", ">")


def smaller(x, y, p):
    """That x is smaller than y: Mann-Whitney, with the probability of improvement."""
    return _ranked(x, y, p, "less", "<")


def mostly(positive, p, measured=""):
    """That paired differences are positive more often than negative: sign test.

    Args:
        positive: (R,) differences.
        measured: words for what was measured; by default the share of positive differences.
    """
    d = np.asarray(positive, dtype=float)
    test = sign_test(d, "greater")
    words = measured or f"positive {test.statistic:,.0f} of {(d != 0.0).sum():,} that differ"
    return decided(words, "sign test", f"{test}; asked: p < {number(p)}", len(d), test.p < p,
                   p=test.p, level=p)  # fmt: skip


def ratio(x, y):
    """The ratio of two medians, as a Measure; it is 0 if the second is infinite, that is "never".

    Two infinite medians have no ratio, nor has a median that is NaN: then no rule holds.
    """
    about = asked("ratio", x, y)
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    a, b = np.median(x), np.median(y)
    found = a / b if np.isfinite(a) or np.isfinite(b) else np.nan
    text = f"median {middle(x)} against {middle(y)}, {number(found)} times"
    return Measure(text, found, found, len(x) + len(y), "ratio of medians", asked=about)


def ratio_of_means(x, y):
    """The ratio of two means, as a Measure."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    found = x.mean() / y.mean()
    text = f"mean {number(x.mean())} against {number(y.mean())}, {number(found)} times"
    return Measure(text, found, found, len(x) + len(y), "ratio of means")


def average(values):
    """The mean, as a Measure with Student's 95 % interval."""
    values = np.asarray(values, dtype=float)

    def p(limit, side):
        if np.ptp(values) == 0.0:
            return float(values[0] <= limit if side == "greater" else values[0] >= limit)
        return stats.ttest_1samp(values, limit, alternative=side).pvalue

    return interval(mean(values), len(values), "Student 95 %", p)


def exponent(x, y, nets=None):
    """The exponent of a power law y = a x^b, as a Measure with its 95 % interval."""
    found = slope(x, y)
    freedom = len(np.ravel(x)) - 2
    error = (found.high - found.low) / 2.0 / stats.t.ppf(0.975, freedom)

    def p(limit, side):
        away = (found.estimate - limit) if side == "greater" else (limit - found.estimate)
        return float(stats.t.sf(away / error, freedom)) if error else float(away <= 0.0)

    return interval(found, nets or len(np.ravel(x)), "95 % interval of the exponent", p)


def _ranked(x, y, p, side, sign):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    test = mann_whitney(x, y, side)
    chance = improvement(x, y) if side == "less" else improvement(y, x)
    words = f"median {middle(x)} against {middle(y)}"
    rule = f"{test}; P(first {sign} second) = {number(chance)}; asked: p < {number(p)}"
    return decided(words, "Mann-Whitney U", rule, len(x) + len(y), test.p < p, p=test.p, level=p)
