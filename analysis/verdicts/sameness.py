"""Verdicts that two things are the same, which need a margin: no finding is no proof.

Where the margins come from. They are the report's own scale, taken from claims that were there
before, and not from the data that they decide on:

    LAW    a law is met if what it says is met within .05. So close do the lessons ask exponents
           (-1 +- .05 in `learning_rate`) and the edge of stability (1 +- .05) to be.
    SHARE  two shares are the same if they differ by less than 15 points: that is the least
           difference for which a lesson says that one is less than the other (`optimizer`).
"""

import numpy as np

from analysis.statistics import newcombe, number, same_place, same_proportions, wilson
from analysis.verdicts.shares import counted
from analysis.verdicts.verdict import SIDE, decided

LAW = 0.05
SHARE = 0.15


def equivalent(x, y, margin):
    """That x and y differ by less than the margin.

    Args:
        x, y: (R,) true or false: shares, by Newcombe's interval. (R,) numbers: their places, by two
            one-sided Mann-Whitney tests.
        margin: named before the nets are looked at, with its reason.
    """
    x, y = np.asarray(x), np.asarray(y)
    if x.dtype == bool and y.dtype == bool:
        counts = *counted(x), *counted(y)
        test, found = same_proportions(*counts, margin), newcombe(*counts)
        measured = f"{wilson(*counts[:2])} against {wilson(*counts[2:])}; difference {found}"
        rule = f"Newcombe 95 %, both ends within {number(margin)} of 0"
        return decided(measured, "Newcombe 95 %", rule, x.size + y.size,
                       max(-found.low, found.high) < margin, p=test.p, level=SIDE,
                       margin=margin, low=found.low, high=found.high)  # fmt: skip
    test = same_place(x, y, margin)
    measured = f"median {number(np.median(x))} against {number(np.median(y))}"
    return decided(measured, "TOST by ranks", f"{test}; asked: p < {number(SIDE)}", x.size + y.size,
                   test.p < SIDE, p=test.p, level=SIDE, margin=margin)  # fmt: skip
