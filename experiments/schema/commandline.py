"""The command line before Hydra reads it: --uri, synonyms, and a sentence for each mistake."""

import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from types import FrameType
from typing import Any

from experiments.errors import ConfigError
from experiments.schema.config import KNOBS
from experiments.schema.defaults import options
from experiments.schema.fields import nearest, parse, shown
from experiments.schema.hydra_options import divided
from experiments.schema.settings import SETTINGS, flat
from experiments.schema.synonyms import in_use

GROUPS = ("dataset", "model", "lesson", "executor")
SWEEP = ("-m", "--multirun")
URI = "--uri"
FIELDS = dict(flat(KNOBS | SETTINGS))  # every key that takes a value, under its dotted name


def asks_for_help(arguments: Iterable[str]) -> bool:
    return any(argument in ("--help", "-h") for argument in arguments)


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
    """A text that Hydra's grammar reads as it is, whatever signs are in it."""
    escaped = text.replace("'", r"\'")
    return f"'{escaped}'"


def problems(arguments: Sequence[str]) -> list[str]:
    """What is wrong with the overrides, a sentence each: words, keys, files and values.

    Where an option of Hydra's own is given, everything is left to Hydra.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    words = [argument for argument in arguments if argument not in SWEEP]
    if URI in words:
        return [f"{URI} needs the address of a store, such as {URI} sqlite:///mlflow.db"]
    if any(word.startswith("-") for word in words):
        return []
    files_elsewhere = any(word.startswith("hydra.searchpath=") for word in words)
    one_run = words == arguments and "hydra.mode=MULTIRUN" not in words
    parser, found = OverridesParser.create(), []
    for word in words:
        try:
            found += _problems(parser.parse_override(in_use(word)), word, one_run, files_elsewhere)
        except HydraException as error:
            said = str(error).splitlines()[0] if "=" in word else "it is not KNOB=VALUE"
            found.append(f"cannot read {word!r}: {said}")
    return list(dict.fromkeys(found))


def _problems(override, word, one_run, files_elsewhere) -> Iterator[str]:
    """What is wrong with one override; Hydra judges names of files that lie in other folders."""
    key, known = override.key_or_group, [*FIELDS, *GROUPS]
    if key == "lesson" and not override.is_add():
        yield f"lesson needs a plus: +lesson={override.value()}"
    elif key.startswith("hydra"):
        yield from _no_file(key, override)
    elif key not in known:
        close = nearest(key, known)
        hint = f"did you mean {close}?" if close else "--help lists all knobs"
        yield f"{key} is not a knob; {hint}"
    elif one_run and key == "lesson":
        yield f"a lesson is a sweep: -m {word}"
    elif one_run and override.is_sweep_override():
        yield f"{word} has several values, which make a sweep: -m {word}"
    elif override.is_delete():
        return
    elif key in GROUPS:
        if not files_elsewhere:
            yield from _unknown_files(key, override)
    else:
        yield from _bad_values(key, override)


def _values(override) -> list[Any]:
    """The values that are written out; only Hydra knows the values of a pattern or a range."""
    if override.is_choice_sweep():
        return [override._convert_value(value) for value in override.value().list]
    return [] if override.is_sweep_override() else [override.value()]


def _bad_values(key, override):
    for value in _values(override):
        if "${" not in str(value):  # an interpolation is resolved when Hydra composes
            try:
                parse({key: FIELDS[key]}, {key: value})
            except ConfigError as error:
                yield str(error)


def _unknown_files(group, override):
    for name in _values(override):
        if not isinstance(name, str) or name not in options(group):
            yield f"{group} must be one of {options(group)}; got {shown(name)}"


def _no_file(group, override):
    """Hydra's own groups: Hydra does not refuse a value that is no name, but raises a TypeError."""
    value = override.value()
    if (group != "hydra" and "/" not in group) or override.is_delete():
        return
    if not override.is_sweep_override() and not isinstance(value, str | list):
        yield f"{group} must be the name of a file; got {shown(value)}"


# --- errors of Hydra's ----------------------------------------------------------------------------


LIBRARIES = ("hydra", "omegaconf", "yaml")


def is_about_configuration(error: BaseException) -> bool:
    """Whether an error is about the composed configuration, or about a folder of Hydra's.

    Hydra and OmegaConf have classes for such errors. A file that is no YAML, a file that names
    itself, a folder that cannot be made, or a strange value of one of Hydra's own keys raises an
    error of another class, in code that Hydra's modules call.
    """
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    if isinstance(error, HydraException | OmegaConfBaseException):
        return True
    package = _raised_in(error)
    return package in LIBRARIES or (package == "hydra_plugins" and isinstance(error, OSError))


def _raised_in(error: BaseException) -> str:
    """The package whose code raised an error, apart from Python's own library."""
    frames = traceback.walk_tb(error.__traceback__)
    packages = [_module(frame).partition(".")[0] for frame, _ in frames]
    others = [package for package in packages if package not in sys.stdlib_module_names]
    return others[-1] if others else ""


def in_words(error: BaseException) -> str:
    """The message of an error of Hydra's, without the search path that Hydra appends."""
    if isinstance(error, RecursionError):
        return _in_a_circle(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"cannot use {error.filename}: {error.strerror}"
    message = str(error).partition("\nConfig search path:")[0] or type(error).__name__
    return message if error.__cause__ is None else f"{message}\n{error.__cause__}".strip()


def _in_a_circle(error: RecursionError) -> str:
    """The files that name each other without end; their names are known while Hydra reads them."""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    read = [frame.f_locals.get("path") for frame in frames if "hydra" in _module(frame)]
    again = sorted({path for path in read if isinstance(path, str) and read.count(path) > 1})
    if not again:
        return "the configuration is nested too deeply"
    files = " and ".join(again)
    return f"{files}: the defaults list names its own file, or files name each other in a circle"


def _module(frame: FrameType) -> str:
    return frame.f_globals.get("__name__", "")
