"""Intervals and tests of proportions: shares of nets."""

import numpy as np
from scipy import special, stats

from analysis.statistics.checks import counts, finite
from analysis.statistics.results import Interval, Test, number


def wilson(k, n, level=0.95):
    """The Wilson score interval of a proportion (Wilson 1927).

        (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)      with p = k/n

    Raises:
        ValueError: Not 0 <= k <= n with n >= 1.
    """
    k, n = counts(k, n)
    p, z = k / n, special.ndtri(0.5 + 0.5 * level)
    middle = (2 * n * p + z**2) / (2 * (n + z**2))
    reach = z / (2 * (n + z**2)) * np.sqrt(4 * n * p * (1 - p) + z**2)
    return Interval(p, float(middle - reach) if k else 0.0, float(middle + reach) if k < n else 1.0)


def proportion(k, n, p, alternative="two-sided"):
    """The exact binomial test of k in n against the proportion p (Clopper & Pearson 1934).

    Args:
        alternative: `greater` for a true proportion above p, `less` for one below p.

    Raises:
        ValueError: Not 0 <= k <= n with n >= 1, or p outside [0, 1].
    """
    k, n = counts(k, n)
    if not 0.0 <= p <= 1.0:  # SciPy from 1.18 on does not look
        raise ValueError(f"a proportion must be in [0, 1]; got {p}")
    return Test(f"exact binomial test of {k:,} in {n:,} against {number(p)}: share", k / n,
                stats.binomtest(k, n, p, alternative).pvalue)  # fmt: skip


def score(k, n, p, alternative):
    """The score test of k in n against the proportion p, whose inversion is Wilson's interval.

        z = (k/n - p) / sqrt(p (1-p) / n)

    One end of the interval of level 1 - 2 a excludes p exactly if the test rejects p at level a.

    Args:
        alternative: `greater` for a true proportion above p, `less` for one below p.

    Raises:
        ValueError: Not 0 <= k <= n with n >= 1, or p outside (0, 1).
    """
    k, n = counts(k, n)
    if not 0.0 < p < 1.0:
        raise ValueError(f"a score test needs a proportion between 0 and 1; got {p}")
    z = (k / n - p) / np.sqrt(p * (1.0 - p) / n)
    return Test(f"score test against {number(p)}: z", float(z), _tail(z, alternative))


def two_proportions(k1, n1, k2, n2, alternative="two-sided"):
    """The test whether two proportions differ; with `greater`, whether the first is larger.

        z = (p1 - p2) / sqrt(p (1-p) (1/n1 + 1/n2))      with p = (k1+k2) / (n1+n2)

    The pooled z-test (Pearson 1900; z^2 is his chi-squared without correction); Fisher's exact test
    (1922) where an expected count is below 5 and the normal distribution is no approximation
    (Cochran 1954).

    Raises:
        ValueError: Not 0 <= k <= n with n >= 1, or an unknown alternative.
    """
    (k1, n1), (k2, n2) = counts(k1, n1), counts(k2, n2)
    hits, misses, total = k1 + k2, n1 + n2 - k1 - k2, n1 + n2
    if min(hits, misses) * min(n1, n2) / total < 5.0:
        table = [[k1, n1 - k1], [k2, n2 - k2]]
        return Test("Fisher's exact test, difference", k1 / n1 - k2 / n2,
                    float(stats.fisher_exact(table, alternative).pvalue))  # fmt: skip
    z = pooled_z(k1, n1, k2, n2)
    return Test("pooled two-proportion z", float(z), _tail(z, alternative))


def pooled_z(k1, n1, k2, n2):
    """The z of `two_proportions`; of counts, or of arrays of counts."""
    p = (k1 + k2) / (n1 + n2)
    return (k1 / n1 - k2 / n2) / np.sqrt(p * (1.0 - p) * (1.0 / n1 + 1.0 / n2))


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
    """The test whether proportions rise or fall along groups (Cochran 1954, Armitage 1955).

        z = sum_i s_i (k_i - n_i p) / sqrt(p (1-p) (sum_i n_i s_i^2 - (sum_i n_i s_i)^2 / N))

    Args:
        k, n: (G,) successes and totals of each group.
        scores: (G,) s, the positions of the groups; by default 0, 1, 2, ...
        alternative: `greater` for a proportion that rises with the score.

    Raises:
        ValueError: There are fewer than two groups, scores are equal, or all nets agree.
    """
    pairs = [counts(a, b) for a, b in zip(k, n, strict=True)]
    k, n = np.array(pairs, dtype=float).reshape(-1, 2).T
    s = np.arange(len(k), dtype=float) if scores is None else finite(scores, "scores")
    if len(k) < 2 or len(s) != len(k) or np.ptp(s) == 0.0:
        raise ValueError(f"a trend needs two groups or more with different scores; got {s}")
    p = k.sum() / n.sum()
    if p in (0.0, 1.0):
        raise ValueError(f"no trend in groups that are all alike: {k.sum():g} of {n.sum():g}")
    scatter = (n * s**2).sum() - (n * s).sum() ** 2 / n.sum()
    z = (s * (k - n * p)).sum() / np.sqrt(p * (1.0 - p) * scatter)
    return Test("Cochran-Armitage z", float(z), _tail(z, alternative))


def _tail(z, alternative):
    """The p-value of a standard normal z."""
    tails = {"two-sided": 2.0 * stats.norm.sf(abs(z)), "greater": stats.norm.sf(z),
             "less": stats.norm.cdf(z)}  # fmt: skip
    if alternative not in tails:
        raise ValueError(f"alternative must be one of {list(tails)}; got {alternative!r}")
    return float(tails[alternative])
