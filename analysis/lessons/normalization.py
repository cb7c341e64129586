"""Why scale the data, when the model can scale its weights?

Features of different scale make a loss that is steep in some directions and flat in others: the
Hessian of least squares is A'A/N with A = [X, 1], that of logistic regression at zero a quarter of
it. The steepest direction sets the learning rate, the flattest the time (LeCun et al. 1991).
"""

import numpy as np

from analysis.claims import Claim
from analysis.figures import colours, plots, style
from analysis.statistics import mann_whitney, number

CHAPTER = 8
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


def spectrum(data, scaling):
    """The eigenvalues of the logistic loss's Hessian at zero weights, largest first."""
    X = descents(data, scaling)[0].examples().X
    A = np.column_stack([X, np.ones(len(X))])
    return np.linalg.svd(A, compute_uv=False) ** 2 / (4.0 * len(A))


def descents(data, scaling):
    """Gradient descent of logistic regression: one run a learning rate, lowest first."""
    runs = data.select(model="logistic", lr_unit="critical", scaling=scaling)
    return [runs.select(lr=lr) for lr in runs.values("lr")]


def newton(data, scaling):
    return data.select(optimizer="newton", scaling=scaling).arrays()


def reached(arrays):
    """(R,): the first point at which a net's loss is below the target; inf for never."""
    hit = arrays["curve/train/loss"] < TARGET
    return np.where(hit.any(axis=1), arrays["epoch"][hit.argmax(axis=1)], np.inf)


def best(data, scaling):
    """The run whose learning rate reaches the target first or, if none does, comes closest."""

    def rank(run):
        arrays = run.arrays()
        return np.median(reached(arrays)), np.median(arrays["final/train/loss"])

    return min(descents(data, scaling), key=rank)


def claims(data):
    return [*shape(data), *speed(data), *fixed_rate(data), *caveats(data)]


def shape(data):
    """The claims about the condition, and about the edge that it sets."""
    values = {scaling: spectrum(data, scaling) for scaling in SCALINGS}
    condition = {scaling: v[0] / v[-1] for scaling, v in values.items()}
    linear = data.select(model="linear")
    kept, total = 0, len(linear.nets)
    for run_id, lr in zip(linear.runs.run_id, linear.runs.lr, strict=True):
        loss = linear.arrays(run_id)["curve/train/loss"]
        kept += int(((loss[:, -1] < loss[:, 0]) == (lr < 1.0)).sum())
    edges = {s: 2.0 / (4.0 * v[0]) for s, v in values.items()}  # least squares bends 4-fold
    return [
        Claim(
            "Standardizing lowers the condition number of the loss by at least four orders of "
            "magnitude",
            ", ".join(f"{number(c)} {SCALINGS[s]}" for s, c in condition.items()),
            f"ratio {number(condition['none'] / condition['standard'])}, at least 1e4",
            nets=len(SCALINGS), holds=condition["none"] >= 1e4 * condition["standard"],
        ),
        Claim(
            "The largest stable learning rate is 2/lambda_max for each scaling (least squares)",
            f"{kept} of {total} nets fall at .99 of it and explode at 1.01; it is "
            + ", ".join(f"{number(lr)} {SCALINGS[s]}" for s, lr in edges.items()),
            "all, by the loss at the end and at the start", nets=total, holds=kept == total,
        ),
    ]  # fmt: skip


def speed(data):
    """The claims about epochs to the target, each scaling at its best learning rate."""
    runs = {scaling: best(data, scaling) for scaling in SCALINGS}
    epochs = {scaling: reached(run.arrays()) for scaling, run in runs.items()}
    budget = int(runs["none"].values("epochs")[0])
    # A net that has not arrived counts with all its epochs, so that the factor is a lower bound.
    raw, scaled = np.minimum(epochs["none"], budget), epochs["standard"]
    factor = (raw / scaled).min()
    said = {s: f"{number(np.median(e))} epochs" if np.isfinite(np.median(e)) else
            f"not within {budget:,}" for s, e in epochs.items()}  # fmt: skip
    yield Claim(
        f"Logistic regression reaches a loss of {TARGET} at least 100 times sooner on standardized "
        "data, each at its best learning rate",
        ", ".join(f"{SCALINGS[s]} {said[s]} (lr {number(runs[s].nets.lr_used.median())})"
                  for s in SCALINGS) + f"; a factor of {factor:.0f} or more in every split",
        "smallest ratio of epochs >= 100, split by split",
        nets=sum(map(len, epochs.values())), holds=factor >= 100.0,
    )  # fmt: skip


def fixed_rate(data):
    """The claims about one learning rate for all scalings."""
    at = data.select(lr=0.5, lr_unit="absolute")
    loss = {s: at.select(model="logistic", scaling=s).nets["train/loss"] for s in SCALINGS}
    nets = {s: at.select(model="mlp", scaling=s) for s in SCALINGS}
    shares = {s: nets[s].nets["train/accuracy"].to_numpy() for s in SCALINGS}
    run = nets["none"]
    majority = np.array([_majority(run.examples(index=i).Y) for i in range(len(run.nets))])
    gain = shares["none"] - majority
    better = mann_whitney(shares["standard"], shares["none"], "greater")
    return [
        Claim(
            "At lr 0.5 logistic regression saturates on raw data and learns on standardized",
            ", ".join(f"loss {number(v.min())} to {number(v.max())} {SCALINGS[s]}"
                      for s, v in loss.items()),
            "every net above 100 nats raw, below .1 standardized",
            nets=sum(map(len, loss.values())),
            holds=loss["none"].min() > 100.0 and loss["standard"].max() < 0.1,
        ),
        Claim(
            "At lr 0.5 a tanh net learns nothing from raw data: it names the larger class",
            f"accuracy {gain.min():+.3f} to {gain.max():+.3f} around the larger class's share raw, "
            f"{shares['standard'].min():.3f} to {shares['standard'].max():.3f} standardized",
            f"within .05 of the share in every split, above .97 standardized; {better}",
            nets=sum(map(len, shares.values())),
            holds=np.abs(gain).max() <= 0.05 and shares["standard"].min() > 0.97,
        ),
    ]  # fmt: skip


def _majority(Y):
    return max(Y.mean(), 1.0 - Y.mean())


def caveats(data):
    """The claims that limit all this: the edge, logistic regression, Newton's method."""
    below = [run for s in SCALINGS for run in descents(data, s) if run.values("lr")[0] < 1.0]
    rose = sum(int(_rises(run.arrays()).sum()) for run in below)
    grew = sum(
        int((run.arrays()["curve/gradient_norm"].max(axis=1)
             > run.arrays()["curve/gradient_norm"][:, 0]).sum()) for run in below
    )  # fmt: skip
    nets = sum(len(run.nets) for run in below)
    five = {s: _rises(next(run for run in descents(data, s) if run.values("lr")[0] == 5).arrays())
            for s in SCALINGS}  # fmt: skip
    paths = {s: newton(data, s)["curve/train/loss"] for s in SCALINGS}
    apart = max(np.abs(path - paths["standard"]).max() for path in paths.values())
    steps = max(reached(newton(data, s)).max() for s in SCALINGS)
    return [
        Claim("Gradients do not explode by themselves: below its 2/lambda_max no scaling's loss "
              "ever rises, and no gradient outgrows its start",
              f"loss rises in {rose}, gradient in {grew} of {nets} nets", "one falsifies",
              nets=nets, holds=rose == 0 and grew == 0, caveat=True),
        Claim("For logistic regression 2/lambda_max at zero is a guarantee and no edge: at 5 times "
              "of it the loss still falls on standardized data, and jumps on raw",
              ", ".join(f"{v.sum()} of {len(v)} rise {SCALINGS[s]}" for s, v in five.items()),
              "none standardized, all raw", nets=sum(map(len, five.values())), caveat=True,
              holds=not five["standard"].any() and five["none"].all()),
        Claim("Newton's method does not care: its losses are the same for every scaling",
              f"they differ by {apart:.1e} at most over 8 steps; {steps:.0f} steps reach {TARGET}",
              "largest difference < 1e-6", nets=sum(map(len, paths.values())),
              holds=apart < 1e-6 and np.isfinite(steps), caveat=True),
    ]  # fmt: skip


def _rises(arrays):
    """(R,): whether the loss was ever higher than at the point before, by more than rounding."""
    return (np.diff(arrays["curve/train/loss"], axis=1) > 1e-12).any(axis=1)


# ----------------------------------------------------------------------------------------- drawing


def draw(data):
    fig, axes = style.figure(2, 2, height=3.6)
    for scaling, marker in zip(SCALINGS, plots.MARKERS, strict=False):
        look = {"color": colours.of(scaling, "scaling"), "marker": marker, "ms": 5}
        spectra(axes[0, 0], data, scaling, look)
        losses(axes[0, 1], data, scaling, look)
        rates(axes[1, 0], data, scaling, look)
        nets(axes[1, 1], data, scaling, look)
    ax, curve = axes[0, 1], newton(data, "standard")
    ax.plot(curve["epoch"], np.median(curve["curve/train/loss"], axis=0), "--", color=colours.INK,
            label="Newton, any scaling")  # fmt: skip
    plots.epochs(ax, 2000)
    ax.axhline(TARGET, color=colours.GREY, lw=1.0)
    plots.theory(axes[1, 0], r"$2/\lambda_{max}$ of each", [], [])
    titles = (
        (axes[0, 0], "Raw data make a steep, flat valley"),
        (axes[0, 1], "Each at its best learning rate"),
        (axes[1, 0], "Each scaling needs rates of its own"),
        (axes[1, 1], "A tanh net saturates on raw data"),
    )
    for ax, title in titles:
        ax.set_title(title)
        ax.legend(loc="lower left" if ax in axes[1] else "upper right", frameon=True,
                  edgecolor="none", framealpha=1.0)  # fmt: skip
    axes[0, 0].set(xlabel="direction, steepest first", ylabel="curvature", yscale="log")
    axes[0, 1].set(ylabel="training loss (nats)", yscale="log", ylim=(0.015, 60.0))
    axes[1, 0].set(xlabel="learning rate", ylabel="loss after 2,000 epochs (nats)", xscale="log",
                   yscale="log")  # fmt: skip
    axes[1, 1].set(xlabel="learning rate", ylabel="training accuracy (%)", xscale="log")
    return fig


def spectra(ax, data, scaling, look):
    values = spectrum(data, scaling)
    label = f"{SCALINGS[scaling]}: condition {values[0] / values[-1]:.0e}"
    ax.plot(np.arange(1, len(values) + 1), values, label=label, **look | {"ms": 4})


def losses(ax, data, scaling, look):
    run = best(data, scaling)
    arrays = run.arrays()
    label = f"{SCALINGS[scaling]}, lr {number(np.median(arrays['final/lr']))}"
    ax.plot(arrays["epoch"], np.median(arrays["curve/train/loss"], axis=0), color=look["color"],
            label=label)  # fmt: skip


def rates(ax, data, scaling, look):
    lr, loss = zip(
        *(run.nets[["lr_used", "train/loss"]].median() for run in descents(data, scaling)),
        strict=True,
    )
    ax.plot(lr, loss, label=SCALINGS[scaling], **look)
    plots.theory(ax, None, x=2.0 / spectrum(data, scaling)[0], color=look["color"])


def nets(ax, data, scaling, look):
    groups = data.select(model="mlp", scaling=scaling).nets.groupby("lr")["train/accuracy"]
    low, middle, high = (100.0 * groups.quantile(q) for q in (0.0, 0.5, 1.0))
    ax.errorbar(middle.index, middle, yerr=[middle - low, high - middle], capsize=3,
                label=SCALINGS[scaling], **look)  # fmt: skip
