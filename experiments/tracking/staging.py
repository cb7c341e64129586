"""Folders in which the files of runs wait until the runs themselves are stored."""

import os
import shutil
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from experiments.tracking.record import RunRecord

WRITING = ".writing-"  # how the names of such folders, and of files that replace others, begin
STALE = 3600  # seconds after which such a folder is left over from a process that was killed


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
            with open(os.path.join(own, name), "wb") as file:
                file.write(data)


def move(folder: str, root: Path, run_id: str) -> None:
    """Moves a run's files to their place, unless an earlier attempt has done so."""
    place = os.path.join(root, run_id)
    if not os.path.exists(place):
        os.rename(os.path.join(folder, run_id), place)


def replace_file(path: Path, data: bytes) -> None:
    """Writes a file that is either the old one or the new one, and never half of it."""
    new = path.with_name(f"{WRITING}{path.name}")
    new.write_bytes(data)
    os.replace(new, path)


def clear_away(root: Path) -> None:
    """Removes folders that killed processes have left."""
    for folder in root.glob(f"{WRITING}*"):
        with suppress(FileNotFoundError):  # another process has just finished with it
            if time.time() - folder.stat().st_mtime > STALE:
                shutil.rmtree(folder, ignore_errors=True)
