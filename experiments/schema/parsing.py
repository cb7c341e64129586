"""A mapping of knobs, parsed by their fields: all problems at once, and what was probably meant."""

from collections.abc import Mapping
from typing import Any

from experiments.errors import ConfigError
from experiments.schema import hints
from experiments.schema.fields import LARGEST, Choice, Field, Flag, Many, Number
from experiments.schema.hints import shown


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
    is_word = isinstance(name, str) and name.isprintable() and name.strip()
    return f"{name if is_word else shown(name)} is not a knob; {said}"
