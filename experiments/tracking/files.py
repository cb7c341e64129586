"""The files of runs, read safely: none from outside the folder that a run's experiment gives it."""

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from experiments.tracking import locations, moved
from experiments.tracking.errors import Damaged, Foreign, Lost
from experiments.tracking.locations import local_folder
from experiments.tracking.text import printable, without_passwords

if TYPE_CHECKING:
    from mlflow import MlflowClient

DOWNLOADS = 8  # files that are downloaded at once


class Run(NamedTuple):
    """A stored run. `folder` is the URI of its files, as the store has it; times are in ms."""

    id: str
    name: str
    status: str
    experiment_id: str
    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]
    folder: str
    start_ms: int = 0
    end_ms: int = 0

    def __str__(self) -> str:
        return f"run {self.id} ({self.name})"


class Files:
    """The files of the runs of one store: read in place where they are local, or downloaded once.

    Downloads lie in a temporary folder, which goes with this object.

    Args:
        location: (experiment id) -> the URI below which its runs keep files.
        client: makes MLflow's client, which is needed for files that are elsewhere.
    """

    def __init__(
        self, uri: str, location: Callable[[str], str], client: Callable[[], "MlflowClient"]
    ):
        self.uri, self.location, self.client = uri, location, client
        self.downloads = None  # the temporary folder, made when it is needed
        self.paths = {}  # (run id, name) -> Path
        self._locations = {}  # experiment id -> where its runs keep files
        self._bases = {}  # experiment id -> the folder of these files, or None

    def path(self, run: Run, name: str) -> Path:
        """The path of a run's file on this machine.

        Raises:
            Lost: The file is not there.
            Damaged: The file, or the run's folder, is not in the folder of the experiment.
        """
        if (run.id, name) not in self.paths:
            self.paths[run.id, name] = self._find(run, name)
        return self.paths[run.id, name]

    def are_local(self, run: Run) -> bool:
        """Whether a run's files are on this machine, and are read where they are."""
        if run.experiment_id not in self._bases:
            self._location(run)
        return self._base(run.experiment_id) is not None

    def prepare(self, runs: Sequence[Run], name: str) -> None:
        """Makes a file of many runs local, several downloads at once."""
        unknown = [run for run in runs if (run.id, name) not in self.paths]
        if not unknown:
            return
        self.path(unknown[0], name)  # asks for the experiment and makes the folder, once
        with ThreadPoolExecutor(DOWNLOADS) as pool:
            for _ in pool.map(lambda run: self.path(run, name), unknown[1:]):
                pass

    def _find(self, run, name):
        self._location(run)
        base = self._base(run.experiment_id)
        if base is None:
            path = self._download(run, name)
        else:
            own = base / run.id / "artifacts"
            path = own / name
            is_plain = _is_plain(base, run.id, "artifacts", *name.split("/"))
            if not is_plain and not path.resolve().is_relative_to(own.resolve()):
                raise Damaged(f"{name} of {run} leads out of its folder")
        if not path.is_file():
            if base is not None and not base.exists():
                beside = f"{moved.BESIDE}/{base.name}"
                raise Lost(
                    f"the files of {run} are gone: {base} is not there; put it back, or put it "
                    f"beside the store, as {beside}"
                )
            raise Lost(f"{run} has lost its {name}; delete it and train it again")
        return path

    def _base(self, experiment_id):
        """The folder of an experiment's files on this machine; None where they are elsewhere."""
        if experiment_id not in self._bases:
            said = self._locations[experiment_id]
            here = local_folder(said) is not None
            base = local_folder(moved.present_location(said, self.uri)) if here else None
            self._bases[experiment_id] = base
        return self._bases[experiment_id]

    def _location(self, run):
        """The URI of a run's files, which has to be where its experiment keeps them."""
        if run.experiment_id not in self._locations:
            self._locations[run.experiment_id] = self.location(run.experiment_id).rstrip("/")
        expected = f"{self._locations[run.experiment_id]}/{run.id}/artifacts"
        if run.folder != expected and not _same(run.folder, expected):
            said = printable(without_passwords(run.folder), "")[:200]
            raise Foreign(
                f"the files of {run} are said to be at {said}, which is not its own place"
            )
        if self._base(run.experiment_id) is None:
            locations.check(expected, self.uri, run)
        return expected

    def _download(self, run, name):
        from mlflow.exceptions import MlflowException

        if self.downloads is None:
            self.downloads = tempfile.mkdtemp(prefix="scratchml-")
            weakref.finalize(self, shutil.rmtree, self.downloads, ignore_errors=True)
        into = tempfile.mkdtemp(dir=self.downloads)
        try:
            files = locations.repository(self.client(), self._location(run), run)
            path = Path(files.download_artifacts(name, into)).resolve()
        except (MlflowException, OSError):  # reported by the caller
            return Path(into, name)
        return path if path.is_relative_to(Path(into).resolve()) else Path(into, name)


def _is_plain(way, *names):
    """Whether names, one below the other, lead from a folder to a file in it, without a link.

    It takes a tenth of the time of `Path.resolve`, which a sweep of 5,000 runs feels.
    """
    for name in names:
        way = os.path.join(way, name)
        if name in ("", "..") or os.path.islink(way):
            return False
    return True


def _same(one, other):
    """Whether two locations are one local folder, written as a path and as a URI."""
    one, other = local_folder(one), local_folder(other)
    return one is not None and one == other
