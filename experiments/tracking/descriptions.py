"""The files in which a run and a sweep describe themselves: config.yaml and sweep.json."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from experiments.tracking import documents
from experiments.tracking.damage import DAMAGE
from experiments.tracking.errors import Damaged, damaged
from experiments.tracking.files import Run
from experiments.tracking.layout import CONFIG_FILE, SWEEP_FILE
from experiments.tracking.queries import checked
from experiments.tracking.text import printable

CONFIG_SIZE = 2**16  # bytes of config.yaml without its initial weights
SWEEP_SIZE = 2**26  # bytes of sweep.json; a run takes about 150


class Listed(NamedTuple):
    """What sweep.json says: the command, and the run id (None: not stored) and name of each run."""

    command: str
    runs: list[tuple[str | None, str]]


def config(path: Path, run: Run, size: int, check: Callable[[dict], Any]) -> Any:
    """The configuration of a run, as `check` returns it.

    Args:
        size: the bytes of the run's arrays; a list of initial weights is about as long.
        check: see `experiments.tracking.reader`.

    Raises:
        Damaged: The file is not one of scratchml's.
    """
    try:
        data = documents.limited(path, CONFIG_SIZE + 4 * size, "a run of this size has")
        mapping = documents.read_plain(data)
        if not isinstance(mapping, dict):
            raise ValueError(f"it must be a mapping; got {type(mapping).__name__}")
        return check(mapping)
    except DAMAGE as error:
        said = printable("; ".join(str(error).splitlines()), "")
        raise Damaged(f"{CONFIG_FILE} of {run} is not one of scratchml's ({said})") from None


def listed(path: Path, sweep: Run) -> Listed:
    """What the sweep.json of a sweep says.

    Raises:
        Damaged: The file is not one of scratchml's.
    """
    try:
        said = json.loads(documents.limited(path, SWEEP_SIZE, "a sweep has"))
        runs = [(run.get("run_id"), str(run["name"])) for run in said["runs"]]
        for run_id, _ in runs:
            if run_id:
                checked(run_id)
        return Listed(str(said["command"]), runs)
    except DAMAGE as error:
        raise damaged(SWEEP_FILE, sweep, error) from error
