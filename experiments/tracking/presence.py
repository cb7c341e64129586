"""Whether the file of an SQLite store is still the one that was opened.

A process can write to a file that has been deleted, moved or replaced, without an error: the system
keeps the file until the process ends.
"""

import os

from experiments.tracking.errors import StoreError
from experiments.tracking.uris import shown, sqlite_file


class Presence:
    """Remembers which file a store is. A database that is no file is always there."""

    def __init__(self, uri: str, is_database: bool):
        self.uri = uri
        self.path = sqlite_file(uri) if is_database else None
        self.identity = self._identity()

    def check(self) -> None:
        """Raises StoreError when another file, or none, has taken the file's place."""
        if self._identity() != self.identity:
            raise StoreError(
                f"{shown(self.uri)} was deleted, moved or replaced while it was written to; put it "
                "back, or give the same command again to begin a new store"
            )

    def _identity(self):
        if self.path is None:
            return None
        try:
            status = os.stat(self.path)
        except OSError:
            return ()
        return status.st_dev, status.st_ino
