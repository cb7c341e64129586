"""Every lesson: its sweep, then its claims and its figure, then the page that shows them all.

    python -m analysis.reproduce                    all lessons; trains only what is missing
    python -m analysis.reproduce xor activation     some
    python -m analysis.reproduce xor seed=5000      with a knob of your own: here, other seeds
    python -m analysis.reproduce --quick            four, with few nets: wide intervals

While a lesson trains, other processes decide the claims of those before it and draw their figures.
The quick version has experiments (NAME-quick) and a folder (figures/quick) of its own.
"""

import argparse
import contextlib
import hashlib
import io
import itertools
import os
import sys
import time
from concurrent.futures import BrokenExecutor
from dataclasses import replace

from experiments import console, interrupts
from experiments.console import plural
from experiments.errors import Interrupted, reason
from experiments.executors.process import Worker
from experiments.running.sweep import Sweep
from experiments.schema import commandline
from experiments.tracking.errors import StoreError
from experiments.tracking.layout import KIND
from experiments.tracking.record import RunRecord
from experiments.tracking.store import open_store
from experiments.train import sweep

QUICK = 24  # nets a run at the most; the rows of a truth table have as many orders
QUICKEST = ("perceptron", "xor", "logistic", "loss")  # lessons of the quick version
STOPPED = "stopped; all that was trained is stored, and the same command goes on"
REPORT = "report"  # the MLflow experiment that keeps the page of all lessons


def main(arguments=None):
    """Reproduces lessons.

    Returns:
        The exit status: 0; 1 where something failed or, but for the quick version, a claim does
        not hold; 2 for a wrong command, 3 for a store that cannot be used, 130 after Ctrl-C.
    """
    known = commandline.options("lesson")
    given = _parse(arguments, known)
    names = list(dict.fromkeys(word for word in given.words if "=" not in word))
    names = names or (list(QUICKEST) if given.quick else known)
    given.knobs = [word for word in given.words if "=" in word]
    problems = list(_problems(names, known, given.knobs))
    if problems:
        console.complain("\n".join(problems))
        return 2
    try:
        return _reproduce(names, known, given)
    except SystemExit as end:  # of a sweep, which has said why
        return end.code
    except (ConnectionError, StoreError) as error:
        console.complain(str(error))
        return StoreError.code
    except (BrokenExecutor, OSError) as error:
        console.complain(f"no report: {error}")
        return 1
    except KeyboardInterrupt:
        console.complain(STOPPED)
        return Interrupted.code


def _parse(arguments, known):
    parser = argparse.ArgumentParser(
        prog="python -m analysis.reproduce",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="*", metavar="NAME | KNOB=VALUE",
                        help=f"lessons of {', '.join(known)}; knobs, for their sweeps")  # fmt: skip
    parser.add_argument("--quick", action="store_true", help=f"at most {QUICK} nets a run; "
                        f"without NAME, {', '.join(QUICKEST)}")  # fmt: skip
    parser.add_argument("--uri", help="MLflow's store; default: mlflow.db beside this project")
    parser.add_argument("--out", help="the folder for figures; default: figures")
    return parser.parse_intermixed_args(arguments)


def _problems(names, known, knobs):
    unknown = [name for name in names if name not in known]
    if unknown:
        yield f"no lesson {', '.join(unknown)}; there are {', '.join(known)}"
    for knob in knobs:
        if knob.lstrip("+").partition("=")[0] in ("experiment", "lesson", "tracking.uri"):
            yield f"{knob} is not for this command, which has NAME, --uri and --quick"
    yield from commandline.problems(["-m", *knobs])


def _reproduce(names, known, given):
    began, failed, decided = time.time(), [], {}
    with _processes() as submit:
        for name in [*names, *(name for name in known if name not in names)]:
            if name in names and _train(name, given):
                failed.append(name)
            decided[name] = submit(_decide, name, given.uri, given.out, given.quick)
        with console.Bar(len(decided)) as bar:
            for done, future in enumerate(decided.values()):
                bar.update(done, "claims and figures")
                future.result()
    verdicts = {name: future.result() for name, future in decided.items()}
    for name in names:
        if verdicts[name] is None:
            console.complain(f"{name} has a sweep and no analysis/lessons/{name}.py to decide it")
            failed.append(name)
    return _conclude(names, verdicts, failed, given, began)


def _train(name, given):
    """One lesson's sweep, told in a line; returns whether something failed.

    Raises:
        SystemExit: There is no sense in going on.
    """
    began, words = time.time(), [f"+lesson={name}", *given.knobs]
    words += [f"most_seeds={QUICK}", f"experiment={name}-quick"] if given.quick else []
    words += [f"tracking.uri={given.uri}"] if given.uri else []
    Sweep.last = None
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # progress and failures go to stderr
            status = sweep(words)
    except Exception as error:  # a mistake of ours, or in what was added: the others go on
        console.complain(f"{name}: {reason(error)}")
        status = 1
    if status in (StoreError.code, Interrupted.code):
        raise SystemExit(status)
    done = ", ".join(_told(Sweep.last)) if Sweep.last else ""
    console.say(f"{name:20s} {done or 'no sweep'} in {time.time() - began:.1f} s")
    return status != 0


def _told(done):
    """What a sweep did, in a few words."""
    if done.known:
        yield f"{plural(len(done.known), 'run')} done already"
    if done.summaries:
        yield f"{plural(len(done.summaries), 'run')} of {plural(done.nets, 'net')} trained"
    if done.errors:
        yield f"{len(done.errors):,} failed"


def _conclude(names, verdicts, failed, given, began):
    """The page, the table of claims and the report's run in MLflow; returns the exit status."""
    from analysis import report  # launching knows of analysis here and in _decide, and nowhere else

    out = report.folder(given.out, given.quick)
    found = [v for name, v in verdicts.items() if v and (name in names or not v.is_missing)]
    found.sort(key=lambda verdict: (verdict.lesson.chapter, verdict.lesson.name))
    files = report.write(found, out, given.quick)
    if len(names) == len(verdicts) and not given.quick:
        _keep(files, [claim.holds for verdict in found for claim in verdict.claims], given.uri)
    shown = [verdict for verdict in found if verdict.lesson.name in names]
    console.say("")
    report.show(shown)
    if given.quick:
        console.say(f"--quick: at most {QUICK} nets a run, so intervals are wide and some claims "
                    "that hold cannot be shown to")  # fmt: skip
    console.say(f"{plural(len(names), 'lesson')} in {time.time() - began:.0f} s")
    console.say(f"look: {out / 'index.html'} and python -m experiments.ui")
    bad = [v for v in shown if v.problem or v.absent or not (given.quick or v.holds)]
    return 1 if failed or bad else 0


def _keep(files, held, uri):
    """Stores page and figures as a run, once; what is made again is the last to have ended."""
    parts = [hashlib.sha256(word).digest() for item in sorted(files.items()) for word in
             (item[0].encode(), item[1])]  # fmt: skip
    fingerprint = hashlib.sha256(b"".join(parts)).hexdigest()
    with open_store(uri, REPORT) as store:
        stored = store.finished([fingerprint])
        if stored:
            store.finish(stored[fingerprint])
            return
        store.write(
            RunRecord(
                name=f"{sum(held)} of {len(held)} claims hold",
                metrics=[("claims", float(len(held)), 0), ("claims/hold", float(sum(held)), 0)],
                tags={KIND: "report"},
                artifacts=files,
                fingerprint=fingerprint,
            )
        )


# --- the processes that decide and draw -----------------------------------------------------------


@contextlib.contextmanager
def _processes():
    """Yields what gives them work: one process for every two cores, the others are for training."""
    workers = [Worker() for _ in range(max(1, (os.cpu_count() or 1) // 2))]
    turns = itertools.cycle(workers)
    for worker in workers:
        worker.submit(_prepare)  # while the first lesson trains
    try:
        yield lambda *call: next(turns).submit(*call)
    finally:
        for worker in workers:
            worker.kill()


def _prepare():
    from analysis import report  # noqa: F401  # takes seconds


def _decide(name, uri, out, quick):
    """The verdict on a lesson, without its functions; None for one that has no answer yet."""
    from analysis import lessons, report

    if name not in lessons.names():
        return None
    (lesson,) = lessons.some([name])
    verdict = report.decide(lesson, uri, report.folder(out, quick), quick)
    return replace(verdict, lesson=replace(lesson, claims=None, draw=None, animate=None))


if __name__ == "__main__":
    from analysis.reproduce import main  # by a name that other processes know, too

    interrupts.at_once(STOPPED)
    sys.exit(main())
