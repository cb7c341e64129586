"""How long a user waits for the first word."""

from statistics import median

from benchmarks.measure import command, in_turn, scratch, table


def main():
    folder = scratch()
    uri = f"tracking.uri=sqlite:///{folder}/mlflow.db"
    first, _ = command("-m", "experiments.train", "seeds=1", "epochs=0", uri)
    train = ("-m", "experiments.train", "seeds=1", "epochs=1", "resume=false", uri)
    seconds = in_turn(
        {
            "--help": lambda: command("-m", "experiments.train", "--help")[0],
            "a single run, one epoch": lambda: command(*train)[0],
            "python -c 'import mlflow'": lambda: command("-c", "import mlflow")[0],
        }
    )
    rows = [(name, f"{median(values):.2f}") for name, values in seconds.items()]
    rows.append(("the first run of all, which makes the database", f"{first:.2f}"))
    return table("Cold start", ("", "seconds (median of 5)"), rows)
