"""Folders in which the files of runs wait until the runs themselves are stored.

Such a folder says which process writes it, for which store, and which runs. So what a killed writer
has left is known for certain, also where two stores keep their files in one place.
"""

import json
import os
import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from experiments.tracking.damage import DAMAGE
from experiments.tracking.heartbeat import is_dead, process_name
from experiments.tracking.record import RunRecord

WRITING = ".writing-"  # how the names of such folders begin
OWNER = "owner.json"  # in such a folder: its process, its owner, its runs
FOLDERS = "folder"  # the owner of what becomes one folder, and no run of a store
FILES = "file"  # the owner of what replaces one file
GRACE = 60  # seconds in which a database may still commit what a killed process has sent
STALE = 3600  # seconds after which what has no owner is taken for a leftover
RUN_ID = re.compile(r"[0-9a-f]{32}")  # of a run that is written as rows


def begin(root: Path, owner: str, runs: Iterable[str]) -> str:
    """Makes a folder below `root` for runs of a store; returns its path.

    Args:
        owner: the store, FOLDERS or FILES.
    """
    folder = new_folder(root)
    os.makedirs(folder)
    said = {"process": process_name(), "owner": owner, "runs": list(runs)}
    said["began"] = time.monotonic()  # since the machine has started; no clock that may be set
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
    staged = begin(root, FILES, ())  # beside the old file, MLflow would show it as one of the run
    try:
        new = Path(staged, "new")
        new.write_bytes(data)
        path.parent.mkdir(exist_ok=True)
        os.replace(new, path)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


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
            process, theirs, runs, began = _said(folder)
            if theirs == owner and is_dead(process) and _is_over(began):
                for run_id in set(runs) - set(stored(runs)):
                    shutil.rmtree(root / run_id, ignore_errors=True)
                shutil.rmtree(folder, ignore_errors=True)


def clear_unowned(root: Path) -> None:
    """Removes old files, and old folders that do not say whose they are."""
    for left in root.glob(f"{WRITING}*"):
        with suppress(FileNotFoundError):
            if _said(left)[1] is None and _age(root, left) > STALE:
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
    """(process, owner, run ids, beginning) as a folder says; None for each if it does not say so.

    Folders of earlier versions have no beginning: they count as begun long ago.
    """
    try:
        said = json.loads((folder / OWNER).read_text(encoding="utf-8"))
        process, owner, runs = (said[key] for key in ("process", "owner", "runs"))
        if all(map(RUN_ID.fullmatch, runs)):  # nothing else is ever removed
            return str(process), str(owner), runs, float(said.get("began", -GRACE))
    except DAMAGE:
        pass
    return None, None, None, None


def _is_over(began):
    """Whether what a process of this machine has begun then is old enough to be judged."""
    age = time.monotonic() - began
    return age < 0 or age > GRACE  # below 0: the machine has started again since


def _age(root, path):
    """Seconds by the clock that dates the files of `root`, which may be that of another machine."""
    with tempfile.TemporaryFile(dir=root) as new:
        return os.fstat(new.fileno()).st_mtime - path.stat().st_mtime
