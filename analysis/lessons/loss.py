"""Squared error or cross-entropy: what does the choice of loss change?

With squared error the error reaches a sigmoid unit's weights multiplied by a (1 - a), which is next
to nothing where the unit is sure of itself, right or wrong; with cross-entropy the factor cancels
(Solla, Levin & Fleisher 1988). One unit with x = 1 that shall learn to say 0 is Nielsen's (2015).
"""

import numpy as np

from analysis.claims import Claim
from analysis.figures import colours, plots, style
from analysis.statistics import bootstrap, mann_whitney, number, sign_test, wilson

CHAPTER = 14
CAPTION = """
Top: one sigmoid unit that says a and shall say 0, from a small mistake (.82) and a large one (.98).
Bottom left: how hard the loss pulls at its weights, at every epoch of the same four runs; where the
unit is most wrong squared error hardly pulls at all. Bottom right: epochs that 2-2-1 nets need for
XOR (median over all nets, those that never solve it included) against the learning rate.
"""
CAVEAT = """
Cross-entropy is faster out of saturation, not better in the end: it solves XOR no more often, and
with a learning rate of its own squared error is as fast there. Fixed: sigmoid units, full batch.
"""
LOSSES = ("squared_error", "cross_entropy")
WORDS = {"squared_error": "squared error", "cross_entropy": "cross-entropy"}  # on the figure
ENDS = {(0.6, 0.9): 0.0940, (2.0, 2.0): 0.2028}  # start -> last output with squared error


def point(data, start, loss):
    """The arrays of the one unit's run."""
    return data.select(dataset="point", start=[start], loss=loss).arrays()


def outputs(data, start, loss):
    """(T,): the output of the one unit at each point."""
    run = point(data, start, loss)
    z = (run["path/W1"][:, :, 0] + run["path/b1"][:, :, 0])[0, :, 0]
    return 1.0 / (1.0 + np.exp(-z))


def first_step(data, start, loss):
    """The distance by which the first epoch moved the weight."""
    W = point(data, start, loss)["path/W1"][0, :, 0, 0]
    return W[1] - W[0]


def epochs_to_solve(data, loss, lr, epochs=10000):
    """(R,): epochs until XOR is solved, infinity for never."""
    nets = data.select(dataset="xor", loss=loss, lr=lr, epochs=epochs).nets
    return nets.epochs_to_solve.fillna(np.inf).to_numpy()


def by_lr(data, loss, epochs=3000):
    """{lr: (R,) epochs to solve XOR}, in the sweep over learning rates."""
    rates = data.select(dataset="xor", loss=loss, epochs=epochs).values("lr")
    return {lr: epochs_to_solve(data, loss, lr, epochs) for lr in rates}


def best_lr(data, loss):
    """The learning rate with the lowest median over all nets."""
    medians = {lr: np.median(epochs) for lr, epochs in by_lr(data, loss).items()}
    return min(medians, key=medians.get)


def claims(data):
    return [*point_claims(data), *xor_claims(data)]


def point_claims(data):
    ends = {start: outputs(data, start, "squared_error")[-1] for start in ENDS}
    ratios, factors = [], []
    for start in ENDS:
        a = outputs(data, start, "squared_error")[0]
        factors.append(a * (1.0 - a))
        ratios.append(first_step(data, start, LOSSES[0]) / first_step(data, start, LOSSES[1]))
    off = np.abs(np.array(ratios) / factors - 1.0).max()
    wrong = {loss: outputs(data, (2.0, 2.0), loss)[-1] for loss in LOSSES}
    return [
        *(
            Claim(
                f"From (w, b) = {start} squared error is still at {says:.4f} after 300 epochs",
                f"{ends[start]:.5f}", "within .0005", nets=1,
                holds=abs(ends[start] - says) <= 0.0005,
            )
            for start, says in ENDS.items()
        ),
        Claim(
            "Its first step is a (1 - a) times that of cross-entropy",
            f"{number(ratios[0])} and {number(ratios[1])} times; off by {off:.1e}",
            "relative difference <= 1e-12", nets=4, holds=off <= 1e-12,
        ),
        Claim(
            "After the larger mistake squared error ends further off, cross-entropy next to where "
            "it ends after the smaller one",
            f"{ends[2.0, 2.0] - ends[0.6, 0.9]:.4f} further, against "
            f"{wrong['cross_entropy'] - outputs(data, (0.6, 0.9), 'cross_entropy')[-1]:.4f}",
            "more than .1, and less than .001", nets=4,
            holds=ends[2.0, 2.0] - ends[0.6, 0.9] > 0.1
            and abs(wrong["cross_entropy"] - outputs(data, (0.6, 0.9), LOSSES[1])[-1]) < 0.001,
        ),
    ]  # fmt: skip


def xor_claims(data):
    squared, entropy = (epochs_to_solve(data, loss, 1.0) for loss in LOSSES)
    solved = [epochs[np.isfinite(epochs)] for epochs in (squared, entropy)]
    quicker = mann_whitney(solved[1], 0.6 * solved[0], "less")
    ratio = np.median(solved[1]) / np.median(solved[0])
    rates = wilson(len(solved[0]), len(squared)), wilson(len(solved[1]), len(entropy))
    # Row by row the same start: pairs in which one loss leads to a solution, the other does not.
    more = sign_test(np.isfinite(entropy).astype(int) - np.isfinite(squared), "less")
    best = {loss: best_lr(data, loss) for loss in LOSSES}
    tuned = [by_lr(data, loss)[best[loss]] for loss in LOSSES]
    even = np.median(tuned[1]) / np.median(tuned[0])
    return [
        Claim(
            "On XOR at lr 1 cross-entropy needs at most .6 of the epochs",
            f"median {bootstrap(solved[1])} against {bootstrap(solved[0])}: {number(ratio)}",
            f"ratio <= .6; epochs against .6 of those of squared error: {quicker}",
            nets=len(squared) + len(entropy), holds=ratio <= 0.6 and quicker.p < 1e-6,
        ),
        Claim(
            "But it does not solve XOR more often: from the same starts it does so less often",
            f"{rates[1]} against {rates[0]}",
            f"of starts that only one of them solves: {more}",
            nets=len(squared) + len(entropy), holds=more.p < 0.01, caveat=True,
        ),
        Claim(
            "And it is the learning rate that makes it fast: with the best one for each, squared "
            "error needs no more than 1.25 times the epochs",
            f"median over all nets {np.median(tuned[1]):.0f} at lr {best['cross_entropy']:g} "
            f"against {np.median(tuned[0]):.0f} at lr {best['squared_error']:g}: {number(even)}",
            "ratio of medians >= 1 / 1.25",
            nets=sum(map(len, tuned)), holds=even >= 0.8, caveat=True,
        ),
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------- drawing


def draw(data):
    fig, axes = style.figure(2, 2, height=3.4)
    for ax, start, size in zip(axes[0], ENDS, ("small", "large"), strict=True):
        unit(ax, data, start)
        ax.set_title(f"From a {size} mistake, (w, b) = ({start[0]:g}, {start[1]:g})")
    pull(axes[1, 0], data)
    speed(axes[1, 1], data)
    return fig


def look(loss):
    """The name, the colour and the line of a loss on all panels."""
    return {
        "label": WORDS[loss], "color": colours.of(loss),
        "ls": "-" if loss == "cross_entropy" else "--",
    }  # fmt: skip


def unit(ax, data, start):
    """Draws the output of the unit, epoch by epoch."""
    for loss in LOSSES:
        epoch, a = point(data, start, loss)["epoch"], outputs(data, start, loss)
        ax.plot(epoch, a, **look(loss))
        ax.plot(epoch[-1], a[-1], "o", color=colours.of(loss), clip_on=False)
        ax.annotate(f"{a[-1]:.3f}", (epoch[-1], a[-1]), (7, 0), va="center",
                    textcoords="offset points", annotation_clip=False)  # fmt: skip
    ax.set(ylim=(-0.03, 1.03), xlim=(0, epoch[-1]), xlabel="epoch", ylabel="output a (should be 0)")
    ax.legend(loc="center", bbox_to_anchor=(0.45, 0.6))


def pull(ax, data):
    """Draws the gradient at each epoch against the output."""
    for loss, marker in zip(LOSSES, "os", strict=True):
        for start in ENDS:
            pulls = point(data, start, loss)["curve/gradient_norm"][0]
            ax.plot(outputs(data, start, loss), pulls, marker, ms=3.5, color=colours.of(loss),
                    markevery=4)  # fmt: skip
    a = np.linspace(0.0, 1.0, 200)
    for formula, y, color in (
        (r"cross-entropy: $\sqrt{2}\,a$", a, colours.of("cross_entropy")),
        (r"squared error: $\sqrt{2}\,a\cdot a(1-a)$", a**2 * (1.0 - a), colours.of(LOSSES[0])),
    ):
        plots.theory(ax, formula, a, np.sqrt(2.0) * y, color=color, zorder=1)
    ax.set_title("How hard the loss pulls at the weights")
    ax.set(xlabel="output a (should be 0)", ylabel="length of the gradient", xlim=(0, 1))
    ax.legend(loc="upper left")


def speed(ax, data):
    """Draws the median epochs over all nets against the learning rate; a ring marks the best."""
    never = 4000.0  # the place of an infinite median
    for loss, marker in zip(LOSSES, "os", strict=True):
        medians = {lr: np.median(epochs) for lr, epochs in by_lr(data, loss).items()}
        ax.plot(list(medians), np.minimum(list(medians.values()), never), marker, **look(loss))
    for i, loss in enumerate(LOSSES):
        lr = best_lr(data, loss)
        ax.plot(lr, np.median(by_lr(data, loss)[lr]), "o", ms=14, mfc="none", mec=colours.RED,
                mew=1.8, label=None if i else "best")  # fmt: skip
    ax.set_title("XOR: as fast, at a larger learning rate")
    ax.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="epochs to solve XOR, median")
    ticks = sorted({lr for loss in LOSSES for lr in by_lr(data, loss)})
    ax.set_xticks(ticks, [f"{lr:g}" for lr in ticks])
    labels = {100: "100", 200: "200", 500: "500", 1000: "1,000", 2000: "2,000", never: "never"}
    ax.set_yticks(list(labels), labels.values())
    ax.minorticks_off()
    ax.legend(loc="upper left", bbox_to_anchor=(0.05, 1.0))
