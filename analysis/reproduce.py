"""Every lesson: its sweep, then its claims and its figure, then the page that shows them all.

    scratchml lessons                    all lessons; trains only what is missing
    scratchml lessons xor activation     some lessons
    scratchml lessons xor seed=5000      with a knob of your own: here, other seeds
    scratchml lessons ./mine/parity      a lesson of your own; its Python is run
    scratchml lessons --quick            four lessons with few nets: intervals are wide
    scratchml lessons xor --fresh        on the seeds for which `scratchml register` sealed it
    scratchml lessons xor --verbose      every claim in print, not only what does not hold

While a lesson trains, other processes decide the claims of the lessons before it and draw their
figures. The quick version has its own experiments (NAME-quick) and its own folder (figures/quick).
"""

import contextlib
import io
import sys
from concurrent.futures import BrokenExecutor

from analysis import deciding, options, own_lesson
from analysis.commands import QUICK, QUICK_NETS
from experiments import console, own
from experiments.console import plural
from experiments.errors import ConfigError, Interrupted, reason
from experiments.process import interrupts, startup, streams
from experiments.process.clock import Stopwatch
from experiments.running.session import Session
from experiments.schema import commandline, named_code, own_entries, own_lessons
from experiments.tracking.errors import StoreError
from experiments.tracking.places import ui_command
from experiments.train import sweep

QUICKEST = ("perceptron", "xor", "logistic", "loss")  # lessons of the quick version
STOPPED = "stopped; all that was trained is stored, and the same command goes on"


def main(arguments=None):
    """Reproduces lessons.

    Returns:
        The exit status: 0; 1 if something failed or, except in the quick version, a claim does not
        hold; 2 for a wrong command; 3 for a store that cannot be used; 130 after Ctrl-C.
    """
    known = commandline.options("lesson")
    given = _parse(arguments, known)
    startup.computing()
    names = list(dict.fromkeys(word for word in given.words if "=" not in word))
    names = names or (list(QUICKEST) if given.quick else known)
    given.knobs = [word for word in given.words if "=" in word]
    with own_entries.command():  # each sweep names the user's files again
        problems = list(_problems(names, known, given))
    if problems:
        console.complain("\n".join(problems))
        return 2
    try:
        given.sets = _sealed_sets(names, given.uri) if given.fresh else {}
    except ConfigError as error:
        console.complain(str(error))
        return ConfigError.code
    try:
        return _reproduce(names, known, given)
    except SystemExit as end:  # the sweep has said why
        return end.code
    except StoreError as error:
        console.complain(str(error))
        return StoreError.code
    except (BrokenExecutor, OSError) as error:
        console.complain(f"no report: {error}")
        return 1
    except KeyboardInterrupt:
        console.complain(STOPPED)
        return Interrupted.code


def _parse(arguments, known):
    parser = options.parser("scratchml lessons", __doc__, options.FIGURES)
    parser.add_argument("words", nargs="*", metavar="NAME | KNOB=VALUE",
                        help=f"lessons of {', '.join(known)}; ./FOLDER/NAME; knobs")  # fmt: skip
    parser.add_argument("--quick", action="store_true", help=f"at most {QUICK_NETS} nets a run; "
                        f"without NAME, {', '.join(QUICKEST)}")  # fmt: skip
    parser.add_argument("--fresh", action="store_true", help="seeds that nobody has seen; "
                        "register the lessons first")  # fmt: skip
    parser.add_argument("--verbose", action="store_true", help=options.VERBOSE)
    return parser.parse_intermixed_args(arguments)


def _problems(names, known, given):
    unknown = [name for name in names if name not in known and not own_lessons.is_path(name)]
    if unknown:
        yield f"no lesson {', '.join(unknown)}; there are {', '.join(known)}"
    if given.fresh and given.quick:
        yield "--fresh is for whole lessons; leave out --quick"
    for knob in given.knobs:
        if knob.lstrip("+").partition("=")[0] in ("experiment", "lesson", "tracking.uri"):
            yield f"{knob} is not for this command, which has NAME, --uri and --quick"
    try:
        for name in filter(own_lessons.is_path, names):
            own_lessons.add(name)
        knobs = named_code.named(given.knobs)
        own_entries.use(own.NAMED.values())
    except ConfigError as error:
        yield str(error)
        return
    yield from commandline.problems(["-m", *knobs])


def _sealed_sets(names, uri):
    """{name: set of seeds} for which each lesson was sealed last.

    Raises:
        ConfigError: A lesson was never sealed.
        StoreError: The store cannot be read.
    """
    from analysis.registration import latest  # imports what reads a store

    found = {name: latest(own_lesson.name_of(name), uri) for name in names}
    if lacking := [name for name, seal in found.items() if seal is None]:
        words = " ".join(lacking)
        raise ConfigError(f"not sealed: {words}; seeds are fresh after: scratchml register {words}")
    return {name: seal.seed_set for name, seal in found.items()}


def _reproduce(names, known, given):
    """Trains the lessons `names`, decides all lessons, and returns the exit status."""
    watch, failed, futures = Stopwatch(), [], {}
    out = options.figures(given.out, given.quick)
    with Session() as session, deciding.processes() as decide:
        for name in [*names, *(name for name in known if name not in names)]:
            if name in names:
                session.title = f"{name}, {names.index(name) + 1} of {plural(len(names), 'lesson')}"
                failed += [name] * _train(name, given, session)
            futures[name] = decide(name, given.uri, out, given.quick, named_code.files(given.knobs))
        with console.Bar(len(futures)) as bar:
            for done, future in enumerate(futures.values()):
                bar.update(done, "claims and figures")
                future.result()
    answers = {name: future.result() for name, future in futures.items()}
    for name in names:
        if answers[name] is None:
            file = own_lesson.file_of(name) if own_lessons.is_path(name) else (
                f"analysis/lessons/{name}.py")  # fmt: skip
            console.complain(f"{name} has a sweep and no {file} to decide it")
            failed.append(name)
    from analysis.conclusion import conclude  # imports Matplotlib, which training does not need

    names = [*map(own_lesson.name_of, names)]
    well = conclude(names, answers, out, given.uri, given.quick, given.verbose)
    console.say(f"{plural(len(names), 'lesson')} in {watch.seconds:.0f} s")
    console.say(f"look: {out / 'index.html'} and {ui_command(given.uri)}")
    return 0 if well and not failed else 1


def _train(name, given, session):
    """Whether something failed in one lesson's sweep; says in a line how it went.

    Raises:
        SystemExit: No other lesson can be trained either.
    """
    watch, words = Stopwatch(), [f"+lesson={name}", *given.knobs]
    quick = [f"most_seeds={QUICK_NETS}", f"experiment={own_lesson.name_of(name)}{QUICK}"]
    words += quick if given.quick else []
    words += [f"tracking.uri={given.uri}"] if given.uri else []
    words += [f"seed_set={given.sets[name]}"] if given.fresh else []
    counts = None
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # progress and failures go to stderr
            status, counts = sweep(words, session)
    except Exception as error:  # an error of ours, or of the user's own code: the others go on
        console.complain(f"{name}: {reason(error)}")
        status = 1
    if status in (StoreError.code, Interrupted.code):
        raise SystemExit(status)
    done = ", ".join(_counted(counts)) if counts else ""
    console.say(f"{name:20s} {done or 'no sweep'} in {watch.seconds:.1f} s")
    return status != 0


def _counted(counts):
    """The Counts of a sweep, in a few words."""
    if counts.known:
        yield f"{plural(counts.known, 'run')} done already"
    if counts.trained:
        yield f"{plural(counts.trained, 'run')} of {plural(counts.nets, 'net')} trained"
    if counts.failed:
        yield f"{counts.failed:,} failed"


if __name__ == "__main__":
    interrupts.at_once(STOPPED)
    streams.prepare()
    sys.exit(streams.status(main()))
