"""The text of `scratchml train --help`: every knob, made from conf/ and from the fields."""

import re
import shutil
import textwrap

from experiments.schema import defaults
from experiments.schema.commandline import FIELDS, GROUPS
from experiments.schema.fields import Choice
from experiments.schema.hints import shown
from experiments.tracking import documents

HEAD = """\
scratchml trains perceptrons, logistic regressions and small nets, written from scratch in NumPy,
and logs every run to MLflow.

  scratchml train                            one run: a small net on XOR
  scratchml train -m lr=0.1,1 width=2,4      a sweep: all combinations
  scratchml train -m +lesson=initialization  the sweep of a lesson
  scratchml train -m 'width=range(1,9)'      a sweep over 1, 2, ..., 8
  scratchml train -m hydra/sweeper=optuna 'lr=interval(0.01,10)'
                                             a search by Optuna; its sampler may be random
                                             (hydra/sweeper/sampler=random), and
                                             hydra.sweeper.n_trials=20 says how long

Each word is KNOB=VALUE. With -m a knob may have several values, separated by commas without
blanks. The defaults below are those of a run without any word; a data set, a model or a lesson
brings its own. --uri URI names the store, as tracking.uri=URI does. code=mine.py adds the
activations, losses, optimizers, initializers, data sets, diagnostics and stop rules of a file of
your own, which is run; model=mine.py:TinyNet trains a class of it. --json prints one JSON object,
and all else on standard error.
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
        lines += _group(group)
    usual, section = defaults.defaults(), None
    for line in (defaults.CONF / defaults.ROOT).read_text().splitlines():
        if line.startswith("# --- "):
            section = line.removeprefix("# --- ")
            lines += ["", section]
        match = KNOB.match(line)
        if match and section:
            indent, name, default, meaning = match.groups()
            name = f"{indent and 'tracking.'}{name}"
            default = _written(usual[name], default) if name in usual else default
            lines.append(_entry(f"{name}={default}", meaning, FIELDS.get(name)))
    for name, meaning in EXECUTOR.items():
        lines.append(_entry(f"{name}=null", meaning, FIELDS[name]))
    return "\n".join([*lines, "", FOOT])


def _group(group):
    """The lines of a group: its usual choice, and each of its files with its first sentence."""
    plus, usual = "+" if group == "lesson" else "", defaults.choices().get(group, "")
    yield f"{plus}{group}={usual}"
    for option in defaults.options(group):
        yield _entry(f"  {option}", defaults.description(group, option))


def _written(value, text):
    """A default as it is written on the command line; `text` is how config.yaml writes it."""
    if documents.read(text.encode()) == value:
        return text
    return value if isinstance(value, str) else shown(value)


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
