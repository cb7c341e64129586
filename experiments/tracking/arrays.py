"""The arrays of the runs of a sweep: from its table where that is true, or from the run's own file.

A file is read once for what is small and asked for often.
"""

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from experiments.tracking.errors import Damaged, Missing
from experiments.tracking.files import Run
from experiments.tracking.layout import FINAL, SEED
from experiments.tracking.net_table_reader import NetTable
from experiments.tracking.npz import Arrays
from experiments.tracking.reader import Reader


class RunArrays:
    """The arrays of several runs, by run id. Seeds and final values stay in memory.

    Args:
        sweep: the run of the sweep that has a table of these runs, if there is one.
    """

    def __init__(self, reader: Reader, runs: Sequence[Run], sweep: Run | None = None):
        self.reader = reader
        self.runs = {run.id: run for run in runs}
        self.sweep = sweep
        self._cache = {}  # run id -> {name: array, or None for one that is not cached}
        self._fits = {}  # run id -> whether the table is true for the run

    def prepare(self, run_ids: Sequence[str]) -> None:
        """Makes the files of many runs local, several downloads at a time, but those in a table."""
        apart = [run_id for run_id in run_ids if not self._is_in_table(run_id)]
        self.reader.prepare([self.runs[run_id] for run_id in apart])

    def read(self, run_id: str, wanted: Callable[[str], bool] = lambda name: True) -> Arrays:
        """The arrays of a run whose names are `wanted`.

        Raises:
            Missing: There is no such run, or its arrays are lost.
            Damaged: The file is damaged.
        """
        if run_id not in self.runs:
            raise Missing(f"no run {run_id!r} here")
        known = self._cache.get(run_id, {})
        names = [name for name in known if wanted(name)]
        if names and all(known[name] is not None for name in names):
            return {name: known[name].copy() for name in names}
        if (found := self._from_table(run_id, wanted)) is not None:
            return found
        arrays, names = self.reader.arrays(self.runs[run_id], wanted)
        small = {name: np.copy(a) for name, a in arrays.items() if name.startswith((SEED, FINAL))}
        self._cache[run_id] = dict.fromkeys(names) | known | small
        return arrays

    def _from_table(self, run_id, wanted):
        """The wanted arrays of a run; None where the table has not all of them."""
        if not self._is_in_table(run_id):
            return None
        names = [name for name in self._table.places[run_id].names if wanted(name)]
        if not names or not all(name in self._table.columns for name in names):
            return None
        try:
            return self._table.read(run_id, names)
        except Damaged:
            self._fits.clear()
            self.__dict__["_table"] = None
            return None

    def _is_in_table(self, run_id):
        """Whether the table is that of the run's own file, as it is now."""
        if self._table is None or run_id not in self._table.places:
            return False
        if run_id not in self._fits:
            mark = self.reader.mark(self.runs[run_id])
            self._fits[run_id] = mark in (None, self._table.places[run_id].mark)
        return self._fits[run_id]

    @cached_property
    def _table(self) -> NetTable | None:
        try:
            return self.reader.table(self.sweep) if self.sweep else None
        except (Missing, Damaged):
            return None
