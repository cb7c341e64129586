"""Kinds of values: what a knob may be, in code and in words.

A kind has `parse(value)`, which returns the value or raises ValueError, `optional`, whether null is
allowed, and reads as what is allowed: `a number > 0`, `one of ['zero', 'he']`.
"""

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass

from experiments.errors import ConfigError


@dataclass(frozen=True)
class Choice:
    """One of some words."""

    options: tuple
    optional: bool = False

    def __str__(self):
        return f"one of {list(self.options)}" + (" or null" if self.optional else "")

    def parse(self, value):
        if isinstance(value, str) and value in self.options:
            return value
        raise ValueError


@dataclass(frozen=True)
class Number:
    """A number, whole or not, within limits; a limit that is `open` is not itself allowed."""

    low: float
    high: float = math.inf
    whole: bool = False
    open: bool = False
    optional: bool = False

    def __str__(self):
        what = "a whole number" if self.whole else "a number"
        if self.high < math.inf:
            limits = f"from {self.low:g} to {self.high:g}"
            limits += ", without the ends" if self.open else ""
        elif self.low == -math.inf:
            limits = ""
        else:
            limits = f"{'>' if self.open else '>='} {self.low:g}"
        return f"{what} {limits}".strip() + (" or null" if self.optional else "")

    def parse(self, value):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError
        if not math.isfinite(value) or (self.whole and value != int(value)):
            raise ValueError
        inside = self.low < value < self.high if self.open else self.low <= value <= self.high
        if not inside:
            raise ValueError
        return int(value) if self.whole else float(value)


@dataclass(frozen=True)
class Flag:
    """true or false."""

    optional: bool = False

    def __str__(self):
        return "true or false"

    def parse(self, value):
        if isinstance(value, bool):
            return value
        raise ValueError


@dataclass(frozen=True)
class Many:
    """A list, each of one kind."""

    each: object
    optional: bool = False

    def __str__(self):
        return f"a list, each {self.each}" + (", or null" if self.optional else "")

    def parse(self, value):
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise ValueError
        return tuple(self.each.parse(one) for one in value)


@dataclass(frozen=True)
class Options:
    """Names with values; what they mean is another's affair."""

    optional: bool = False

    def __str__(self):
        return "a mapping, {NAME: VALUE, ...}" + (", or null" if self.optional else "")

    def parse(self, value):
        if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
            return dict(value)
        raise ValueError


@dataclass(frozen=True)
class Text:
    """Any text that is not empty."""

    optional: bool = False

    def __str__(self):
        return "a text" + (" or null" if self.optional else "")

    def parse(self, value):
        if isinstance(value, str) and value.strip():
            return value
        raise ValueError


def shown(value):
    """A value as it is written in YAML and on the command line, where None is null."""
    words = {None: "null", True: "true", False: "false"}
    return words[value] if value is None or isinstance(value, bool) else repr(value)


def parse(kinds, values):
    """The values as their kinds have them, {name: value}.

    Raises:
        ConfigError: With a line for every unknown name and every value that is not allowed.
    """
    problems, parsed = [], {}
    for name in values:
        if name not in kinds:
            close = difflib.get_close_matches(str(name), kinds, 1)
            problems.append(
                f"{name} is not a knob; "
                + (f"did you mean {close[0]}?" if close else f"knobs are {list(kinds)}")
            )
    for name, kind in kinds.items():
        value = values.get(name)
        if value is None and kind.optional:
            parsed[name] = None
            continue
        try:
            parsed[name] = kind.parse(value)
        except (ValueError, TypeError, OverflowError):
            problems.append(f"{name} must be {kind}; got {shown(value)}")
    if problems:
        raise ConfigError("\n".join(problems))
    return parsed
