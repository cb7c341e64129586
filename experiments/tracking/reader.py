"""The one reader: sweeps and runs of a store, as plain rows, and their files. Nothing is written.

The contents of a store are data and may come from anybody: a name goes into a question quoted, an
id only if it looks like an id, and files are read as `files` and `npz` do it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from experiments.tracking import connection, descriptions, npz
from experiments.tracking.causes import patiently
from experiments.tracking.client_queries import ClientQueries
from experiments.tracking.errors import Lost, Missing
from experiments.tracking.files import Files, Run
from experiments.tracking.layout import (
    CONFIG_FILE,
    FINGERPRINT,
    NETS_FILE,
    SWEEP_FILE,
    SWEEP_TABLE,
)
from experiments.tracking.layout import RUN as RUN_KIND
from experiments.tracking.layout import SWEEP as SWEEP_KIND
from experiments.tracking.meant import meant
from experiments.tracking.net_table import Mark, mark_of
from experiments.tracking.net_table_reader import NetTable
from experiments.tracking.places import default_uri
from experiments.tracking.queries import checked, of_kind
from experiments.tracking.record import CUT
from experiments.tracking.row_queries import RowQueries
from experiments.tracking.uris import DATABASES, scheme

if TYPE_CHECKING:
    from mlflow import MlflowClient


class Sweep(NamedTuple):
    """Runs that belong together, in order.

    `missing` has the names of runs that the sweep lists and the store does not hold as FINISHED.
    `command` has launched the sweep, and `parent` is its run; they are None when the runs are those
    of all sweeps.
    """

    experiment_id: str
    runs: list[Run]
    missing: tuple[str, ...] = ()
    command: str | None = None
    parent: Run | None = None


class Reader:
    """Reads one store. Every method raises StoreError when the store cannot be used.

    Args:
        uri: a database or a server; None is `default_uri()`.

    Raises:
        NoStore: There is no such file.
    """

    def __init__(self, uri: str | None = None):
        self.uri = uri or default_uri()
        self.queries = queries = patiently(self.uri, _queries, self.uri)
        self.files = Files(self.uri, queries.location, lambda: queries.client)

    @property
    def client(self) -> "MlflowClient":
        """MLflow's client, which takes seconds to be imported, and is made when it is needed."""
        return self.queries.client

    def prepare_writing(self) -> None:
        """Makes the store ready for `client` to write to; StoreError where it is read-only."""
        patiently(self.uri, connection.prepare_writing, self.client, self.uri)

    def sweep(self, experiment: str, which: str | None = None) -> Sweep:
        """The finished runs of an experiment.

        Args:
            which: the run id of a sweep, or "all" for every finished run, the newest of each
                configuration, oldest first; None is the newest finished sweep, with the runs that
                it found done, and "all" where no sweep was ever begun: runs trained one by one.

        Raises:
            Missing: There is no such experiment, sweep or run.
            Damaged: The sweep's own list of runs cannot be read.
        """
        experiment_id = self.queries.experiment(experiment)
        if which is None and not self.queries.first([experiment_id], of_kind(SWEEP_KIND), 1):
            which = "all"
        if which == "all":
            found = Sweep(experiment_id, self._newest_of_each(experiment_id))
        else:
            found = self._listed(self._parent(experiment_id, experiment, which))
        if not found.runs:
            raise Missing(f"no finished run in experiment {experiment!r}")
        return found

    def run(self, wanted: str, experiment: str | None = None) -> Run:
        """The one finished run that `wanted` means: its id, the beginning of its id, or its name.

        Args:
            experiment: the only experiment to look in, by name; None is all of them.

        Raises:
            Missing: No run is meant, or several, or a run that has no nets.
        """
        return meant(self.queries, wanted, experiment)

    def config(self, run: Run, check: Callable[[dict], Any] = lambda mapping: mapping) -> Any:
        """The configuration of a run, as `check` returns it.

        Args:
            check: a function of the mapping of config.yaml, which leaves out the knobs that had no
                meaning for the run. It raises ValueError for a mapping that is no configuration.

        Raises:
            Lost: The file is gone.
            Damaged: The file is not one of scratchml's.
        """
        path = self._file(run, CONFIG_FILE)
        return descriptions.config(path, run, self._size(run), check)

    def arrays(self, run: Run, *how: Callable) -> tuple[npz.Arrays, list[str]]:
        """The arrays of a run's nets and the names of all, as `npz.read_npz` returns them.

        Args:
            how: its `wanted` and `check`.

        Raises:
            Lost: The file is gone.
            Damaged: The file is not one that a run can have.
        """
        return npz.read_npz(self._file(run, NETS_FILE), run, *how)

    def file(self, run: Run, name: str) -> Path:
        """The path of a run's file on this machine; raises as `arrays`."""
        return self._file(run, name)

    def table(self, sweep: Run) -> NetTable:
        """The table of a sweep's nets.

        Raises:
            Lost: The sweep has none: it was stopped, or is of an older version.
            Damaged: The file is not one that a sweep can have.
        """
        return NetTable(self._file(sweep, SWEEP_TABLE), sweep)

    def mark(self, run: Run) -> Mark | None:
        """The Mark of a run's arrays; None where they are not on this machine."""
        return mark_of(self._file(run, NETS_FILE)) if self.files.are_local(run) else None

    def prepare(self, runs: list[Run]) -> None:
        """Makes the arrays of many runs local, several downloads at once."""
        self.queries.ask(self.files.prepare, runs, NETS_FILE)

    def _size(self, run):
        """The bytes of a run's arrays: a list of initial weights is about as long."""
        try:
            return self._file(run, NETS_FILE).stat().st_size
        except Lost:
            return 0

    def _file(self, run, name):
        return self.queries.ask(self.files.path, run, name)

    def _newest_of_each(self, experiment_id):
        newest = {}
        for run in self.queries.all(experiment_id, of_kind(RUN_KIND, status="FINISHED")):
            key = _configuration(run)
            newest.pop(key, None)  # so that the run takes its place by its own time
            newest[key] = run
        return list(newest.values())

    def _parent(self, experiment_id, experiment, run_id):
        """The run of a sweep, by default of the newest sweep that finished."""
        ids = None if run_id is None else [checked(run_id)]
        asked = of_kind(SWEEP_KIND, status="FINISHED", ids=ids)
        parents = self.queries.all(experiment_id, asked, newest_first=True)
        if parents:
            return parents[0]
        which = "no finished sweep" if run_id is None else f"no finished sweep {run_id}"
        single = 'sweep="all" takes runs that no sweep made'
        raise Missing(f"{which} in experiment {experiment!r} ({single})")

    def _listed(self, parent):
        """The finished runs that a sweep lists, in its order."""
        command, runs = descriptions.listed(self._file(parent, SWEEP_FILE), parent)
        ids = dict.fromkeys(run_id for run_id, _ in runs if run_id)
        found = self.queries.finished(parent.experiment_id, ids)
        missing = tuple(name for run_id, name in runs if run_id not in found)
        there = [found[i] for i in ids if i in found]
        return Sweep(parent.experiment_id, there, missing, command, parent)


def _configuration(run):
    """A key that runs of one configuration share, whatever version of the code has trained them.

    A parameter that was too long for MLflow is not whole, so then the fingerprint decides.
    """
    if not run.params or any(text.endswith(CUT) for text in run.params.values()):
        return run.tags.get(FINGERPRINT, run.id)
    return tuple(sorted(run.params.items()))


def _queries(uri):
    """The Queries of a store: to its tables where they are known, otherwise to MLflow's client."""
    known = connection.rows(uri) if scheme(uri) in DATABASES else None
    return RowQueries(uri, *known) if known else ClientQueries(uri, connection.connect(uri))
