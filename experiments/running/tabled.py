"""The nets of a sweep come together for its table, while its runs are stored one by one."""

from experiments.tracking.layout import CURVE, NETS_FILE
from experiments.tracking.net_table import CURVES, mark, part, to_parquet

MOST = 2**30  # bytes in memory; a sweep with more has no table, and its runs are read one by one


class Tabled:
    """What the table of a sweep takes of the runs that are trained now."""

    def __init__(self):
        self.parts, self.size, self.curves = {}, 0, 0  # {job: Part}, bytes

    def add(self, job, arrays, record):
        """Takes a finished run, as its arrays and its record."""
        if self.size > MOST or NETS_FILE not in record.artifacts:
            return
        light = {n: a for n, a in arrays.items() if not n.startswith(CURVE)}
        taken = light if self.curves > CURVES else arrays
        new = part(taken, arrays, mark(record.artifacts[NETS_FILE]))
        self.parts[job] = new
        self.size += sum(a.nbytes for a in new.arrays.values())
        self.curves += sum(a.nbytes for n, a in new.arrays.items() if n.startswith(CURVE))

    def parquet(self, ledger, store):
        """The bytes of the table of all runs of a sweep; None where it has none.

        Runs that were stored before are found by `StoredNets.parts`. A run that is missing in the
        table is read from its own file.
        """
        if self.size > MOST or ledger.launches > 1:  # an optimizing sweeper closes many times
            return None
        runs = {ledger.runs[f]: job for f, job in ledger.first.items() if f in ledger.runs}
        before = [run_id for run_id, job in runs.items() if job not in self.parts]
        if len(before) == len(runs) and (table := store.nets.same_table(before)) is not None:
            return table
        known = store.nets.parts(before)
        found = {run_id: self.parts.get(job) or known.get(run_id) for run_id, job in runs.items()}
        parts = {run_id: each for run_id, each in found.items() if each}
        try:
            return to_parquet(parts) if parts else None
        except ValueError:  # runs whose arrays have other types; their own files are read
            return None
