"""The places where a store may keep files. No host is asked that the user has not named.

A row of a store is data and may come from anybody. A location in it may name any host, and MLflow
would send the user's name, password or token to that host.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit
from urllib.request import url2pathname

from experiments.tracking.errors import Foreign
from experiments.tracking.text import printable, without_passwords

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.store.artifact.artifact_repo import ArtifactRepository

ROOT = "MLFLOW_DEFAULT_ARTIFACT_ROOT"  # the setting of MLflow's by which a user names a place
NETWORK = ("//", "\\\\")  # how a path begins that Windows asks a host for


def absolute(location: str) -> str:
    """A location as a URI; a path without a scheme is one of this process's working directory."""
    parts = _split(location)
    named = parts is not None and parts.scheme and not Path(location).drive
    return location if named else Path(location).absolute().as_uri()


def local_folder(location: str) -> Path | None:
    """The folder of an artifact location; None when it is not on this machine's file system.

    MLflow reads `%25` in a path as it does in a URI.
    """
    parts = _split(location)
    if parts is None:
        return None
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        path = url2pathname(parts.path)
    else:
        path = url2pathname(location)
    plain = os.path.isabs(path) and not path.startswith(NETWORK) and "\0" not in path
    return Path(path) if plain else None


def is_named(location: str, uri: str, artifacts: str | None = None) -> bool:
    """Whether files at `location` belong to the store at `uri` as the user knows it.

    Such a location is a folder of this machine, or lies below a place that the user has named, or
    behind the server `uri`.

    Args:
        artifacts: the place that the user has named; by default MLFLOW_DEFAULT_ARTIFACT_ROOT.
    """
    if local_folder(location) is not None:
        return True
    root = (artifacts or os.environ.get(ROOT) or "").rstrip("/")
    if root and (location == root or location.startswith(f"{root}/")):
        return True
    place, server = _split(location), _split(uri)
    if place is None or server is None:
        return False
    if uri.partition(":")[0] == "databricks":
        return place.scheme == "dbfs"
    if server.scheme not in ("http", "https"):
        return False
    if place.scheme == "mlflow-artifacts":
        return not place.netloc or _host(place) == _host(server)
    return place.scheme == server.scheme and _host(place) == _host(server)


def check(location: str, uri: str, owner: object, artifacts: str | None = None) -> None:
    """Raises Foreign where files of `owner` are at a place that is not the store's.

    Args:
        owner: the run, the model or the experiment, for the message.
        artifacts: as in is_named.
    """
    if not is_named(location, uri, artifacts):
        place = printable(without_passwords(location), "")[:200]
        raise Foreign(
            f"the files of {owner} are said to be at {place}, which is not its own place; if you "
            f"trust that place, set {ROOT} to the beginning of this address"
        )


def repository(client: "MlflowClient", location: str, owner: object) -> "ArtifactRepository":
    """MLflow's access to the files at a location, which is checked first.

    MLflow's client would ask the store for the location again, and believe the answer.
    """
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    check(location, client.tracking_uri, owner)
    return get_artifact_repository(location, tracking_uri=client.tracking_uri)


def _split(location) -> SplitResult | None:
    """The parts of an address; None where it is no address and no path."""
    try:
        parts = urlsplit(location)
        return parts if parts.port != -1 and "\0" not in location else None
    except ValueError:  # a port or a host that there cannot be
        return None


def _host(parts):
    return parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
