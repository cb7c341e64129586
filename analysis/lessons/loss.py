"""Squared error or cross-entropy: what does the choice of loss change?

With squared error the error reaches a sigmoid unit's weights multiplied by a (1 - a), which is next
to nothing where the unit is sure of itself, right or wrong; with cross-entropy the factor cancels
(Solla, Levin & Fleisher 1988). One unit with x = 1 that shall learn to say 0 is Nielsen's (2015).
"""

import numpy as np

from analysis import groups
from analysis.claims import Caveat, Cells, Claim
from analysis.figures import colours
from analysis.figures.panels import each, grid, law, medians, panel, ring, say
from analysis.verdicts import largest, mostly, note, number, number_of, ratio, share, smaller
from scratchml.activations import sigmoid

CHAPTER = 14
CAPTION = """Top: one sigmoid unit that says a and shall say 0, from a small mistake (.82) and a
large one (.98). Bottom left: how hard the loss pulls at its weights, at every epoch of the same
four runs; where the unit is most wrong squared error hardly pulls at all. Bottom right: epochs that
2-2-1 nets need for XOR (median over all nets, those that never solve it included) against the
learning rate."""
CAVEAT = """Cross-entropy is faster out of saturation, not better in the end: it solves XOR no more
often, and with a learning rate of its own squared error is as fast there. Fixed: sigmoid units,
full batch."""
SQUARED, ENTROPY = LOSSES = ("squared_error", "cross_entropy")
WORDS = {SQUARED: "squared error", ENTROPY: "cross-entropy"}
SMALL, LARGE = (0.6, 0.9), (2.0, 2.0)  # (w, b) at the start: a small mistake and a large one
ENDS = {SMALL: 0.0940, LARGE: 0.2028}  # start -> last output with squared error
NEVER = 4000.0  # the place of an infinite median


def cells(data):
    runs = {(start, loss): data.select(dataset="point", start=[start], loss=loss).arrays()
            for start in ENDS for loss in LOSSES}  # fmt: skip
    xor = data.select(dataset="xor")
    outputs = {key: sigmoid((run["path/W1"] + run["path/b1"])[0, :, 0, 0])
               for key, run in runs.items()}  # fmt: skip
    return Cells(
        epoch=runs[SMALL, SQUARED]["epoch"], outputs=outputs,
        steps={key: np.diff(run["path/W1"][0, :2, 0, 0])[0] for key, run in runs.items()},
        pulls={key: (outputs[key], run["curve/gradient_norm"][0]) for key, run in runs.items()},
        usual=groups.by(xor.select(epochs=10000).nets, "loss", groups.epochs),
        rates=groups.by(xor.select(epochs=3000).nets, ("loss", "lr"), groups.epochs),
    )  # fmt: skip


def claims(cells):
    steps, end = cells.steps, {key: a[-1] for key, a in cells.outputs.items()}
    factors = [steps[start, SQUARED] / steps[start, ENTROPY] for start in ENDS]
    first = np.array([cells.outputs[start, SQUARED][0] for start in ENDS])
    squared, entropy = (cells.usual[loss] for loss in LOSSES)
    slow, quick = groups.finite(squared), groups.finite(entropy)
    best = {loss: groups.soonest(cells.rates[loss]) for loss in LOSSES}
    # Row by row the same start: pairs in which one loss leads to a solution, the other does not.
    only = np.isfinite(squared).astype(int) - np.isfinite(entropy)
    return [
        *(Claim(f"From (w, b) = {start} squared error is still at {says:.4f} after 300 epochs",
                number_of(end[start, SQUARED], "output").within(0.0005, of=says))
          for start, says in ENDS.items()),
        Claim("Its first step is a (1 - a) times that of cross-entropy",
              largest(np.abs(factors / (first * (1.0 - first)) - 1.0), "relative difference", 4)
              .at_most(1e-12) & note(f"{' and '.join(map(number, factors))} times")),
        Claim("After the larger mistake squared error ends further off, cross-entropy next to "
              "where it ends after the smaller one",
              number_of(end[LARGE, SQUARED] - end[SMALL, SQUARED], "further off by", 4).above(0.1)
              & number_of(abs(end[LARGE, ENTROPY] - end[SMALL, ENTROPY]), "cross-entropy by", 4)
              .below(0.001)),
        Claim("On XOR at lr 1 cross-entropy needs at most .6 of the epochs",
              (ratio(quick, slow).at_most(0.6) & smaller(quick, 0.6 * slow, p=1e-6))
              .on(groups.count(cells.usual))),
        Caveat("But it does not solve XOR more often: from the same starts it does so less often",
               mostly(only, p=0.01, measured=f"{share(np.isfinite(entropy)).text} against "
                      f"{share(np.isfinite(squared)).text}").on(groups.count(cells.usual))),
        Caveat("And it is the learning rate that makes it fast: with the best one for each, "
               "squared error needs no more than 1.25 times the epochs",
               ratio(best[ENTROPY][1], best[SQUARED][1]).at_least(0.8)
               & note(f"over all nets, at lr {best[ENTROPY][0]:g} and {best[SQUARED][0]:g}")),
    ]  # fmt: skip


def answer(cells):
    usual = np.divide(*(np.median(groups.finite(cells.usual[loss])) for loss in LOSSES[::-1]))
    tuned = np.divide(*(np.median(groups.soonest(cells.rates[loss])[1]) for loss in LOSSES[::-1]))
    return (f"Mainly the speed: at one learning rate cross-entropy needs {number(usual)} of the "
            f"epochs, but with the best rate for each {number(tuned)}.")  # fmt: skip


def draw(cells):
    fig, (small, large, pull, speed) = grid(2, 2, height=3.4)
    for ax, start, size in ((small, SMALL, "small"), (large, LARGE, "large")):
        for loss in LOSSES:
            a, last = cells.outputs[start, loss], cells.epoch[-1]
            ax.plot(cells.epoch, a, "o-", markevery=[-1], color=colours.of(loss), clip_on=False,
                    label=WORDS[loss])  # fmt: skip
            say(ax, f"{a[-1]:.3f}", (last, a[-1]), (7, 0), va="center", annotation_clip=False)
        panel(ax, f"From a {size} mistake, (w, b) = ({start[0]:g}, {start[1]:g})", x="epoch",
              y="output a (should be 0)", ylim=(-0.03, 1.03), xlim=(0, last),
              legend={"loc": "center", "bbox_to_anchor": (0.45, 0.6)})  # fmt: skip
    each(medians, speed, cells.rates, labels=WORDS, never=NEVER)
    pulls = {SQUARED: lambda a: 2**0.5 * a**2 * (1.0 - a), ENTROPY: lambda a: 2**0.5 * a}
    formulas = {SQUARED: r"$\sqrt{2}\,a\cdot a(1-a)$", ENTROPY: r"$\sqrt{2}\,a$"}
    for loss, marker in zip(LOSSES, "os", strict=True):
        look, formula = {"color": colours.of(loss)}, f"{WORDS[loss]}: {formulas[loss]}"
        for start in ENDS:
            pull.plot(*cells.pulls[start, loss], marker, ms=3.5, markevery=4, **look)
        law(pull, formula, pulls[loss], 0.0, 1.0, zorder=1, **look)
        lr, epochs = groups.soonest(cells.rates[loss])
        ring(speed, lr, np.median(epochs), label="best" if loss == ENTROPY else None)
    panel(pull, "How hard the loss pulls at the weights", x="output a (should be 0)",
          y="length of the gradient", xlim=(0, 1), legend="upper left")  # fmt: skip
    rates = sorted(cells.rates[SQUARED] | cells.rates[ENTROPY])
    panel(speed, "XOR: as fast, at a larger learning rate", x="learning rate", log="xy",
          y="epochs to solve XOR, median", ticks=rates,
          yticks={t: f"{t:,}" for t in (100, 200, 500, 1000, 2000)} | {NEVER: "never"},
          legend={"loc": "upper left", "bbox_to_anchor": (0.05, 1.0)})  # fmt: skip
    return fig
