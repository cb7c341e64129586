"""Every lesson: its sweep, then its claims and its figure, then the page that shows them all.

    python -m experiments.reproduce                    all lessons; trains only what is missing
    python -m experiments.reproduce xor activation     some
    python -m experiments.reproduce --quick            all, with few nets and wide intervals
"""

import argparse
import sys
import time

from experiments import commandline, console
from experiments.train import sweep

QUICK = 24  # nets a run at the most


def main(arguments=None):
    known = commandline.options("lesson")
    parser = argparse.ArgumentParser(
        prog="python -m experiments.reproduce",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("lessons", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--quick", action="store_true", help=f"at most {QUICK} nets a run")
    parser.add_argument("--uri", help="MLflow's store; default: mlflow.db beside this project")
    parser.add_argument("--out", default=None, help="where figures go; default: figures")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.lessons if name not in known]
    if unknown:
        console.complain(f"lessons are {known}; got {unknown}")
        return 2
    began = time.time()
    extra = [f"most_seeds={QUICK}"] if given.quick else []
    extra += [f"tracking.uri={given.uri}"] if given.uri else []
    names = given.lessons or known
    status = 0
    for name in names:
        console.say(f"\n{name}", style="bold")
        status = sweep([f"+lesson={name}", *extra]) or status
    from analysis import report  # the one place where launching knows of analysis

    verdicts = report.build(names, given.uri, given.out)
    if given.quick:
        console.say(f"--quick: at most {QUICK} nets a run, so intervals are wide and some claims "
                    "that hold cannot be shown to")  # fmt: skip
    console.say(f"{len(names)} lessons in {time.time() - began:.0f} s")
    return status or int(not given.quick and not all(verdict.holds for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main())
