"""Fields: the values that one knob may have, in code and in words.

A field has `parse(value)`, which returns the value or raises ValueError, and `optional`, whether
null is allowed. The text of a field says which values are allowed: `a number > 0`.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from experiments.errors import ConfigError
from experiments.schema import hints
from experiments.schema.hints import shown
from scratchml.tables import MOST_DIGITS

LARGEST = 2**63 - 1  # whole numbers are stored with 64 bits


class Field(Protocol):
    """What every class below has."""

    optional: bool

    def parse(self, value: Any) -> Any: ...


@dataclass(frozen=True)
class Choice:
    """One word of several. A synonym is accepted, and becomes the word that it stands for.

    `words` is a tuple, a table whose keys are the words, or a function that returns them: so a new
    row of a table is allowed at once.
    """

    words: Iterable[str] | Callable[[], Iterable[str]]
    optional: bool = False
    synonyms: Mapping[str, str] = field(default_factory=dict)

    @property
    def options(self) -> tuple[str, ...]:
        """The words as they are now."""
        return tuple(self.words() if callable(self.words) else self.words)

    def __str__(self) -> str:
        return f"one of {list(self.options)}" + (" or null" if self.optional else "")

    def parse(self, value: Any) -> str:
        if isinstance(value, str):
            value = self.synonyms.get(value, value)
            if value in self.options:
                return value
        raise ValueError


@dataclass(frozen=True)
class Number:
    """A number between limits; the limits themselves are not allowed if they are `open`."""

    low: float
    high: float = math.inf
    whole: bool = False
    open: bool = False
    optional: bool = False

    def __str__(self) -> str:
        words = ["a whole number" if self.whole else "a number"]
        if self.high < math.inf:
            ends = ", without the ends" if self.open else ""
            words.append(f"from {self.low:g} to {self.high:g}{ends}")
        elif self.low > -math.inf:
            words.append(f"{'>' if self.open else '>='} {self.low:g}")
        return " ".join(words) + (" or null" if self.optional else "")

    def parse(self, value: Any) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError
        if not math.isfinite(value) or (self.whole and value != int(value)):
            raise ValueError
        if self.whole and abs(value) > LARGEST:
            raise ValueError
        inside = self.low < value < self.high if self.open else self.low <= value <= self.high
        if not inside:
            raise ValueError
        return int(value) if self.whole else float(value)


@dataclass(frozen=True)
class Flag:
    """true or false."""

    optional: bool = False

    def __str__(self) -> str:
        return "true or false"

    def parse(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise ValueError


@dataclass(frozen=True)
class Many:
    """A list of values, each allowed by one field. `single` allows one value without brackets."""

    each: Field
    optional: bool = False
    single: bool = False

    def __str__(self) -> str:
        one = f"{self.each} or " if self.single else ""
        return f"{one}a list, each {self.each}" + (", or null" if self.optional else "")

    def parse(self, value: Any) -> tuple:
        if isinstance(value, str) and self.single:
            value = [value]
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise ValueError
        return tuple(self.each.parse(item) for item in value)


@dataclass(frozen=True)
class Options:
    """Names with values of any kind."""

    optional: bool = False

    def __str__(self) -> str:
        return "a mapping, {NAME: VALUE, ...}" + (", or null" if self.optional else "")

    def parse(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
            repr(value)  # raises ValueError where a number has too many digits to be written
            return dict(value)
        raise ValueError


@dataclass(frozen=True)
class Rows:
    """The outputs of a truth table: a whole number, or a text of 0 and 1."""

    optional: bool = False
    digits: int = MOST_DIGITS

    def __str__(self) -> str:
        number = f"a whole number >= 0 of at most {self.digits:,} digits"
        return f"{number}, or a text of 0 and 1" + (", or null" if self.optional else "")

    def parse(self, value: Any) -> int | str:
        if isinstance(value, str) and value and set(value) <= {"0", "1"}:
            return value
        whole = isinstance(value, int) and not isinstance(value, bool)
        if whole and 0 <= value < 10**self.digits:
            return value
        raise ValueError


@dataclass(frozen=True)
class Text:
    """A text with at least one visible character, of at most so many characters."""

    optional: bool = False
    longest: int | None = None

    def __str__(self) -> str:
        limit = f" of at most {self.longest} printable characters" if self.longest else ""
        return "a text" + limit + (" or null" if self.optional else "")

    def parse(self, value: Any) -> str:
        allowed = isinstance(value, str) and value.strip()
        if allowed and self.longest is not None:  # a name in a store
            allowed = len(value) <= self.longest and value.isprintable()
        if allowed:
            return value
        raise ValueError


def parse(fields: Mapping[str, Field], values: Mapping[Any, Any]) -> dict[str, Any]:
    """The values as their fields return them, {name: value}; a missing value is null.

    Raises:
        ConfigError: One line for each unknown name and for each value that is not allowed.
    """
    problems = [_unknown(name, fields) for name in values if name not in fields]
    parsed = {}
    for name, allowed in fields.items():
        value = values.get(name)
        if value is None and allowed.optional:
            parsed[name] = None
            continue
        try:
            parsed[name] = allowed.parse(value)
        except (ValueError, TypeError, OverflowError):
            problems.append(
                f"{name} must be {allowed}; got {shown(value)}{hint(name, value, allowed)}"
            )
    if problems:
        raise ConfigError("\n".join(problems))
    return parsed


def hint(name: str, value: Any, allowed: Field) -> str:
    """What the user may have meant, as the end of a sentence; empty where nothing is known."""
    if isinstance(allowed, Number) and allowed.whole and isinstance(value, int):
        return f"; the largest is {LARGEST}" if value > LARGEST else ""
    if isinstance(allowed, Many) and isinstance(allowed.each, Choice):
        meant = hints.several(name, value, allowed.each.options)
    elif isinstance(allowed, Flag):
        word = value if isinstance(value, str) else shown(value)
        meant = hints.FLAG_WORDS.get(word.lower())
    elif isinstance(allowed, Choice):
        meant = hints.value(name, value, allowed.options, allowed.optional)
    else:
        empty = isinstance(value, str) and value.lower() in hints.EMPTY
        meant = "null" if allowed.optional and empty else None
    return f"; did you mean {meant}?" if meant else ""


def _unknown(name, fields):
    close = hints.knob(name, fields)
    said = f"did you mean {close}?" if close else f"knobs are {list(fields)}"
    return f"{name if isinstance(name, str) else shown(name)} is not a knob; {said}"
