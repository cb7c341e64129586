"""The command `scratchml`: one name for the commands of this project.

    scratchml train dataset=moons width=8    is    python -m experiments.train dataset=moons width=8
    scratchml lessons xor                    is    python -m analysis.reproduce xor

A command is started as `python -m` starts it, so both spellings do the same. But `scratchml` never
imports code from the working directory, where folders of other people may have the names of ours.
"""

import difflib
import os
import runpy
import sys

from experiments.process import streams

COMMANDS = {  # name: (module, what it does)
    "train": ("experiments.train", "one run, or a sweep with -m"),
    "lessons": ("analysis.reproduce", "lessons: sweep, claims, figures, report"),
    "ui": ("experiments.ui", "the stored runs, in MLflow's own pages"),
    "register": ("analysis.register", "seal a lesson before its nets of new seeds are trained"),
    "report": ("analysis.report", "the page of lessons, from stored runs"),
    "power": ("analysis.power", "how many nets a claim, or a sweep of your own, needs"),
    "decide": ("analysis.decide", "nets in batches, until a question is decided"),
    "compare": ("analysis.compare", "a figure of any sweep: one measure against one knob"),
    "query": ("analysis.query", "SQL over the nets of a sweep"),
    "page": ("analysis.sweeps.__main__", "a sweep as one HTML file, to send to somebody"),
    "explore": ("analysis.explore.__main__", "a page of any sweep, to touch in a browser"),
    "export": ("experiments.export", "a trained net as a model of MLflow"),
    "pack": ("experiments.pack", "a sweep as one file to send to somebody"),
    "add": ("experiments.add", "takes such a file in: runs that are not there yet"),
    "check": ("experiments.check", "code of your own: what is wrong with it, before it trains"),
    "learn": ("experiments.workbook.__main__", "a workbook: write it from scratch, with a teacher"),
    "learn lesson": ("analysis.learned", "the workbook's lessons, on nets of your own code"),
}
LESSON = "learn lesson"
CLOSE = 0.5  # how similar a name must be to be offered, between 0 and 1


def main(arguments=None):
    """Runs one command as `python -m MODULE` does.

    Returns:
        The exit status where no command was run. A command itself ends with SystemExit.
    """
    if arguments is None:
        streams.prepare()
        arguments = sys.argv[1:]
    name, *rest = arguments or [""]
    if [name, *rest[:1]] == LESSON.split():
        return run(COMMANDS[LESSON][0], rest[1:])
    if name in COMMANDS:
        return run(COMMANDS[name][0], rest)
    if name in ("--help", "-h", "help"):
        print(help_text())
        return 0
    if name == "--version":
        from importlib.metadata import version

        print(f"scratchml {version('scratchml')}")
        return 0
    print(problem(name), file=sys.stderr)
    return 2


def run(module, arguments):
    """Executes a module as the main module of this process, with `arguments`."""
    # Processes that are started here, such as workers, do not import from the working directory.
    os.environ["PYTHONSAFEPATH"] = "1"
    sys.argv = [sys.argv[0], *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    return 0


def help_text():
    """All commands, a line each."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {meaning}" for name, (_, meaning) in COMMANDS.items()]
    usage = "usage: scratchml COMMAND ...\n\nscratchml COMMAND --help tells what a command takes.\n"
    return "\n".join([usage, *lines, "", "scratchml --version names the installed version."])


def problem(name):
    """The sentence about a name that is no command."""
    if not name:
        return help_text()
    words = {command: module for command, (module, _) in COMMANDS.items() if command != LESSON}
    modules = {module.rpartition(".")[2]: command for command, module in words.items()}
    known = modules | {command: command for command in words}  # `reproduce` is a hint, too
    close = difflib.get_close_matches(name, known, cutoff=CLOSE)
    offered = list(dict.fromkeys(known[one] for one in close))
    hint = f"did you mean {' or '.join(offered)}?" if close else f"there are {', '.join(words)}"
    return f"{name!r} is not a command of scratchml; {hint}"


if __name__ == "__main__":
    sys.exit(main())
