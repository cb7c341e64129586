"""A sweep as one file to send to somebody, who takes it in with `scratchml add`.

    scratchml pack xor xor.zip               the newest sweep of an experiment
    scratchml pack xor xor.zip --sweep ID    another one; `all` is every run, the newest of each

The archive holds the configurations, curves and weights of the runs, and for each run its name,
command, commit and versions. It holds no code and no name of a user.
"""

import argparse
import sys
from pathlib import Path

from experiments import console
from experiments.console import plural
from experiments.errors import UserError
from experiments.process import streams
from experiments.running.shared import TAGS, record_of
from experiments.tracking import archive
from experiments.tracking.archive import FILES, Archive, Packed
from experiments.tracking.errors import Damaged, Lost
from experiments.tracking.layout import DATA_FILE, FINGERPRINT, IDENTITY, NETS_FILE
from experiments.tracking.reader import Reader
from experiments.tracking.staging import new_folder
from experiments.tracking.text import briefly


def main(arguments=None):
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(
        "scratchml pack",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("experiment", help="the MLflow experiment: a lesson, or scratchml")
    parser.add_argument("out", type=Path, help="the archive, a new file")
    parser.add_argument("--sweep", help="the run id of a sweep, or all; default: the newest")
    parser.add_argument("--uri", help="the store; default: the project's own")
    given = parser.parse_args(arguments)
    try:
        with console.clean_exit():
            pack(given.experiment, given.out, given.sweep, given.uri)
    except SystemExit as end:
        return end.code
    return 0


def pack(experiment, out, sweep=None, uri=None):
    """Writes the archive of a sweep, whole or not at all.

    Raises:
        UserError: The file is there already, or cannot be written.
        Missing: There is no such sweep, or a run has lost its files.
        Damaged: A run has files that `scratchml add` would refuse.
    """
    if out.exists():
        raise UserError(f"the archive must be a new file; {out} exists")
    reader = Reader(uri)
    found = reader.sweep(experiment, sweep)
    reader.prepare(found.runs)
    unfit = [run for run in found.runs if not {FINGERPRINT, IDENTITY} <= run.tags.keys()]
    if unfit:
        raise UserError(f"{unfit[0]} is of an older version, without an identity; train it again")
    about = {"experiment": experiment, "command": found.command or ""}
    part = Path(new_folder(out.parent))
    try:
        runs = ((_packed(run), _files(reader, run)) for run in found.runs)
        number = archive.write(part, about, runs)
        _check(part, found.runs)
        part.replace(out)
    except OSError as error:
        raise UserError(f"{out} cannot be written ({error.strerror})") from error
    finally:
        part.unlink(missing_ok=True)
    size = out.stat().st_size / 2**20
    console.say(f"{plural(number, 'run')} of {experiment} in {out} ({size:.1f} MiB)")
    console.say(f"to take them in: scratchml add {out}")


def _packed(run):
    tags = {key: run.tags[key] for key in TAGS if key in run.tags}
    return Packed(run.tags[FINGERPRINT], run.name, tags, run.start_ms, run.end_ms)


def _files(reader, run):
    """{name: bytes} of a run's files; only a run on a file of data has data.json."""
    files = {}
    for name in FILES:
        if name != DATA_FILE or run.params.get("dataset") == "file":
            try:
                files[name] = reader.file(run, name).read_bytes()
            except Lost:
                if name != DATA_FILE:
                    raise
    return dict(sorted(files.items(), key=lambda item: item[0] == NETS_FILE))


def _check(part, runs):
    """Reads what was packed as `scratchml add` does; Damaged, with a run's id, if it cannot."""
    with Archive(part) as packed:
        for run, listed in zip(runs, packed.runs, strict=True):
            try:
                record_of(packed, listed)
            except Damaged as error:
                said = briefly(error.__cause__ or error)
                raise Damaged(
                    f"{run} cannot be packed: nobody could take it in ({said})"
                ) from error


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))
