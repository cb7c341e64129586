"""Checks code of your own before nets are trained with it, and says in words what is wrong.

    scratchml check mine.py

Each entry of the tables ACTIVATIONS, LOSSES, OPTIMIZERS, INITIALIZERS, DATASETS, DIAGNOSTICS and
STOPS is called: values and their shapes, slopes against finite differences, very large numbers, the
same bits for a net alone and beside others, the same numbers when it is called again, and arguments
that must not change. Two nets of each class that can be a model are trained on XOR. The exit status
is 0 if all is right, 1 if something is wrong, and 2 if the file cannot be used.
"""

import argparse
import sys

from experiments import console, own
from experiments.process import startup, streams


def main(arguments=None):
    """The exit status of the command."""
    parser = argparse.ArgumentParser(
        "scratchml check",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="your file of Python; it is run")
    options = parser.parse_args(arguments)
    startup.computing()
    from experiments.schema import own_entries

    try:
        with console.clean_exit(), own_entries.command(own.read_all(options.files)):
            return _check()
    except SystemExit as end:
        return end.code


def _check():
    """Checks all entries of the files that are named, and prints what is found."""
    from experiments.checking.table import entries, findings

    wrong = checked = 0
    for code in own.NAMED.values():
        for kind, entry in entries(code):
            found = findings(kind, entry)
            wrong, checked = wrong + bool(found), checked + 1
            print(f"{'wrong' if found else 'right'}  {entry.what}")
            for said in found:
                print(f"       {said}")
    if not checked:
        print(
            "there is nothing to check: no class, and no table such as ACTIVATIONS", file=sys.stderr
        )
        return 2
    print(f"{checked - wrong} of {checked} right")
    return 1 if wrong else 0


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))
