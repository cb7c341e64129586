"""Why scale the data, when the model can scale its weights?

Features of different scale make a loss that is steep in some directions and flat in others: the
Hessian of least squares is A'A/N with A = [X, 1], that of logistic regression at zero a quarter of
it. The steepest direction sets the learning rate, the flattest the time (LeCun et al. 1991).
"""

from types import SimpleNamespace

import numpy as np

from analysis import groups
from analysis.claims import Caveat, Claim
from analysis.figures import colours, plots
from analysis.figures.panels import grid, medians, panel, ranges
from analysis.statistics import middle, number
from analysis.verdicts import every, largest, least, none, note, number_of

CHAPTER = 8
SAYINGS = {
    "normalizing matters (gradient explodes otherwise)": "yes, but no gradient explodes by itself",
}
CAPTION = """
Breast cancer data, 30 features, raw, centred and standardized. Top left: eigenvalues of the
logistic loss's Hessian at zero weights. Top right: that loss at each one's best learning rate of
eight, and by Newton's method (medians of 3 splits). Bottom left: after 2,000 epochs, against the
learning rate. Bottom right: accuracy of a tanh net after 300 epochs (bars: all of 5 nets).
"""
CAVEAT = """
Gradients do not explode by themselves: the stable learning rate shrinks while the flat directions
stay flat. Newton's method does not care. For logistic regression 2/lambda_max at zero is a
guarantee and no edge: it bends less elsewhere. Fixed: one data set, full batch, no penalty.
"""
SCALINGS = {"none": "raw", "centred": "centred", "standard": "standardized"}
TARGET = 0.1  # nats; the lowest loss is 0 because the classes can be separated


def cells(data):
    linear, at = data.select(model="linear"), data.select(lr=0.5, lr_unit="absolute")
    ratios = zip(linear.runs.run_id, linear.runs.lr, strict=True)
    raw = at.select(model="mlp", scaling="none")
    shares = np.array([raw.examples(index=i).Y.mean() for i in range(len(raw.nets))])
    return SimpleNamespace(
        curvature={s: spectrum(data, s) for s in SCALINGS},
        descents={s: descents(data, s) for s in SCALINGS},
        newton={s: data.select(optimizer="newton", scaling=s).arrays() for s in SCALINGS},
        linear=[(lr, linear.arrays(run_id)["curve/train/loss"]) for run_id, lr in ratios],
        loss={s: at.select(model="logistic", scaling=s).nets["train/loss"] for s in SCALINGS},
        accuracy={s: at.select(model="mlp", scaling=s).nets["train/accuracy"].to_numpy()
                  for s in SCALINGS},
        majority=np.maximum(shares, 1.0 - shares),
        nets={s: groups.by(data.select(model="mlp", scaling=s).nets, "lr", "train/accuracy")
              for s in SCALINGS},
    )  # fmt: skip


def spectrum(data, scaling):
    """The eigenvalues of the logistic loss's Hessian at zero weights, largest first."""
    X = data.select(model="logistic", lr_unit="critical", scaling=scaling, lr=5).examples().X
    A = np.column_stack([X, np.ones(len(X))])
    return np.linalg.svd(A, compute_uv=False) ** 2 / (4.0 * len(A))


def descents(data, scaling):
    """{lr in units of the edge: arrays} of gradient descent of logistic regression."""
    runs = data.select(model="logistic", lr_unit="critical", scaling=scaling)
    return {lr: runs.select(lr=lr).arrays() for lr in runs.values("lr")}


def reached(arrays):
    """(R,): the first point at which a net's loss is below the target; inf for never."""
    hit = arrays["curve/train/loss"] < TARGET
    return np.where(hit.any(axis=1), arrays["epoch"][hit.argmax(axis=1)], np.inf)


def best(runs):
    """The run whose learning rate reaches the target first or, if none does, comes closest."""
    return min(runs.values(), key=lambda run: (np.median(reached(run)),
                                               np.median(run["final/train/loss"])))  # fmt: skip


def rises(arrays):
    """(R,): whether the loss was ever higher than at the point before, by more than rounding."""
    return (np.diff(arrays["curve/train/loss"], axis=1) > 1e-12).any(axis=1)


def grows(arrays):
    """(R,): whether the gradient was ever larger than at the start."""
    gradient = arrays["curve/gradient_norm"]
    return gradient.max(axis=1) > gradient[:, 0]


def claims(cells):
    condition = {s: v[0] / v[-1] for s, v in cells.curvature.items()}
    edges = ", ".join(f"{number(0.5 / v[0])} {SCALINGS[s]}" for s, v in cells.curvature.items())
    kept = [(loss[:, -1] < loss[:, 0]) == (lr < 1.0) for lr, loss in cells.linear]
    runs = {s: best(cells.descents[s]) for s in SCALINGS}
    budget = runs["none"]["epoch"][-1]
    # A net that has not arrived counts with all its epochs, so that the factor is a lower bound.
    factor = np.minimum(reached(runs["none"]), budget) / reached(runs["standard"])
    below = [run for s in SCALINGS for lr, run in cells.descents[s].items() if lr < 1.0]
    five = {s: rises(cells.descents[s][5]) for s in SCALINGS}
    paths = {s: run["curve/train/loss"] for s, run in cells.newton.items()}
    apart = [np.abs(path - paths["standard"]).max(axis=1) for path in paths.values()]
    steps = np.concatenate([reached(run) for run in cells.newton.values()])
    nets = sum(map(len, cells.accuracy.values()))
    return [
        Claim("Standardizing lowers the condition number of the loss by at least four orders of "
              "magnitude",
              number_of(condition["none"] / condition["standard"], "ratio of condition numbers",
                        len(SCALINGS)).at_least(1e4)
              & note(", ".join(f"{number(c)} {SCALINGS[s]}" for s, c in condition.items()))),
        Claim("The largest stable learning rate is 2/lambda_max for each scaling (least squares)",
              every(np.concatenate(kept), of="nets fall at .99 of it and explode at 1.01")
              & note(f"it is {edges}")),
        Claim(f"Logistic regression reaches a loss of {TARGET} at least 100 times sooner on "
              "standardized data, each at its best learning rate",
              least(factor, "ratio of epochs, split by split,").at_least(100)
              .on(sum(len(reached(run)) for run in runs.values()))
              & note(", ".join(f"{SCALINGS[s]} {middle(reached(run))}" for s, run in runs.items())
                     + f" within {budget:,} epochs")),
        Claim("At lr 0.5 logistic regression saturates on raw data and learns on standardized",
              (least(cells.loss["none"], "loss raw, in nats,").above(100)
               & largest(cells.loss["standard"], "loss standardized").below(0.1))
              .on(sum(map(len, cells.loss.values())))),
        Claim("At lr 0.5 a tanh net learns nothing from raw data: it names the larger class",
              (largest(np.abs(cells.accuracy["none"] - cells.majority), "distance of the accuracy "
                       "on raw data from the larger class's share").at_most(0.05)
               & least(cells.accuracy["standard"], "accuracy on standardized data").above(0.97))
              .on(nets)),
        Caveat("Gradients do not explode by themselves: below its 2/lambda_max no scaling's loss "
               "ever rises, and no gradient outgrows its start",
               none(np.concatenate([rises(run) for run in below]), of="nets have a loss that rises")
               & none(np.concatenate([grows(run) for run in below]), of="a gradient that grows")),
        Caveat("For logistic regression 2/lambda_max at zero is a guarantee and no edge: at 5 "
               "times of it the loss still falls on standardized data, and jumps on raw",
               (none(five["standard"], of="nets rise on standardized data")
                & every(five["none"], of="on raw data")).on(sum(map(len, five.values())))),
        Caveat("Newton's method does not care: its losses are the same for every scaling",
               largest(np.concatenate(apart), "difference of a loss at any step").below(1e-6)
               & every(np.isfinite(steps), of=f"nets reach {TARGET}, in {steps.max():.0f} steps")),
    ]  # fmt: skip


def answer(cells):
    raw, scaled = (best(cells.descents[s]) for s in ("none", "standard"))
    times = (np.minimum(reached(raw), raw["epoch"][-1]) / reached(scaled)).min()
    return (
        "Because the steepest feature sets the step: unscaled data take at least "
        f"{number(times)} times as many epochs."
    )


def draw(cells):
    fig, (spectra, losses, rates, accuracy) = grid(2, 2, height=3.6)
    for (scaling, words), marker in zip(SCALINGS.items(), plots.MARKERS, strict=False):
        look = {"color": colours.of(scaling, "scaling"), "marker": marker}
        values, run = cells.curvature[scaling], best(cells.descents[scaling])
        spectra.plot(np.arange(1, len(values) + 1), values, ms=4, **look,
                     label=f"{words}: condition {values[0] / values[-1]:.0e}")  # fmt: skip
        losses.plot(run["epoch"], np.median(run["curve/train/loss"], axis=0), color=look["color"],
                    label=f"{words}, lr {number(np.median(run['final/lr']))}")  # fmt: skip
        ends = {np.median(run["final/lr"]): run["final/train/loss"] for run in
                cells.descents[scaling].values()}  # fmt: skip
        medians(rates, ends, label=words, ms=5, **look)
        plots.theory(rates, None, x=2.0 / values[0], color=look["color"])
        ranges(accuracy, {lr: 100 * nets for lr, nets in cells.nets[scaling].items()}, label=words,
               **look)  # fmt: skip
    newton = cells.newton["standard"]
    losses.plot(newton["epoch"], np.median(newton["curve/train/loss"], axis=0), "--",
                color=colours.INK, label="Newton, any scaling")  # fmt: skip
    plots.epochs(losses, 2000)
    losses.axhline(TARGET, color=colours.GREY, lw=1.0)
    plots.theory(rates, r"$2/\lambda_{max}$ of each", [], [])
    legend = {"frameon": True, "edgecolor": "none", "framealpha": 1.0}
    high, low = legend | {"loc": "upper right"}, legend | {"loc": "lower left"}
    panel(spectra, "Raw data make a steep, flat valley", x="direction, steepest first",
          y="curvature", log="y", legend=high)  # fmt: skip
    panel(losses, "Each at its best learning rate", x="epoch", y="training loss (nats)", log="y",
          ylim=(0.015, 60.0), legend=high)  # fmt: skip
    panel(rates, "Each scaling needs rates of its own", x="learning rate", log="xy",
          y="loss after 2,000 epochs (nats)", legend=low)  # fmt: skip
    panel(accuracy, "A tanh net saturates on raw data", x="learning rate", log="x",
          y="training accuracy (%)", legend=low)  # fmt: skip
    return fig
