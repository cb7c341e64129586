"""Stores that have been moved: an SQLite file, together with `mlartifacts` beside it.

The rows of a store name the folders of its files by absolute paths. After a move they name the old
place: nothing is found there, and MLflow would make the old folders anew for new files. A store
has surely been moved when the folder of an experiment is gone, and the folder of the same
experiment lies beside the database. Readers then read from there and change nothing. Commands that
write, and `scratchml ui`, change the rows and say so.
"""

import os
import sys
from pathlib import Path

import sqlalchemy as sa

from experiments.tracking.locations import local_folder
from experiments.tracking.uris import shown, sqlite_file

BESIDE = "mlartifacts"  # the folder of files beside an SQLite file

# Columns in which a store says where files are. A version of a model may be that of a run.
LOCATIONS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


def present_location(location: str, uri: str) -> str:
    """Where the files of an experiment lie: at its location, or beside a store that was moved."""
    return (
        f"{_new_root(uri).as_uri()}/{_number(location)}" if _is_moved(location, uri) else location
    )


def relocate(engine: sa.Engine, uri: str) -> None:
    """Lets the rows of a store that has been moved name the place where its files lie now."""
    if _new_root(uri) is None:
        return
    with engine.connect() as connection:
        old = _old_roots(connection, uri)
    if old:
        with engine.begin() as connection:
            for root in old:
                _replace(connection, root, _new_root(uri).as_uri())
        where = f"its files are now read and written in {_new_root(uri)}"
        print(f"{shown(uri)} was moved; {where}", file=sys.stderr)


def _old_roots(connection, uri):
    """The beginnings of locations that name the old place."""
    query = sa.select(sa.column("artifact_location")).select_from(sa.table("experiments"))
    locations = [text for text in connection.scalars(query) if text]
    return {text.rpartition("/")[0] for text in locations if _is_moved(text, uri)}


def _is_moved(location, uri):
    folder, root = local_folder(location), _new_root(uri)
    if folder is None or root is None or folder.parent == root:
        return False
    return not os.path.exists(folder) and os.path.isdir(root / _number(location))


def _number(location):
    return Path(location).name


def _new_root(uri):
    """The folder of files beside an SQLite file; None for another store."""
    path = sqlite_file(uri) if uri.startswith("sqlite") else None
    return path and path.absolute().with_name(BESIDE)


def _replace(connection, old, new):
    for table, name in LOCATIONS:
        column = sa.column(name)
        begins = sa.func.substr(column, 1, len(old) + 1) == f"{old}/"
        change = {name: sa.literal(new).concat(sa.func.substr(column, len(old) + 1))}
        connection.execute(sa.update(sa.table(table, column)).where(begins).values(change))
