"""Labels: values and names of knobs as texts that can be drawn, and that --where understands."""

import json
from functools import cache

import numpy as np
from matplotlib import ft2font

from experiments.tracking.text import printable

LONGEST = 32  # characters of a label; a longer one is cut
MOST_DIGITS = 6  # of a number in a cell


def label(value):
    """A knob's value as a command line writes it: 2.0 is 2, a tuple is a list, true is true."""
    if isinstance(value, tuple):
        text = json.dumps(value, separators=(",", ":"))
    elif isinstance(value, bool | np.bool_):
        text = str(value).lower()
    elif isinstance(value, int | float | np.number):
        text = _number(value)
    else:
        text = str(value)
    return literal(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")


def _number(value):
    """The shortest usual text of a number that stands for this number and for no other."""
    short = f"{value:g}"
    value = value.item() if hasattr(value, "item") else value
    return short if float(short) == value else repr(value)


def literal(text):
    """A text that Matplotlib draws as it is: no formula, and an escape where there is no glyph."""
    glyphs = _glyphs()
    characters = (c if ord(c) in glyphs else _escape(c) for c in printable(text, allowed=""))
    return "".join(characters).replace("$", r"\$")


def _escape(sign):
    return sign.encode("ascii", "backslashreplace").decode()


@cache
def _glyphs():
    """The code points that the font of all figures has a glyph for."""
    from matplotlib.font_manager import findfont

    return frozenset(ft2font.FT2Font(findfont("DejaVu Sans")).get_charmap())


def thinned(values, most):
    """[(place, label)] of values at 0, 1, 2, ...: each, or each second, third, ... value.

    Args:
        most: labels that there is room for.
    """
    step = -(-len(values) // most)
    return [(i, label(value)) for i, value in enumerate(values) if i % step == 0]


def digits(values):
    """Significant digits, from 3 to 6, with which numbers that differ have texts that differ."""
    values = np.asarray(values, dtype=float).ravel()
    different = set(values[np.isfinite(values)])
    for n in range(3, MOST_DIGITS):
        if len({f"{value:.{n}g}" for value in different}) == len(different):
            return n
    return MOST_DIGITS if len(different) > 1 else 3
