"""What MLflow holds, through its public API: which runs belong to a sweep, and their files.

`runs.py` makes frames of it; nobody else needs this. Nothing that the store says is trusted: a run
id goes into a filter only if it looks like one, and a file outside the run's folder is refused.
"""

import gc
import json
import logging
import os
import re
import shlex
import shutil
import tempfile
import urllib.error
import urllib.request
import weakref
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np

from analysis import lessons

PAGE = 1000  # runs asked for at once
QUICK = "-quick"  # ends the experiment of a lesson's quick version
DOWNLOADS = 8  # files asked for at once
LARGEST = 8 * 2**30  # bytes that a run's arrays may have; no run keeps more
# What NumPy raises for a file that is cut, is no archive, or asks for more memory than there is.
DAMAGE = (ValueError, AttributeError, EOFError, KeyError, MemoryError, OSError, zipfile.BadZipFile)
KNOB = re.compile(r"[+~]*[\w./@]+=")  # how an override begins
ELSEWHERE = ("tracking.", "executor", "hydra", "resume=", "only=")  # words no number depends on


def root():
    """The folder of the project: where pyproject.toml is, or the working directory."""
    here = Path(__file__).resolve().parent.parent
    return here if (here / "pyproject.toml").is_file() else Path.cwd()


def store_uri(uri=None):
    """The store to read: the one given, else MLFLOW_TRACKING_URI, else the project's own."""
    return uri or os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{root() / 'mlflow.db'}"


def launch_command(experiment):
    """The command that launches the sweep of an experiment: of a lesson, or of one's own."""
    name = experiment.removesuffix(QUICK)
    if experiment != name and name in lessons.names():
        return shlex.join(["python", "-m", "analysis.reproduce", name, "--quick"])
    own = "+lesson=" if experiment in lessons.names() else "experiment="
    return shlex.join(["python", "-m", "experiments.train", "-m", own + experiment])


def launched_by(command, experiment):
    """The command of a stored sweep without what says only where and how it was launched."""
    try:
        words = shlex.split(command)
    except ValueError:  # nothing that a shell could have been given
        return launch_command(experiment)
    knobs = [w for w in words if KNOB.match(w) and not w.startswith(ELSEWHERE)]
    if "analysis.reproduce" in words:
        name = experiment.removesuffix(QUICK)
        quick = ["--quick"] if name != experiment else []
        return shlex.join(["python", "-m", "analysis.reproduce", name, *knobs, *quick])
    if "experiments.train" in words:
        return shlex.join(["python", "-m", "experiments.train", "-m", *knobs])
    return launch_command(experiment)


def missing(what, experiment):
    """The error for data that are not there, with the command that makes them."""
    return LookupError(f"{what}; make it with: {launch_command(experiment)}")


def connect(uri, experiment):
    """MLflow's client, without its telemetry and its chatter.

    Raises:
        LookupError: The database is a file that does not exist.
        ConnectionError: The server does not answer.
    """
    if uri.startswith("sqlite:///") and not uri.endswith(":memory:"):
        path = Path(uri.removeprefix("sqlite:///"))
        if not path.is_file():  # MLflow would create it
            raise missing(f"no store at {path}", experiment)
    if uri.startswith(("http://", "https://")):
        try:  # MLflow itself would try for four minutes
            urllib.request.urlopen(shown(uri), timeout=5).close()
        except urllib.error.HTTPError:
            pass  # it answers; what it wants MLflow's client will know
        except OSError as error:
            raise ConnectionError(f"{shown(uri)} does not answer ({error})") from error
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    from mlflow import MlflowClient  # a second to import, and not needed to draw

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with explained(uri):
        return MlflowClient(tracking_uri=uri)


def shown(uri):
    """The store as anybody may see it: without a password."""
    parts = urlsplit(uri)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


@contextmanager
def explained(uri):
    """Turns what MLflow and the database raise into one error that names the store.

    Raises:
        ConnectionError: The store cannot be read: damaged, of another version, gone.
    """
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError) as error:
        said = str(error).strip().splitlines()[0]
        raise ConnectionError(f"{shown(uri)} cannot be read ({said})") from error


def find(client, experiment, sweep=None):
    """The finished runs of an experiment; see `runs.load`.

    Returns:
        The experiment, its runs in order, the names of runs that the sweep lists and that are not
        there, and the command that launched it.

    Raises:
        LookupError: There is no such experiment, sweep or run.
    """
    found = client.get_experiment_by_name(experiment)
    if found is None or found.lifecycle_stage != "active":
        names = sorted(each.name for each in client.search_experiments())
        raise missing(f"no experiment {experiment!r} in the store, which has {names}", experiment)
    search = Search(client, found.experiment_id)
    if sweep == "all":
        runs, absent, command = search.newest_of_each(), (), launch_command(experiment)
    else:
        runs, absent, command = search.listed_by(search.sweep(experiment, sweep), experiment)
    if not runs:
        raise missing(f"no finished run in experiment {experiment!r}", experiment)
    return found, runs, absent, command


@contextmanager
def no_collection():
    """Without Python's garbage collection, which doubles the time in which MLflow makes its rows.

    It looks through all objects again and again while they are made: 1,200 runs, 1.9 s with and
    0.8 s without.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Search:
    """Runs of one experiment, page by page."""

    def __init__(self, client, experiment_id):
        self.client, self.experiment_id = client, experiment_id

    def __call__(self, filter_string, order="attributes.start_time ASC"):
        from mlflow.entities import ViewType

        found, token = [], None
        with no_collection():
            while True:
                page = self.client.search_runs(
                    [self.experiment_id], filter_string, ViewType.ACTIVE_ONLY, PAGE, [order], token
                )
                found += page
                token = page.token
                if not token:
                    return found

    def newest_of_each(self):
        """Every finished run, the newest of each configuration, oldest first."""
        newest = {}
        for run in self("tags.`scratchml.kind` = 'run' AND attributes.status = 'FINISHED'"):
            key = run.data.tags.get("scratchml.fingerprint", run.info.run_id)
            newest.pop(key, None)  # so that it takes its place by its own time
            newest[key] = run
        return list(newest.values())

    def sweep(self, experiment, run_id=None):
        """The parent run of a sweep, by default of the newest one that finished."""
        asked = "tags.`scratchml.kind` = 'sweep' AND attributes.status = 'FINISHED'"
        if run_id is not None:
            asked += f" AND attributes.run_id = '{_checked(run_id)}'"
        parents = self(asked, "attributes.start_time DESC")
        if parents:
            return parents[0]
        which = "no finished sweep" if run_id is None else f"no finished sweep {run_id}"
        single = 'sweep="all" takes runs that no sweep made'
        raise missing(f"{which} in experiment {experiment!r} ({single})", experiment)

    def listed_by(self, parent, experiment):
        """The finished runs that a sweep lists, in its order, names of the others, its command."""
        with tempfile.TemporaryDirectory(prefix="scratchml-") as folder:
            text = artifact(self.client, parent, "sweep.json", folder).read_text("utf-8")
        try:
            sweep = json.loads(text)
            listed, command = sweep["runs"], str(sweep["command"])
            ids = [_checked(run["run_id"]) for run in listed if run.get("run_id")]
            names = [(run.get("run_id"), str(run["name"])) for run in listed]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(
                f"sweep.json of run {parent.info.run_id} is damaged: {error}"
            ) from error
        found = {}
        for start in range(0, len(ids), PAGE):
            some = ", ".join(f"'{run_id}'" for run_id in ids[start : start + PAGE])
            asked = f"attributes.run_id IN ({some}) AND attributes.status = 'FINISHED'"
            found |= {run.info.run_id: run for run in self(asked)}
        absent = tuple(name for run_id, name in names if run_id not in found)
        runs = [found[run_id] for run_id in dict.fromkeys(ids) if run_id in found]
        return runs, absent, launched_by(command, experiment)


def _checked(run_id):
    """A run id that may stand in a filter."""
    if not isinstance(run_id, str) or not re.fullmatch(r"[0-9A-Za-z_-]{1,64}", run_id):
        raise ValueError(f"not a run id: {run_id!r}")
    return run_id


# ---------------------------------------------------------------------------------------- files


class Artifacts:
    """The arrays of runs: read in place where they are local, else downloaded once."""

    def __init__(self, client, runs):
        self.client = client
        self.runs = {run.info.run_id: run for run in runs}
        self.paths = {}  # run_id -> Path
        self.kept = {}  # run_id -> {name: array, or None where it is not kept}
        self.downloads = None  # a folder, made when it is needed and removed with this object

    def fetch(self, run_ids):
        """Makes the files of many runs local, several downloads at a time."""
        wanted = [run_id for run_id in run_ids if run_id not in self.paths]
        uris = {self.runs[run_id].info.artifact_uri for run_id in wanted}
        if self.downloads is None and any(_local_folder(uri) is None for uri in uris):
            self.downloads = tempfile.mkdtemp(prefix="scratchml-")
            weakref.finalize(self, shutil.rmtree, self.downloads, ignore_errors=True)
        with ThreadPoolExecutor(DOWNLOADS) as pool:
            self.paths |= zip(wanted, pool.map(self._fetch, wanted), strict=True)

    def read(self, run_id, wanted=lambda name: True):
        """The arrays of a run whose names are `wanted`.

        Raises:
            LookupError: No such run, or its arrays are lost.
            ValueError: The file is damaged.
        """
        if run_id not in self.runs:
            raise LookupError(f"no run {run_id!r} here")
        names = [name for name in self.kept.get(run_id, ()) if wanted(name)]
        if names and all(self.kept[run_id][name] is not None for name in names):
            return {name: self.kept[run_id][name].copy() for name in names}
        self.fetch([run_id])
        try:
            with open(self.paths[run_id], "rb") as file:
                arrays = np.load(file, allow_pickle=False)
                size = sum(entry.file_size for entry in arrays.zip.infolist())
                if size > LARGEST:
                    raise ValueError(f"it unpacks to {size / 2**30:,.0f} GiB")
                read = {name: arrays[name] for name in arrays.files if wanted(name)}
            small = {n: a.copy() for n, a in read.items() if n.startswith(("seed", "final/"))}
            self.kept[run_id] = dict.fromkeys(arrays.files) | self.kept.get(run_id, {}) | small
            return read
        except DAMAGE as error:
            name = self.runs[run_id].info.run_name
            raise ValueError(f"nets.npz of run {run_id} ({name}) is damaged: {error}") from error

    def _fetch(self, run_id):
        return artifact(self.client, self.runs[run_id], "nets.npz", self.downloads)


def artifact(client, run, name, downloads):
    """The path of a run's artifact; one that is not local is downloaded, into a folder of its own.

    Raises:
        LookupError: It is not there.
        ValueError: It is a link that leads out of the run's folder.
    """
    from mlflow.exceptions import MlflowException

    folder = _local_folder(run.info.artifact_uri)
    if folder is not None:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder):
            raise ValueError(f"{name} of run {run.info.run_id} leads out of its folder")
    else:
        into = tempfile.mkdtemp(dir=downloads)
        try:
            path = Path(client.download_artifacts(run.info.run_id, name, into))
        except (MlflowException, OSError):
            path = Path(into) / name
    if not path.is_file():
        raise LookupError(
            f"run {run.info.run_id} ({run.info.run_name}) has lost its {name}; "
            "delete the run and launch its sweep again"
        )
    return path


def _local_folder(uri):
    """The folder that an artifact URI names if it is of this machine, else None."""
    parts = urlsplit(uri)
    if parts.scheme not in ("", "file") or parts.netloc not in ("", "localhost"):
        return None
    return Path(unquote(parts.path) if parts.scheme else uri).resolve()
