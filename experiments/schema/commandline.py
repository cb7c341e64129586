"""The command line before Hydra reads it: --uri, synonyms, and a sentence for each mistake."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from experiments.errors import ConfigError
from experiments.schema import hints
from experiments.schema.config import KNOBS
from experiments.schema.defaults import options
from experiments.schema.fields import Many
from experiments.schema.hints import shown
from experiments.schema.hydra_options import RERUN, divided, unpickles
from experiments.schema.named_code import CODE, MODEL, NOT_HERE
from experiments.schema.own_entries import why_no_model
from experiments.schema.parsing import parse
from experiments.schema.settings import SETTINGS, flat
from experiments.schema.synonyms import in_use
from experiments.schema.typos import as_override, is_knob, joined, said, shortened

GROUPS = ("dataset", "model", "lesson", "executor")
SWEEP = ("-m", "--multirun")
UNTIL = "until-decided"  # as many seeds as it takes, which no single sweep can know
URI = "--uri"
FIELDS = dict(flat(KNOBS | SETTINGS))  # every key that takes a value, under its dotted name
KNOWN = [*FIELDS, *GROUPS, CODE]
SEARCHPATH = "hydra.searchpath"  # more folders with files of groups


def asks_for_help(arguments: Iterable[str]) -> bool:
    return not {"--help", "-h"}.isdisjoint(arguments)


def prepared(arguments: Sequence[str]) -> list[str]:
    """The arguments as Hydra understands them.

    `--uri URI` becomes tracking.uri=URI, names of files that have changed become those in use, and
    options come first, because Hydra takes no override before an option.
    """
    words, rest = [], iter(arguments)
    for word in rest:
        option, equals, uri = word.partition("=")
        if option == URI:
            uri = uri if equals else next(rest, None)
            word = URI if uri is None else f"tracking.uri={_quoted(uri)}"
        words.append(in_use(word))
    parts = divided(words)
    return [*sorted(parts.options, key=lambda word: word not in SWEEP), *parts.overrides]


def _quoted(text):
    """A text that Hydra's grammar and OmegaConf read as it is, whatever characters are in it.

    Backslashes have a meaning only before a quote, and before an interpolation.
    """
    escaped = re.sub(r"(\\*)\$\{", r"\1\1\\${", text)
    escaped = re.sub(r"(\\*)('|$)", lambda part: 2 * part[1] + ("\\'" if part[2] else ""), escaped)
    return f"'{escaped}'"


def problems(arguments: Sequence[str]) -> list[str]:
    """What is wrong with the overrides, a sentence each: words, keys, files and values.

    Where an option of Hydra's own names another folder of files, their names are left to Hydra.
    """
    words = [argument for argument in arguments if argument not in SWEEP]
    if URI in words:
        return [f"{URI} needs the address of a store, such as {URI} sqlite:///mlflow.db"]
    if any(map(unpickles, words)):
        return [f"{RERUN} is refused: it unpickles its file, which can run any code; give the "
                "overrides of that run again"]  # fmt: skip
    dashed = [word for word in words if word.startswith("-") and is_knob(word, KNOWN)]
    if dashed:
        return [
            f"{word}: a knob has no dashes; write {as_override(word, KNOWN)}" for word in dashed
        ]
    if any(word.startswith("-") for word in words):
        return _problems_beside_options(arguments)
    one_run = words == arguments and "hydra.mode=MULTIRUN" not in words
    return _of_words(words, one_run)


def _of_words(words, one_run, more_files=False):
    """What is wrong with overrides; not the names of files where there are folders of others."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    words, found = joined(words)
    more_files |= any(word.lstrip("+").startswith(SEARCHPATH) for word in words)
    parser = OverridesParser.create()
    for word in words:
        try:
            override = parser.parse_override(in_use(word))
            if not (more_files and override.key_or_group in GROUPS and not _lacks_plus(override)):
                found += _problems(override, word, one_run)
        except (HydraException, ValueError, RecursionError) as error:
            why = said(error) if "=" in word else "it is not KNOB=VALUE"
            found.append(f"cannot read {shortened(word)}: {why}")
    return list(dict.fromkeys(found))


def _problems_beside_options(arguments):
    """What is wrong with overrides beside options of Hydra's."""
    from hydra._internal.utils import get_args_parser

    unheard = io.StringIO()
    try:
        with redirect_stdout(unheard), redirect_stderr(unheard):
            given, unknown = get_args_parser().parse_known_args(arguments)
    except SystemExit:  # Hydra will say what is wrong, or its version
        return []
    if unknown:
        more = "--help lists the knobs, --hydra-help the options"
        return [f"{word} is not an option; {more}" for word in unknown]
    more_files = any((given.config_dir, given.config_path, given.config_name))
    return _of_words(given.overrides, False, more_files)


def _problems(override, word, one_run) -> Iterator[str]:
    """What is wrong with one override."""
    key = override.key_or_group
    if _lacks_plus(override):
        yield _lesson(override, one_run)
    elif key.startswith("hydra"):
        yield from _no_file(key, override)
    elif key == CODE:  # `named` has taken the right ones
        yield NOT_HERE
    elif key.startswith("options."):
        name = key.removeprefix("options.")
        yield f"{key} is not a knob; write options={{{name}:{override.get_value_element_as_str()}}}"
    elif key not in KNOWN:
        yield no_knob(key)
    elif one_run and key == "lesson":
        yield _lesson(override, one_run)
    elif one_run and override.is_sweep_override():
        yield f"{word} has several values, which make a sweep: -m {word}"
    elif override.is_delete():
        return
    elif key in GROUPS:
        yield from _unknown_files(key, override)
    else:
        yield from _bad_values(key, override)


def no_knob(key: str) -> str:
    """The sentence about a word that is no knob."""
    close = hints.knob(key, KNOWN)
    return f"{key} is not a knob; " + (
        f"did you mean {close}?" if close else "--help lists all knobs"
    )


def _lacks_plus(override):
    return override.key_or_group == "lesson" and not override.is_add()


def _lesson(override, one_run):
    """The whole answer to a lesson without its plus, and without -m where that is missing, too."""
    value = override.get_value_element_as_str()
    value = hints.value("lesson", value, options("lesson")) or value
    if one_run:
        plus = ", and needs a plus" if _lacks_plus(override) else ""
        return f"a lesson is a sweep{plus}: -m +lesson={value}"
    return f"lesson needs a plus: +lesson={value}"


def _values(override) -> list[Any]:
    """The values that are written out; only Hydra knows the values of a pattern or a range."""
    if hasattr(override.value(), "list") and override.is_choice_sweep():
        return [override._convert_value(value) for value in override.value().list]
    return [] if override.is_sweep_override() else [override.value()]


def _bad_values(key, override):
    for value in _values(override):
        if (key, value) == ("seeds", UNTIL):
            yield f"seeds={UNTIL} is for: scratchml decide KNOB=VALUE --y solved --between KNOB=A,B"
        elif "${" not in str(value):  # an interpolation is resolved when Hydra composes
            try:
                parse({key: FIELDS[key]}, {key: value})
            except ConfigError as error:
                several = isinstance(value, list) and not isinstance(FIELDS[key], Many)
                text = ",".join(map(str, value)) if several else ""
                yield str(error) + (f"; a sweep is written -m {key}={text}" if text else "")


def _unknown_files(group, override):
    for name in _values(override):
        if not isinstance(name, str) or name not in options(group):
            if group == MODEL and (lacking := why_no_model(str(name))):
                yield lacking
                continue
            close = hints.value(group, name, options(group))
            hint = f"; did you mean {close}?" if close else ""
            yield f"{group} must be one of {options(group)}; got {shown(name)}{hint}"


def _no_file(group, override):
    """Hydra's own groups: Hydra does not refuse a value that is no name, but raises a TypeError."""
    value = override.value()
    if (group != "hydra" and "/" not in group) or override.is_delete():
        return
    if not override.is_sweep_override() and not isinstance(value, str | list):
        yield f"{group} must be the name of a file; got {shown(value)}"
