"""A step of training, in microseconds a net: ours, JAX and scikit-learn.

Full-batch gradient descent on cross-entropy. Ours runs on two cores as a sweep does, a process
each; JAX compiles `vmap` of the gradient inside `scan` and uses both cores by itself; scikit-learn
trains one net after the other (`MLPClassifier`, solver sgd, one batch, no momentum).

The limit is how long the operations of a step would take if nothing had to wait, to be loaded or to
be stored: those of our formulas, at the rate of additions and multiplications that both cores reach
together.
"""

import json
import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from statistics import median

from benchmarks.measure import ROOT, in_turn, ratio, table

SHAPES = {  # (nets, examples, layers), steps: about a second, as the machine is noisy
    "4 examples, 2-4-1, 256 nets": ((256, 4, (2, 4, 1)), 16_000),
    "200 examples, 2-16-1, 64 nets": ((64, 200, (2, 16, 1)), 1_500),
    "1,000 examples, 64-32-10, 16 nets": ((16, 1000, (64, 32, 10)), 250),
}
CONTENDERS = ("ours", "limit", "jax", "sklearn")


def seconds_a_step(contender, shape, steps, activation):
    """Measured in a process of its own, by `contenders.py`; compiling and starting do not count."""
    words = json.dumps([contender, shape, steps, activation])
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.contenders", words],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(run.stdout)


def available(contender):
    module = {"ours": "numpy", "limit": "numba", "jax": "jax", "sklearn": "sklearn"}[contender]
    return find_spec(module) is not None


def main():
    names = [name for name in CONTENDERS if available(name)]
    rows = []
    for title, (shape, steps) in SHAPES.items():
        for activation in ("sigmoid", "tanh", "relu"):
            contest = {n: partial(seconds_a_step, n, shape, steps, activation) for n in names}
            seconds = in_turn(contest, repeats=3)
            cells = [f"{1e6 * median(seconds[n]) / shape[0]:.3g}" for n in names]
            cells += [f"{ratio(seconds, 'ours', n):.2f}" for n in names if n != "ours"]
            rows.append((title, activation, *cells))
    columns = ["", "activation", *(f"{n} (us)" for n in names)]
    columns += [f"ours / {n}" for n in names if n != "ours"]
    return table("Training: microseconds a step and net, two cores", columns, rows)
