"""One run of a store, found by what a user calls it, and its files. Reads, and trusts nothing.

What a store says is data: a name goes into MLflow's filters quoted, an id only if it looks like
one, files are read without pickles, and none from outside a run's own folder.
"""

import re
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from experiments.errors import ConfigError, UserError
from experiments.schema.config import Config
from experiments.schema.constraints import MEMORY_LIMIT
from experiments.schema.sklearn_models import MEANINGLESS
from experiments.tracking import database
from experiments.tracking import rows as bulk
from experiments.tracking.causes import patiently, shown
from experiments.tracking.client import import_mlflow
from experiments.tracking.errors import StoreError
from experiments.tracking.layout import KIND
from experiments.tracking.store import DATABASES, SERVERS

MANY = 1000  # experiments asked for at once
FEW = 5  # runs that a message lists
ENDS = ("seed", "final/", "weights/", "digest")  # arrays with one entry a net
KINDS = {"seed": "iu", "final/diverged": "b", "final/train/loss": "f", "digest": "u"}
# What NumPy raises for a file that is cut, is no archive, or asks for more memory than there is.
DAMAGE = (ValueError, AttributeError, EOFError, KeyError, TypeError, MemoryError, OSError)
DAMAGE += (NotImplementedError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class Stored:
    """A run that finished: its id, name and experiment, its Config, and where its files are."""

    run_id: str
    name: str
    experiment_id: str
    config: Config
    read: object  # file name -> its path

    def arrays(self):
        """What nets.npz holds of each net at its end, {name: (R, ...)}.

        Raises:
            UserError: It is lost, damaged, or larger than any run's.
        """
        path = self.read("nets.npz")
        try:
            with np.load(path, allow_pickle=False) as file:
                size = sum(entry.file_size for entry in file.zip.infolist())
                if size > MEMORY_LIMIT:
                    raise ValueError(f"it unpacks to {size / 2**30:,.0f} GiB")
                ends = {name: file[name] for name in file.files if name.startswith(ENDS)}
            _check(ends, self.config)
            return ends
        except DAMAGE as error:
            said = str(error).partition("\n")[0] or type(error).__name__
            raise UserError(f"nets.npz of run {self.run_id} is damaged ({said})") from error


class Reader:
    """Finds runs in one store. Nothing is written, and no database is made."""

    def __init__(self, uri):
        self.uri = uri
        self.client = patiently(uri, _client, uri)

    def run(self, wanted, experiment=None, folder=None):
        """The one run that `wanted` means: its id, the beginning of its id, or its name.

        Args:
            experiment: the only experiment to look in, by name; None is all of them.
            folder: where files go that have to be downloaded.

        Raises:
            UserError: None is meant, or several, or one that has not finished.
            StoreError: The store cannot be read.
        """
        experiments = self._experiments(experiment)
        found = []
        if re.fullmatch(r"[0-9a-f]{1,32}", wanted):
            found = self._search(experiments, f"attributes.run_id LIKE '{wanted}%'")
        found = found or self._search(experiments, f"attributes.run_name = {_quoted(wanted)}")
        if not found:
            where = f"experiment {experiment}" if experiment else shown(self.uri)
            raise UserError(f"no run of {where} has the id or the name {wanted!r}")
        if len(found) > 1:
            ids = [run.info.run_id for run in found[:FEW]] + ["..."] * (len(found) > FEW)
            raise UserError(f"{wanted!r} means several runs; name one by its id: {', '.join(ids)}")
        return self._stored(found[0], folder)

    def _experiments(self, name):
        if name is not None:
            found = patiently(self.uri, self.client.get_experiment_by_name, name)
            if found is None or found.lifecycle_stage != "active":
                raise UserError(f"{shown(self.uri)} has no experiment {name!r}")
            return [found.experiment_id]
        ids, token = [], None
        while True:
            page = patiently(self.uri, self._page, token)
            ids += [each.experiment_id for each in page]
            token = page.token
            if not token:
                return ids

    def _page(self, token):
        return self.client.search_experiments(max_results=MANY, page_token=token)

    def _search(self, experiments, asked):
        search = self.client.search_runs
        return list(patiently(self.uri, search, experiments, asked, 1, FEW + 1))

    def _stored(self, run, folder):
        run_id, status = run.info.run_id, run.info.status
        kind = run.data.tags.get(KIND)
        if kind == "sweep":
            raise UserError(f"run {run_id} is a sweep; name one of its runs")
        if kind != "run":
            raise UserError(
                f"run {run_id} was not made by experiments.train, so that it has no nets"
            )
        if status != "FINISHED":
            raise UserError(f"run {run_id} is {status}; only a run that is FINISHED has nets")

        def read(name):
            return self._file(run, name, folder)

        config = _config(run_id, read("config.yaml"))
        return Stored(run_id, run.info.run_name, run.info.experiment_id, config, read)

    def _file(self, run, name, folder):
        """The path of a run's file, which is downloaded if it is not on this machine."""
        run_id, own = run.info.run_id, bulk.local_folder(run.info.artifact_uri)
        if own is not None:
            path = (own / name).resolve()
            if not path.is_relative_to(own.resolve()):
                raise UserError(f"{name} of run {run_id} leads out of its folder")
        else:
            path = Path(tempfile.mkdtemp(dir=folder), name)
            try:
                self.client.download_artifacts(run_id, name, path.parent)
            except (OSError, import_mlflow().MlflowException):
                pass  # said below
        if not path.is_file():
            raise UserError(f"run {run_id} has lost its {name}; delete it and train it again")
        return path


def _client(uri):
    """An MlflowClient, for a store that is there; MLflow itself would make one."""
    kind = uri.partition(":")[0].partition("+")[0]
    if kind not in (*DATABASES, *SERVERS):
        raise StoreError(f"a store starts with one of {[*DATABASES, *SERVERS]}; got {uri!r}")
    if uri.startswith("http"):
        try:  # MLflow would try for long
            urllib.request.urlopen(uri, timeout=5).close()
        except urllib.error.HTTPError:
            pass  # it answers; MLflow's client will say what is wrong
    elif kind in DATABASES:
        uri = database.absolute(uri)
        path = database.sqlite_file(uri)
        if path is not None and not path.is_file():
            raise StoreError(f"there is no store at {path} yet; train something, then come back")
        engine = database.connect(uri)
        revision = database.revision(engine)
        engine.dispose()
        if revision is None:
            raise StoreError(f"{shown(uri)} is not a store of MLflow")
    return import_mlflow().MlflowClient(uri)


def _config(run_id, path):
    """The Config that a run was trained with; its file leaves out what had no meaning for it."""
    try:
        own = yaml.safe_load(path.read_bytes())
        if not isinstance(own, dict):
            raise ConfigError(f"it must be a mapping; got {type(own).__name__}")
        return Config.from_mapping(MEANINGLESS | own)
    except (ConfigError, yaml.YAMLError, ValueError, RecursionError, OSError) as error:
        said = "; ".join(str(error).splitlines())
        raise UserError(f"config.yaml of run {run_id} is not one of scratchml's ({said})") from None


def _check(arrays, config):
    nets = config.seeds
    for name, kinds in KINDS.items():
        if arrays[name].dtype.kind not in kinds:
            raise ValueError(f"{name} is {arrays[name].dtype}")
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf" or array.shape[:1] != (nets,):
            raise ValueError(f"{name} is {array.dtype} of shape {array.shape}, for {nets} nets")
    if arrays["seed"].tolist() != list(range(config.seed, config.seed + nets)):
        raise ValueError("its seeds are not those of its configuration")


def _quoted(text):
    """A text as MLflow's filters take it."""
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    raise UserError(f"a name with both quotes cannot be looked for; name its id; got {text!r}")
