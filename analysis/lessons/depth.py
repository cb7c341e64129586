"""What does depth buy: what a net can express, or what it learns?

tent(x) = 2 relu(x) - 4 relu(x - 1/2) folds [0, 1] in two, so that k layers of two relu units fold
it into 2^k pieces. One layer of m units has at most m + 1 pieces and changes sides at most m + 1
times: of n points labelled 0, 1, 0, 1, ... it gets (n - m - 2) / 2 wrong or more (after Telgarsky
2015). But the pieces of untrained nets are as many as their units allow, in however many layers
(Hanin & Rolnick 2019), and training has to start from there.
"""

from types import SimpleNamespace

import numpy as np

from analysis import groups
from analysis.claims import Caveat, Claim
from analysis.figures import colours, plots
from analysis.figures.panels import dots, grid, means, panel
from analysis.statistics import number
from analysis.verdicts import average, every, joined, largest, least, note, share

CHAPTER = 10
SAYINGS = {"depth helps (more expressive power)": "yes, but expressible is not learned"}
CAPTION = """
Top left: the tent map composed k times, as a relu net of k layers with two units each. Top right:
linear pieces on [0, 1] of these nets, and the mean of 50 untrained nets whose units stand in 1 to
6 layers (bars: bootstrap 95 %). Bottom left: share of tent^4's 17 points that trained nets get
wrong at their best epoch; small dots: each net, markers: the best. Bottom right: the best nets.
"""
CAVEAT = """
Expressible is not learned: of the nets whose shape can hold tent^4 none finds it. Fixed: one input;
adam at .01 for 1,000 epochs from N(0, 3^2); pieces are counted for weights and biases from N(0, 1),
and other proportions of the two lose some with depth.
"""
FEW, MANY = 24, 192  # the smallest and the largest number of units in untrained nets
BEST = {
    "tent$^4$ by hand": ({"init": "sawtooth", "depth": 4}, colours.BLUE),
    "trained, one layer of 64": ({"optimizer": "adam", "width": 64}, colours.ORANGE),
    "trained, 4 layers of 2": ({"optimizer": "adam", "depth": 4}, colours.RED),
}  # the nets that are drawn


def cells(data):
    made, x = data.select(init="sawtooth"), np.linspace(0.0, 1.0, 1025)[:, None]
    untrained = data.select(init="normal", epochs=0, seed=0).nets
    untrained = untrained.assign(units=untrained.depth * untrained.width)
    four = made.select(depth=4).run_id
    return SimpleNamespace(
        made=made.nets.sort_values("depth"), n=len(made.examples(four).X),
        errors={depth: errors(data, depth) for depth in (1, 4)},
        untrained={depth: groups.by(nets, "units", "linear_regions")
                   for depth, nets in groups.by(untrained, "depth").items()},
        one=groups.by(data.select(init="normal", epochs=0, seed=1000).nets, "width",
                      "linear_regions"),
        x=x, tents=[made.net(made.select(depth=k).run_id)(x) for k in range(1, 7)],
        best={name: best(data.select(**knobs))(x) for name, (knobs, _) in BEST.items()},
        points=made.examples(four),
    )  # fmt: skip


def errors(data, depth):
    """{width: (nets,) lowest error at any point} of nets trained on tent^4's points."""
    curves = data.select(init="normal", optimizer="adam", depth=depth).curves
    top = curves.groupby(["width", "run_id", "seed"], observed=True)["train/accuracy"].max()
    return {int(width): 1.0 - nets.to_numpy() for width, nets in top.groupby("width")}


def best(run):
    return run.net(index=int(run.nets["train/accuracy"].argmax()))


def bound(n, m):
    """The least share of n alternating points that one layer of m relu units gets wrong."""
    return np.maximum(0.0, (n - m - 2.0) / (2.0 * n))


def claims(cells):
    made, n = cells.made, cells.n
    room = {m: nets - bound(n, m) for m, nets in cells.errors[1].items()}
    near = min(room, key=lambda m: room[m].min())
    mean = {depth: {u: nets.mean() for u, nets in row.items()} for depth, row in
            cells.untrained.items()}  # fmt: skip
    deepest, total = (
        max(mean),
        sum(len(p) for row in cells.untrained.values() for p in row.values()),
    )
    (deep,) = cells.errors[4].values()
    wide = np.concatenate([nets for m, nets in cells.errors[1].items() if bound(n, m) == 0.0])
    return [
        Claim("k layers of two relu units make 2^k linear pieces and no error, k up to 10",
              every(made.linear_regions == 2.0**made.depth, of="nets have 2^k pieces")
              & least(made["train/accuracy"], "accuracy").equals(1.0)
              & largest(made.depth, "k").at_least(10)),
        Claim("No trained net of one layer of m units beats (n - m - 2) / 2n, at any epoch",
              every(np.concatenate([*room.values()]) > -1e-12)
              & note(f"n = {n}; nearest at m = {near}: {number(cells.errors[1][near].min())} "
                     f"against {number(bound(n, near))}")),
        Claim(f"Untrained, {MANY // FEW} times the units make at least 6 times the pieces, and "
              f"{deepest} times the layers of as many units at most 1.1 times",
              (least([row[MANY] / row[FEW] for row in mean.values()], "ratio of means by units, "
                     "over all depths,").at_least(6.0)
               & largest([mean[deepest][u] / mean[1][u] for u in mean[1]], "ratio by layers, over "
                         "all sizes,").at_most(1.1)).on(total)),
        Claim("Untrained, one layer of m units has 1 + m/4 pieces on [0, 1] on average, to within "
              "10 %",
              joined(average(p / (1.0 + u / 4.0)).named(f"{u} units: over 1 + m/4")
                     .within(0.1, of=1) for u, p in cells.one.items())
              .on(sum(map(len, cells.one.values())))),
        Caveat("Expressible is not learned: nets of 4 layers of two units can be tent^4 and are "
               "not",
               share(deep == 0.0).at_most(0.05)
               & note(f"the best has {number(deep.min())} wrong")),
        Caveat("Nor do shallow nets that are wide enough for no error",
               share(wide == 0.0).at_most(0.10)),
    ]  # fmt: skip


def answer(cells):
    (deep,) = cells.errors[4].values()
    pieces, found = cells.made.linear_regions.max(), np.sum(deep == 0.0)
    return (
        f"What it can express: ten layers of two units make {pieces:,.0f} pieces; but {found} of "
        f"{len(deep)} trained nets found even 16."
    )


def draw(cells):
    fig, (compositions, pieces, wrong, nets) = grid(2, 2, height=3.9)
    x, n = cells.x[:, 0], cells.n
    for k, p in enumerate(cells.tents, start=1):
        # The tent map itself, before the output's sigmoid.
        compositions.plot(x, -k + 0.7 * np.log(p / (1.0 - p)), color=colours.BLUE, lw=1.4)
    panel(compositions, "Each layer folds once more: tent$^k$", x="x", xlim=(0, 1),
          yticks={-k + 0.35: f"k = {k}" for k in range(1, 7)})  # fmt: skip
    compositions.grid(False)

    pieces.plot(2 * cells.made.depth, cells.made.linear_regions, "o-", color=colours.BLUE, ms=6)
    pieces.annotate("tent$^k$ by hand:\n2$^k$ pieces, 2k units", (11, 60), ha="right",
                    color=colours.BLUE)  # fmt: skip
    shades = colours.palette(cells.untrained).values()
    for (depth, row), color in zip(cells.untrained.items(), shades, strict=True):
        beside = {u * 1.035 ** (depth - 3): nets for u, nets in row.items()}
        means(pieces, beside, marker="s", ms=4, color=color, line=False,
              label=f"{depth} layer{'s' * (depth > 1)}")  # fmt: skip
    units = np.geomspace(FEW, MANY, 50)
    plots.theory(pieces, "1 + units / 4", units, 1.0 + units / 4.0)
    panel(pieces, "Composed, pieces double a layer", x="hidden units", log="xy",
          y="linear pieces on [0, 1]", ticks=[2, 5, 10, 20, 50, 100, 200], ylim=(1.5, 6e3),
          legend={"title": "untrained, units in", "loc": "upper right",
                  "alignment": "left"})  # fmt: skip

    for layers, label, color, marker in ((1, "one layer", colours.ORANGE, "o"),
                                         (4, "4 layers of 2", colours.RED, "D")):  # fmt: skip
        per_cent = {layers * m: 100 * nets for m, nets in cells.errors[layers].items()}
        dots(wrong, per_cent, marker=".", color=colours.PALE, alpha=1.0)
        wrong.plot([*per_cent], [nets.min() for nets in per_cent.values()], marker, color=color,
                   ms=7, ls="-" if layers == 1 else "none",
                   label=f"{label}, best of {min(map(len, per_cent.values()))}")  # fmt: skip
    m = np.geomspace(1, max(cells.errors[1]), 200)
    plots.theory(wrong, "one layer, bound (n - m - 2) / 2n", m, 100 * bound(n, m))
    wrong.plot(8, 0, "*", color=colours.BLUE, ms=15, clip_on=False, zorder=6,
               label="tent$^4$ by hand, 4 layers of 2")  # fmt: skip
    panel(wrong, "Trained nets stay far above the bound", x="hidden units", log="x",
          y=f"wrong of {n} points (%)", ticks=cells.errors[1], ylim=(0, 88),
          legend="upper right")  # fmt: skip

    for name, output in cells.best.items():
        # By hand, 1/2 is the lowest output: the decision is "above 1/2 or not".
        nets.plot(x, output, color=BEST[name][1], label=name, lw=1.6)
    nets.scatter(cells.points.X, cells.points.Y, s=22, color=colours.INK, zorder=5, clip_on=False)
    plots.theory(nets, "decision", y=0.5, color=colours.GREY)
    panel(nets, "Expressible is not learned", x="x", y="output", xlim=(0, 1), ylim=(-0.03, 1.75),
          yticks=[0, 0.5, 1], legend="upper right")  # fmt: skip
    return fig
