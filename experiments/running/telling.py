"""Whether nets of equal seed tell two runs apart, and how many seeds would."""

import math

LEVEL, Z_LEVEL, Z_POWER = 0.05, 1.96, 0.84  # two-sided, with a power of 80 %
FEWEST = 6  # seeds with which a sign test can decide at all: 2 / 2^6 < 5 %


def sign_test(wins: int, losses: int) -> float:
    """Two-sided p of the sign test: P(at least as unequal) if each is 1/2 (Dixon & Mood 1946)."""
    n, k = wins + losses, min(wins, losses)
    return min(1.0, 2 * sum(math.comb(n, i) for i in range(k + 1)) / 2**n)


def seeds_to_tell(share: float, decided: float) -> float:
    """Seeds of a sign test at 5 % with a power of 80 %, n = ((z/2 + z' sqrt(w(1-w))) / (w-1/2))^2.

    Args:
        share: w, of the wins among the pairs that differ, above 1/2.
        decided: the share of pairs that differ.
    """
    if share <= 0.5:
        return math.inf
    root = (Z_LEVEL / 2 + Z_POWER * math.sqrt(share * (1 - share))) / (share - 0.5)
    return math.ceil(max(root**2, FEWEST) / decided)
