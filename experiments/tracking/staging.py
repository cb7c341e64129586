"""Folders in which the files of runs wait until the runs themselves are stored.

Such a folder says which process writes it, for which store, and which runs. So what a killed writer
has left is known for certain, also where two stores keep their files in one place.
"""

import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from experiments.tracking.errors import DAMAGE
from experiments.tracking.heartbeat import is_dead, process_name
from experiments.tracking.record import RunRecord

WRITING = ".writing-"  # how the names of such folders, and of files that replace others, begin
OWNER = "owner.json"  # in such a folder: its process, its owner, its runs
FOLDERS = "folder"  # the owner of what becomes one folder, and no run of a store
GRACE = 60  # seconds in which a database may still commit what a killed process has sent
STALE = 3600  # seconds after which a folder without an owner is taken for a leftover
RUN_ID = re.compile(r"[0-9a-f]{32}")  # of a run that is written as rows


def begin(root: Path, owner: str, runs: Iterable[str]) -> str:
    """Makes a folder below `root` for runs of a store; returns its path.

    Args:
        owner: the store, or FOLDERS.
    """
    folder = new_folder(root)
    os.makedirs(folder)
    said = {"process": process_name(), "owner": owner, "runs": list(runs)}
    try:
        Path(folder, OWNER).write_text(json.dumps(said), encoding="utf-8")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def new_folder(root: Path) -> str:
    """The path of a folder below `root` that does not exist yet."""
    return os.path.join(root, f"{WRITING}{uuid.uuid4().hex}")


def write_files(folder: str, runs: Mapping[str, RunRecord]) -> None:
    """Writes folder/RUN/artifacts/NAME for every file of every run.

    Paths are strings, because making a Path takes longer than the system's own work.
    """
    for run_id, record in runs.items():
        own = os.path.join(folder, run_id, "artifacts")
        os.makedirs(own)
        for name, data in record.artifacts.items():
            if "/" in name:
                os.makedirs(os.path.dirname(os.path.join(own, name)), exist_ok=True)
            with open(os.path.join(own, name), "wb") as file:
                file.write(data)


def move(folder: str, root: Path, run_id: str) -> None:
    """Moves a run's files to their place, unless an earlier attempt has done so."""
    place = os.path.join(root, run_id)
    if not os.path.exists(place):
        os.rename(os.path.join(folder, run_id), place)


def replace_file(root: Path, path: Path, data: bytes) -> None:
    """Writes a file that is either the old one or the new one, and never half of it."""
    new = new_folder(root)  # beside the old one, MLflow would show it as a file of the run
    Path(new).write_bytes(data)
    path.parent.mkdir(exist_ok=True)
    os.replace(new, path)


def clear_away(
    root: Path, owner: str, stored: Callable[[Collection[str]], Collection[str]]
) -> None:
    """Removes what killed processes of an owner have left below `root`, and nothing else.

    Args:
        owner: as `begin` was told.
        stored: returns those of some run ids that the store has. All other runs of a killed writer
            were not committed, so their files belong to no run.
    """
    for folder in root.glob(f"{WRITING}*"):
        with suppress(FileNotFoundError):  # another process has just finished with it
            process, theirs, runs = _said(folder)
            if theirs == owner and is_dead(process) and _age(folder) > GRACE:
                for run_id in set(runs) - set(stored(runs)):
                    shutil.rmtree(root / run_id, ignore_errors=True)
                shutil.rmtree(folder, ignore_errors=True)


def clear_unowned(root: Path) -> None:
    """Removes old files, and old folders that do not say whose they are."""
    for left in root.glob(f"{WRITING}*"):
        with suppress(FileNotFoundError):
            if _said(left) == (None, None, None) and _age(left) > STALE:
                shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink()


@contextmanager
def whole_folder(place: Path) -> Iterator[Path]:
    """Yields a new folder to write, which takes its place when all of it is written.

    Args:
        place: an empty folder, or one that is not there yet.
    """
    root = place.parent
    root.mkdir(parents=True, exist_ok=True)
    clear_away(root, FOLDERS, lambda _: ())
    staged = begin(root, FOLDERS, ())
    try:
        yield Path(staged, place.name)
        if place.exists():
            place.rmdir()
        os.rename(Path(staged, place.name), place)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _said(folder):
    """(process, owner, run ids) as a folder says; None for each where it does not say so."""
    try:
        said = json.loads((folder / OWNER).read_text(encoding="utf-8"))
        process, owner, runs = (said[key] for key in ("process", "owner", "runs"))
        if all(map(RUN_ID.fullmatch, runs)):  # nothing else is ever removed
            return str(process), owner, runs
    except DAMAGE:
        pass
    return None, None, None


def _age(path):
    return time.time() - path.stat().st_mtime
