"""Draws the figures of lessons again from the store, without training, and prints their claims.

python -m analysis.lessons xor           figures/xor.png and figures/xor.svg
python -m analysis.lessons xor loss      two lessons
"""

import sys

from analysis import options, own_lesson
from analysis.answers import decide
from analysis.printing import show
from experiments import console
from experiments.process import startup, streams


def main(arguments=None):
    """The exit status: 0 if all claims hold, 1 otherwise, 2 for a wrong command."""
    parser = options.parser("python -m analysis.lessons", __doc__, options.FIGURES)
    parser.add_argument("names", nargs="+", metavar="NAME", help="lessons")
    options.add_code(parser)
    given = parser.parse_args(arguments)
    startup.computing()
    out = options.figures(given.out)
    try:
        with console.clean_exit():
            wanted = own_lesson.some(given.names)
            asked = {"anew": True, "code": given.code}
            answers = [decide(lesson, given.uri, out, **asked) for lesson in wanted]
    except LookupError as error:
        parser.error(str(error))
    show(answers)
    return 0 if all(answer.holds for answer in answers) else 1


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))
