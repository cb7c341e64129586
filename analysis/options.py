"""Options that the commands share: the store to read and the place of the files to write."""

import argparse
from pathlib import Path

from experiments import as_json
from experiments.tracking import places

VERBOSE = "print every claim with its numbers, not only those that do not hold"
FIGURES = "the folder for figures; by default figures"  # a meaning of --out
UNUSED = argparse.SUPPRESS  # of commands that write no file


def parser(program, text, out=None):
    """A parser of arguments with the options --uri and --out.

    Args:
        program: how the user calls it, such as `scratchml report`.
        text: what the command does, with examples; shown by --help as it is.
        out: the meaning of --out, with its default; None for a command that writes no file.
    """
    found = argparse.ArgumentParser(
        prog=program,
        description=text,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument(
        "--uri",
        help="the MLflow store; by default MLFLOW_TRACKING_URI, or mlflow.db in this project",
    )
    if out is not None:
        found.add_argument("--out", help=out)
    return found


def add_sweep(parser):
    """Adds the option --sweep to a parser."""
    text = "the run id of a sweep, or all; by default the newest sweep"
    parser.add_argument("--sweep", help=text)


def add_json(parser, text="print one JSON object instead, for programs"):
    """Adds the option --json to a parser."""
    parser.add_argument(as_json.OPTION, action="store_true", help=text)


def add_code(parser):
    """Adds the option --code to a parser."""
    parser.add_argument(
        "--code",
        action="append",
        metavar="FILE",
        help="a file of your own that the runs were trained with; it is run",
    )


def figures(out=None, quick=False):
    """The folder for figures: the one that --out names, or `figures` in the project."""
    return Path(out) if out is not None else places.figures() / ("quick" if quick else "")
