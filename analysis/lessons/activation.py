"""What does the activation change: what a net can learn, or only how fast?

A step has no slope, so that nothing flows back through it (Minsky & Papert 1969 saw no way around).
The identity makes any depth one line. Sigmoid, tanh and relu (Nair & Hinton 2010) all can learn
XOR; a relu unit that is 0 on every example has no gradient either (Lu et al. 2019)."""

import numpy as np

from analysis import groups, measures, theory
from analysis.claims import Caveat, Cells, Claim
from analysis.figures import colours
from analysis.figures.panels import each, halves, laws, panel, rates, thumbnail
from analysis.verdicts import LAW, every, joined, none, note, number, number_of, share, smaller
from analysis.verdicts.shares import less_often_than, more_often, rises

CHAPTER = 6
CAPTION = """Top: what a net with 8 hidden units of each kind makes of two circles, after 1,000
epochs; black is the boundary at 1/2, the number is the median accuracy of 10 nets. Bottom left:
nets that solve XOR, against width. Bottom right: relu nets in which some layer is 0 on every
example before training begins, against depth; dashed is theory. Bars: Wilson 95 %."""
CAVEAT = """Relu is the worst of three at 2-2-1 and gains most by width and depth, where it leaves
sigmoid behind and tanh hardly. The formula for dead nets is exact for one input from 0 to 1 and no
biases, and too high with biases. Fixed: lr 1, U(-1, 1), full batch on XOR; on the spirals each
activation has the best learning rate of its sweep."""
KINDS = ("step", "identity", "sigmoid", "tanh", "relu")
SLOPED = ("sigmoid", "tanh", "relu")  # activations with a slope can learn


def cells(data):
    xor = data.select(dataset="xor", init="uniform", depth=1)
    step = xor.select(activation="step", width=2)
    spirals = groups.runs(data.select(dataset="spirals"), "activation", SLOPED)
    circles = groups.runs(data.select(dataset="circles"), "activation", KINDS)
    return Cells(
        solved=groups.by(xor.nets, ("activation", "width"), groups.solved),
        epochs=groups.by(xor.nets, ("activation", "width"), groups.epochs),
        steps=step.nets.epochs_used.min(), moved=groups.gathered(step, measures.moved),
        given=groups.solved(data.select(init="given").nets),
        dead=groups.by(data.select(dataset="sawtooth").nets, ("width", "depth"), "born_dead"),
        biased=data.select(dataset="xor", depth=5).nets.born_dead.to_numpy(),
        spirals={kind: groups.soonest(groups.by(run.nets, "lr", groups.epochs))
                 for kind, run in spirals.items()},
        circles={kind: (run.net(), run.examples(), run.nets["train/accuracy"].median())
                 for kind, run in circles.items()},
    )  # fmt: skip


def claims(cells):
    two, relu = {kind: cells.solved[kind][2] for kind in KINDS}, cells.solved["relu"]
    wide = max(relu)
    at_wide = {kind: cells.epochs[kind][wide] for kind in SLOPED}
    deep = {kind: epochs for kind, (_, epochs) in cells.spirals.items()}
    said = ", ".join(f"{kind} {np.isfinite(epochs).sum()} of {len(epochs)} solve it (lr {lr:g})"
                     for kind, (lr, epochs) in cells.spirals.items())  # fmt: skip
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
              "to within 5 points for every shape", born_dead(cells.dead)),
        Caveat("With two inputs and random biases fewer are born dead than the formula says",
               less_often_than(theory.born_dead(2, 5), cells.biased, p=1e-3)),
        Caveat(f"Width rescues relu: from {relu[2].mean():.0%} of nets at 2 to "
               f"{relu[wide].mean():.0%} at {wide}",
               rises(relu, p=1e-12, scores=np.log2([*relu]))
               & number_of(relu[wide].mean(), f"share at {wide}", len(relu[wide])).above(0.95)),
        Caveat(f"At width {wide} relu solves XOR in the fewest epochs",
               joined(smaller(at_wide["relu"], at_wide[kind], p=1e-3)
                      for kind in ("tanh", "sigmoid")).on(groups.count(at_wide))),
        Caveat("Four layers deep on spirals relu is ready when sigmoid has not begun, each at its "
               "best learning rate",
               note(said).on(groups.count(deep)) & smaller(deep["relu"], deep["sigmoid"], p=1e-6)),
    ]  # fmt: skip


def born_dead(dead):
    """That the share of nets born dead is within LAW of the formula, for every shape."""
    law = [share(nets).within(LAW, of=theory.born_dead(N, L), called="the formula")
           for N, shapes in dead.items() for L, nets in shapes.items()]  # fmt: skip
    five, formula = share(dead[2][5]).text, number(theory.born_dead(2, 5))
    found = f"N 2, L 5: {five}, theory {formula}; {len(law)} shapes"
    return joined(law)._replace(measured=found).on(groups.count(dead))


def answer(cells):
    sigmoid, tanh, relu = (cells.solved[kind][2].mean() for kind in SLOPED)
    return (f"What it can learn: with two hidden units sigmoid solves XOR in {sigmoid:.0%} of "
            f"runs, tanh in {tanh:.0%}, relu in {relu:.0%}, identity never.")  # fmt: skip


def draw(cells):
    fig, top, bottom = halves(5.9, (0.4, 0.6), "Two circles: what 8 hidden units make of them, and "
                              "how many examples are right")  # fmt: skip
    for ax, kind in zip(top.subplots(1, len(KINDS)), KINDS, strict=True):
        net, examples, right = cells.circles[kind]
        thumbnail(ax, net, examples.X, examples.Y, f"{kind} {right:.0%}", color=colours.of(kind))
    solved, dead = bottom.subplots(1, 2)
    each(rates, solved, cells.solved, labels={kind: kind for kind in reversed(KINDS)})
    panel(solved, "Relu is worst at 2-2-1; width helps", x="hidden units", log="x",
          y="nets that solve XOR (%)", ticks=cells.solved["relu"],
          legend={"loc": "center right", "bbox_to_anchor": (1.0, 0.42)})  # fmt: skip
    each(rates, dead, cells.dead, labels="N = {}", line=False)
    L = np.linspace(1, 20, 100)
    laws(dead, r"$1-(1-2^{-N})^L$", {N: (L, 100 * theory.born_dead(N, L)) for N in cells.dead})
    panel(dead, "Deep and narrow relu nets are born dead", x="depth L: layers of N relu units",
          y="nets born dead (%)", ticks=cells.dead[2], legend="lower right")  # fmt: skip
    return fig
