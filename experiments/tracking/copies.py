"""A copy of a database that lies on a read-only disk, where SQLite cannot open its log."""

import os
import shutil
import sqlite3
import tempfile
import weakref
from contextlib import closing
from pathlib import Path

from experiments.tracking.uris import sqlite_file, sqlite_uri

COPIED = ("", "-wal", "-journal")  # the file, and what SQLite has not yet moved into it


class Owner:
    """Has a copy: once it is gone, the copy is removed."""


def readable(uri: str, owner: Owner) -> str:
    """`uri`, or the URI of a copy where SQLite cannot read the database in its place.

    Args:
        uri: a database with an absolute path.
        owner: the copy, in a temporary folder, goes with it.
    """
    path = sqlite_file(uri)
    if path is None or os.access(path.parent, os.W_OK) or _can_be_read(path):
        return uri
    folder = tempfile.mkdtemp(prefix="scratchml-")
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    for end in COPIED:
        if Path(f"{path}{end}").is_file():
            shutil.copyfile(f"{path}{end}", Path(folder, f"{path.name}{end}"))
    return sqlite_uri(Path(folder, path.name))


def _can_be_read(path):
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("SELECT * FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        return False
    return True
