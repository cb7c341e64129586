"""What can go wrong with a store, in words: which store, why, and what to do."""

import sqlite3
import sys
import time

import sqlalchemy as sa
from filelock import Timeout

from experiments.tracking.errors import StoreError, without_passwords

PATIENCE = 30  # seconds to wait for a store that is locked by another process, or was lost

# Worth another try: somebody else is writing.
PASSING = ("database is locked", "deadlock", "dataset_pk", "UNIQUE constraint failed: datasets")

# What is said of a database that was there: it has been stopped, and may be started again.
LOST = ("connection to server", "connection timeout", "starting up", "shutting down", "recovery")

# What an error's message contains -> what it means, and what to do; the first that fits counts.
CAUSES = (
    (
        (*PASSING, "could not be acquired", "lock timeout"),
        f"has been locked by another process for {PATIENCE} s",
        "let that one finish, or end it, and give the same command again",
    ),
    (
        ("disk is full", "No space left", "Disk quota", "File too large"),
        "has no space left",
        "make some and give the same command again: what is finished is kept",
    ),
    (
        ("readonly database", "Read-only", "Permission denied", "unable to open database"),
        "cannot be written to",
        "change its permissions, or name another with tracking.uri",
    ),
    (
        ("not a database", "malformed", "no such table"),
        "is damaged or not a store of MLflow",
        "move it away, or name another with tracking.uri",
    ),
    (
        ("out-of-date database schema", "locate revision"),
        "was made by another version of MLflow",
        "back it up and run `mlflow db upgrade` on it",
    ),
    (
        (*LOST, "refused", "Max retries", "Name or service", "translate", "resolve", "timed out"),
        "does not answer",
        "start it, or name another with tracking.uri",
    ),
    (
        ("No module named", "halted; None", "load plugin"),
        "needs a driver that is not installed",
        "install it, or name another with tracking.uri",
    ),
    (
        ("'active' state",),
        "lacks the run that was being written, or has it deleted",
        "give the same command again",
    ),
)


def patiently(uri, action, *arguments, opened=False):
    """Calls `action`, again and again for half a minute while another process is writing.

    Args:
        opened: whether the store has answered before; then a database that was lost is waited for,
            too. (MLflow's client waits for a server by itself.)

    Raises:
        StoreError: It failed.
    """
    deadline, pause = time.monotonic() + PATIENCE, 0.05
    while True:
        try:
            return action(*arguments)
        except _failures() as error:
            passing = any(word in str(error) for word in PASSING) or (opened and _is_lost(error))
            if not passing or time.monotonic() + pause > deadline:
                raise explain(uri, error) from error
            time.sleep(pause)
            pause = min(2 * pause, 1.0)


def explain(uri, error):
    """The StoreError for what a database, a server or the file system raised."""
    text = str(getattr(error, "orig", None) or error) or type(error).__name__
    said = without_passwords(text.splitlines()[0])[:200]
    for signs, meaning, advice in CAUSES:
        if any(sign in text for sign in signs):
            return StoreError(f"{shown(uri)} {meaning}; {advice} ({said})")
    return StoreError(f"{shown(uri)} cannot be used ({said})")


def shown(uri):
    """The store as a reader may see it: a path, or a URI without its password."""
    if uri.startswith("sqlite"):
        return sa.make_url(uri).database
    return without_passwords(uri)


def _is_lost(error):
    cut = isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated
    return cut or any(word in str(error) for word in LOST)


def _failures():
    """What the ways to a store raise; MLflow's exception exists only once MLflow is imported."""
    mlflow = sys.modules.get("mlflow.exceptions")
    own = (mlflow.MlflowException,) if mlflow else ()
    return (OSError, ImportError, sqlite3.Error, sa.exc.SQLAlchemyError, Timeout, *own)
