"""Verdicts without sampling: something is so in every net, or one exception falsifies it."""

import numpy as np

from analysis.statistics import number
from analysis.verdicts.verdict import EXACT, Measure, Verdict, asked, decided


def note(text):
    """Words for what was measured, without a rule; joined to a verdict by `&`."""
    return Verdict(text, (), 0)


def every(ok, nets=None, of="nets"):
    """That something is true without exception.

    Args:
        ok: (n, ...) true or false.
        nets: their number; by default the length of `ok`.
        of: what is counted.
    """
    about = asked("every", ok)
    ok = np.atleast_1d(np.asarray(ok, dtype=bool))
    return decided(f"{ok.sum():,} of {ok.size:,} {of}", EXACT, "one exception falsifies",
                   nets or len(ok), ok.size > 0 and ok.all(), asked=about)  # fmt: skip


def none(hits, nets=None, of="nets"):
    """That something is true of none."""
    about = asked("none", hits)
    hits = np.atleast_1d(np.asarray(hits, dtype=bool))
    return decided(f"{hits.sum():,} of {hits.size:,} {of}", EXACT, "one would falsify",
                   nets or len(hits), hits.size > 0 and not hits.any(),
                   asked=about)  # fmt: skip


def some(hits, nets=None, of="nets"):
    """That something exists: one example is enough."""
    about = asked("some", hits)
    hits = np.atleast_1d(np.asarray(hits, dtype=bool))
    return decided(f"{hits.sum():,} of {hits.size:,} {of}", EXACT, "one or more",
                   nets or len(hits), hits.any(), asked=about)  # fmt: skip


def number_of(value, name, nets=1):
    """A number that needs no sampling, such as a bound, as a Measure."""
    return Measure(f"{name} {number(value)}", float(value), float(value), int(nets), name)


def largest(values, name, nets=None):
    """The largest of some values, as a Measure; NaN among them fails every rule."""
    values = np.asarray(values, dtype=float)
    return number_of(values.max(), f"largest {name}", nets or len(values))


def least(values, name, nets=None):
    """The least of some values, as a Measure; NaN among them fails every rule."""
    values = np.asarray(values, dtype=float)
    return number_of(values.min(), f"least {name}", nets or len(values))


def stored(hits, name="share"):
    """The share of the nets that are stored, without a word about others, as a Measure."""
    hits = np.asarray(hits, dtype=bool)
    found = number_of(hits.mean(), name, hits.size)
    return found._replace(text=f"{found.text}; {hits.sum():,} of {hits.size:,}")
