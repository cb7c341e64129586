"""What a run costs beside its training: composing, launching, logging.

1,000 runs of `epochs=40`, with about 250 rows of metrics and 20 params each. The peer is the same
sweep as Hydra's and MLflow's users write it: `hydra.main`, the basic launcher, one job a run, and
`log_params` and one `log_batch` to SQLite. The floor is SQLite's own `executemany` of such rows.
"""

import sqlite3
import tempfile
import time
from pathlib import Path

from benchmarks.measure import command, in_turn, ratio, table

RUNS, PEER_RUNS, METRICS = 1000, 40, 250
PEER = Path(__file__).with_name("peer_stock.py")


def ours():
    with tempfile.TemporaryDirectory() as folder:
        uri = f"tracking.uri=sqlite:///{folder}/mlflow.db"
        command("-m", "experiments.train", "seeds=1", "epochs=0", uri)  # makes the database
        rates = f"lr=range(1,{RUNS + 1})"
        knobs = ("epochs=40", "records=41", "seeds=2", "executor=serial")
        return command("-m", "experiments.train", "-m", rates, *knobs, uri)[0] / RUNS


def stock():
    with tempfile.TemporaryDirectory() as folder:
        jobs = f"lr=range(1,{PEER_RUNS + 1})"
        seconds, _ = command(PEER, "-m", jobs, f"rows={METRICS}", cwd=folder)
        start, _ = command(PEER, "-m", "lr=1", f"rows={METRICS}", cwd=folder)
        return (seconds - start) / (PEER_RUNS - 1)


def floor():
    """The rows of RUNS runs into tables like MLflow's, one transaction a run."""
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(f"{folder}/floor.db", isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        for name, width in (("runs", 12), ("params", 3), ("tags", 3), ("metrics", 6)):
            columns = ", ".join(f"c{i}" for i in range(width))
            database.execute(f"CREATE TABLE {name} ({columns}, PRIMARY KEY (c0, c1, c2, c3))"
                             if width > 3 else
                             f"CREATE TABLE {name} ({columns}, PRIMARY KEY (c0, c1))")  # fmt: skip
        before = time.perf_counter()
        for run in map(str, range(RUNS)):
            database.execute("BEGIN")
            database.execute(f"INSERT INTO runs VALUES ({', '.join('?' * 12)})", [run] * 12)
            for name, n in (("params", 20), ("tags", 12)):
                rows = [(run, f"key{i}", "value") for i in range(n)]
                database.executemany(f"INSERT INTO {name} VALUES (?, ?, ?)", rows)
            rows = [(run, f"key{i % 6}", i, i, 0.5, False) for i in range(METRICS)]
            database.executemany("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)", rows)
            database.execute("COMMIT")
        return (time.perf_counter() - before) / RUNS


def main():
    seconds = in_turn({"ours": ours, "stock": stock, "floor": floor}, repeats=3)
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
