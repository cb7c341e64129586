"""What statistics return, and how numbers are written."""

from typing import NamedTuple

import numpy as np


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
    """The name of a test with the letter of its statistic, the statistic, and the p-value."""

    name: str
    statistic: float
    p: float

    __test__ = False  # pytest collects classes of this name

    def __str__(self):
        return f"{self.name} = {number(self.statistic)}, {p_value(self.p)}"


def number(value):
    """A number with three digits and a thousands comma, without a zero before the point: .786."""
    value = float(value)
    if not np.isfinite(value) or value == 0.0:
        return f"{value:g}"
    if abs(value) >= 999.5:
        return f"{value:,.0f}" if abs(value) < 1e6 else f"{value:.3g}"
    text = f"{value:.3f}" if 1e-3 <= abs(value) < 1.0 else f"{value:.3g}"
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def middle(values):
    """The median in words; "never" where it is infinite."""
    found = np.median(np.asarray(values, dtype=float))
    return number(found) if np.isfinite(found) else "never"


def p_value(p):
    """'p = .031' above one in a thousand, below it the power of ten that p does not reach."""
    if p >= 1e-3:
        return f"p = {number(p)}"
    if p <= 1e-300:  # the end of double precision is no measurement
        return "p < 1e-300"
    return f"p < 1e{int(np.floor(np.log10(p))) + 1}"
