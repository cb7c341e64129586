"""Evidence that may be looked at as often as one likes: e-values of proportions."""

import numpy as np
from scipy import special, stats

from analysis.statistics.checks import counts


def e_value(k, n, p):
    """The e-value of k in n against "the true proportion is p or less".

        e = average over q in [p, 1] of  (q/p)^k ((1-q)/(1-p))^(n-k)

    It is the capital of a gambler who starts with 1 and bets on each net at odds that are fair for
    p, averaged over all bets in favour of "more than p" (betting martingale, Waudby-Smith & Ramdas
    2024; mixture, Robbins 1970). While the proportion is p or less, capital does not grow on
    average, so that it ever reaches 1/a with a chance of at most a (Ville 1939): the level a
    holds whenever one stops, and however often one has looked.

    Raises:
        ValueError: Not 0 <= k <= n with n >= 1, or p outside (0, 1).
    """
    k, n = counts(k, n)
    if not 0.0 < p < 1.0:
        raise ValueError(f"an e-value needs a proportion between 0 and 1; got {p}")
    mass = special.betaln(k + 1, n - k + 1) + stats.beta.logsf(p, k + 1, n - k + 1)
    fair = k * np.log(p) + (n - k) * np.log1p(-p)
    return float(np.exp(min(mass - np.log1p(-p) - fair, 700.0)))


def first_passing(hits, p, level):
    """After how many nets the e-value reaches 1/level for the first time, or None.

    Args:
        hits: (R,) true or false, in the order in which the nets came.
        p: the proportion that the e-value is against.
        level: the chance of a false alarm, at most.
    """
    for n, k in enumerate(np.cumsum(hits).tolist(), start=1):
        if e_value(k, n, p) >= 1.0 / level:
            return n
    return None
