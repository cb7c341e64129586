"""Seals lessons before their nets of new seeds are trained: question, sweep, rules and limits.

    scratchml register xor loss      two lessons
    scratchml register               all lessons of ours
    scratchml register ./mine/bend   a lesson of your own; its Python is run
    scratchml lessons xor --fresh    then trains and decides it on the seeds that were sealed

A claim that holds on nets that its author has seen is exploratory. One that was sealed first, and
then holds on seeds that the store had never held, is confirmed. Once nets of the sealed seeds are
trained, the next seal is for the next set of seeds.
"""

import sys

from analysis import options, own_lesson
from experiments import console
from experiments.process import startup, streams
from experiments.schema.settings import SET


def main(arguments=None):
    """The exit status of the command."""
    parser = options.parser("scratchml register", __doc__, options.UNUSED)
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help="lessons, or ./FOLDER/NAME; by default all of ours")  # fmt: skip
    given = parser.parse_args(arguments)
    startup.computing()
    from analysis.registration import register  # imports what reads a store

    try:
        with console.clean_exit():
            for lesson in own_lesson.some(given.names):
                seal, is_new = register(lesson, given.uri)
                print(f"{lesson.name}: {'sealed' if is_new else 'was sealed already'} for seeds "
                      f"from {seal.seed_set * SET:,} on, as {seal.digest[:12]}")  # fmt: skip
    except (LookupError, OSError) as error:
        parser.error(str(error))
    words = " ".join(["scratchml lessons", *given.names, "--fresh"])
    print(f"{words} trains these seeds, and decides what was sealed")
    return 0


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))
