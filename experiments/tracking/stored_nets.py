"""Nets of finished runs, as the writer of their store reads them."""

from experiments.tracking.client import Client
from experiments.tracking.errors import Lost
from experiments.tracking.layout import NETS_FILE
from experiments.tracking.net_table import Part, is_in_table, mark_of, part
from experiments.tracking.npz import Arrays, read_npz
from experiments.tracking.rows import Rows


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

    def part(self, run_id: str) -> Part:
        """What the table of a sweep takes of a finished run.

        Raises:
            Lost: The run's file is not on this machine.
            Damaged: The file is not one that a run can have.
        """
        if not isinstance(self._writer, Rows):
            raise Lost(f"the files of run {run_id} are not on this machine")
        path = self._writer.path(run_id, NETS_FILE)
        return part(*read_npz(path, f"run {run_id}", is_in_table), mark_of(path))
