"""The report: the question of every lesson, its claims, the numbers and the figure, on one page.

    scratchml report               figures/index.html with all lessons that the store holds
    scratchml report xor loss      the same of two lessons
    scratchml report ./mine/parity  a lesson of your own; its Python is run
    scratchml report --check       prints all claims; fails if a claim does not hold
    scratchml report --markdown    prints a table of lessons and answers, one of usual sayings
    scratchml report diff A B      the claims in which two stores differ, as Markdown

A and B are stores, tables that an earlier report has written (report.csv, from another commit for
example), or sweeps of one lesson (xor@RUN_ID, in the store of --uri). The exit status is 1 if a
claim does not hold any more, has moved by more than its interval, has vanished, or is new and does
not hold.

The same store gives the same files to the byte: nothing in them says when, where or by whom they
were made.
"""

import argparse
import sys

from analysis import changes, options, own_lesson, page
from analysis.answers import UI, decide
from analysis.options import VERBOSE
from analysis.printing import show
from experiments import as_json, console
from experiments.process import startup, streams


def build(names=None, uri=None, out=None, ui=None, code=None):
    """The Answers of lessons in the order of reading; writes their figures, claims and the page.

    An answer that is in the folder already, and whose runs and code are the same, is taken from
    there.

    Args:
        names: of the lessons, or their places; by default all of ours.
        uri: the store; see `analysis.data.load`.
        out: the folder for NAME.png, NAME.svg, NAME.webp, NAME.json, report.csv and index.html; by
            default `figures` in the project.
        ui: the address of MLflow's pages, for the links; see `analysis.answers.decide`.
        code: files of the user's own that the runs need.

    Raises:
        LookupError: There is no lesson of a name.
        StoreError: The store cannot be read.
    """
    out = options.figures(out)
    answers = [decide(lesson, uri, out, ui=ui, code=code) for lesson in own_lesson.some(names)]
    page.write(answers, out)
    return answers


def main(arguments=None):
    """The exit status of the command."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments[:1] == ["diff"]:
        return difference(arguments[1:])
    parser = options.parser("scratchml report", __doc__, options.FIGURES)
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help="lessons, or ./FOLDER/NAME; by default all of ours")  # fmt: skip
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--check", action="store_true", help="print claims, draw nothing; fail if"
                      " a claim does not hold or a lesson was not run")  # fmt: skip
    only.add_argument("--markdown", action="store_true", help="print a table, draw nothing")
    parser.add_argument("--verbose", action="store_true", help=VERBOSE)
    parser.add_argument("--ui", metavar="URL", type=_address,
                        help=f"the address of MLflow's pages, for links; by default {UI}, or that"
                        " of the server of --uri")  # fmt: skip
    options.add_code(parser)
    options.add_json(parser)
    given = parser.parse_args(arguments)
    startup.computing()
    try:
        with console.clean_exit():
            if given.check or given.markdown:
                wanted = own_lesson.some(given.names)
                answers = [decide(lesson, given.uri, code=given.code) for lesson in wanted]
            else:
                answers = build(given.names, given.uri, given.out, given.ui, given.code)
    except LookupError as error:
        parser.error(str(error))
    if given.markdown:
        print(page.as_markdown(answers), page.sayings_as_markdown(answers), sep="\n\n")
        return 0
    if given.json:
        print(as_json.text({"lessons": [*map(facts, answers)]}))
    else:
        show(answers, verbose=given.check or given.verbose)
    if given.check:
        return 0 if answers and all(answer.holds for answer in answers) else 1
    # Without names, the page may leave out lessons that were never run, though not all of them.
    bad = [a for a in answers if a.problem and (given.names or not a.is_missing)]
    return 1 if bad or all(a.is_missing for a in answers) else 0


def facts(answer):
    """An Answer as a mapping, for programs."""
    words = ("sentence", "holds", "problem", "command", "runs", "nets", "absent")
    claims = [
        {k: getattr(claim, k) for k in ("sentence", "measured", "test", "nets", "holds", "p")}
        for claim in answer.claims
    ]
    lesson = {"lesson": answer.lesson.name, "question": answer.lesson.question}
    return lesson | {k: getattr(answer, k) for k in words} | {"claims": claims}


def difference(arguments):
    """The exit status of `diff`: 0 if nothing is worse, 1 otherwise; prints what has changed."""
    parser = options.parser("scratchml report diff", changes.__doc__, argparse.SUPPRESS)
    for name, letter in (("before", "A"), ("after", "B")):
        parser.add_argument(name, metavar=letter, help="a store, a report.csv, or a sweep "
                            "as LESSON@RUN_ID")  # fmt: skip
    given = parser.parse_args(arguments)
    startup.computing()
    try:
        with console.clean_exit():
            before, after = (changes.read(one, given.uri) for one in (given.before, given.after))
    except (LookupError, OSError, ValueError) as error:
        parser.error(str(error))
    found = changes.compare(before, after)
    print(changes.as_markdown(found, before, after))
    return 1 if any(change.is_worse for change in found) else 0


def _address(text):
    if not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"must begin with http:// or https://; got {text!r}")
    return text.rstrip("/")


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))
