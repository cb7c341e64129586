"""Statistics that decide claims: thin over scipy.stats, each with its equation and its source.

Everything returns an `Interval` or a `Test`. Both print as a claim needs them:

    str(wilson(786, 1000))            '.786 [.760, .810]'
    str(two_proportions(786, 1000, 577, 1000))    'pooled two-proportion z = 10, p < 1e-22'

A missing value is an error everywhere: whoever asks for a median decides first what a net that
never solved its task counts as.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats


class Interval(NamedTuple):
    """An estimate and the interval around it."""

    estimate: float
    low: float
    high: float

    def __contains__(self, value):
        return self.low <= value <= self.high

    def __str__(self):
        return f"{number(self.estimate)} [{number(self.low)}, {number(self.high)}]"


class Test(NamedTuple):
    """A test's name with its statistic's letter, the statistic, and the p-value."""

    name: str
    statistic: float
    p: float

    __test__ = False  # pytest collects classes of this name

    def __str__(self):
        return f"{self.name} = {number(self.statistic)}, {p_value(self.p)}"


def number(value):
    """Three digits, a thousands comma, and no zero before the point: .786, 14,793, 1.2e-05."""
    value = float(value)
    if not np.isfinite(value) or value == 0.0:
        return f"{value:g}"
    if abs(value) >= 999.5:
        return f"{value:,.0f}" if abs(value) < 1e6 else f"{value:.3g}"
    text = f"{value:.3f}" if 1e-3 <= abs(value) < 1.0 else f"{value:.3g}"
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def p_value(p):
    """'p = .031' above one in a thousand, below it the power of ten that p does not reach."""
    if p >= 1e-3:
        return f"p = {number(p)}"
    if p <= 1e-300:  # the end of double precision is no measurement
        return "p < 1e-300"
    return f"p < 1e{int(np.floor(np.log10(p))) + 1}"


# ---------------------------------------------------------------------------------- proportions


def wilson(k, n, level=0.95):
    """The Wilson score interval of a proportion (Wilson 1927).

        (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)      with p = k/n

    Raises:
        ValueError: Not 0 <= k <= n with n >= 1.
    """
    k, n = _counts(k, n)
    low, high = stats.binomtest(k, n).proportion_ci(level, method="wilson")
    return Interval(k / n, low, high)


def proportion(k, n, p, alternative="two-sided"):
    """The exact binomial test of k in n against the proportion p (Clopper & Pearson 1934).

    Args:
        alternative: `greater` asks whether the true proportion exceeds p, `less` the opposite.

    Raises:
        ValueError: Not 0 <= k <= n with n >= 1, or p outside [0, 1].
    """
    k, n = _counts(k, n)
    if not 0.0 <= p <= 1.0:  # SciPy from 1.18 on does not look
        raise ValueError(f"a proportion must be in [0, 1]; got {p}")
    return Test(f"exact binomial test of {k:,} in {n:,} against {number(p)}: share", k / n,
                stats.binomtest(k, n, p, alternative).pvalue)  # fmt: skip


def two_proportions(k1, n1, k2, n2, alternative="two-sided"):
    """Whether two proportions differ: `greater` asks whether the first is larger.

        z = (p1 - p2) / sqrt(p (1-p) (1/n1 + 1/n2))      with p = (k1+k2) / (n1+n2)

    The pooled z-test (Pearson 1900; z^2 is his chi-squared without correction); Fisher's exact test
    (1922) where an expected count is below 5 and the normal distribution is no approximation
    (Cochran 1954).

    Raises:
        ValueError: Not 0 <= k <= n with n >= 1, or an unknown alternative.
    """
    (k1, n1), (k2, n2) = _counts(k1, n1), _counts(k2, n2)
    hits, misses, total = k1 + k2, n1 + n2 - k1 - k2, n1 + n2
    if min(hits, misses) * min(n1, n2) / total < 5.0:
        table = [[k1, n1 - k1], [k2, n2 - k2]]
        return Test("Fisher's exact test, difference", k1 / n1 - k2 / n2,
                    float(stats.fisher_exact(table, alternative).pvalue))  # fmt: skip
    pooled = hits / total
    z = (k1 / n1 - k2 / n2) / np.sqrt(pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2))
    return Test("pooled two-proportion z", float(z), _tail(z, alternative))


def newcombe(k1, n1, k2, n2, level=0.95):
    """The interval of a difference of proportions, p1 - p2 (Newcombe 1998, method 10).

        d - sqrt((p1-l1)^2 + (u2-p2)^2)   to   d + sqrt((u1-p1)^2 + (p2-l2)^2)

    where l and u are the ends of each proportion's Wilson interval.

    Raises:
        ValueError: Not 0 <= k <= n with n >= 1.
    """
    (p1, l1, u1), (p2, l2, u2) = wilson(k1, n1, level), wilson(k2, n2, level)
    d = p1 - p2
    return Interval(d, d - np.hypot(p1 - l1, u2 - p2), d + np.hypot(u1 - p1, p2 - l2))


def trend(k, n, scores=None, alternative="two-sided"):
    """Whether proportions rise or fall along ordered groups (Cochran 1954, Armitage 1955).

        z = sum_i s_i (k_i - n_i p) / sqrt(p (1-p) (sum_i n_i s_i^2 - (sum_i n_i s_i)^2 / N))

    Args:
        k, n: (G,) successes and totals of each group.
        scores: (G,) s, where the groups stand; 0, 1, 2, ... if not given.
        alternative: `greater` asks whether the proportion rises with the score.

    Raises:
        ValueError: Fewer than two groups, equal scores, or all or none of all nets succeeded.
    """
    pairs = [_counts(a, b) for a, b in zip(k, n, strict=True)]
    k, n = np.array(pairs, dtype=float).reshape(-1, 2).T
    s = np.arange(len(k), dtype=float) if scores is None else _finite(scores, "scores")
    if len(k) < 2 or len(s) != len(k) or np.ptp(s) == 0.0:
        raise ValueError(f"a trend needs two groups or more with different scores; got {s}")
    p = k.sum() / n.sum()
    if p in (0.0, 1.0):
        raise ValueError(f"no trend in groups that are all alike: {k.sum():g} of {n.sum():g}")
    spread = (n * s**2).sum() - (n * s).sum() ** 2 / n.sum()
    z = (s * (k - n * p)).sum() / np.sqrt(p * (1.0 - p) * spread)
    return Test("Cochran-Armitage z", float(z), _tail(z, alternative))


def binomial_band(p, n, level=0.95):
    """Where the share of successes in n tries lies if each succeeds with probability p.

    The central quantiles of Binomial(n, p) / n: a calibrated forecast of p stays inside in at least
    `level` of all cases (Brocker & Smith 2007).

    Args:
        p, n: numbers or arrays.

    Returns:
        low, high: numbers or arrays.

    Raises:
        ValueError: p outside [0, 1] or n < 1.
    """
    p, n = np.broadcast_arrays(np.asarray(p, dtype=float), n)
    if not np.all((p >= 0.0) & (p <= 1.0)) or not np.all(n >= 1):
        raise ValueError("a binomial band needs 0 <= p <= 1 and n >= 1")
    low, high = (stats.binom.ppf(q, n, p) / n for q in ((1.0 - level) / 2.0, (1.0 + level) / 2.0))
    return np.maximum(low, 0.0), high  # the quantile at p = 0 is -1


# ------------------------------------------------------------------------------ numbers and ranks


def mann_whitney(x, y, alternative="two-sided"):
    """Whether x tends to be larger than y (`greater`) or smaller (`less`) (Mann & Whitney 1947).

        U = #{(i, j): x_i > y_j} + 1/2 #{(i, j): x_i = y_j}

    Only order counts, so that a net that never solved its task may take part as infinity.

    Raises:
        ValueError: A sample is empty or holds NaN.
    """
    x, y = _numbers(x, "x"), _numbers(y, "y")
    U, p = stats.mannwhitneyu(x, y, alternative=alternative)
    return Test("Mann-Whitney U", float(U), float(p))


def sign_test(differences, alternative="two-sided"):
    """Whether paired differences are positive more often than negative (Arbuthnot 1710).

    The number of positive ones among those that are not zero, against Binomial(n, 1/2).

    Raises:
        ValueError: No difference, NaN among them, or all are zero.
    """
    d = _numbers(differences, "differences")
    positive, n = int((d > 0).sum()), int((d != 0).sum())
    if n == 0:
        raise ValueError("a sign test needs a difference that is not zero")
    p = stats.binomtest(positive, n, 0.5, alternative).pvalue
    return Test(f"sign test, positive of {n:,}", positive, float(p))


def bootstrap(values, statistic=np.median, level=0.95, resamples=9999):
    """The percentile bootstrap interval of a statistic, of the median by default (Efron 1979).

    The quantiles of the statistic over samples drawn with replacement. The draws are the same at
    every call, so that the same runs give the same interval.

    Args:
        statistic: a NumPy reduction that takes `axis`.

    Raises:
        ValueError: No value, or one that is not finite.
    """
    values = _finite(values, "values")
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
    x, y = _finite(x, "x"), _finite(y, "y")
    if len(x) != len(y) or len(x) < 3 or np.ptp(x) == 0.0:
        raise ValueError(f"a slope needs three points or more at different x; got {len(x)}")
    if min(x.min(), y.min()) <= 0.0:
        raise ValueError("a slope of logarithms needs numbers > 0")
    fit = stats.linregress(np.log(x), np.log(y))
    reach = stats.t.ppf((1.0 + level) / 2.0, len(x) - 2) * fit.stderr
    return Interval(float(fit.slope), float(fit.slope - reach), float(fit.slope + reach))


# ------------------------------------------------------------------------------------------ input


def _counts(k, n):
    """k and n as whole numbers; numpy's booleans and integers count as such, 3.5 does not."""
    if int(k) != k or int(n) != n or not 0 <= k <= n or n < 1:
        raise ValueError(f"a proportion needs whole numbers 0 <= k <= n, n >= 1; got {k} of {n}")
    return int(k), int(n)


def _numbers(values, name):
    values = np.asarray(values, dtype=float).ravel()
    if not len(values) or np.isnan(values).any():
        missing = f"{int(np.isnan(values).sum())} of {len(values)} are missing"
        raise ValueError(f"{name} must be numbers without gaps; {missing}")
    return values


def _finite(values, name):
    values = _numbers(values, name)
    if not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite; {int(np.isinf(values).sum())} are not")
    return values


def _tail(z, alternative):
    """The p-value of a standard normal z."""
    tails = {"two-sided": 2.0 * stats.norm.sf(abs(z)), "greater": stats.norm.sf(z),
             "less": stats.norm.cdf(z)}  # fmt: skip
    if alternative not in tails:
        raise ValueError(f"alternative must be one of {list(tails)}; got {alternative!r}")
    return float(tails[alternative])
