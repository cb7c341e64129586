"""The arrays of the runs of a sweep, each file read once for what is small and asked for often."""

from collections.abc import Callable, Sequence

import numpy as np

from experiments.tracking.errors import Missing
from experiments.tracking.files import Run
from experiments.tracking.layout import FINAL, SEED
from experiments.tracking.npz import Arrays
from experiments.tracking.reader import Reader


class RunArrays:
    """The arrays of several runs, by run id. Seeds and final values stay in memory."""

    def __init__(self, reader: Reader, runs: Sequence[Run]):
        self.reader = reader
        self.runs = {run.id: run for run in runs}
        self._cache = {}  # run id -> {name: array, or None for one that is not cached}

    def prepare(self, run_ids: Sequence[str]) -> None:
        """Makes the files of many runs local, several downloads at a time."""
        self.reader.prepare([self.runs[run_id] for run_id in run_ids])

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
        arrays, names = self.reader.arrays(self.runs[run_id], wanted)
        small = {name: np.copy(a) for name, a in arrays.items() if name.startswith((SEED, FINAL))}
        self._cache[run_id] = dict.fromkeys(names) | known | small
        return arrays
