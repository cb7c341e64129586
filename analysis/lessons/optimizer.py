"""Same gradient, other path: what does the optimizer change?

In a valley whose walls are `condition` times as steep as its floor, gradient descent needs steps in
proportion to the condition, and with momentum to its root (Polyak 1964; nobody does better from
gradients alone, Nemirovsky & Yudin 1983). Where there are many valleys speed is not all: another
path may lead into another one.
"""

import numpy as np

from analysis.claims import Claim
from analysis.figures import colours, plots, style
from analysis.statistics import mann_whitney, newcombe, slope, two_proportions, wilson

CHAPTER = 13
CAPTION = """
Top left: four ways down one valley of condition 20. Top right: XOR by 2-2-1 nets, one point a
learning rate (bars: Wilson 95 %). Bottom: steps to a loss of 1e-12 against the condition (median of
10 starts), each optimizer with its best learning rate and momentum; left in a valley along the
weights' axes, right in the same valley rotated, where scaling each weight by itself is of no help.
"""
CAVEAT = """
No optimizer is best. Adam is fast and ends in other basins, on XOR in worse ones; adagrad ignores
the condition only where the valley lies along the axes. Fixed: full batch, 10 weights, 2-2-1 nets.
"""
NAMES = {
    "sgd": "gradient descent", "momentum": "momentum", "nesterov": "Nesterov",
    "adagrad": "adagrad", "adam": "adam", "newton": "Newton",
}  # fmt: skip
MARKERS = dict(zip(NAMES, plots.MARKERS, strict=False))


def valley(data, dataset, optimizer):
    """The runs of one optimizer on one kind of quadratic of ten weights."""
    return data.select(dataset=dataset, n_features=10, optimizer=optimizer)


def best(data, dataset, optimizer, condition):
    """(R,): steps of the best choice of lr and momentum, the one with the lowest median."""
    nets = valley(data, dataset, optimizer).select(condition=condition).nets
    steps = nets.epochs_used.where((nets["train/loss"] < nets.stop_at) & ~nets.diverged, np.inf)
    arms = [arm.to_numpy(float) for _, arm in steps.groupby(nets.run_id, sort=False)]
    return min(arms, key=np.median)


def steps(data, dataset, optimizer):
    """{condition: (R,) steps}, each with its best lr and momentum."""
    conditions = valley(data, dataset, optimizer).values("condition")
    return {c: best(data, dataset, optimizer, c) for c in conditions}


def exponent(data, dataset, optimizer):
    """The growth of steps with the condition: the slope of their logarithms, over all nets."""
    found = steps(data, dataset, optimizer)
    conditions = np.repeat(list(found), [len(s) for s in found.values()])
    return slope(conditions, np.concatenate(list(found.values())))


def on_xor(data, optimizer):
    """{lr: (R,) epochs until XOR is solved, infinity for never}."""
    runs = data.select(dataset="xor", optimizer=optimizer)
    return {
        lr: runs.select(lr=lr).nets.epochs_to_solve.fillna(np.inf).to_numpy()
        for lr in runs.values("lr")
    }


def solved(epochs):
    return epochs[np.isfinite(epochs)]


def surest(data, optimizer):
    """(lr, epochs) of the lr with which most nets solve XOR."""
    return max(on_xor(data, optimizer).items(), key=lambda item: len(solved(item[1])))


def fastest(data, optimizer):
    """(lr, epochs) of the lr with which the nets that solve XOR need fewest epochs."""
    return min(on_xor(data, optimizer).items(), key=lambda item: np.median(solved(item[1])))


def soonest(data, optimizer):
    """(lr, epochs) of the lr with which half of all nets have solved XOR first."""
    return min(on_xor(data, optimizer).items(), key=lambda item: np.median(item[1]))


def claims(data):
    return [*valley_claims(data), *xor_claims(data)]


def valley_claims(data):
    plain, heavy = (steps(data, "quadratic", name) for name in ("sgd", "momentum"))
    grows = {name: exponent(data, "quadratic", name) for name in ("sgd", "momentum", "adagrad")}
    nets = sum(map(len, plain.values()))
    worst = max(plain)
    gain = np.median(plain[worst]) / np.median(heavy[worst])
    newton = np.concatenate(list(steps(data, "quadratic", "newton").values()))
    rotated, heavy_rotated = (exponent(data, "rotated", name) for name in ("adagrad", "momentum"))
    return [
        Claim("Steps of gradient descent grow as the condition",
              f"exponent {grows['sgd']}", "within .1 of 1", nets=nets,
              holds=abs(grows["sgd"].estimate - 1.0) < 0.1),
        Claim("With momentum they grow as its root",
              f"exponent {grows['momentum']}", "within .1 of 1/2", nets=nets,
              holds=abs(grows["momentum"].estimate - 0.5) < 0.1),
        Claim(
            f"At condition {worst:,.0f} momentum saves a factor of half its root or more",
            f"{np.median(plain[worst]):,.0f} steps against {np.median(heavy[worst]):,.0f}: "
            f"{gain:.1f} times",
            f"ratio of medians >= {0.5 * worst**0.5:.1f}", nets=2 * len(plain[worst]),
            holds=gain >= 0.5 * worst**0.5,
        ),
        Claim("Newton's method needs one step, whatever the condition",
              f"{newton.min():.0f} to {newton.max():.0f}", "equality",
              nets=len(newton), holds=(newton == 1).all()),
        Claim(
            "Adagrad does not feel the condition of a valley along the axes; turn the valley, and "
            "it feels it more than momentum does",
            f"exponent {grows['adagrad']}; {rotated} against {heavy_rotated} of momentum",
            "within .1 of 0; intervals apart", nets=2 * nets, caveat=True,
            holds=abs(grows["adagrad"].estimate) < 0.1 and rotated.low > heavy_rotated.high,
        ),
    ]  # fmt: skip


def xor_claims(data):
    (plain_lr, plain), (adam_lr, adam) = surest(data, "sgd"), surest(data, "adam")
    counts = len(solved(plain)), len(plain), len(solved(adam)), len(adam)
    less, apart = two_proportions(*counts, "greater"), newcombe(*counts)
    (quick_lr, quick), (slow_lr, slow) = fastest(data, "adam"), fastest(data, "sgd")
    sooner = mann_whitney(solved(quick), solved(slow), "less")
    slower = mann_whitney(solved(adam), solved(plain), "greater")
    half = {name: soonest(data, name) for name in ("momentum", "sgd", "adam")}
    beats = [mann_whitney(half["momentum"][1], half[name][1], "less") for name in ("sgd", "adam")]
    other = np.isfinite(plain) != np.isfinite(adam)
    return [
        Claim(
            "Adam solves XOR less often than gradient descent, by 15 points or more",
            f"{wilson(*counts[2:])} at lr {adam_lr:g} against {wilson(*counts[:2])} at lr "
            f"{plain_lr:g}, each with the lr that solves most; difference {apart}",
            f"difference >= .15; {less}", nets=counts[1] + counts[3],
            holds=apart.estimate >= 0.15 and less.p < 1e-10,
        ),
        Claim(
            "It is faster when it does",
            f"median {np.median(solved(quick)):.0f} epochs at lr {quick_lr:g} against "
            f"{np.median(solved(slow)):.0f} at lr {slow_lr:g}, each with its fastest",
            str(sooner), nets=len(solved(quick)) + len(solved(slow)), holds=sooner.p < 1e-6,
        ),
        Claim(
            "It is not both at once: where adam solves most it is slower than gradient descent "
            "where that solves most",
            f"median {np.median(solved(adam)):.0f} epochs against {np.median(solved(plain)):.0f}",
            str(slower),
            nets=len(solved(adam)) + len(solved(plain)), holds=slower.p < 1e-6, caveat=True,
        ),
        Claim(
            "Momentum beats both: half of all starts have solved XOR sooner",
            "median over all nets " + ", ".join(
                f"{NAMES[name]} {np.median(epochs):.0f} at lr {lr:g}"
                for name, (lr, epochs) in half.items()
            ),
            f"each with the lr of its lowest median; against gradient descent {beats[0]}, against "
            f"adam {beats[1]}",
            nets=sum(len(epochs) for _, epochs in half.values()), caveat=True,
            holds=max(test.p for test in beats) < 1e-6,
        ),
        Claim(
            "The optimizer changes the basin: from one start one of them solves XOR and the other "
            "does not",
            f"{wilson(other.sum(), len(other))} of starts, adam against gradient descent",
            "Wilson 95 %, lower end > .1", nets=2 * len(other), caveat=True,
            holds=wilson(other.sum(), len(other)).low > 0.1,
        ),
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------- drawing


def draw(data):
    fig, axes = style.figure(2, 2, height=3.6)
    ways(axes[0, 0], data)
    rates(axes[0, 1], data)
    for ax, dataset in zip(axes[1], ("quadratic", "rotated"), strict=True):
        growth(ax, data, dataset)
    axes[1, 0].sharey(axes[1, 1])
    axes[1, 0].set_title("Steps in a valley along the axes ...")
    axes[1, 1].set_title("... and in the same valley, rotated")
    return fig


def ways(ax, data):
    """Draws paths over the contours of a quadratic of two weights, whose minimum is at (1, 1)."""
    runs = data.select(dataset="quadratic", n_features=2)
    condition = runs.values("condition")[0]
    flat, steep = np.meshgrid(np.linspace(-11.0, 5.0, 200), np.linspace(-2.4, 4.6, 200))
    loss = (steep - 1.0) ** 2 + (flat - 1.0) ** 2 / condition
    ax.contour(flat, steep, loss, levels=np.arange(0.4, 3.5, 0.5) ** 2, colors=colours.PALE,
               linewidths=0.9)  # fmt: skip
    for name in runs.values("optimizer"):
        way = runs.select(optimizer=name).arrays()["path/W1"][0, :, ::-1, 0]
        ax.plot(*way.T, "-" + MARKERS[name], color=colours.of(name), ms=3.5, lw=1.3,
                label=NAMES[name])  # fmt: skip
    ax.plot(1.0, 1.0, "*", color=colours.INK, ms=13, zorder=5)
    ax.set_title("Same gradient, other path")
    ax.set(xlabel=f"flat weight (condition {condition:g})", ylabel="steep weight")
    ax.legend(loc="upper left", ncols=2)


def rates(ax, data):
    """Draws the share of nets that solve XOR against their speed, a point a learning rate."""
    for name in ("sgd", "momentum", "nesterov", "adam"):
        cells = on_xor(data, name).values()
        speed = [np.median(solved(epochs)) for epochs in cells]
        counts = [len(solved(epochs)) for epochs in cells], [len(epochs) for epochs in cells]
        plots.rates(ax, speed, *counts, label=NAMES[name], color=colours.of(name),
                    marker=MARKERS[name])  # fmt: skip
    ax.set_title("XOR: how often against how fast")
    ax.set(xscale="log", xlabel="epochs to solve it, median of those that do",
           ylabel="nets that solve XOR (%)")  # fmt: skip
    ticks = [50, 100, 200, 500]
    ax.set_xticks(ticks, map(str, ticks))
    ax.minorticks_off()
    ax.legend(loc="lower right")


def growth(ax, data, dataset):
    """Draws steps against the condition, and the slopes of theory."""
    if dataset == "rotated":
        for name, formula, power in (
            ("sgd", "in proportion to the condition", 1.0), ("momentum", "to its root", 0.5),
        ):  # fmt: skip
            c = np.array(list(first := steps(data, dataset, name)), dtype=float)
            plots.theory(ax, formula, c, np.median(first[c[0]]) * (c / c[0]) ** power,
                         ls=(0, (5, 3)) if power == 1.0 else ":", zorder=5)  # fmt: skip
        ax.legend(loc="upper left")
    for name in NAMES:
        medians = {c: np.median(s) for c, s in steps(data, dataset, name).items()}
        ax.plot(list(medians), list(medians.values()), MARKERS[name] + "-", ms=5.5,
                color=colours.of(name), label=NAMES[name])  # fmt: skip
    ax.set(xscale="log", yscale="log", xlabel="condition", ylabel="steps to a loss of 1e-12",
           ylim=(0.6, 2e5))  # fmt: skip
    ax.minorticks_off()
    if dataset == "quadratic":
        ax.legend(ncols=2, loc="upper left")
