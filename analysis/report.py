"""The report: the question of every lesson, its claims, the numbers and the figure, on one page.

    scratchml report               figures/index.html with all lessons that the store holds
    scratchml report xor loss      the same of two lessons
    scratchml report --check       prints all claims; fails if a claim does not hold
    scratchml report --markdown    prints a table of lessons and verdicts

The same store gives the same files to the byte: nothing in them says when, where or by whom they
were made.
"""

import argparse
import sys

from analysis import lessons, options, page
from analysis.answers import UI, decide
from analysis.printing import show
from experiments import console, startup, streams


def build(names=None, uri=None, out=None, ui=None):
    """The Answers of lessons in the order of reading; writes their figures, claims and the page.

    An answer that is in the folder already, and whose runs and code are the same, is taken from
    there.

    Args:
        names: of the lessons; by default all.
        uri: the store; see `analysis.data.load`.
        out: the folder for NAME.png, NAME.svg, NAME.gif, NAME.json, report.csv and index.html; by
            default `figures` in the project.
        ui: the address of MLflow's pages, for the links; see `analysis.answers.decide`.

    Raises:
        LookupError: There is no lesson of a name.
        StoreError: The store cannot be read.
    """
    out = options.figures(out)
    answers = [decide(lesson, uri, out, ui=ui) for lesson in lessons.some(names)]
    page.write(answers, out)
    return answers


def main(arguments=None):
    """The exit status of the command."""
    parser = options.parser("scratchml report", __doc__, options.FIGURES)
    parser.add_argument("names", nargs="*", metavar="NAME", help="lessons; by default all")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--check", action="store_true", help="print claims, draw nothing; fail if"
                      " a claim does not hold or a lesson was not run")  # fmt: skip
    only.add_argument("--markdown", action="store_true", help="print a table, draw nothing")
    parser.add_argument("--ui", metavar="URL", type=_address,
                        help=f"the address of MLflow's pages, for links; by default {UI}, or that"
                        " of the server of --uri")  # fmt: skip
    given = parser.parse_args(arguments)
    startup.computing()
    try:
        with console.clean_exit():
            if given.check or given.markdown:
                answers = [decide(lesson, given.uri) for lesson in lessons.some(given.names)]
            else:
                answers = build(given.names, given.uri, given.out, given.ui)
    except LookupError as error:
        parser.error(str(error))
    if given.markdown:
        print(page.as_markdown(answers))
        return 0
    show(answers)
    if given.check:
        return 0 if answers and all(answer.holds for answer in answers) else 1
    # Without names, the page may leave out lessons that were never run, though not all of them.
    bad = [a for a in answers if a.problem and (given.names or not a.is_missing)]
    return 1 if bad or all(a.is_missing for a in answers) else 0


def _address(text):
    if not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"must begin with http:// or https://; got {text!r}")
    return text.rstrip("/")


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))
