"""Zero breaks a net and small random weights work: why, and how small?

Two hidden units with the same weights get the same gradient, so that a step leaves them the same
(Rumelhart, Hinton & Williams 1986): the net has one unit, however wide it is. Random weights break
the tie. How far backpropagation's end depends on their size is Kolen & Pollack's question (1990).
"""

import numpy as np

from analysis import groups
from analysis.claims import Caveat, Cells, Claim
from analysis.figures.colours import BLUE, INK, ORANGE
from analysis.figures.panels import band, grid, panel, rates, say
from analysis.figures.plots import trajectory
from analysis.measures import coefficients
from analysis.verdicts import every, larger, largest, number, ratio, rises, share

CHAPTER = 5
CAPTION = """Top: weights into the two hidden units of a 2-2-1 net on XOR, from start (hollow) to
end (filled). Left, equal starts: the units never part. Right, the first random start that solves
XOR. Bottom, against the scale s of U(-s, s): nets that do not solve XOR within 50,000 epochs (bars:
Wilson 95 %), and the epochs that the others need (line: median; band: 5 % to 95 % of them)."""
CAVEAT = """Zero is harmless where the loss is convex: perceptron and logistic regression have no
units to tell apart. "Small" has a price in epochs. Fixed: sigmoid 2-2-1 nets, full batch, lr 1 on
the sum over the four examples."""
SCALE = "scale s of the start U(-s, s)"


def cells(data):
    equal = data.select(init=["zero", "constant"], order="seed", model="mlp")
    zero, logistic = equal.select(init="zero"), data.select(model="logistic")
    nets = data.select(loss="squared_error").nets
    traced = groups.runs(data.select(paths=True), "init")
    home = groups.gathered(logistic.select(init="zero"), coefficients)[0]
    return Cells(
        equal=equal.curves, n_equal=len(equal.nets), zero=zero.curves, n_zero=len(zero.nets),
        failed=groups.by(nets, "init_scale", groups.failed),
        epochs=groups.by(nets, "init_scale", groups.epochs),
        perceptron=groups.solved(data.select(model="perceptron", init="zero").nets),
        apart=np.abs(groups.gathered(logistic, coefficients) - home).max(axis=1),
        paths={init: run.arrays()["path/W1"] for init, run in traced.items()},
        first=int(np.argmax(traced["uniform"].arrays()["final/solved"])),
    )  # fmt: skip


def claims(cells):
    failed, n, zero = cells.failed, cells.n_equal, cells.zero
    slow, usual = cells.epochs[0.1], cells.epochs[1]
    return [
        Claim("Hidden units that start equal stay equal to the last bit",
              every(cells.equal["distinct_units/1"] == 1, n, "records of all widths, activations "
                    "and orders have one different unit")),
        Claim("A net of equal units never gets more than 3 of XOR's 4 rows right",
              largest(cells.equal["train/accuracy"], "accuracy at any record", n).at_most(0.75)),
        Claim("All-zero is an exact stationary point on XOR: no weight ever moves",
              largest(zero.gradient_norm, "gradient", cells.n_zero).equals(0.0)
              & largest(zero.weight_norm, "weight norm", cells.n_zero).equals(0.0)),
        Claim("The larger the start, the more nets fail",
              rises({s: hits for s, hits in failed.items() if s >= 0.5}, p=1e-12)),
        Claim("At scale .5 at most 12 % of nets fail", share(failed[0.5]).at_most(0.12)),
        Claim("At scale 10 at least 60 % of nets fail", share(failed[10]).at_least(0.60)),
        Caveat("Small has a price: from scale .1 a net needs at least 10 times the epochs it needs "
               "from scale 1", ratio(slow, usual).at_least(10) & larger(slow, 10 * usual, p=1e-6)),
        Caveat("From zero the perceptron learns AND in every order of its rows",
               every(cells.perceptron)),
        Caveat("Logistic regression ends in one place from zero and from anywhere (AND, l2 .01)",
               largest(cells.apart, "difference of a weight").below(1e-6)),
    ]  # fmt: skip


def answer(cells):
    one, ten = (f"{np.mean(cells.failed[scale]):.0%}" for scale in (1, 10))
    times = number(np.median(cells.epochs[0.1]) / np.median(cells.epochs[1]))
    return (
        f"Equal units stay equal; random ones fail in {one} at scale 1 and {ten} at 10, and at .1 "
        f"take {times} times as long."
    )


def draw(cells):
    fig, (equal, random, failures, durations) = grid(2, 2, height=3.7)
    constant, uniform = cells.paths["constant"][0], cells.paths["uniform"][cells.first]
    trajectory(equal, constant[:, :, 0], label="unit 1, from 1", lw=6.0, alpha=0.45)
    trajectory(equal, constant[:, :, 1], color=ORANGE, marker="s", label="unit 2, from 1")
    equal.plot(*cells.paths["zero"][0, -1, :, 0], "X", color=INK, ms=10, zorder=6,
               label="both, from 0: no step")  # fmt: skip
    trajectory(random, uniform[:, :, 0], color=BLUE, label="unit 1")
    trajectory(random, uniform[:, :, 1], color=ORANGE, marker="s", label="unit 2")
    weights = {"x": "weight from input 1", "y": "weight from input 2", "square": True}
    panel(equal, "Equal units: one path for both", legend="upper left", **weights)
    panel(random, "Random units: each goes its own way", legend="upper left", **weights)

    ticks = {s: "" if s in (6, 8) else f"{s:g}" for s in cells.failed}  # no room
    rates(failures, cells.failed)
    panel(failures, "Large starts fail", x=SCALE, y="nets that do not solve XOR (%)", log="x",
          ticks=ticks)  # fmt: skip
    band(durations, cells.epochs)
    for scale in (0.1, 1):
        median = np.median(groups.finite(cells.epochs[scale]))
        say(durations, f"{median:,.0f}", (scale, median), (8, 4))
    panel(durations, "Small starts take long", x=SCALE, y="epochs to solve XOR", log="xy",
          ticks=ticks)  # fmt: skip
    return fig
