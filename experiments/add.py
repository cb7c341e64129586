"""Takes in the sweep of another store: an archive that `scratchml pack` has written.

    scratchml add xor.zip                       into the experiment that it is of
    scratchml add xor.zip --experiment theirs   into another one

A run that is there already, by its fingerprint, is not added again. The archive may come from
anybody: all of it is checked before anything is stored, and nothing in it is run.
"""

import argparse
import json
import sys
from pathlib import Path

from experiments import console
from experiments.console import plural
from experiments.process import startup, streams
from experiments.running.shared import record_of
from experiments.tracking.archive import Archive
from experiments.tracking.layout import COMMAND, KIND, SWEEP, SWEEP_FILE
from experiments.tracking.places import ui_command
from experiments.tracking.record import RunRecord
from experiments.tracking.store import open_store

TOGETHER = 100  # runs in memory


def main(arguments=None):
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(
        "scratchml add",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("archive", type=Path, help="a file of `scratchml pack`")
    parser.add_argument("--experiment", help="default: that of the archive")
    parser.add_argument("--uri", help="the store; default: the project's own")
    given = parser.parse_args(arguments)
    startup.computing()
    try:
        with console.clean_exit(), Archive(given.archive) as archive:
            add(archive, given.experiment or archive.experiment, given.uri)
    except SystemExit as end:
        return end.code
    return 0


def add(archive, experiment, uri=None):
    """Stores the runs of an archive that are not there yet, as a sweep of all of its runs.

    Raises:
        Damaged: Some run is not what a store can have; then nothing has been stored.
        StoreError: The store cannot be used.
    """
    for run in archive.runs:
        record_of(archive, run)
    with open_store(uri, experiment) as store:
        there = store.finished([run.fingerprint for run in archive.runs])
        new = [run for run in archive.runs if run.fingerprint not in there]
        known = f"{len(there):,} there already, " if there else ""
        console.say(f"{plural(len(archive.runs), 'run')}: {known}{len(new):,} to add")
        if new:
            _store(archive, new, there, store, experiment)
        console.say(f"look: {ui_command(store.uri)}   (experiment {experiment})")


def _store(archive, new, there, store, experiment):
    """Stores runs below a sweep that lists all runs of the archive."""
    name = f"added sweep of {len(archive.runs):,}"
    tags = {KIND: SWEEP} | ({COMMAND: archive.command} if archive.command else {})
    parent = store.start(RunRecord(name=name, tags=tags))
    ids = dict(there)
    for first in range(0, len(new), TOGETHER):
        some = new[first : first + TOGETHER]
        stored = store.write_many([record_of(archive, run) for run in some], parent)
        ids |= zip((run.fingerprint for run in some), stored, strict=True)
    runs = [
        {
            "name": run.name,
            "fingerprint": run.fingerprint,
            "run_id": ids[run.fingerprint],
            "status": "FINISHED",
            "new": run.fingerprint not in there,
            "error": None,
        }
        for run in archive.runs
    ]
    account = {"command": archive.command, "experiment": experiment, "grid": {}, "runs": runs}
    store.update(parent, artifacts={SWEEP_FILE: json.dumps(account, indent=1).encode()})
    store.finish(parent)


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))
