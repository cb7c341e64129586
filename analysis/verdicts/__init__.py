"""Verdicts: what was measured, and the rule that decides on it, each stated once.

    every(units == 1)                          one exception falsifies
    largest(error, "error").below(1e-6)        a number, without sampling
    share(solved).at_least(.95)                Wilson interval, lower end >= .95
    share(dead).within(.05, of=theory)         both ends of the interval inside the margin
    rises({scale: failed, ...}, p=1e-12)       Cochran-Armitage trend
    more_often(sigmoid, tanh, p=1e-10)         two proportions
    larger(slow, 10 * usual, p=1e-6)           Mann-Whitney; infinity means "never"
    ratio(slow, usual).at_least(10)            of medians
    equivalent(tanh, relu, margin=.15)         sameness: Newcombe's interval inside the margin

The text of a rule and its application are one expression, so they cannot drift apart. Rules are
joined by `&`: all of them must hold. `note(text)` joins words to what was measured. A verdict keeps
its tests as data (`Check`): name, p-value, level, margin and number of nets.

No verdict holds because a test found nothing: sameness has a margin, and `sameness` says once where
that comes from.
"""

from analysis.statistics import number
from analysis.verdicts.exact import every, largest, least, none, note, number_of, some, stored
from analysis.verdicts.sameness import LAW, SHARE, equivalent
from analysis.verdicts.samples import (
    average,
    exponent,
    larger,
    mostly,
    ratio,
    ratio_of_means,
    smaller,
)
from analysis.verdicts.shares import (
    difference,
    less_often,
    less_often_than,
    more_often,
    rises,
    share,
)
from analysis.verdicts.verdict import Check, Measure, Verdict, joined

__all__ = [
    "LAW",
    "SHARE",
    "Check",
    "Measure",
    "Verdict",
    "average",
    "difference",
    "equivalent",
    "every",
    "exponent",
    "joined",
    "larger",
    "largest",
    "least",
    "less_often",
    "less_often_than",
    "more_often",
    "mostly",
    "none",
    "note",
    "number",
    "number_of",
    "ratio",
    "ratio_of_means",
    "rises",
    "share",
    "smaller",
    "some",
    "stored",
]
