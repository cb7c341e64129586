"""Values of knobs as Python values: typed, compared, sorted."""

import json
import math
import re

import numpy as np
import pandas as pd


def typed(text):
    """The value that a parameter's text stands for: a truth value, a number, a tuple or the text.

    Only texts that Python's `str` or JSON writes count, and only finite numbers: `01`, `nan` and
    `null` remain texts. A list becomes a tuple, so that it can be compared and grouped by.
    """
    if text in ("True", "true"):
        return True
    if text in ("False", "false"):
        return False
    try:
        value = json.loads(text, parse_constant=lambda name: name)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, list):
        return _frozen(value)
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, int) and abs(value) < 2**63:
        return value
    return text


NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def asked(text):
    """The value that a user asks for: as `typed`, but `.1` is a number and `null` is None."""
    if text in ("null", "None"):
        return None
    value = typed(text)
    if isinstance(value, str) and NUMBER.fullmatch(value) and len(value) < 4000:
        number = float(value)
        return number if math.isfinite(number) else value
    return value


def split(text):
    """The parts of a text between its commas; commas in brackets divide nothing."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "[{(") - (character in "]})")
        if character == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def conditions(texts):
    """['lr=.1,1', 'start=[1,2]'] -> {'lr': [0.1, 1], 'start': [(1, 2)]}.

    Raises:
        ValueError: A text is not KNOB=VALUE,...
    """
    found = {}
    for text in texts:
        knob, equals, values = text.partition("=")
        if not equals:
            raise ValueError(f"a condition must be KNOB=VALUE,...; got {text!r}")
        found.setdefault(knob, []).extend(map(asked, split(values)))
    return found


def _frozen(value):
    """Lists as tuples, all the way down, so that they can be compared and counted."""
    return tuple(_frozen(v) for v in value) if isinstance(value, list) else value


def rank(value):
    """A key that sorts numbers by size, before words and lists by their text."""
    number = isinstance(value, bool | int | float | np.number)
    return (not number, value if number else 0, "" if number else str(value))


def is_missing(value):
    """Whether a cell holds no value: None, NA or NaN."""
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def same(value, wanted):
    """Whether a cell holds the wanted value, a list being a tuple and None a missing value."""
    if is_missing(wanted):
        return is_missing(value)
    return bool(value == (tuple(wanted) if isinstance(wanted, list) else wanted))


def whole(value):
    """2.0 -> 2: a column with gaps turns whole numbers into floats."""
    value = value.item() if hasattr(value, "item") else value
    return int(value) if isinstance(value, float) and value.is_integer() else value
