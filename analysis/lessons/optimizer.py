"""Same gradient, other path: what does the optimizer change?

In a valley whose walls are `condition` times as steep as its floor, gradient descent needs steps in
proportion to the condition, and with momentum to its root (Polyak 1964; nobody does better from
gradients alone, Nemirovsky & Yudin 1983). Where there are many valleys speed is not all: another
path may lead into another one.
"""

import numpy as np

from analysis import groups
from analysis.claims import Caveat, Cells, Claim
from analysis.figures import colours, plots
from analysis.figures.panels import each, grid, law, medians, panel, rates
from analysis.groups import fastest, finite, soonest, surest
from analysis.statistics import number
from analysis.verdicts import SHARE, every, joined, larger, note, number_of, ratio, share, smaller
from analysis.verdicts.samples import exponent
from analysis.verdicts.shares import difference, less_often

CHAPTER = 13
CAPTION = """Top left: four ways down one valley of condition 20. Top right: XOR by 2-2-1 nets, one
point a learning rate (bars: Wilson 95 %). Bottom: steps to a loss of 1e-12 against the condition
(median of 10 starts), each optimizer with its best learning rate and momentum; left in a valley
along the weights' axes, right in the same valley rotated, where scaling each weight by itself is of
no help."""
CAVEAT = """No optimizer is best. Adam is fast and ends in other basins, on XOR in worse ones;
adagrad ignores the condition only where the valley lies along the axes. Fixed: full batch, 10
weights, 2-2-1 nets."""
NAMES = {
    "sgd": "gradient descent", "momentum": "momentum", "nesterov": "Nesterov",
    "adagrad": "adagrad", "adam": "adam", "newton": "Newton",
}  # fmt: skip
ON_XOR = ("sgd", "momentum", "nesterov", "adam")


def cells(data):
    ten, two = data.select(n_features=10), data.select(dataset="quadratic", n_features=2)
    ways = groups.runs(two, "optimizer")
    return Cells(
        steps={place: steps(run.nets) for place, run in
               groups.runs(ten, "dataset", ("quadratic", "rotated")).items()},
        ways={name: run.arrays()["path/W1"][0, :, ::-1, 0] for name, run in ways.items()},
        condition=two.values("condition")[0],
        xor=groups.by(data.select(dataset="xor").nets, ("optimizer", "lr"), groups.epochs),
    )  # fmt: skip


def steps(nets):
    """{optimizer: {condition: (R,) steps}} of the lr and momentum with the lowest median."""
    reached = (nets["train/loss"] < nets.stop_at) & ~nets.diverged.astype(bool)
    nets = nets.assign(steps=nets.epochs_used.where(reached, np.inf).astype(float))
    arms = groups.by(nets, ("optimizer", "condition", "run_id"), "steps")
    return {name: {c: min(runs.values(), key=np.median) for c, runs in row.items()}
            for name, row in arms.items()}  # fmt: skip


def grows(found):
    """The growth of steps with the condition: the slope of their logarithms, over all nets."""
    conditions = np.repeat([*found], [*map(len, found.values())])
    return exponent(conditions, groups.pooled(found))


def claims(cells):
    return [*valley_claims(cells), *xor_claims(cells)]


def valley_claims(cells):
    flat, turned = cells.steps["quadratic"], cells.steps["rotated"]
    plain, heavy = flat["sgd"], flat["momentum"]
    worst = max(plain)
    adagrad, momentum = grows(turned["adagrad"]), grows(turned["momentum"])
    return [
        Claim("Steps of gradient descent grow as the condition",
              grows(plain).named("exponent").within(0.1, of=1)),
        Claim("With momentum they grow as its root",
              grows(heavy).named("exponent").within(0.1, of=0.5)),
        Claim(f"At condition {worst:,.0f} momentum saves a factor of half its root or more",
              ratio(plain[worst], heavy[worst]).at_least(0.5 * worst**0.5)),
        Claim("Newton's method needs one step, whatever the condition",
              every(groups.pooled(flat["newton"]) == 1, of="nets take one step")),
        Caveat("Adagrad does not feel the condition of a valley along the axes; turn the valley, "
               "and it feels it more than momentum does",
               grows(flat["adagrad"]).named("exponent").within(0.1, of=0)
               & adagrad.named("rotated").above(momentum.high)
               & note(f"{momentum.text} of momentum").on(2 * adagrad.nets)),
    ]  # fmt: skip


def xor_claims(cells):
    (plain_lr, plain), (adam_lr, adam) = surest(cells.xor["sgd"]), surest(cells.xor["adam"])
    (slow_lr, slow), (quick_lr, quick) = fastest(cells.xor["sgd"]), fastest(cells.xor["adam"])
    hits = np.isfinite(adam), np.isfinite(plain)
    half = {name: soonest(cells.xor[name]) for name in ("momentum", "sgd", "adam")}
    return [
        Claim("Adam solves XOR less often than gradient descent, by 15 points or more",
              less_often(*hits, p=1e-10)
              & number_of(hits[1].mean() - hits[0].mean(), "difference").at_least(SHARE)
              & note(f"{difference(*hits[::-1]).text}; at lr {adam_lr:g} and {plain_lr:g}, each "
                     "with the lr that solves most")),
        Claim("It is faster when it does",
              smaller(finite(quick), finite(slow), p=1e-6)
              & note(f"at lr {quick_lr:g} and {slow_lr:g}, each with its fastest")),
        Caveat("It is not both at once: where adam solves most it is slower than gradient descent "
               "where that solves most", larger(finite(adam), finite(plain), p=1e-6)),
        Caveat("Momentum beats both: half of all starts have solved XOR sooner",
               joined(smaller(half["momentum"][1], half[name][1], p=1e-6) for name in
                      ("sgd", "adam")).on(sum(len(epochs) for _, epochs in half.values()))
               & note("of momentum against gradient descent and adam, at lr "
                      + ", ".join(f"{lr:g}" for lr, _ in half.values()))),
        Caveat("The optimizer changes the basin: from one start one of them solves XOR and the "
               "other does not", share(hits[0] != hits[1]).above(0.1).on(2 * len(plain))),
    ]  # fmt: skip


def answer(cells):
    epochs = {name: fastest(cells.xor[name])[1] for name in ("sgd", "adam")}
    times = np.divide(*(np.median(finite(e)) for e in epochs.values()))
    plain, adam = (np.isfinite(surest(cells.xor[name])[1]).mean() for name in ("sgd", "adam"))
    return (f"How fast, and where to: adam is {number(times)} times as fast on XOR, but solves it "
            f"from {adam:.0%} of starts, gradient descent from {plain:.0%}.")  # fmt: skip


def draw(cells):
    fig, (ways, xor, along, turned) = grid(2, 2, height=3.6)
    draw_ways(ways, cells)
    # Two learning rates may be equally fast.
    speed = {name: {np.median(finite(e)) * (1.0 + 1e-9 * i): np.isfinite(e) for i, e in
                    enumerate(cells.xor[name].values())} for name in ON_XOR}  # fmt: skip
    drawn = {name: NAMES[name] for name in ON_XOR}
    each(rates, xor, speed, labels=drawn, markers="osDv", sort=False)  # as in the valleys
    panel(xor, "XOR: how often against how fast", x="epochs to solve it, median of those that do",
          y="nets that solve XOR (%)", log="x", ticks=[50, 100, 200, 500],
          legend="lower right")  # fmt: skip
    low, *_, high = cells.steps["rotated"]["sgd"]
    plain, heavy = (np.median(cells.steps["rotated"][name][low]) for name in ("sgd", "momentum"))
    laws = [
        law(turned, "in proportion to the condition", lambda c: plain * c / low, low, high),
        law(turned, "to its root", lambda c: heavy * np.sqrt(c / low), low, high, ls=":"),
    ]
    for ax, place in ((along, "quadratic"), (turned, "rotated")):
        each(medians, ax, cells.steps[place], labels=NAMES)
    axes = {"x": "condition", "y": "steps to a loss of 1e-12", "log": "xy", "ylim": (0.6, 2e5)}
    panel(along, "Steps in a valley along the axes ...", **axes,
          legend={"ncols": 2, "loc": "upper left"})  # fmt: skip
    panel(turned, "... and in the same valley, rotated", **axes,
          legend={"handles": laws, "loc": "upper left"})  # fmt: skip
    for ax in (along, turned):
        ax.minorticks_off()
    return fig


def draw_ways(ax, cells):
    """Draws paths over the contours of a quadratic of two weights, whose minimum is at (1, 1)."""
    flat, steep = np.meshgrid(np.linspace(-11.0, 5.0, 200), np.linspace(-2.4, 4.6, 200))
    loss = (steep - 1.0) ** 2 + (flat - 1.0) ** 2 / cells.condition
    ax.contour(flat, steep, loss, levels=np.arange(0.4, 3.5, 0.5) ** 2, colors=colours.PALE,
               linewidths=0.9)  # fmt: skip
    for (name, words), marker in zip(NAMES.items(), plots.MARKERS, strict=False):
        if name in cells.ways:
            ax.plot(*cells.ways[name].T, marker=marker, color=colours.of(name), ms=3.5, lw=1.3,
                    label=words)  # fmt: skip
    ax.plot(1.0, 1.0, "*", color=colours.INK, ms=13, zorder=5)
    panel(ax, "Same gradient, other path", x=f"flat weight (condition {cells.condition:g})",
          y="steep weight", legend={"loc": "upper left", "ncols": 2})  # fmt: skip
