"""What does the activation change: what a net can learn, or only how fast?

A step has no slope, so that nothing flows back through it (Minsky & Papert 1969 saw no way around).
The identity makes any depth one line. Sigmoid, tanh and relu (Nair & Hinton 2010) all can learn
XOR; a relu unit that is 0 on every example has no gradient either (Lu et al. 2019).
"""

from types import SimpleNamespace

import numpy as np

from analysis import groups
from analysis.claims import Caveat, Claim
from analysis.figures import colours, plots, style
from analysis.figures.panels import panel, rates, surface
from analysis.statistics import number
from analysis.verdicts import (
    LAW,
    every,
    joined,
    less_often_than,
    more_often,
    none,
    note,
    number_of,
    rises,
    share,
    smaller,
)

CHAPTER = 6
SAYINGS = {"each activation changes what the net can do": "yes"}
CAPTION = """
Top: what a net with 8 hidden units of each kind makes of two circles, after 1,000 epochs; black is
the boundary at 1/2, the number is the median accuracy of 10 nets. Bottom left: nets that solve XOR,
against width. Bottom right: relu nets in which some layer is 0 on every example before training
begins, against depth; dashed is theory. Bars: Wilson 95 %.
"""
CAVEAT = """
Relu is the worst of three at 2-2-1 and gains most by width and depth, where it leaves sigmoid
behind and tanh hardly. The formula for dead nets is exact for one input from 0 to 1 and no biases,
and too high with biases. Fixed: lr 1, U(-1, 1), full batch on XOR; on the spirals each activation
has the best learning rate of its sweep.
"""
KINDS = ("step", "identity", "sigmoid", "tanh", "relu")
SLOPED = ("sigmoid", "tanh", "relu")  # activations with a slope can learn


def cells(data):
    xor = data.select(dataset="xor", init="uniform", depth=1)
    two = {kind: xor.select(activation=kind, width=2) for kind in KINDS}
    step = two["step"].arrays()
    circles = {kind: data.select(dataset="circles", activation=kind) for kind in KINDS}
    dead = data.select(dataset="sawtooth").nets
    spirals = {kind: data.select(dataset="spirals", activation=kind).nets for kind in SLOPED}
    return SimpleNamespace(
        solved={kind: groups.by(xor.select(activation=kind).nets, "width", groups.solved)
                for kind in KINDS},
        epochs={kind: groups.by(xor.select(activation=kind).nets, "width", groups.epochs)
                for kind in SLOPED},
        steps=two["step"].nets.epochs_used.min(),
        moved=np.any([(step[f"path/{w}"][:, 0] != step[f"weights/{w}"]).any(axis=(1, 2))
                      for w in ("W1", "b1")], axis=0),
        given=groups.solved(data.select(init="given").nets),
        dead={N: groups.by(nets, "depth", "born_dead")
              for N, nets in groups.by(dead, "width").items()},
        biased=data.select(dataset="xor", depth=5).nets.born_dead.to_numpy(),
        spirals={kind: soonest(groups.by(nets, "lr", groups.epochs))
                 for kind, nets in spirals.items()},
        circles={kind: (run.net(), run.examples(), run.nets["train/accuracy"].median())
                 for kind, run in circles.items()},
    )  # fmt: skip


def chance(N, L):
    """The probability that one of L layers of N units is 0 for all x >= 0; for a unit it is 1/2."""
    return 1.0 - (1.0 - 2.0**-N) ** L


def soonest(epochs):
    """(lr, epochs) of the learning rate with which most nets are ready soonest."""
    lr = min(epochs, key=lambda lr: (np.median(epochs[lr]), -np.isfinite(epochs[lr]).sum()))
    return lr, epochs[lr]


def claims(cells):
    two = {kind: cells.solved[kind][2] for kind in KINDS}
    relu, wide = cells.solved["relu"], max(cells.solved["relu"])
    wide_epochs = {kind: cells.epochs[kind][wide] for kind in SLOPED}
    deep = {kind: epochs for kind, (_, epochs) in cells.spirals.items()}
    said = {kind: f"{kind} {np.isfinite(epochs).sum()} of {len(epochs)} solve it (lr {lr:g})"
            for kind, (lr, epochs) in cells.spirals.items()}  # fmt: skip
    return [
        Claim("Step units never learn: hidden weights are the same to the bit after 1,000 steps, "
              "although weights that solve XOR exist",
              none(cells.moved, of="nets have moved, bit by bit")
              & every(cells.given, of="given weights solve XOR")
              & number_of(cells.steps, "steps of each net").equals(1000)
              & note(f"luck and the output unit solve it in {share(two['step']).text}")
              .on(len(cells.moved) + len(cells.given))),
        Claim("Identity units make no difference: no net solves XOR",
              none(two["identity"]) & number_of(len(two["identity"]), "nets").at_least(1000)),
        Claim("At 2-2-1 sigmoid solves XOR more often than tanh, and tanh more often than relu",
              (more_often(two["sigmoid"], two["tanh"], p=1e-10)
               & more_often(two["tanh"], two["relu"], p=1e-10))
              .on(sum(len(two[kind]) for kind in SLOPED))),
        Claim("A relu net of width N and depth L is born dead with probability 1 - (1 - 2^-N)^L, "
              "to within 5 points for every shape", born_dead(cells)),
        Caveat("With two inputs and random biases fewer are born dead than the formula says",
               less_often_than(chance(2, 5), cells.biased, p=1e-3)),
        Caveat(f"Width rescues relu: from {relu[2].mean():.0%} of nets at 2 to "
               f"{relu[wide].mean():.0%} at {wide}",
               rises(relu, p=1e-12, scores=np.log2([*relu]))
               & number_of(relu[wide].mean(), f"share at {wide}", len(relu[wide])).above(0.95)),
        Caveat(f"At width {wide} relu solves XOR in the fewest epochs",
               joined(smaller(wide_epochs["relu"], wide_epochs[kind], p=1e-3)
                      for kind in ("tanh", "sigmoid")).on(sum(map(len, wide_epochs.values())))),
        Caveat("Four layers deep on spirals relu is ready when sigmoid has not begun, each at its "
               "best learning rate",
               (note(", ".join(said.values()))
                & smaller(deep["relu"], deep["sigmoid"], p=1e-6)).on(sum(map(len, deep.values())))),
    ]  # fmt: skip


def born_dead(cells):
    """That the share of nets born dead is within LAW of the formula, for every shape."""
    shapes = [(N, L, dead) for N, row in cells.dead.items() for L, dead in row.items()]
    law = joined(share(dead).within(LAW, of=chance(N, L), called="the formula")
                 for N, L, dead in shapes)  # fmt: skip
    five = share(cells.dead[2][5]).text
    found = f"N 2, L 5: {five}, theory {number(chance(2, 5))}; {len(shapes)} shapes"
    return law._replace(measured=found, nets=sum(len(dead) for *_, dead in shapes))


def answer(cells):
    two = {kind: cells.solved[kind][2].mean() for kind in SLOPED}
    return (
        f"What it can learn: with two hidden units sigmoid solves XOR in {two['sigmoid']:.0%} "
        f"of runs, tanh in {two['tanh']:.0%}, relu in {two['relu']:.0%}, identity never."
    )


def draw(cells):
    fig = style.canvas(5.9)
    top, bottom = fig.subfigures(2, 1, height_ratios=(0.4, 0.6))
    title = "Two circles: what 8 hidden units make of them, and how many examples are right"
    style.heading(top, title)
    for ax, kind in zip(top.subplots(1, len(KINDS)), KINDS, strict=True):
        net, examples, accuracy = cells.circles[kind]
        surface(ax, net, examples.X, examples.Y)
        ax.set(xticks=[], yticks=[], box_aspect=1.0)
        ax.set_title(f"{kind} {accuracy:.0%}", color=colours.of(kind))
    solved, dead = bottom.subplots(1, 2)
    for kind in ("relu", "tanh", "sigmoid", "identity", "step"):
        rates(solved, cells.solved[kind], color=colours.of(kind), label=kind)
    solved.set_xscale("log", base=2)
    panel(solved, "Relu is worst at 2-2-1; width helps", x="hidden units",
          y="nets that solve XOR (%)", ticks=cells.solved["relu"],
          legend={"loc": "center right", "bbox_to_anchor": (1.0, 0.42)})  # fmt: skip
    for (N, shapes), color in zip(cells.dead.items(), colours.shades(len(cells.dead)), strict=True):
        rates(dead, shapes, color=color, line=False, label=f"N = {N}")
        L = np.linspace(1, max(shapes), 100)
        plots.theory(dead, None, L, 100.0 * chance(N, L), color=color)
    plots.theory(dead, r"$1-(1-2^{-N})^L$", [], [])
    panel(dead, "Deep and narrow relu nets are born dead", x="depth L: layers of N relu units",
          y="nets born dead (%)", ticks=shapes, legend="lower right")  # fmt: skip
    return fig
