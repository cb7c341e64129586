"""The places of a project: its folder, and its store."""

import os
import shlex
from pathlib import Path

from experiments.tracking.errors import StoreError
from experiments.tracking.text import without_passwords
from experiments.tracking.uris import DATABASES, absolute, scheme, sqlite_uri


def project_root() -> Path:
    """The folder of pyproject.toml above this file; the working directory of an installed copy."""
    above = Path(__file__).resolve().parents[2]
    return above if (above / "pyproject.toml").is_file() else Path.cwd()


def default_uri() -> str:
    """MLFLOW_TRACKING_URI, otherwise `mlflow.db` in the project's folder."""
    return os.environ.get("MLFLOW_TRACKING_URI") or sqlite_uri(project_root() / "mlflow.db")


def figures() -> Path:
    """The folder for figures and pages."""
    return project_root() / "figures"


def is_default(uri: str | None) -> bool:
    """Whether a store is the one that every command takes if none is named."""
    return uri is None or _absolute(uri) == _absolute(default_uri())


def ui_command(uri: str | None) -> str:
    """The command that shows a store; it names the store where that is not the default.

    Args:
        uri: the store; None is the default. A name and a password in it are not said.
    """
    if is_default(uri):
        return "scratchml ui"
    plain = without_passwords(uri)
    if plain != uri:
        return f"scratchml ui --uri {plain}, with the name and the password in it"
    return f"scratchml ui --uri {shlex.quote(_absolute(uri))}"


def _absolute(uri):
    try:
        return absolute(uri) if scheme(uri) in DATABASES else uri
    except StoreError:  # of the environment, and this command has got another
        return uri
