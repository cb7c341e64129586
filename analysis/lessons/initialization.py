"""Zero breaks a net and small random weights work: why, and how small?

Two hidden units with the same weights get the same gradient, so that a step leaves them the same
(Rumelhart, Hinton & Williams 1986): the net has one unit, however wide it is. Random weights break
the tie. How far backpropagation's end depends on their size is Kolen & Pollack's question (1990).
"""

import numpy as np
import pandas as pd

from analysis.claims import Claim
from analysis.figures import colours, plots, style
from analysis.statistics import bootstrap, mann_whitney, number, trend, wilson

CHAPTER = 5
CAPTION = """
Top: weights into the two hidden units of a 2-2-1 net on XOR, from start (hollow) to end (filled).
Left, equal starts: the units never part. Right, the first random start that solves XOR. Bottom,
against the scale s of U(-s, s): nets that do not solve XOR within 50,000 epochs (bars: Wilson
95 %), and the epochs that the others need (line: median; band: 5 % to 95 % of them).
"""
CAVEAT = """
Zero is harmless where the loss is convex: perceptron and logistic regression have no units to tell
apart. "Small" has a price in epochs. Fixed: sigmoid 2-2-1
nets, full batch, lr 1 on the sum over the four examples.
"""
EQUAL = ("zero", "constant")


def scales(data):
    """{scale: (nets that fail, nets, epochs with inf for never)} of the sum-of-squares nets."""
    nets = data.select(loss="squared_error").nets
    return {
        scale: (int((~cell.solved.astype(bool)).sum()), len(cell),
                cell.epochs_to_solve.fillna(np.inf).to_numpy())
        for scale, cell in nets.groupby("init_scale")
    }  # fmt: skip


def claims(data):
    return [*equal_claims(data), *scale_claims(data), *convex_claims(data)]


def equal_claims(data):
    """The claims that equal units stay equal, and that zero does not even move."""
    equal = data.select(init=list(EQUAL), order="seed", model="mlp")
    curves = equal.curves
    nets, most = len(equal.nets), curves["distinct_units/1"].max()
    best = curves["train/accuracy"].max()
    zero = equal.select(init="zero")
    steepest, longest = zero.curves["gradient_norm"].max(), zero.curves["weight_norm"].max()
    return [
        Claim(
            "Hidden units that start equal stay equal to the last bit",
            f"{most:.0f} different unit at {curves.epoch.nunique()} records, widths "
            f"{', '.join(f'{w:g}' for w in equal.values('width'))}, "
            f"{len(equal.values('activation'))} activations, all orders of the examples",
            "weights compared bit by bit", nets=nets, holds=most == 1,
        ),
        Claim(
            "A net of equal units never gets more than 3 of XOR's 4 rows right",
            f"best accuracy at any record {number(best)}",
            "one counter-example falsifies", nets=nets, holds=best <= 0.75,
        ),
        Claim(
            "All-zero is an exact stationary point on XOR: no weight ever moves",
            f"largest gradient {steepest}, largest weight norm {longest}",
            "equality with 0.0", nets=len(zero.nets), holds=steepest == 0.0 and longest == 0.0,
        ),
    ]  # fmt: skip


def scale_claims(data):
    """The claims that large starts fail and that small starts take long."""
    cells = scales(data)
    failed, total, _ = zip(*(cells[s] for s in cells if s >= 0.5), strict=True)
    rises = trend(failed, total, [s for s in cells if s >= 0.5], "greater")
    low, high = (wilson(*cells[s][:2]) for s in (0.5, 10.0))
    slow, usual = cells[0.1][2], cells[1.0][2]
    median, solved = np.median(usual), [e[np.isfinite(e)] for e in (slow, usual)]
    ratio = np.median(slow) / median if np.isfinite(median) else 0.0
    tenfold = mann_whitney(slow, 10.0 * usual, "greater")
    return [
        Claim("The larger the start, the more nets fail", f"{low} at .5 to {high} at 10",
              str(rises), nets=sum(total), holds=rises.p < 1e-12),
        Claim("At scale .5 at most 12 % of nets fail", str(low), "Wilson 95 %, upper end <= .12",
              nets=cells[0.5][1], holds=low.high <= 0.12),
        Claim("At scale 10 at least 60 % of nets fail", str(high), "Wilson 95 %, lower end >= .60",
              nets=cells[10.0][1], holds=high.low >= 0.60),
        Claim(
            "Small has a price: from scale .1 a net needs at least 10 times the epochs it needs "
            "from scale 1",
            f"median {number(np.median(slow))} against {number(median)}, {ratio:.0f} times; of "
            f"those that solve it {bootstrap(solved[0])} against {bootstrap(solved[1])}",
            f"ratio of medians >= 10, and of epochs with 10 times those at 1: {tenfold}",
            nets=len(slow) + len(usual), holds=ratio >= 10.0 and tenfold.p < 1e-6, caveat=True,
        ),
    ]  # fmt: skip


def convex_claims(data):
    """The claims that zero harms no model without hidden units."""
    perceptron = data.select(model="perceptron", init="zero").nets
    logistic = data.select(model="logistic")
    ends = {
        run_id: np.concatenate([arrays["weights/W1"], arrays["weights/b1"]], axis=1)[..., 0]
        for run_id in logistic.runs.run_id
        for arrays in [data.arrays(run_id)]
    }
    home = ends[logistic.select(init="zero").run_id][0]
    others = np.concatenate(list(ends.values()))
    apart = np.abs(others - home).max()
    return [
        Claim("From zero the perceptron learns AND in every order of its rows",
              f"{perceptron.solved.sum()} of {len(perceptron)}", "all",
              nets=len(perceptron), holds=bool(perceptron.solved.all()), caveat=True),
        Claim("Logistic regression ends in one place from zero and from anywhere (AND, l2 .01)",
              f"weights differ by {apart:.1e} at most", "largest difference < 1e-6",
              nets=len(others), holds=apart < 1e-6, caveat=True),
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------- drawing


def draw(data):
    fig, axes = style.figure(2, 2, height=3.7)
    equal_paths(axes[0, 0], data)
    random_paths(axes[0, 1], data)
    failures(axes[1, 0], data)
    durations(axes[1, 1], data)
    return fig


def path(ax, W, color, label, marker="o", **options):
    """Draws the incoming weights of one hidden unit over time, (T, 2)."""
    options = {"lw": 2.0} | options
    ax.plot(*W.T, color=color, zorder=3, **options)
    ax.plot(*W[0], marker, ms=9, mfc="white", mec=color, mew=1.8, zorder=4)
    ax.plot(*W[-1], marker, ms=8, color=color, zorder=5, label=label)


def equal_paths(ax, data):
    runs = {init: data.select(init=init, paths=True).arrays()["path/W1"][0] for init in EQUAL}
    constant, zero = runs["constant"], runs["zero"]
    path(ax, constant[:, :, 0], colours.BLUE, "unit 1, from 1", lw=6.0, alpha=0.45)
    path(ax, constant[:, :, 1], colours.ORANGE, "unit 2, from 1", "s")
    ax.plot(*zero[-1, :, 0], "X", color=colours.INK, ms=10, zorder=6, label="both, from 0: no step")
    ax.set_title("Equal units: one path for both")
    _weights(ax, np.concatenate([constant, zero]))


def random_paths(ax, data):
    run = data.select(init="uniform", paths=True)
    arrays = run.arrays()
    net = int(np.argmax(arrays["final/solved"]))
    W = arrays["path/W1"][net]
    path(ax, W[:, :, 0], colours.BLUE, "unit 1")
    path(ax, W[:, :, 1], colours.ORANGE, "unit 2", "s")
    ax.set_title("Random units: each goes its own way")
    _weights(ax, W)


def _weights(ax, W):
    """Makes the axes equal, around all of W."""
    low, high = W.min(), W.max()
    margin = 0.15 * (high - low)
    limits = (low - margin, high + margin)
    ax.set(xlim=limits, ylim=limits, xlabel="weight from input 1", ylabel="weight from input 2")
    ax.legend(loc="upper left")


def failures(ax, data):
    cells = scales(data)
    failed, total, _ = zip(*cells.values(), strict=True)
    plots.rates(ax, list(cells), failed, total, color=colours.BLUE)
    ax.set_title("Large starts fail")
    _scale(ax, list(cells))
    ax.set_ylabel("nets that do not solve XOR (%)")


def durations(ax, data):
    cells = scales(data)
    quantiles = pd.DataFrame(
        {s: np.quantile(e[np.isfinite(e)], [0.05, 0.5, 0.95]) for s, (_, _, e) in cells.items()}
    )
    ax.fill_between(quantiles.columns, *quantiles.loc[[0, 2]].to_numpy(), color=colours.BLUE,
                    alpha=0.18, lw=0)  # fmt: skip
    ax.plot(quantiles.columns, quantiles.loc[1], "o-", color=colours.BLUE, ms=5.5)
    for scale in (0.1, 1.0):
        median = quantiles[scale][1]
        ax.annotate(f"{median:,.0f}", (scale, median), (8, 4), textcoords="offset points")
    ax.set_yscale("log")
    ax.set_title("Small starts take long")
    _scale(ax, list(cells))
    ax.set_ylabel("epochs to solve XOR")


def _scale(ax, ticks):
    ax.set_xscale("log")
    ax.set_xticks(ticks, ["" if t in (6.0, 8.0) else f"{t:g}" for t in ticks])  # no room
    ax.minorticks_off()
    ax.set_xlabel("scale s of the start U(-s, s)")
