"""Why scale the data, when the model can scale its weights?

Features of different scale make a loss that is steep in some directions and flat in others: the
Hessian of least squares is A'A/N with A = [X, 1], that of logistic regression at zero a quarter of
it. The steepest direction sets the learning rate, the flattest the time (LeCun et al. 1991).
"""

import numpy as np

from analysis import groups, theory
from analysis.claims import Caveat, Cells, Claim
from analysis.figures import colours, plots
from analysis.figures.panels import each, grid, laws, medians, panel, ranges
from analysis.measures import grows, reached, rises
from analysis.statistics import middle, number
from analysis.verdicts import every, largest, least, none, note, number_of

CHAPTER = 8
CAPTION = """Breast cancer data, 30 features, raw, centred and standardized. Top left: eigenvalues
of the logistic loss's Hessian at zero weights. Top right: that loss at each one's best learning
rate of eight, and by Newton's method (medians of 3 splits). Bottom left: after 2,000 epochs,
against the learning rate. Bottom right: accuracy of a tanh net after 300 epochs (bars: all of 5
nets)."""
CAVEAT = """Gradients do not explode by themselves: the stable learning rate shrinks while the flat
directions stay flat. Newton's method does not care. For logistic regression 2/lambda_max at zero is
a guarantee and no edge: it bends less elsewhere. Fixed: one data set, full batch, no penalty."""
SCALINGS = {"none": "raw", "centred": "centred", "standard": "standardized"}
TARGET = 0.1  # nats; the lowest loss is 0 because the classes can be separated


def cells(data):
    at, linear = data.select(lr=0.5, lr_unit="absolute"), data.select(model="linear")
    critical = groups.runs(data.select(model="logistic", lr_unit="critical"), "scaling", SCALINGS)
    newton = groups.runs(data.select(optimizer="newton"), "scaling", SCALINGS)
    raw = at.select(model="mlp", scaling="none")
    shares = np.array([raw.examples(index=i).Y.mean() for i in range(len(raw.nets))])
    return Cells(
        curvature={s: spectrum(runs.select(lr=5).examples().X) for s, runs in critical.items()},
        # {scaling: {lr in units of the edge: arrays}}
        descents={s: {lr: run.arrays() for lr, run in groups.runs(runs, "lr").items()}
                  for s, runs in critical.items()},
        newton={s: run.arrays() for s, run in newton.items()},
        linear=[(lr, linear.arrays(run_id)["curve/train/loss"])
                for run_id, lr in zip(linear.runs.run_id, linear.runs.lr, strict=True)],
        loss={s: at.select(model="logistic", scaling=s).nets["train/loss"] for s in SCALINGS},
        accuracy=groups.by(at.select(model="mlp").nets, "scaling", "train/accuracy"),
        majority=np.maximum(shares, 1.0 - shares),
        nets=groups.by(data.select(model="mlp").nets, ("scaling", "lr"), "train/accuracy"),
    )  # fmt: skip


def spectrum(X):
    """The eigenvalues of the logistic loss's Hessian at zero weights, largest first."""
    return theory.curvatures(X) / 4.0


def best(runs):
    """The run whose learning rate reaches the target first or, if none does, comes closest."""
    return min(runs.values(), key=lambda run: (np.median(reached(run, TARGET)),
                                               np.median(run["final/train/loss"])))  # fmt: skip


def claims(cells):
    condition = {s: v[0] / v[-1] for s, v in cells.curvature.items()}
    edges = ", ".join(f"{number(0.5 / v[0])} {SCALINGS[s]}" for s, v in cells.curvature.items())
    kept = [(loss[:, -1] < loss[:, 0]) == (lr < 1.0) for lr, loss in cells.linear]
    runs = {s: best(cells.descents[s]) for s in SCALINGS}
    budget, epochs = runs["none"]["epoch"][-1], {s: reached(run, TARGET) for s, run in runs.items()}
    # A net that has not arrived counts with all its epochs, so that the factor is a lower bound.
    factor = np.minimum(epochs["none"], budget) / epochs["standard"]
    below = [run for s in SCALINGS for lr, run in cells.descents[s].items() if lr < 1.0]
    five = {s: rises(cells.descents[s][5]) for s in SCALINGS}
    paths = {s: run["curve/train/loss"] for s, run in cells.newton.items()}
    apart = [np.abs(path - paths["standard"]).max(axis=1) for path in paths.values()]
    steps = np.concatenate([reached(run, TARGET) for run in cells.newton.values()])
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
              .on(groups.count(epochs))
              & note(", ".join(f"{SCALINGS[s]} {middle(found)}" for s, found in epochs.items())
                     + f" within {budget:,} epochs")),
        Claim("At lr 0.5 logistic regression saturates on raw data and learns on standardized",
              (least(cells.loss["none"], "loss raw, in nats,").above(100)
               & largest(cells.loss["standard"], "loss standardized").below(0.1))
              .on(groups.count(cells.loss))),
        Claim("At lr 0.5 a tanh net learns nothing from raw data: it names the larger class",
              (largest(np.abs(cells.accuracy["none"] - cells.majority), "distance of the accuracy "
                       "on raw data from the larger class's share").at_most(0.05)
               & least(cells.accuracy["standard"], "accuracy on standardized data").above(0.97))
              .on(groups.count(cells.accuracy))),
        Caveat("Gradients do not explode by themselves: below its 2/lambda_max no scaling's loss "
               "ever rises, and no gradient outgrows its start",
               none(np.concatenate([rises(run) for run in below]), of="nets have a loss that rises")
               & none(np.concatenate([grows(run) for run in below]), of="a gradient that grows")),
        Caveat("For logistic regression 2/lambda_max at zero is a guarantee and no edge: at 5 "
               "times of it the loss still falls on standardized data, and jumps on raw",
               (none(five["standard"], of="nets rise on standardized data")
                & every(five["none"], of="on raw data")).on(groups.count(five))),
        Caveat("Newton's method does not care: its losses are the same for every scaling",
               largest(np.concatenate(apart), "difference of a loss at any step").below(1e-6)
               & every(np.isfinite(steps), of=f"nets reach {TARGET}, in {steps.max():.0f} steps")),
    ]  # fmt: skip


def answer(cells):
    raw, scaled = (best(cells.descents[s]) for s in ("none", "standard"))
    times = (np.minimum(reached(raw, TARGET), raw["epoch"][-1]) / reached(scaled, TARGET)).min()
    return ("Because the steepest feature sets the step: unscaled data take at least "
            f"{number(times)} times as many epochs.")  # fmt: skip


def draw(cells):
    fig, (spectra, losses, rates, accuracy) = grid(2, 2, height=3.6)
    color = {s: colours.of(s, "scaling") for s in SCALINGS}
    for (scaling, words), marker in zip(SCALINGS.items(), plots.MARKERS, strict=False):
        look = {"color": color[scaling], "marker": marker}
        values, run = cells.curvature[scaling], best(cells.descents[scaling])
        spectra.plot(np.arange(1, len(values) + 1), values, ms=4, **look,
                     label=f"{words}: condition {values[0] / values[-1]:.0e}")  # fmt: skip
        losses.plot(run["epoch"], np.median(run["curve/train/loss"], axis=0), color=color[scaling],
                    label=f"{words}, lr {number(np.median(run['final/lr']))}")  # fmt: skip
        ends = {np.median(run["final/lr"]): run["final/train/loss"] for run in
                cells.descents[scaling].values()}  # fmt: skip
        medians(rates, ends, label=words, ms=5, **look)
    edges = {s: (2.0 / values[0], None) for s, values in cells.curvature.items()}
    laws(rates, r"$2/\lambda_{max}$ of each", edges, color)
    percent = {s: groups.percent(nets) for s, nets in cells.nets.items()}
    each(ranges, accuracy, percent, knob="scaling", labels=SCALINGS)
    newton = cells.newton["standard"]
    losses.plot(newton["epoch"], np.median(newton["curve/train/loss"], axis=0), "--",
                color=colours.INK, label="Newton, any scaling")  # fmt: skip
    plots.epochs(losses, 2000)
    losses.axhline(TARGET, color=colours.GREY, lw=1.0)
    legend = {"frameon": True, "edgecolor": "none", "framealpha": 1.0}
    high, low = legend | {"loc": "upper right"}, legend | {"loc": "lower left"}
    panel(spectra, "Raw data make a steep, flat valley", x="direction, steepest first",
          y="curvature", log="y", legend=high)  # fmt: skip
    panel(losses, "Each at its best learning rate", x="epoch", y="training loss (nats)", log="y",
          ylim=(0.015, 60.0), legend=high)  # fmt: skip
    panel(rates, "Each scaling needs rates of its own", x="learning rate", log="xy",
          y="loss after 2,000 epochs (nats)", legend=low)  # fmt: skip
    panel(accuracy, "A tanh net saturates on raw data", x="learning rate", log="x",
          y="training accuracy (%)", legend="center right")  # fmt: skip
    return fig
