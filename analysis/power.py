"""How many nets would have done? For each claim the least number that decides it.

    scratchml power xor loss         two lessons, from the nets that are stored
    scratchml power ./mine/bend      a lesson of your own; its Python is run
    scratchml power scratchml --y solved --between activation=sigmoid,tanh

The last form is for a sweep of your own, before it is trained: the runs of an experiment are its
pilot, and the answer is the number of seeds that it needs. Other knobs that vary are fixed by
--where.

Nets are drawn from the stored ones with replacement, all runs with the same seeds together, and
the claims are decided again, for numbers of nets from a ladder whose steps are a factor of 1.4.
The interval of the chance is the error of the drawing. The answer takes the effect to be what the
stored nets show: a small pilot does not know it well.
"""

import sys

from analysis import options, own_lesson
from analysis.values import conditions
from experiments import console
from experiments.console import plural
from experiments.process import startup, streams

PILOT = tuple(2.0 ** (step / 2) for step in range(-6, 15))  # parts of a pilot, up to 128
ONCE = {"one exception falsifies", "one would falsify"}  # rules that no number of nets upholds


def main(arguments=None):
    """The exit status: 0, 1 if a lesson has no answer, 2 for a wrong command."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if bool(given.y) != bool(given.between) or (given.y and len(given.names) != 1):
        parser.error("a sweep of your own needs one EXPERIMENT, --y and --between")
    startup.computing()
    try:
        with console.clean_exit():
            if given.y:
                return _pilot(given)
            return max([_lesson(lesson, given) for lesson in own_lesson.some(given.names)])
    except (LookupError, ValueError) as error:
        parser.error(str(error))


def _parser():
    parser = options.parser("scratchml power", __doc__, options.UNUSED)
    add = parser.add_argument
    add("names", nargs="+", metavar="LESSON", help="lessons, or the experiment of a pilot")
    add("--y", help="of a pilot: solved, train/loss, epochs_to_solve, ...")
    add("--between", metavar="KNOB=A,B", help="of a pilot: the two values to compare")
    add("--where", nargs="*", default=[], metavar="KNOB=VALUE,...",
        help="of a pilot: take only runs with these values")  # fmt: skip
    add("--level", type=float, default=0.05, help="of a pilot: the level of the test, by "
        "default .05")  # fmt: skip
    options.add_sweep(parser)
    options.add_code(parser)
    return parser


def _lesson(lesson, given):
    """Prints how many nets the claims of a lesson need; the exit status."""
    from analysis.data import load
    from analysis.registration import as_usual
    from analysis.sample_size import CHANCE, LADDER, Chances

    if lesson.problem:
        console.complain(f"{lesson.name}: {lesson.problem}")
        return 1
    data = as_usual(load(lesson.name, given.uri, given.sweep, code=given.code))
    chances = Chances(lesson, data)
    print(f"{lesson.name}: least number of nets with which a claim holds with a chance of "
          f"{CHANCE:.0%}")  # fmt: skip
    for i, claim in enumerate(chances.claims):
        print(f"  {_answer(chances, i, claim, LADDER)}  {claim.sentence}")
    if chances.drawable.held:
        print(f"  taken as stored, because they are no longer numbers of single nets: "
              f"{', '.join(map(str, chances.drawable.held))}")  # fmt: skip
    return 0


def _answer(chances, i, claim, ladder):
    """The answer for a claim: two columns, the number of nets and what it rests on."""
    if {check.rule for check in claim.verdict.checks} <= ONCE:
        most = 1.0 - 0.05 ** (1.0 / claim.nets)
        words = f"at most {most:.1%} are exceptions" if claim.holds else "falsified"
        return f"{f'all {claim.nets:,}':>16}  {words:32}"
    found = chances.enough(i, ladder=ladder)
    if chances.nets(i, ladder[0]) == claim.nets > 1:
        return f"{f'all {claim.nets:,}':>16}  {'rests on what is taken as stored':32}"
    level = "" if claim.verdict.p is not None else ", without a level"
    words = f"chance {found.chance}{level}"
    if found.factor is None:
        return f"{f'> {found.nets:,} of {claim.nets:,}':>16}  {words:32}"
    return f"{f'{found.nets:,} of {claim.nets:,}':>16}  {words:32}"


def _pilot(given):
    """Prints how many seeds a sweep needs, by its pilot; the exit status."""
    from analysis.contrast import contrast
    from analysis.data import load
    from analysis.sample_size import CHANCE, Chances

    data = load(given.names[0], given.uri, given.sweep, code=given.code)
    data = data.select(**conditions(given.where))
    asked = contrast(given.y, given.between)
    data = data.select(**{asked.knob: list(asked.values)})
    lesson = asked.lesson(data, given.level)
    chances = Chances(lesson, data)
    (claim,), pairs = chances.claims, len(next(iter(chances.drawable.cells.values())))
    found = chances.enough(0, ladder=PILOT)
    print(f"{claim.sentence}: {claim.measured}, {plural(pairs, 'seed')} of the pilot")
    seeds = round((found.factor or PILOT[-1]) * pairs)
    if found.factor is None:
        print(f"{seeds:,} seeds are too few for a chance of {CHANCE:.0%}: {found.chance}")
        return 1
    print(f"seeds={seeds}: the test ({claim.verdict.checks[0].test}, level {given.level:g}) finds "
          f"it with a chance of {found.chance}")  # fmt: skip
    return 0


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))
