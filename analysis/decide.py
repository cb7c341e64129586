"""Trains nets in batches until a question is decided, and no longer (`seeds=until-decided`).

    scratchml decide dataset=xor --y solved --between activation=sigmoid,tanh
    scratchml decide dataset=xor width=3 --y solved --above 0.9

The first form asks whether a measure is larger with one value of a knob than with the other, in
most of the seeds for which they differ; the second one whether the share of nets is above a number,
or below it. Words before the options are knobs, as `scratchml train` takes them. Stored nets count,
and each batch trains only the new ones.

After each net the evidence is weighed as an e-value (Waudby-Smith & Ramdas 2024): it reaches
1/level with a chance of at most `level` if what is claimed is false, however often one looks. So
training may stop as soon as it does. A p-value would not allow that.
"""

import contextlib
import io
import sys

from analysis import options
from experiments import console
from experiments.console import plural
from experiments.errors import Interrupted
from experiments.process import interrupts, startup, streams
from experiments.running.session import Session
from experiments.train import sweep

BATCH, MOST, GROWTH = 20, 2000, 1.5  # seeds at first, at most, and from one batch to the next
FORBIDDEN = ("seeds", "most_seeds", "tracking.uri", "lesson")  # knobs that the command sets
STOPPED = "stopped; all that was trained is stored, and the same command goes on"


def main(arguments=None):
    """The exit status: 0 if it is decided, 1 if not, and otherwise as `scratchml train`."""
    parser = _parser()
    given = parser.parse_intermixed_args(arguments)
    if (given.between is None) + (given.above is None) + (given.below is None) != 2:
        parser.error("name one of --between, --above and --below")
    if not 0.0 < given.level < 1.0:
        parser.error(f"--level must be between 0 and 1; got {given.level:g}")
    for word in given.knobs:
        if word.lstrip("+").partition("=")[0] in FORBIDDEN:
            parser.error(f"{word} is not for this command, which sets the number of seeds; see "
                         "--batch, --most and --uri")  # fmt: skip
    startup.computing()
    try:
        with console.clean_exit(), Session() as session:
            return _decide(given, session)
    except (LookupError, ValueError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        console.complain(STOPPED)
        return Interrupted.code


def _parser():
    parser = options.parser("scratchml decide", __doc__, options.UNUSED)
    add = parser.add_argument
    add("knobs", nargs="*", metavar="KNOB=VALUE", help="one value each, as for training")
    add("--y", required=True, help="solved, train/loss, epochs_to_solve, ...")
    add("--between", metavar="KNOB=A,B", help="the two values to compare")
    add("--above", type=float, metavar="SHARE", help="whether the share of nets is above a number")
    add("--below", type=float, metavar="SHARE", help="whether the share of nets is below a number")
    add("--level", type=float, default=0.05,
        help="chance of a false alarm, at most, of each answer; by default .05")  # fmt: skip
    add("--batch", type=int, default=BATCH, help=f"seeds of the first batch; by default {BATCH}")
    add("--most", type=int, default=MOST, help=f"seeds at most; by default {MOST:,}")
    return parser


def _decide(given, session):
    """Trains batches until the question is decided; prints the answer and returns the status."""
    from analysis.question import question

    asked, seeds = question(given), max(1, given.batch)
    while True:
        seeds = min(seeds, given.most)
        words = [*given.knobs, *asked.axis, f"seeds={seeds}"]
        words += [f"tracking.uri={given.uri}"] if given.uri else []
        with contextlib.redirect_stdout(io.StringIO()):  # the answer is all there is to say
            status, counts = sweep(words, session)
        if status:
            return status
        found = asked.weigh(_newest(given))
        console.say(f"{plural(seeds, 'seed')}: {found.words}")
        if found.decided or seeds == given.most:
            console.say(found.answer)
            return 0 if found.decided else 1
        seeds = int(seeds * GROWTH) + 1


def _newest(given):
    """The data of the sweep that has just ended."""
    from analysis.data import load

    named = [word.partition("=")[2] for word in given.knobs if word.startswith("experiment=")]
    return load(named[-1] if named else "scratchml", given.uri)


if __name__ == "__main__":
    interrupts.at_once(STOPPED)
    streams.prepare()
    sys.exit(streams.status(main()))
