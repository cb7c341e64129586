"""A figure of any sweep, and the numbers behind it: one measure against one knob.

    scratchml compare scratchml --x lr --y solved --hue activation
    scratchml compare scratchml --x epoch --y train/loss --hue lr --panel init
    scratchml compare scratchml --x lr --y train/loss --hue width --kind heat
    scratchml compare scratchml --y solved --importance

Kinds of figures: `band` is the median of the nets with a band from 5 % to 95 % of them, `rate` is
the share of nets with its Wilson interval, `heat` is the median or the share over two knobs. Knobs
that vary, are on no axis and are not fixed by --where are pooled, and the figure says so.
`--importance` draws how much of the nets' differences each knob explains, and how much the seeds.
"""

import sys
from pathlib import Path

from analysis import options
from analysis.comparison import KINDS, comparison
from analysis.data import load
from analysis.figures import saving
from analysis.figures.comparison import draw
from analysis.figures.importance import draw as draw_importance
from analysis.importance import importance
from analysis.values import conditions
from experiments import as_json, console
from experiments.process import startup, streams


def compare(data, x, y, hue=None, panel=None, kind=None):
    """The figure of a measure against a knob, and its numbers: one row a point, band or cell.

    The arguments, and the LookupError for a wrong one, are those of `analysis.comparison`.
    """
    compared = comparison(data, x, y, hue, panel, kind)
    return draw(compared), compared.numbers


def main(arguments=None):
    """The exit status of the command."""
    parser = _parser()
    given = parser.parse_args(arguments)
    startup.computing()
    try:
        with console.clean_exit():
            data = load(given.experiment, given.uri, given.sweep)
        data = data.select(**conditions(given.where))
        if given.importance:
            found = importance(data, given.y)
            fig, table = draw_importance(found), found.table
        else:
            fig, table = compare(data, given.x, given.y, given.hue, given.panel, given.kind)
    except (LookupError, ValueError) as error:
        parser.error(str(error))
    name = "importance.png" if given.importance else "compare.png"
    out = Path(given.out) if given.out else options.figures() / name
    png, svg = saving.save(fig, out)
    saving.close(fig)
    text = table.to_csv(index=False, lineterminator="\n")
    files = [png, svg, saving.write(png.with_suffix(".csv"), text.encode())]
    if given.json:
        said = {"sentence": found.sentence, "note": found.note} if given.importance else {}
        asked = {k: getattr(given, k) for k in ("experiment", "x", "y", "hue", "panel")}
        rows = table.to_dict("records")
        print(as_json.text({**asked, **said, "files": files, "rows": rows}))
        return 0
    if given.importance:
        print(f"{given.y}: {found.sentence}\n({found.note})")
    print(*files)
    return 0


def _parser():
    parser = options.parser(
        "scratchml compare",
        __doc__,
        "the figure, with .svg and .csv beside it; by default figures/compare.png",
    )
    add = parser.add_argument
    add("experiment", help="the MLflow experiment: the name of a lesson, or scratchml")
    one = parser.add_mutually_exclusive_group(required=True)
    one.add_argument("--x", help="a knob that varies, or epoch")
    one.add_argument("--importance", action="store_true",
                     help="how much of the differences each knob explains")  # fmt: skip
    add("--y", required=True, help="solved, train/loss, epochs_to_solve, ...")
    add("--hue", help="the knob that colours stand for")
    add("--panel", help="the knob that panels stand for")
    add("--kind", choices=KINDS, help="by default rate if Y is true or false, and band otherwise")
    add("--where", nargs="*", default=[], metavar="KNOB=VALUE,...",
        help="take only runs with these values")  # fmt: skip
    options.add_sweep(parser)
    options.add_json(parser)
    return parser


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))
