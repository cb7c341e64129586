"""Whether a sweep ten times as large costs ten times as much: time and memory a configuration."""

from benchmarks.measure import command, scratch, table


def main(sizes=(100, 1000, 10_000, 100_000)):
    rows = []
    for size in sizes:
        folder = scratch()
        uri = f"tracking.uri=sqlite:///{folder}/mlflow.db"
        command("-m", "experiments.train", "seeds=1", "epochs=0", uri)  # makes the database
        knobs = (f"lr=range(1,{size + 1})", "seeds=1", "epochs=10", "records=4", uri)
        words = ("-m", "experiments.train", "-m", *knobs)
        seconds, memory = command(*words)
        again, _ = command(*words) if size <= 10_000 else (float("nan"), 0)
        rows.append(
            (f"{size:,}", f"{seconds:.1f}", f"{1000 * seconds / size:.2f}",
             f"{memory:,.0f}", f"{again:.1f}")
        )  # fmt: skip
    columns = ("configurations", "seconds", "ms each", "peak MiB", "seconds for the same again")
    return table("Growth: 10 epochs of one net each, all in", columns, rows)
