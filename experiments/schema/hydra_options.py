"""The options of Hydra's own on the command line, such as --cfg, apart from the overrides."""

from collections.abc import Sequence
from typing import NamedTuple

# The options that are followed by a value, as Hydra declares them. --info may stand alone.
VALUED = (
    "--cfg", "-c", "--package", "-p", "--config-path", "-cp", "--config-name", "-cn",
    "--config-dir", "-cd", "--experimental-rerun",
)  # fmt: skip
INFO = ("--info", "-i")
RERUN = "--experimental-rerun"


class Words(NamedTuple):
    """A command line in two parts, each in the order in which it was typed."""

    options: list[str]  # with their values
    overrides: list[str]


def divided(words: Sequence[str]) -> Words:
    """The options and the overrides of a command line, wherever they stand.

    Hydra itself reads no override after an option that follows an override.
    """
    parts = Words([], [])
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            parts.overrides.append(word)
        elif word in INFO:
            value = rest.pop(0) if rest and not _is_no_value(rest[0]) else "all"
            parts.options.append(f"--info={value}")  # an override may follow, which is no value
        else:
            parts.options.append(word)
            if rest and _takes_value(word):
                parts.options.append(rest.pop(0))
    return parts


def _takes_value(word: str) -> bool:
    """Whether the next word is the value of this option, which may be cut short."""
    cut_short = word.startswith("--") and any(option.startswith(word) for option in VALUED)
    return word in VALUED or cut_short


def _is_no_value(word: str) -> bool:
    return word.startswith("-") or "=" in word


def unpickles(word: str) -> bool:
    """Whether a word is Hydra's option --experimental-rerun, which may be written shorter."""
    option = word.partition("=")[0]
    return option.startswith("--e") and RERUN.startswith(option)
