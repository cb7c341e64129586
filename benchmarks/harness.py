"""What a run costs beside its training: composing, launching, logging.

1,000 runs of `epochs=40`, with about 250 rows of metrics and 20 params each. The peer is the same
sweep as Hydra's and MLflow's users write it: `hydra.main`, the basic launcher, one job a run, and
`log_params` and one `log_batch` to SQLite. The floor is SQLite's own `executemany` of the very rows
that ours has left, into the same tables, with the same settings and as many runs a transaction, up
to the closing of the database, when SQLite's log is worked in: ours ends with it, too.
"""

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from benchmarks.measure import command, in_turn, ratio, scratch, table
from experiments.tracking import database
from experiments.tracking.rows import Rows

RUNS, PEER_RUNS, METRICS = 1000, 40, 250
TOGETHER = Rows.TOGETHER // METRICS  # runs in a transaction
PEER = Path(__file__).with_name("peer_stock.py")


TABLES = ("runs", "params", "tags", "metrics", "latest_metrics")


class Sweep:
    """Ours, and the floor of what it stored last."""

    def __init__(self, folder):
        self.empty, self.full = Path(folder, "empty.db"), Path(folder, "mlflow.db")
        command("-m", "experiments.train", "seeds=1", "epochs=0", self.uri)  # makes the database
        shutil.copy(self.full, self.empty)

    @property
    def uri(self):
        return f"tracking.uri=sqlite:///{self.full}"

    def ours(self):
        shutil.copy(self.empty, self.full)
        knobs = (f"lr=range(1,{RUNS + 1})", "epochs=40", "records=41", "seeds=2")
        return command("-m", "experiments.train", "-m", *knobs, self.uri)[0] / RUNS

    def floor(self):
        copy = self.empty.with_name("floor.db")
        shutil.copy(self.empty, copy)
        with closing(sqlite3.connect(self.full)) as source:
            ids = [run for (run,) in source.execute("SELECT run_uuid FROM runs")]
            runs = [[self._rows(source, name, run) for name in TABLES] for run in ids]
        with closing(sqlite3.connect(copy, isolation_level=None)) as target:
            database.prepare(target)
            before = time.perf_counter()
            for first in range(0, len(runs), TOGETHER):
                target.execute("BEGIN")
                for rows in runs[first : first + TOGETHER]:
                    for name, each in zip(TABLES, rows, strict=True):
                        marks = ", ".join("?" * len(each[0]))
                        target.executemany(f"INSERT OR IGNORE INTO {name} VALUES ({marks})", each)
                target.execute("COMMIT")
        return (time.perf_counter() - before) / len(ids)

    @staticmethod
    def _rows(source, name, run):
        return source.execute(f"SELECT * FROM {name} WHERE run_uuid = ?", (run,)).fetchall()


def stock():
    folder, jobs = scratch(), f"lr=range(1,{PEER_RUNS + 1})"
    seconds, _ = command(PEER, "-m", jobs, f"rows={METRICS}", cwd=folder)
    start, _ = command(PEER, "-m", "lr=1", f"rows={METRICS}", cwd=folder)
    return (seconds - start) / (PEER_RUNS - 1)


def main():
    sweep = Sweep(scratch())
    seconds = in_turn({"ours": sweep.ours, "stock": stock, "floor": sweep.floor}, repeats=3)
    rows = [
        (name, f"{1000 * sorted(values)[1]:.2f}", f"{ratio(seconds, name, 'floor'):.1f}")
        for name, values in seconds.items()
    ]
    return table(
        "Harness: milliseconds a run, all in",
        ("", "ms a run (median of 3)", "times the floor"),
        rows,
        f"Stock takes {ratio(seconds, 'stock', 'ours'):.0f} times as long as ours. Ours includes "
        "Python's start and the training of two nets for 40 epochs; stock's start is subtracted.",
    )
