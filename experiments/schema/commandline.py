"""The command line before Hydra sees it: help, and words that no composition could understand."""

import difflib
import re
import shutil
import textwrap
import traceback
from pathlib import Path

from experiments.errors import ConfigError
from experiments.schema.config import ALIASES, KNOBS, SETTINGS
from experiments.schema.fields import Choice, parse, shown

CONF = Path(__file__).resolve().parents[2] / "conf"
GROUPS = ("dataset", "model", "lesson", "executor")
SWEEP = ("-m", "--multirun")


def _flat(kinds, above=""):
    for name, kind in kinds.items():
        if isinstance(kind, dict):
            yield from _flat(kind, f"{above}{name}.")
        else:
            yield above + name, kind


KINDS = dict(_flat(KNOBS | SETTINGS))  # every key that takes a value, under its dotted name

HEAD = """\
scratchml trains perceptrons, logistic regressions and small nets, written from scratch in NumPy,
and logs every run to MLflow.

  python -m experiments.train                            one run: a small net on XOR
  python -m experiments.train -m lr=0.1,1 width=2,4      a sweep: all combinations
  python -m experiments.train -m +lesson=initialization  the sweep of a lesson

Each word is KNOB=VALUE; with -m a knob takes several values, separated by commas.
"""

FOOT = """\
python -m experiments.ui opens MLflow on what is stored; python -m analysis.reproduce makes all
lessons. Hydra's own options: --hydra-help; the composed configuration: --cfg job."""


def in_order(arguments):
    """The arguments with -m at their front: Hydra takes no override before an option."""
    return sorted(arguments, key=lambda argument: argument not in SWEEP)


def asks_for_help(arguments):
    return any(argument in ("--help", "-h") for argument in arguments)


def options(group):
    """The names that a group of conf/ offers."""
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


# --- help -----------------------------------------------------------------------------------------


def help_text():
    """Every knob with its meaning, its default and the values that are allowed."""
    lines = [HEAD]
    for group in GROUPS:
        plus = "+" if group == "lesson" else ""
        lines.append(_entry(f"{plus}{group}=", " | ".join(options(group))))
    section = None
    for line in (CONF / "config.yaml").read_text().splitlines():
        if line.startswith("# --- "):
            section = line.removeprefix("# --- ")
            lines += ["", section]
        match = re.match(r"( *)(\w+): +(\S+) +# (.*)", line)
        if match and section:
            indent, name, default, meaning = match.groups()
            name = f"{indent and 'tracking.'}{name}"
            lines.append(_entry(f"{name}={default}", meaning, KINDS.get(name)))
    workers = KINDS["executor.workers"]
    lines.append(_entry("executor.workers=null", "how many processes; null is one a core", workers))
    lines.append(_entry("executor.address=null", "of a Dask scheduler, for executor=dask"))
    return "\n".join([*lines, "", FOOT])


def _entry(name, meaning, kind=None):
    """A knob's lines: its name on the left, the rest on the right."""
    width = min(shutil.get_terminal_size().columns, 120) - 1
    if kind is not None:
        allowed = " | ".join(kind.options) if isinstance(kind, Choice) else kind
        meaning += f" [{allowed}]"
    return textwrap.fill(
        meaning,
        max(width, 60),
        initial_indent=f"  {name:24} ",
        subsequent_indent=" " * 27,
        break_on_hyphens=False,
    )


# --- problems -------------------------------------------------------------------------------------


def problems(arguments):
    """What is wrong with the overrides, a sentence each: words, keys, groups' options and values.

    Where one of Hydra's own options is given, it is left to Hydra.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    words = [argument for argument in arguments if argument not in SWEEP]
    if any(word.startswith("-") for word in words):
        return []
    one_run = words == arguments and "hydra.mode=MULTIRUN" not in words
    known = [*KINDS, *GROUPS]
    parser, found = OverridesParser.create(), []
    for argument in words:
        try:
            override = parser.parse_override(argument)
        except HydraException as error:
            said = str(error).splitlines()[0] if "=" in argument else "it is not KNOB=VALUE"
            found.append(f"cannot read {argument!r}: {said}")
            continue
        key = override.key_or_group
        if key == "lesson" and not override.is_add():
            found.append(f"lesson needs a plus: +lesson={override.value()}")
        elif key.startswith("hydra"):
            if (key == "hydra" or "/" in key) and not override.is_delete():
                found += _no_file(key, override)
        elif key not in known:
            close = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean {close[0]}?" if close else "--help lists them all"
            found.append(f"{key} is not a knob; {hint}")
        elif one_run and key == "lesson":
            found.append(f"a lesson is a sweep: -m {argument}")
        elif one_run and override.is_sweep_override():
            found.append(f"{argument} has several values, which make a sweep: -m {argument}")
        elif key in GROUPS and not override.is_delete():
            found += _unknown_options(key, override)
        elif key in KINDS and not override.is_delete():
            found += _bad_values(key, override)
    return list(dict.fromkeys(found))


def _values(override):
    """The values that are written out; what a pattern or a range comes to, only Hydra knows."""
    if override.is_choice_sweep():
        return [override._convert_value(value) for value in override.value().list]
    return [] if override.is_sweep_override() else [override.value()]


def _bad_values(key, override):
    for value in _values(override):
        if "${" not in str(value):  # else it is known when it is composed
            try:
                parse({key: KINDS[key]}, {key: value})
            except ConfigError as error:
                yield str(error)


def _unknown_options(group, override):
    for name in _values(override):
        if not isinstance(name, str) or (name not in options(group) and name not in ALIASES):
            yield f"{group} must be one of {options(group)}; got {shown(name)}"


def _no_file(group, override):
    """Hydra's own groups: what is not a name of a file it would not say, but stumble over."""
    value = override.value()
    if not override.is_sweep_override() and not isinstance(value, str | list):
        yield f"{group} must be the name of a file; got {shown(value)}"


def is_about_configuration(error):
    """Whether an error is about what was composed: of Hydra's kinds, or raised by its code.

    Over files that are no YAML and over strange values of its own keys Hydra only stumbles.
    """
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    if isinstance(error, HydraException | OmegaConfBaseException):
        return True
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    module = frame.f_globals.get("__name__", "")
    return module.startswith(("hydra.", "omegaconf.", "yaml.", "logging.config"))


def in_words(error):
    """What Hydra has to say about a composition, without the search path it says it about."""
    message = str(error).partition("\nConfig search path:")[0] or type(error).__name__
    return message if error.__cause__ is None else f"{message}\n{error.__cause__}".strip()
