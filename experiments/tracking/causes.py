"""The causes of failures of a store, in words: which store, why, and the remedy."""

import sqlite3
import sys
import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from filelock import Timeout

from experiments.tracking.errors import StoreError
from experiments.tracking.text import first_line, without_passwords
from experiments.tracking.uris import shown

PATIENCE = 30  # seconds to wait for a store that is locked by another process, or was lost

# Worth another attempt: another process is writing.
PASSING = ("database is locked", "deadlock", "dataset_pk", "UNIQUE constraint failed: datasets")

# Worth another attempt, too: other processes have all the connections that the database allows.
CROWDED = ("too many clients", "oo many connections", "remaining connection slots")

# The store answers, and does not let this user in: another attempt would end like this one.
REFUSED = (
    *("password authentication failed", "no password supplied", "pg_hba.conf", 'FATAL:  role "'),
    *("Access denied for user", "not authenticated", "code 401", "code 403", "Error 401"),
    "Error 403",
)

# Messages about a database that was there: it has been stopped, and may be started again.
LOST = ("connection to server", "connection timeout", "starting up", "shutting down", "recovery")

# Parts of an error's message, their meaning, and the remedy; the first row that fits counts.
CAUSES = (
    (
        REFUSED,
        "refuses the name or the password, or wants them",
        "give the right ones in its URI (for a server: or in MLFLOW_TRACKING_USERNAME and "
        "MLFLOW_TRACKING_PASSWORD)",
    ),
    (
        ('FATAL:  database "',),
        "is not there, while its server is",
        "create this database, or name another with --uri",
    ),
    (
        CROWDED,
        f"has had no free connection for {PATIENCE} s",
        "let other processes end, or allow more connections, and give the same command again",
    ),
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
        "change its permissions, or name another with --uri",
    ),
    (
        ("not a database", "malformed", "no such table"),
        "is damaged or not a store of MLflow",
        "move it away, or name another with --uri",
    ),
    (
        ("out-of-date database schema", "locate revision"),
        "was made by another version of MLflow",
        "use the MLflow that made it, or name another with --uri",
    ),
    (
        (*LOST, "refused", "Max retries", "Name or service", "translate", "resolve", "timed out"),
        "does not answer",
        "start it, or name another with --uri",
    ),
    (
        ("No module named", "halted; None", "load plugin"),
        "needs a driver that is not installed",
        "install it, or name another with --uri",
    ),
    (
        ("'active' state",),
        "lacks the run that was being written, or has it deleted",
        "give the same command again",
    ),
)


def patiently(uri: str, action: Callable, *arguments: Any, opened: bool = False) -> Any:
    """The result of `action`, which is repeated for half a minute while others are in the way.

    Args:
        opened: whether the store has answered before; then a database that was lost is waited for,
            too. (MLflow's client waits for a server by itself.)

    Raises:
        StoreError: The last attempt failed.
    """
    deadline, pause = time.monotonic() + PATIENCE, 0.05
    while True:
        try:
            return action(*arguments)
        except _failures() as error:
            if not _is_worth_another(error, opened) or time.monotonic() + pause > deadline:
                raise explain(uri, error) from error
            time.sleep(pause)
            pause = min(2 * pause, 1.0)


def explain(uri: str, error: BaseException) -> StoreError:
    """The StoreError for an error of a database, a server or the file system."""
    cause = getattr(error, "orig", None) or error
    said = without_passwords(first_line(cause))[:200]
    for signs, meaning, advice in CAUSES:
        if any(sign in str(cause) for sign in signs):
            return StoreError(f"{shown(uri)} {meaning}; {advice} ({said})")
    return StoreError(f"{shown(uri)} cannot be used ({said})")


def not_a_store(uri: str) -> StoreError:
    """The error for a database without MLflow's tables."""
    return StoreError(f"{shown(uri)} is not a store of MLflow; name another with --uri")


def _is_worth_another(error, opened):
    said = str(error)
    if any(word in said for word in REFUSED):
        return False
    passing = any(word in said for word in (*PASSING, *CROWDED))
    return passing or (opened and _is_lost(error))


def _is_lost(error):
    cut = isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated
    return cut or any(word in str(error) for word in LOST)


def _failures():
    """Errors of the ways to a store; MLflow's own exists only once MLflow is imported."""
    mlflow = sys.modules.get("mlflow.exceptions")
    own = (mlflow.MlflowException,) if mlflow else ()
    return (OSError, ImportError, sqlite3.Error, sa.exc.SQLAlchemyError, Timeout, *own)
