"""The command line before Hydra sees it: help, and words that no composition could understand."""

import difflib
import re
from pathlib import Path

from experiments.config import ALIASES, KNOBS, SETTINGS

CONF = Path(__file__).resolve().parent.parent / "conf"
GROUPS = ("dataset", "model", "lesson", "executor")

HEAD = """\
scratchml trains perceptrons, logistic regressions and small nets, written from scratch in NumPy,
and logs every run to MLflow.

  python -m experiments.train                            one run: a small net on XOR
  python -m experiments.train -m lr=0.1,1 width=2,4      a sweep: all combinations
  python -m experiments.train -m +lesson=initialization  the sweep of a lesson

Each word is KNOB=VALUE; with -m a knob takes several values, separated by commas.
"""

FOOT = """\
python -m experiments.ui opens MLflow on what is stored; python -m experiments.reproduce makes all
lessons. Hydra's own options: --hydra-help; the composed configuration: --cfg job.
"""


def asks_for_help(arguments):
    return any(argument in ("--help", "-h") for argument in arguments)


def options(group):
    """The names that a group of conf/ offers."""
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


def help_text():
    """Every knob with its meaning, its default and the values that are allowed."""
    lines = [HEAD]
    for group in GROUPS:
        plus = "+" if group == "lesson" else ""
        lines.append(f"{plus}{group}=  {', '.join(options(group))}".replace("=  ", "=", 1))
    section = ""
    for line in (CONF / "config.yaml").read_text().splitlines():
        if line.startswith("# --- "):
            section = line.removeprefix("# --- ")
            lines += ["", section]
        match = re.match(r"( *)(\w+): +(\S+) +# (.*)", line)
        if not match or not section:
            continue
        indent, name, default, meaning = match.groups()
        if indent:
            name = f"tracking.{name}"
        kind = KNOBS.get(name) or SETTINGS.get(name)
        allowed = f"; {kind}" if kind and not isinstance(kind, dict) else ""
        lines.append(f"  {name + '=' + default:24s} {meaning}{allowed}")
    lines += [f"  {'executor.workers=null':24s} how many processes; null is one a core"]
    return "\n".join([*lines, "", FOOT])


def problems(arguments):
    """What is wrong with the overrides, a sentence each: words, keys and groups' options."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    parser, found = OverridesParser.create(), []
    for argument in arguments:
        if argument.startswith("-"):
            continue
        try:
            override = parser.parse_override(argument)
        except HydraException as error:
            found.append(f"cannot read {argument!r}: {str(error).splitlines()[0]}")
            continue
        key = override.key_or_group
        known = [*KNOBS, *_settings(), *GROUPS]
        if key == "lesson" and not override.is_add():
            found.append(f"lesson needs a plus: +lesson={override.value()}")
        elif key.startswith("hydra") or key.startswith("executor."):
            continue
        elif key not in known:
            close = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean {close[0]}?" if close else "--help lists them all"
            found.append(f"{key} is not a knob; {hint}")
        elif key in GROUPS and not override.is_delete():
            found += _unknown_options(key, override)
    return found


def _settings():
    for name, kind in SETTINGS.items():
        yield from (f"{name}.{key}" for key in kind) if isinstance(kind, dict) else [name]


def _unknown_options(group, override):
    values = override.value()
    names = values.list if override.is_choice_sweep() else [values]
    for name in names:
        name = getattr(name, "text", name)
        if isinstance(name, str) and name not in options(group) and name not in ALIASES:
            yield f"{group} must be one of {options(group)}; got {name!r}"
