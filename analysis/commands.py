"""The commands that launch sweeps: of an experiment, and of a sweep that is stored.

Answers are in the `scratchml ...` spelling. Sweeps of older versions are stored with the spelling
`python -m experiments.train ...` or `python -m analysis.reproduce ...`, which is understood, too.
"""

import re
import shlex

from analysis import lessons

FRESH = "--fresh"  # seeds that were sealed
QUICK = "-quick"  # how the experiment of a lesson's quick version ends
QUICK_NETS = 24  # nets a run, at most; a truth table of two inputs has as many orders of rows
TRAIN = (("scratchml", "train"), ("-m", "experiments.train"))
LESSONS = (
    ("scratchml", "lessons"),
    ("-m", "analysis.reproduce"),
    ("-m", "experiments.reproduce"),
)
KNOB = re.compile(r"[+~]*[\w./@]+=")  # how an override begins
PLACES = ("tracking.", "executor", "hydra", "resume=", "only=")  # overrides no number depends on


def launch_command(experiment):
    """The command that launches the sweep of an experiment: a lesson's, or one of the user's."""
    name = experiment.removesuffix(QUICK)
    if experiment != name and name in lessons.names():
        return shlex.join(["scratchml", "lessons", name, "--quick"])
    own = "+lesson=" if experiment in lessons.names() else "experiment="
    return shlex.join(["scratchml", "train", "-m", own + experiment])


def launched_by(command, experiment):
    """The command of a stored sweep, without the parts that say only where and how it ran.

    Args:
        command: as it is stored; None, or a text that launches no sweep, gives `launch_command`.
    """
    try:
        words = shlex.split(command or "")
    except ValueError:  # no command of a shell
        words = []
    knobs = [word for word in words if KNOB.match(word) and not word.startswith(PLACES)]
    pairs = [*zip(words, words[1:], strict=False)]
    if any(pair in LESSONS for pair in pairs):
        name = experiment.removesuffix(QUICK)
        quick = ["--quick"] if name != experiment else []
        name = next((word for word in words if word.endswith(f"/{name}")), name)
        fresh = [FRESH] if FRESH in words else []
        return shlex.join(["scratchml", "lessons", name, *knobs, *quick, *fresh])
    if any(pair in TRAIN for pair in pairs):
        return shlex.join(["scratchml", "train", "-m", *knobs])
    return launch_command(experiment)
