"""Intervals and tests of measured numbers, by their ranks, signs and resamples."""

import numpy as np
from scipy import stats

from analysis.statistics.checks import finite, numbers
from analysis.statistics.results import Interval, Test


def mann_whitney(x, y, alternative="two-sided"):
    """The test whether x is larger (`greater`) or smaller (`less`) than y (Mann & Whitney 1947).

        U = #{(i, j): x_i > y_j} + 1/2 #{(i, j): x_i = y_j}

    Only order counts, so that a net that never solved its problem may take part as infinity.

    Raises:
        ValueError: A sample is empty or holds NaN.
    """
    x, y = numbers(x, "x"), numbers(y, "y")
    U, p = stats.mannwhitneyu(x, y, alternative=alternative)
    return Test("Mann-Whitney U", float(U), float(p))


def improvement(x, y):
    """P(X < Y), the probability of improvement: how often a net of x is below a net of y.

        (#{(i, j): x_i < y_j} + 1/2 #{(i, j): x_i = y_j}) / (n m)

    The effect that the Mann-Whitney test is about (Birnbaum 1956; Agarwal et al. 2021): 1/2 where
    neither comes first.

    Raises:
        ValueError: A sample is empty or holds NaN.
    """
    x, y = numbers(x, "x"), np.sort(numbers(y, "y"))
    below = len(y) - np.searchsorted(y, x, side="right")
    equal = len(y) - np.searchsorted(y, x, side="left") - below
    return float((below + 0.5 * equal).sum() / (len(x) * len(y)))


def mean(values, level=0.95):
    """Student's interval of a mean: mean +- t(level, n-1) s / sqrt(n) (Student 1908).

    Raises:
        ValueError: Fewer than two values, or one that is not finite.
    """
    values = finite(values, "values")
    if len(values) < 2:
        raise ValueError("an interval of a mean needs two values or more")
    center = float(values.mean())
    reach = stats.t.ppf((1.0 + level) / 2.0, len(values) - 1) * stats.sem(values)
    return Interval(center, center - float(reach), center + float(reach))


def sign_test(differences, alternative="two-sided"):
    """The test whether paired differences are positive as often as negative (Arbuthnot 1710).

    It compares the number of positive differences among those that are not zero with
    Binomial(n, 1/2).

    Raises:
        ValueError: No difference, NaN among them, or all are zero.
    """
    d = numbers(differences, "differences")
    positive, n = int((d > 0).sum()), int((d != 0).sum())
    if n == 0:
        raise ValueError("a sign test needs a difference that is not zero")
    p = stats.binomtest(positive, n, 0.5, alternative).pvalue
    return Test(f"sign test, positive of {n:,}", positive, float(p))


def bootstrap(values, statistic=np.median, level=0.95, resamples=9999):
    """The percentile bootstrap interval of a statistic, of the median by default (Efron 1979).

    Its ends are quantiles of the statistic over samples with replacement. The samples are the same
    at every call, so that the same runs give the same interval.

    Args:
        statistic: a NumPy reduction that takes `axis`.

    Raises:
        ValueError: No value, or one that is not finite.
    """
    values = finite(values, "values")
    estimate = float(statistic(values, axis=0))
    if len(values) == 1 or np.ptp(values) == 0.0:  # nothing to resample
        return Interval(estimate, estimate, estimate)
    low, high = stats.bootstrap(
        (values,), statistic, confidence_level=level, n_resamples=resamples, method="percentile",
        batch=max(1, 2**22 // len(values)), vectorized=True, rng=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    return Interval(estimate, float(low), float(high))


def slope(x, y, level=0.95):
    """The exponent b of a power law, y = a x^b: the least-squares slope of log y over log x.

        b +- t(level, n-2) s_b       with s_b the standard error of the slope (Gauss 1821)

    Raises:
        ValueError: Fewer than three points, one x only, or a number that is not positive.
    """
    x, y = finite(x, "x"), finite(y, "y")
    if len(x) != len(y) or len(x) < 3 or np.ptp(x) == 0.0:
        raise ValueError(f"a slope needs three points or more at different x; got {len(x)}")
    if min(x.min(), y.min()) <= 0.0:
        raise ValueError("a slope of logarithms needs numbers > 0")
    fit = stats.linregress(np.log(x), np.log(y))
    reach = stats.t.ppf((1.0 + level) / 2.0, len(x) - 2) * fit.stderr
    return Interval(float(fit.slope), float(fit.slope - reach), float(fit.slope + reach))
