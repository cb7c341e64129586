"""A sweep that can be touched: one page with its nets, to open in any browser, without a server.

    scratchml explore hidden_layer       a lesson: figures/explore.html
    scratchml explore scratchml          the newest sweep of an experiment
    scratchml explore xor@RUN_ID         a sweep by its run id
    scratchml explore ./mine/parity      a lesson of your own; its Python is run

The page is made from the store alone; nothing is trained. Where a run has paths=true, the epochs of
its nets can be dragged. A lesson's page is written twice: explore.html is always the last one, and
the report links to NAME-explore.html.
"""

import sys

from analysis import lessons, options, own_lesson
from analysis.answers import decide
from analysis.commands import QUICK
from analysis.data import load
from analysis.explore import claims, page
from analysis.figures import saving
from analysis.page import EXPLORER
from experiments import console
from experiments.process import startup, streams


def build(word, uri=None, out=None, sweep=None, code=None):
    """The paths of the files of one page.

    Args:
        word: an experiment, a lesson by its name or its place, or either with @RUN_ID of a sweep.
        uri: the store; see `analysis.data.load`.
        out: the folder; by default `figures` in the project.
        sweep: the run id of a sweep, or "all"; by default the newest.
        code: files of the user's own that the runs need.

    Raises:
        LookupError, StoreError: As `analysis.data.load`.
    """
    word, _, run_id = word.partition("@")
    sweep, experiment = run_id or sweep, own_lesson.name_of(word)
    data = load(experiment, uri, sweep, code=code)
    lesson, answer = _lesson(word, experiment), None
    if lesson is not None:
        quick = experiment.endswith(QUICK)
        answer = decide(lesson, uri, quick=quick, sweep=sweep, code=code)
    out = options.figures(out)
    out.mkdir(parents=True, exist_ok=True)
    title = lesson.question if lesson else f"The sweep {experiment}"
    text = page.as_html(data, title, *([answer.sentence, claims.facts(answer)] if answer else []))
    names = ["explore.html"] + ([EXPLORER.format(lesson.name)] if lesson else [])
    return [saving.write(out / name, text.encode()) for name in names]


def _lesson(word, experiment):
    """The lesson of an experiment, whose file may be broken; None if it is of no lesson."""
    if word != experiment:
        return own_lesson.read(word)
    name = experiment.removesuffix(QUICK)
    return lessons.some([name])[0] if name in lessons.names() else None


def main(arguments=None):
    """The exit status of the command."""
    parser = options.parser("scratchml explore", __doc__, options.FIGURES)
    parser.add_argument("name", metavar="SWEEP|LESSON", help="an experiment, or a lesson")
    options.add_sweep(parser)
    options.add_code(parser)
    given = parser.parse_args(arguments)
    startup.computing()
    try:
        with console.clean_exit():
            paths = build(given.name, given.uri, given.out, given.sweep, given.code)
    except LookupError as error:
        parser.error(str(error))
    print(*paths)
    return 0


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))
