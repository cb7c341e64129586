"""What few nets of each of two arms would show: chances by the binomial distribution, exactly."""

from functools import cache

import numpy as np
from scipy import special, stats

from analysis.statistics.proportions import pooled_z, two_proportions

NEGLIGIBLE = 1e-10  # chances that are left out


def order(p, q, n):
    """The chances that of n nets of each more, as many, and fewer solve it in the first arm.

    P(X > Y), P(X = Y), P(X < Y)      with X ~ B(n, p), Y ~ B(n, q)
    """
    x, y, chance = _outcomes(p, q, n)
    ahead = np.sign(x[:, None] - y)
    return tuple(float(chance[ahead == sign].sum()) for sign in (1, 0, -1))


def detected(p, q, n, level=0.05):
    """The chance that `two_proportions` finds the first of two arms ahead, of n nets each: power.

    Args:
        p, q: the true shares.
        level: of the test, which is two-sided.
    """
    x, y, chance = _outcomes(p, q, n)
    hits = x[:, None] + y
    with np.errstate(divide="ignore", invalid="ignore"):
        z = pooled_z(x[:, None], n, y, n)
    seen = (z > 0.0) & (2.0 * stats.norm.sf(z) < level)
    few = np.minimum(hits, 2 * n - hits) < 10  # an expected count below 5: Fisher's test
    for i, j in np.argwhere(few & (x[:, None] > y) & (chance > NEGLIGIBLE)):
        seen[i, j] = _p_value(int(x[i]), int(y[j]), n) < level
    return float(chance[seen].sum())


def needed(p, q, power=0.9, level=0.05):
    """The least number of nets of each, in tens, with which the chance of `detected` is `power`.

    Raises:
        ValueError: The first share is not larger, so that no number is enough.
    """
    if not p > q:
        raise ValueError(f"no number of nets shows that a share of {p} is larger than one of {q}")
    n = 10
    while detected(p, q, n, level) < power:
        n += 10
    return n


def detected_in_pairs(wins, losses, n, level=0.05):
    """The chance that a two-sided sign test finds the first arm ahead in n pairs of nets.

    Args:
        wins: the true share of pairs in which only the net of the first arm solves it.
        losses: the true share of pairs in which only the net of the second does.
    """
    if wins + losses == 0.0:
        return 0.0
    m = np.arange(1, n + 1)  # pairs that differ
    enough = stats.binom.isf(level / 2.0, m, 0.5) + 1.0  # wins among them, so that the test sees it
    seen = stats.binom.sf(enough - 1.0, m, wins / (wins + losses))
    return float(seen @ stats.binom.pmf(m, n, wins + losses))


@cache
def _p_value(x, y, n):
    return two_proportions(x, n, y, n).p


def _outcomes(p, q, n):
    """(x, y, chance): counts of both arms that are not negligible, and the chance of each pair."""
    k, found = np.arange(n + 1), []
    ways = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    for share in (p, q):
        pmf = np.exp(ways + special.xlogy(k, share) + special.xlog1py(n - k, -share))
        kept = np.flatnonzero(pmf > NEGLIGIBLE)
        found.append((kept, pmf[kept]))
    (x, one), (y, other) = found
    return x, y, np.outer(one, other)
