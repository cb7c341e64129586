"""What does the activation change: what a net can learn, or only how fast?

A step has no slope, so that nothing flows back through it (Minsky & Papert 1969 saw no way around).
The identity makes any depth one line. Sigmoid, tanh and relu (Nair & Hinton 2010) all can learn
XOR; a relu unit that is 0 on every example has no gradient either (Lu et al. 2019).
"""

import numpy as np

from analysis.claims import Claim
from analysis.figures import colours, plots, style
from analysis.statistics import mann_whitney, number, proportion, trend, two_proportions, wilson

CHAPTER = 6
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


def xor(data):
    """The 2-2-1 nets on XOR, trained from U(-1, 1): {activation: Data}."""
    nets = data.select(dataset="xor", init="uniform", depth=1, width=2)
    return {kind: nets.select(activation=kind) for kind in KINDS}


def by_width(data, kind):
    """(width, nets that solve XOR, nets) of one activation, one row a width."""
    nets = data.select(dataset="xor", init="uniform", depth=1, activation=kind).nets
    counts = nets.groupby("width").solved.agg(["sum", "size"]).reset_index()
    return zip(*counts.astype(int).itertuples(index=False), strict=True)


def born_dead(data):
    """(width N, depth L, dead nets, nets, theory) of relu nets on one input, one row a shape."""
    nets = data.select(dataset="sawtooth").nets
    counts = nets.groupby(["width", "depth"]).born_dead.agg(["sum", "size"]).reset_index()
    for N, L, dead, total in counts.astype(int).itertuples(index=False):
        yield N, L, dead, total, chance(N, L)


def chance(N, L):
    """The probability that one of L layers of N units is 0 for all x >= 0; for a unit it is 1/2."""
    return 1.0 - (1.0 - 2.0**-N) ** L


def spirals(data, kind):
    """(lr, epochs with inf for never) of the learning rate that solves the spirals soonest."""
    nets = data.select(dataset="spirals", activation=kind).nets
    epochs = {lr: part.epochs_to_solve.fillna(np.inf).to_numpy() for lr, part in nets.groupby("lr")}
    lr = min(epochs, key=lambda lr: (np.median(epochs[lr]), -np.isfinite(epochs[lr]).sum()))
    return lr, epochs[lr]


def claims(data):
    return [*step_and_identity(data), *ranking(data), *dead(data), *relu_wins(data)]


def step_and_identity(data):
    """The claims about step and identity, which cannot learn."""
    nets = xor(data)
    arrays = nets["step"].arrays()
    moved = sum(
        int((arrays[f"path/{name}"][:, 0] != arrays[f"weights/{name}"]).any(axis=(1, 2)).sum())
        for name in ("W1", "b1")
    )
    given = data.select(init="given").nets.solved
    step, line = nets["step"].nets, nets["identity"].nets.solved
    return [
        Claim(
            "Step units never learn: hidden weights are the same to the bit after 1,000 steps, "
            "although weights that solve XOR exist",
            f"{moved} of {len(step):,} nets moved; the weights given solve XOR: {given.all()}; "
            f"luck and the output unit solve it in {wilson(step.solved.sum(), len(step))}",
            "weights compared bit by bit", nets=len(step) + len(given),
            holds=moved == 0 and bool(given.all()) and step.epochs_used.min() == 1000,
        ),
        Claim("Identity units make no difference: no net solves XOR",
              str(wilson(line.sum(), len(line))), "none of 1,000 or more",
              nets=len(line), holds=line.sum() == 0 and len(line) >= 1000),
    ]  # fmt: skip


def ranking(data):
    """The claims that at 2-2-1 sigmoid comes before tanh, and tanh before relu."""
    solved = {kind: (int(d.nets.solved.sum()), len(d.nets)) for kind, d in xor(data).items()}
    tests = [two_proportions(*solved[a], *solved[b], "greater")
             for a, b in zip(SLOPED, SLOPED[1:], strict=False)]  # fmt: skip
    return [
        Claim(
            "At 2-2-1 sigmoid solves XOR more often than tanh, and tanh more often than relu",
            ", ".join(f"{kind} {wilson(*solved[kind])}" for kind in SLOPED),
            "; ".join(map(str, tests)), nets=sum(solved[kind][1] for kind in SLOPED),
            holds=all(test.p < 1e-10 for test in tests),
        )
    ]  # fmt: skip


def dead(data):
    """The claims about the law of nets born dead, and its limits."""
    shapes = list(born_dead(data))
    tests = [proportion(k, n, p).p for _, _, k, n, p in shapes]
    k, n, p = next(row[2:] for row in shapes if row[:2] == (2, 5))
    biased = data.select(dataset="xor", depth=5).nets.born_dead
    less = proportion(int(biased.sum()), len(biased), chance(2, 5), "less")
    return [
        Claim(
            "A relu net of width N and depth L is born dead with probability 1 - (1 - 2^-N)^L",
            f"N 2, L 5: {wilson(k, n)}, theory {number(p)}; {len(shapes)} shapes, N 1 to 4, "
            "L 1 to 20", f"exact binomial tests, smallest p {number(min(tests))}, not below "
            f".05/{len(shapes)} (Bonferroni)", nets=sum(row[3] for row in shapes),
            holds=min(tests) > 0.05 / len(shapes) and p in wilson(k, n),
        ),
        Claim("With two inputs and random biases fewer are born dead than the formula says",
              str(wilson(biased.sum(), len(biased))), str(less), nets=len(biased),
              holds=less.p < 1e-3, caveat=True),
    ]  # fmt: skip


def relu_wins(data):
    """The claims that width and depth suit relu, which narrow XOR hides."""
    widths, k, n = by_width(data, "relu")
    rises = trend(k, n, np.log2(widths), "greater")
    wide = data.select(dataset="xor", init="uniform", depth=1, width=max(widths)).nets
    epochs = {kind: wide[wide.activation == kind].epochs_to_solve.fillna(np.inf) for kind in SLOPED}
    faster = [mann_whitney(epochs["relu"], epochs[kind], "less") for kind in ("tanh", "sigmoid")]
    deep = {kind: spirals(data, kind) for kind in SLOPED}
    sooner = {k: mann_whitney(deep["relu"][1], deep[k][1], "less") for k in ("tanh", "sigmoid")}
    return [
        Claim(f"Width rescues relu: from {k[0] / n[0]:.0%} of nets at 2 to {k[-1] / n[-1]:.0%} at "
              f"{widths[-1]}", f"{wilson(k[0], n[0])} to {wilson(k[-1], n[-1])}", str(rises),
              nets=sum(n), holds=rises.p < 1e-12 and k[-1] / n[-1] > 0.95, caveat=True),
        Claim(
            f"At width {max(widths)} relu solves XOR in the fewest epochs",
            "median " + ", ".join(f"{k} {number(np.median(e))}" for k, e in epochs.items()),
            "; ".join(map(str, faster)), nets=len(wide),
            holds=all(test.p < 1e-3 for test in faster), caveat=True,
        ),
        Claim(
            "Four layers deep on spirals relu is ready when sigmoid has not begun, each at its "
            "best learning rate",
            ", ".join(
                f"{kind} {np.isfinite(e).sum()} of {len(e)} solve it, median {number(np.median(e))}"
                f" epochs (lr {lr:g})" for kind, (lr, e) in deep.items()),
            f"against sigmoid {sooner['sigmoid']}; against tanh, no claim, {sooner['tanh']}",
            nets=sum(len(e) for _, e in deep.values()),
            holds=sooner["sigmoid"].p < 1e-6, caveat=True,
        ),
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------- drawing


def draw(data):
    fig = style.canvas(5.9)
    top, bottom = fig.subfigures(2, 1, height_ratios=(0.4, 0.6))
    title = "Two circles: what 8 hidden units make of them, and how many examples are right"
    style.heading(top, title)
    for ax, kind in zip(top.subplots(1, len(KINDS)), KINDS, strict=True):
        surface(ax, data.select(dataset="circles", activation=kind), kind)
    left, right = bottom.subplots(1, 2)
    solve_rates(left, data)
    dead_shares(right, data)
    return fig


def surface(ax, run, kind):
    examples = run.examples()
    plots.decision_surface(ax, run.net(), examples.X, examples.Y)
    ax.set(xticks=[], yticks=[], box_aspect=1.0)
    accuracy = np.median(run.nets["train/accuracy"])
    ax.set_title(f"{kind} {accuracy:.0%}", color=colours.of(kind))


def solve_rates(ax, data):
    for kind in reversed(SLOPED):
        plots.rates(ax, *by_width(data, kind), color=colours.of(kind), label=kind)
    for kind in ("identity", "step"):
        nets = xor(data)[kind].nets.solved
        plots.rates(ax, [2], [nets.sum()], [len(nets)], color=colours.of(kind), label=kind)
    ax.set_xscale("log", base=2)
    widths = data.select(dataset="xor", activation="relu").values("width")
    ax.set_xticks(widths, [f"{w:g}" for w in widths])
    ax.set(xlabel="hidden units", ylabel="nets that solve XOR (%)")
    ax.set_title("Relu is worst at 2-2-1; width helps")
    ax.legend(loc="center right", bbox_to_anchor=(1.0, 0.42))


def dead_shares(ax, data):
    rows = list(born_dead(data))
    colors = colours.palette({row[0] for row in rows})
    for N, color in colors.items():
        depths, k, n = zip(*(row[1:4] for row in rows if row[0] == N), strict=True)
        plots.rates(ax, depths, k, n, color=color, line=False, label=f"N = {N}")
        L = np.linspace(1, max(depths), 100)
        plots.theory(ax, None, L, 100.0 * chance(N, L), color=color)
    plots.theory(ax, r"$1-(1-2^{-N})^L$", [], [])
    ax.set_xticks(depths)
    ax.set(xlabel="depth L: layers of N relu units", ylabel="nets born dead (%)")
    ax.set_title("Deep and narrow relu nets are born dead")
    ax.legend(loc="lower right")
