"""A whole sweep, from a cold process to the last row stored, against one job a net.

160 configurations of 50 nets on XOR, 1,000 epochs each: 8,000 nets. The peer is Hydra's basic
launcher, scikit-learn's MLPClassifier and MLflow, one job a net, measured on a sample of its jobs.
"""

from pathlib import Path

from benchmarks.measure import command, in_turn, ratio, scratch, table

PEER = Path(__file__).with_name("peer_sklearn.py")
GRID = (
    "lr=0.01,0.03,0.1,0.3,1",
    "init=zero,uniform",
    "activation=step,sigmoid,tanh,relu",
    "width=2,3,4,8",
)
NETS, SAMPLE = 8000, 20


def ours():
    folder = scratch()
    uri = f"tracking.uri=sqlite:///{folder}/mlflow.db"
    words = ("-m", "experiments.train", "-m", *GRID, "seeds=50", "epochs=1000", uri)
    return command(*words)[0]


def peer():
    """The seconds that NETS jobs would take."""
    folder = scratch()
    seconds, _ = command(PEER, "-m", f"seed=range({SAMPLE})", "lr=0.1", cwd=folder)
    start, _ = command(PEER, "-m", "seed=0", cwd=folder)
    return (seconds - start) / (SAMPLE - 1) * NETS


def main():
    seconds = in_turn({"ours": ours, "peer": peer}, repeats=3)
    rows = [(name, f"{sorted(values)[1]:,.1f}") for name, values in seconds.items()]
    return table(
        "Whole: 160 configurations x 50 nets on XOR, cold start to last row stored",
        ("", "seconds (median of 3)"),
        rows,
        f"The peer, extrapolated from {SAMPLE} of its jobs, takes "
        f"{ratio(seconds, 'peer', 'ours'):,.0f} times as long.",
    )
