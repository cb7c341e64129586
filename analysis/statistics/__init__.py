"""Statistics that decide claims: thin over scipy.stats, each with its equation and its source.

All functions return an `Interval` or a `Test`, which print as a claim needs them:

    str(wilson(786, 1000))                        '.786 [.760, .810]'
    str(two_proportions(786, 1000, 577, 1000))    'pooled two-proportion z = 10, p < 1e-22'

A missing value is an error everywhere: a lesson that takes a median says first what a net counts
that never solved its problem.
"""

from analysis.statistics.equivalence import (
    difference_beyond,
    same_place,
    same_proportions,
)
from analysis.statistics.multiplicity import holm
from analysis.statistics.proportions import (
    newcombe,
    proportion,
    score,
    trend,
    two_proportions,
    wilson,
)
from analysis.statistics.results import Interval, Test, middle, number, p_value
from analysis.statistics.samples import (
    bootstrap,
    improvement,
    mann_whitney,
    mean,
    sign_test,
    slope,
)
from analysis.statistics.sequential import e_value, first_passing

__all__ = [
    "Interval",
    "Test",
    "bootstrap",
    "difference_beyond",
    "e_value",
    "first_passing",
    "holm",
    "improvement",
    "mann_whitney",
    "mean",
    "middle",
    "newcombe",
    "number",
    "p_value",
    "proportion",
    "same_place",
    "same_proportions",
    "score",
    "sign_test",
    "slope",
    "trend",
    "two_proportions",
    "wilson",
]
