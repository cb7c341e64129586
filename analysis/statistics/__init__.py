"""Statistics that decide claims: thin over scipy.stats, each with its equation and its source.

All functions return an `Interval` or a `Test`, which print as a claim needs them:

    str(wilson(786, 1000))                        '.786 [.760, .810]'
    str(two_proportions(786, 1000, 577, 1000))    'pooled two-proportion z = 10, p < 1e-22'

A missing value is an error everywhere: a lesson that takes a median says first what a net counts
that never solved its problem.
"""

from analysis.statistics.proportions import (
    binomial_band,
    newcombe,
    proportion,
    trend,
    two_proportions,
    wilson,
)
from analysis.statistics.results import Interval, Test, number, p_value
from analysis.statistics.samples import bootstrap, mann_whitney, sign_test, slope

__all__ = [
    "Interval",
    "Test",
    "binomial_band",
    "bootstrap",
    "mann_whitney",
    "newcombe",
    "number",
    "p_value",
    "proportion",
    "sign_test",
    "slope",
    "trend",
    "two_proportions",
    "wilson",
]
