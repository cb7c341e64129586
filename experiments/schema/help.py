"""The text of `scratchml train --help`: every knob, made from conf/ and from the fields."""

import re
import shutil
import textwrap

from experiments.schema import defaults
from experiments.schema.commandline import FIELDS, GROUPS
from experiments.schema.fields import Choice

HEAD = """\
scratchml trains perceptrons, logistic regressions and small nets, written from scratch in NumPy,
and logs every run to MLflow.

  scratchml train                            one run: a small net on XOR
  scratchml train -m lr=0.1,1 width=2,4      a sweep: all combinations
  scratchml train -m +lesson=initialization  the sweep of a lesson

Each word is KNOB=VALUE. With -m a knob may have several values, separated by commas.
--uri URI names the store, as tracking.uri=URI does.
"""

FOOT = """\
scratchml ui shows in MLflow what is stored; scratchml lessons trains and decides all lessons.
Hydra's own options: --hydra-help. The composed configuration: --cfg job."""

# Keys of conf/executor/, which config.yaml does not list.
EXECUTOR = {
    "executor.workers": "number of processes; null is one for each core",
    "executor.address": "address of a Dask scheduler, for executor=dask",
}
KNOB = re.compile(r"( *)(\w+): +(\S+) +# (.*)")  # a line of config.yaml: knob, default, meaning


def help_text() -> str:
    """Every knob with its meaning, its default and the values that are allowed."""
    lines = [HEAD]
    for group in GROUPS:
        plus = "+" if group == "lesson" else ""
        lines.append(_entry(f"{plus}{group}=", " | ".join(defaults.options(group))))
    section = None
    for line in (defaults.CONF / defaults.ROOT).read_text().splitlines():
        if line.startswith("# --- "):
            section = line.removeprefix("# --- ")
            lines += ["", section]
        match = KNOB.match(line)
        if match and section:
            indent, name, default, meaning = match.groups()
            name = f"{indent and 'tracking.'}{name}"
            lines.append(_entry(f"{name}={default}", meaning, FIELDS.get(name)))
    for name, meaning in EXECUTOR.items():
        lines.append(_entry(f"{name}=null", meaning, FIELDS[name]))
    return "\n".join([*lines, "", FOOT])


def _entry(name, meaning, field=None):
    """The lines of a knob: its name on the left, its meaning and allowed values on the right."""
    width = min(shutil.get_terminal_size().columns, 120) - 1
    if field is not None:
        allowed = " | ".join(field.options) if isinstance(field, Choice) else field
        meaning += f" [{allowed}]"
    return textwrap.fill(
        meaning,
        max(width, 60),
        initial_indent=f"  {name:24} ",
        subsequent_indent=" " * 27,
        break_on_hyphens=False,
    )
