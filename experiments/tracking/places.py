"""The places of a project: its folder, and its store."""

import os
from pathlib import Path


def project_root() -> Path:
    """The folder of pyproject.toml above this file; the working directory of an installed copy."""
    above = Path(__file__).resolve().parents[2]
    return above if (above / "pyproject.toml").is_file() else Path.cwd()


def default_uri() -> str:
    """MLFLOW_TRACKING_URI, otherwise `mlflow.db` in the project's folder."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{project_root() / 'mlflow.db'}"
