"""Faults planted in stored runs: a claim that cannot fail claims nothing."""

import dataclasses


class FaultyArrays:
    """The arrays of runs as they are stored, changed by `fault(knobs, arrays)` when read."""

    def __init__(self, stored, runs, fault):
        self.stored, self.prepare, self.fault = stored, stored.prepare, fault
        self.knobs = {run.run_id: run for run in runs.itertuples()}

    def read(self, run_id, wanted=lambda name: True):
        arrays = self.stored.read(run_id)
        self.fault(self.knobs[run_id], arrays)
        return {name: array for name, array in arrays.items() if wanted(name)}


def plant(data, fault):
    """The same runs with arrays that `fault`, a function of knobs and arrays, changes in place."""
    return dataclasses.replace(data, _arrays=FaultyArrays(data._arrays, data.runs, fault))
