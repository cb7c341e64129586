"""Nets of finished runs, as the writer of their store reads them."""

from collections.abc import Collection
from contextlib import suppress
from functools import cached_property

from experiments.tracking.client import Client
from experiments.tracking.errors import Lost, TrackingError
from experiments.tracking.layout import NETS_FILE, SWEEP_TABLE
from experiments.tracking.net_table import Part, is_in_table, mark_of, part
from experiments.tracking.net_table_reader import NetTable
from experiments.tracking.npz import Arrays, read_npz
from experiments.tracking.rows import Rows

TABLES = 5  # of earlier sweeps, that are looked into


class StoredNets:
    """The nets that one experiment of a store has, from the files of its runs."""

    def __init__(self, uri: str, experiment: str, writer: Rows | Client):
        self._uri, self._experiment, self._writer = uri, experiment, writer
        self._reader = None  # made when nets are read through MLflow's client

    def arrays(self, run_id: str) -> Arrays:
        """The arrays of a finished run's nets; see `tracking.reader`.

        Raises:
            Lost: The file is gone.
            Damaged: The file is not one that a run can have.
        """
        if isinstance(self._writer, Rows):
            return read_npz(self._writer.path(run_id, NETS_FILE), f"run {run_id}")[0]
        from experiments.tracking.reader import Reader  # imports MLflow, as this writer has done

        self._reader = self._reader or Reader(self._uri)
        return self._reader.arrays(self._reader.run(run_id, self._experiment))[0]

    def same_table(self, run_ids: Collection[str]) -> bytes | None:
        """The bytes of the table of an earlier sweep that had exactly these runs, or None."""
        wanted = set(run_ids)
        return next((t.path.read_bytes() for t in self._tables if t.places.keys() == wanted), None)

    def parts(self, run_ids: Collection[str]) -> dict[str, Part]:
        """{run id: Part}: what the table of a sweep takes of runs that were finished before.

        It is in the table of an earlier sweep, or is read from the run's own file, which takes
        longer. Runs whose file is elsewhere, lost or damaged are left out.
        """
        found = {}
        for run_id in run_ids:
            with suppress(TrackingError):
                found[run_id] = self._from_table(run_id) or self._from_file(run_id)
        return found

    def _from_table(self, run_id):
        for table in self._tables:
            if place := table.places.get(run_id):
                names = [name for name in place.names if is_in_table(name)]
                if table.columns.keys() >= {*names}:  # it may have been too large for curves
                    return Part(table.read(run_id, names), place.names, place.mark)
        return None

    def _from_file(self, run_id):
        if not isinstance(self._writer, Rows):
            raise Lost(f"the files of run {run_id} are not on this machine")
        path = self._writer.path(run_id, NETS_FILE)
        return part(*read_npz(path, f"run {run_id}", is_in_table), mark_of(path))

    @cached_property
    def _tables(self):
        """The tables of the newest sweeps, the newest first."""
        found = []
        sweeps = self._writer.sweeps() if isinstance(self._writer, Rows) else []
        for sweep in sweeps[: -TABLES - 1 : -1]:
            with suppress(TrackingError):
                found.append(NetTable(self._writer.path(sweep, SWEEP_TABLE), f"sweep {sweep}"))
        return found
