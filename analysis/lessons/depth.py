"""What does depth buy: what a net can express, or what it learns?

tent(x) = 2 relu(x) - 4 relu(x - 1/2) folds [0, 1] in two, so that k layers of two relu units fold
it into 2^k pieces. One layer of m units has at most m + 1 pieces and changes sides at most m + 1
times: of n points labelled 0, 1, 0, 1, ... it gets (n - m - 2) / 2 wrong or more (after Telgarsky
2015). But the pieces of untrained nets are as many as their units allow, in however many layers
(Hanin & Rolnick 2019), and training has to start from there.
"""

import numpy as np

from analysis import groups, theory
from analysis.claims import Caveat, Cells, Claim
from analysis.figures import colours, plots
from analysis.figures.panels import each, grid, law, lowest, means, panel
from analysis.verdicts import average, every, joined, largest, least, note, number, share

CHAPTER = 10
CAPTION = """Top left: the tent map composed k times, as a relu net of k layers with two units each.
Top right: linear pieces on [0, 1] of these nets, and the mean of 50 untrained nets whose units
stand in 1 to 6 layers (bars: bootstrap 95 %). Bottom left: share of tent^4's 17 points that trained
nets get wrong at their best epoch; small dots: each net, markers: the best. Bottom right: the best
nets."""
CAVEAT = """Expressible is not learned: of the nets whose shape can hold tent^4 none finds it.
Fixed: one input; adam at .01 for 1,000 epochs from N(0, 3^2); pieces are counted for weights and
biases from N(0, 1), and other proportions of the two lose some with depth."""
X = np.linspace(0.0, 1.0, 1025)[:, None]
FEW, MANY = 24, 192  # the smallest and the largest number of units in untrained nets
HAND, WIDE, DEEP = "tent$^4$ by hand", "trained, one layer of 64", "trained, 4 layers of 2"
COLORS = {HAND: colours.BLUE, WIDE: colours.ORANGE, DEEP: colours.RED}  # of the nets drawn


def cells(data):
    made, nets = data.select(init="sawtooth"), data.select(init="normal", epochs=0)
    trained, four = data.select(optimizer="adam"), made.select(depth=4)
    drawn = {HAND: four, WIDE: trained.select(width=64), DEEP: trained.select(depth=4)}
    curves = trained.curves.assign(error=lambda points: 1.0 - points["train/accuracy"])
    untrained = nets.select(seed=0).nets.assign(units=lambda nets: nets.depth * nets.width)
    return Cells(
        made=made.nets.sort_values("depth"), points=four.examples(), n=len(four.examples().X),
        errors=groups.lowest(curves, ("depth", "width"), "error"),
        untrained=groups.by(untrained, ("depth", "units"), "linear_regions"),
        one=groups.by(nets.select(seed=1000).nets, "width", "linear_regions"),
        tents=[run.net()(X) for run in groups.runs(made, "depth", range(1, 7)).values()],
        best={name: run.net(index=int(run.nets["train/accuracy"].argmax()))(X)
              for name, run in drawn.items()},
    )  # fmt: skip


def claims(cells):
    made, n, one, untrained = cells.made, cells.n, cells.errors[1], cells.untrained
    room = {m: nets - theory.alternating(n, m) for m, nets in one.items()}
    near = min(room, key=lambda m: room[m].min())
    most, deep = max(untrained), cells.errors[4][2]
    wide = np.concatenate([nets for m, nets in one.items() if theory.alternating(n, m) == 0.0])
    by_units = [row[MANY].mean() / row[FEW].mean() for row in untrained.values()]
    by_layers = [untrained[most][u].mean() / untrained[1][u].mean() for u in untrained[1]]
    return [
        Claim("k layers of two relu units make 2^k linear pieces and no error, k up to 10",
              every(made.linear_regions == 2.0**made.depth, of="nets have 2^k pieces")
              & least(made["train/accuracy"], "accuracy").equals(1.0)
              & largest(made.depth, "k").at_least(10)),
        Claim("No trained net of one layer of m units beats (n - m - 2) / 2n, at any epoch",
              every(groups.pooled(room) > -1e-12) & note(f"n = {n}; nearest at m = {near}: "
              f"{number(one[near].min())} against {number(theory.alternating(n, near))}")),
        Claim(f"Untrained, {MANY // FEW} times the units make at least 6 times the pieces, and "
              f"{most} times the layers of as many units at most 1.1 times",
              (least(by_units, "ratio of means by units, over all depths,").at_least(6.0)
               & largest(by_layers, "ratio by layers, over all sizes,").at_most(1.1))
              .on(groups.count(untrained))),
        Claim("Untrained, one layer of m units has 1 + m/4 pieces on [0, 1] on average, to within "
              "10 %", joined(average(p / (1.0 + u / 4.0)).named(f"{u} units: over 1 + m/4")
                     .within(0.1, of=1) for u, p in cells.one.items()).on(groups.count(cells.one))),
        Caveat("Expressible is not learned: nets of 4 layers of two units can be tent^4 and are "
               "not",
               share(deep == 0.0).at_most(0.05) & note(f"the best has {number(deep.min())} wrong")),
        Caveat("Nor do shallow nets that are wide enough for no error",
               share(wide == 0.0).at_most(0.10)),
    ]  # fmt: skip


def answer(cells):
    pieces, deep = cells.made.linear_regions.max(), cells.errors[4][2]
    return (f"What it can express: ten layers of two units make {pieces:,.0f} pieces; but "
            f"{np.sum(deep == 0.0)} of {len(deep)} trained nets found even 16.")  # fmt: skip


def draw(cells):
    fig, (compositions, pieces, wrong, nets) = grid(2, 2, height=3.9)
    for k, p in enumerate(cells.tents, start=1):
        # The tent map itself, before the output's sigmoid.
        compositions.plot(X, -k + 0.7 * np.log(p / (1.0 - p)), color=COLORS[HAND], lw=1.4)
    panel(compositions, "Each layer folds once more: tent$^k$", x="x", xlim=(0, 1),
          yticks={-k + 0.35: f"k = {k}" for k in range(1, 7)})  # fmt: skip
    pieces.plot(2 * cells.made.depth, cells.made.linear_regions, "o-", color=COLORS[HAND])
    pieces.text(11, 60, "by hand: 2$^k$\npieces, 2k units", ha="right", color=COLORS[HAND])
    each(means, pieces, cells.untrained, markers="s", dodge=1.035, ms=4, line=False)
    law(pieces, "1 + units / 4", lambda units: 1.0 + units / 4.0, FEW, MANY)
    panel(pieces, "Composed, pieces double a layer", x="hidden units", log="xy",
          y="linear pieces on [0, 1]", ticks=[2, 5, 10, 20, 50, 100, 200], ylim=(1.5, 6e3),
          legend=("upper right", "untrained, layers"))  # fmt: skip
    one, four = groups.percent(cells.errors[1]), {8: 100.0 * cells.errors[4][2]}
    for name, shares, color in (("one layer", one, WIDE), ("4 layers of 2", four, DEEP)):
        best = f"{name}, best of {min(map(len, shares.values()))}"
        lowest(wrong, shares, color=COLORS[color], label=best)
    bound = "one layer, bound (n - m - 2) / 2n"
    law(wrong, bound, lambda m: 100.0 * theory.alternating(cells.n, m), min(one), max(one))
    wrong.plot(8, 0, "*", color=COLORS[HAND], ms=15, clip_on=False, zorder=6, label=HAND)
    panel(wrong, "Trained nets stay far above the bound", x="hidden units", log="x", ticks=one,
          y=f"wrong of {cells.n} points (%)", ylim=(0, 88), legend="upper right")  # fmt: skip
    for name, output in cells.best.items():
        # By hand, 1/2 is the lowest output: the decision is "above 1/2 or not".
        nets.plot(X, output, color=COLORS[name], label=name, lw=1.6)
    nets.scatter(cells.points.X, cells.points.Y, s=22, color=colours.INK, zorder=5, clip_on=False)
    plots.theory(nets, "decision", y=0.5, color=colours.GREY)
    panel(nets, "Expressible is not learned", x="x", y="output", xlim=(0, 1), ylim=(-0.03, 1.75),
          yticks=[0, 0.5, 1], legend="upper right")  # fmt: skip
    return fig
