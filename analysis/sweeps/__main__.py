"""Freezes a sweep into one HTML file to send to somebody: table, curves and checks.

    scratchml page scratchml                the newest sweep of an experiment
    scratchml page hidden_layer             a lesson's
    scratchml page scratchml --sweep ID     an older one, by the run id of its parent; or all

The file needs no other file, no server and no network. It says what it cannot show.
"""

import sys
from pathlib import Path

from analysis import options
from analysis.data import load
from analysis.figures import saving
from analysis.sweeps.writing import file_name, page
from experiments import console
from experiments.process import startup, streams


def main(arguments=None):
    """The exit status of the command."""
    parser = options.parser(
        "scratchml page", __doc__, "the file; by default sweep-EXPERIMENT.html in figures"
    )
    parser.add_argument("experiment", help="the MLflow experiment: a lesson's name, or scratchml")
    options.add_sweep(parser)
    given = parser.parse_args(arguments)
    startup.computing()
    try:
        with console.clean_exit():
            data = load(given.experiment, given.uri, given.sweep)
            content = page(data).encode()
    except (LookupError, ValueError) as error:
        parser.error(str(error))
    out = Path(given.out) if given.out else (
        options.figures() / f"{file_name(data.experiment)}.html")  # fmt: skip
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        print(saving.write(out, content), f"({len(content) / 1e6:.1f} MB)")
    except OSError as error:
        console.complain(f"no page: {error}")
        return 1
    return 0


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))
