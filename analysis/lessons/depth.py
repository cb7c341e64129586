"""What does depth buy: what a net can express, or what it learns?

tent(x) = 2 relu(x) - 4 relu(x - 1/2) folds [0, 1] in two, so that k layers of two relu units fold
it into 2^k pieces. One layer of m units has at most m + 1 pieces and changes sides at most m + 1
times: of n points labelled 0, 1, 0, 1, ... it gets (n - m - 2) / 2 wrong or more (after Telgarsky
2015). But the pieces of untrained nets are as many as their units allow, in however many layers
(Hanin & Rolnick 2019), and training has to start from there.
"""

import numpy as np

from analysis.claims import Claim
from analysis.figures import colours, plots, style
from analysis.statistics import bootstrap, number, wilson

CHAPTER = 10
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
UNITS = (24, 192)  # the smallest and the largest number in untrained nets


def tents(data):
    """The nets made by hand: depth, points, pieces and accuracy, one row a depth."""
    return data.select(init="sawtooth").nets.sort_values("depth")


def trained(data, depth):
    """{width: (nets,) lowest error at any point} and n, of nets trained on tent^4's points."""
    curves = data.select(init="normal", optimizer="adam", depth=depth).curves
    best = curves.groupby(["width", "run_id", "seed"], observed=True)["train/accuracy"].max()
    errors = {width: 1.0 - nets.to_numpy() for width, nets in best.groupby("width")}
    return errors, int(curves.n_samples.iloc[0])


def bound(n, m):
    """The least share of n alternating points that one layer of m relu units gets wrong."""
    return np.maximum(0.0, (n - m - 2.0) / (2.0 * n))


def untrained(data):
    """{depth: {units: (nets,) pieces}}"""
    nets = data.select(init="normal", epochs=0).nets
    cells = nets.linear_regions.groupby([nets.depth, nets.depth * nets.width])
    found = {}
    for (depth, units), pieces in cells:
        found.setdefault(int(depth), {})[int(units)] = pieces.to_numpy()
    return found


def claims(data):
    return [*expressed(data), *initialized(data), *learned(data)]


def expressed(data):
    made = tents(data)
    exact = (made.linear_regions == 2.0**made.depth) & (made["train/accuracy"] == 1.0)
    errors, n = trained(data, depth=1)
    room = {m: nets.min() - bound(n, m) for m, nets in errors.items()}
    least = min(room, key=room.get)
    return [
        Claim("k layers of two relu units make 2^k linear pieces and no error, k up to 10",
              f"pieces {', '.join(f'{p:.0f}' for p in made.linear_regions)}; "
              f"lowest accuracy {number(made['train/accuracy'].min())}",
              "equality in all of them", nets=len(made),
              holds=bool(exact.all()) and made.depth.max() >= 10),
        Claim("No trained net of one layer of m units beats (n - m - 2) / 2n, at any epoch",
              f"n = {n}, m from {min(errors)} to {max(errors)}: nearest at m = {least}, "
              f"{number(errors[least].min())} against {number(bound(n, least))}",
              "one counter-example falsifies", nets=sum(map(len, errors.values())),
              holds=min(room.values()) > -1e-12),
    ]  # fmt: skip


def initialized(data):
    cells = untrained(data)
    few, many = UNITS
    mean = {d: {u: nets.mean() for u, nets in row.items()} for d, row in cells.items()}
    units = [row[many] / row[few] for row in mean.values()]
    deepest = max(mean)
    layers = [mean[deepest][u] / mean[1][u] for u in mean[1]]
    one = {u: (nets.mean() - 1.0 - u / 4.0) / (nets.std(ddof=1) / np.sqrt(len(nets)))
           for u, nets in cells[1].items()}  # fmt: skip
    farthest = max(one, key=lambda u: abs(one[u]))
    total = sum(len(nets) for row in cells.values() for nets in row.values())
    return [
        Claim(f"Untrained, {many // few} times the units make at least 6 times the pieces, and "
              f"{deepest} times the layers of as many units at most 1.1 times",
              f"units: times {number(min(units))} to {number(max(units))} over all depths; "
              f"layers: times {number(min(layers))} to {number(max(layers))} over all sizes",
              "least ratio of means >= 6, largest ratio of means <= 1.1",
              nets=total, holds=min(units) >= 6.0 and max(layers) <= 1.1),
        Claim("Untrained, one layer of m units has 1 + m/4 pieces on [0, 1] on average",
              ", ".join(f"{u}: {number(cells[1][u].mean())}" for u in cells[1]),
              f"within 3 standard errors; farthest at {farthest}: {one[farthest]:+.1f}",
              nets=sum(map(len, cells[1].values())), holds=abs(one[farthest]) <= 3.0),
    ]  # fmt: skip


def learned(data):
    (deep,), n = trained(data, depth=4)[0].values(), trained(data, depth=4)[1]
    found = wilson((deep == 0.0).sum(), len(deep))
    wide = [nets for m, nets in trained(data, depth=1)[0].items() if bound(n, m) == 0.0]
    hits = wilson(sum((nets == 0.0).sum() for nets in wide), sum(map(len, wide)))
    return [
        Claim("Expressible is not learned: nets of 4 layers of two units can be tent^4 and are not",
              f"{found} are; the best has {number(deep.min())} wrong",
              "Wilson 95 %, upper end <= .05", nets=len(deep), holds=found.high <= 0.05,
              caveat=True),
        Claim("Nor do shallow nets that are wide enough for no error",
              f"{hits} do", "Wilson 95 %, upper end <= .10",
              nets=sum(map(len, wide)), holds=hits.high <= 0.10, caveat=True),
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------- drawing


def draw(data):
    fig, axes = style.figure(2, 2, height=3.9)
    compositions(axes[0, 0], data)
    pieces(axes[0, 1], data)
    errors(axes[1, 0], data)
    best_nets(axes[1, 1], data)
    return fig


def compositions(ax, data):
    x = np.linspace(0.0, 1.0, 1025)
    for k in range(1, 7):
        p = data.net(data.select(init="sawtooth", depth=k).run_id)(x[:, None])[:, 0]
        logit = np.log(p / (1.0 - p))  # the tent map itself, before the output's sigmoid
        ax.plot(x, -k + 0.7 * logit, color=colours.BLUE, lw=1.4)
    ax.set_yticks(-np.arange(1, 7) + 0.35, [f"k = {k}" for k in range(1, 7)])
    ax.set(xlabel="x", xlim=(0, 1))
    ax.grid(False)
    ax.set_title("Each layer folds once more: tent$^k$")


def pieces(ax, data):
    made, cells = tents(data), untrained(data)
    ax.plot(2 * made.depth, made.linear_regions, "o-", color=colours.BLUE, ms=6)
    text = "tent$^k$ by hand:\n2$^k$ pieces, 2k units"
    ax.annotate(text, (11, 60), ha="right", color=colours.BLUE)
    for (depth, row), color in zip(cells.items(), colours.palette(cells).values(), strict=True):
        intervals = np.array([bootstrap(nets, np.mean) for nets in row.values()])
        reach = np.abs(intervals[:, 1:] - intervals[:, :1]).T
        beside = np.array(list(row)) * 1.035 ** (depth - 3)
        ax.errorbar(beside, intervals[:, 0], reach, fmt="s", ms=4, color=color,
                    label=f"{depth} layer{'s' * (depth > 1)}")  # fmt: skip
    units = np.geomspace(*UNITS, 50)
    plots.theory(ax, "1 + units / 4", units, 1.0 + units / 4.0)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xticks([2, 5, 10, 20, 50, 100, 200], [2, 5, 10, 20, 50, 100, 200])
    ax.minorticks_off()
    ax.set(xlabel="hidden units", ylabel="linear pieces on [0, 1]", ylim=(1.5, 6e3))
    ax.legend(title="untrained, units in", loc="upper right", alignment="left")
    ax.set_title("Composed, pieces double a layer")


def errors(ax, data):
    shallow, n = trained(data, depth=1)
    deep = trained(data, depth=4)[0]
    for label, cells, layers, color, marker in (
        ("one layer", shallow, 1, colours.ORANGE, "o"),
        ("4 layers of 2", deep, 4, colours.RED, "D"),
    ):
        for width, nets in cells.items():
            ax.plot(np.full(len(nets), layers * width), 100 * nets, ".", color=colours.PALE, ms=5)
        units, tried = [layers * width for width in cells], min(map(len, cells.values()))
        ax.plot(units, [100 * nets.min() for nets in cells.values()], marker, color=color, ms=7,
                ls="-" if layers == 1 else "none", label=f"{label}, best of {tried}")  # fmt: skip
    m = np.geomspace(1, max(shallow), 200)
    plots.theory(ax, "one layer, bound (n - m - 2) / 2n", m, 100 * bound(n, m))
    ax.plot(8, 0, "*", color=colours.BLUE, ms=15, clip_on=False, zorder=6,
            label="tent$^4$ by hand, 4 layers of 2")  # fmt: skip
    ax.set_xscale("log")
    ax.set_xticks(list(shallow), [f"{m:g}" for m in shallow])
    ax.minorticks_off()
    ax.set(xlabel="hidden units", ylabel=f"wrong of {n} points (%)", ylim=(0, 88))
    ax.legend(loc="upper right")
    ax.set_title("Trained nets stay far above the bound")


def best_nets(ax, data):
    x = np.linspace(0.0, 1.0, 1001)[:, None]
    for label, knobs, color in (
        ("tent$^4$ by hand", {"init": "sawtooth", "depth": 4}, colours.BLUE),
        ("trained, one layer of 64", {"optimizer": "adam", "width": 64}, colours.ORANGE),
        ("trained, 4 layers of 2", {"optimizer": "adam", "depth": 4}, colours.RED),
    ):
        run = data.select(**knobs)
        net = int(run.nets["train/accuracy"].argmax())
        output = run.net(index=net)(x)
        # By hand, 1/2 is the lowest output: the decision is "above 1/2 or not".
        ax.plot(x, output, color=color, label=label, lw=1.6)
    points = data.examples(data.select(init="sawtooth", depth=4).run_id)
    ax.scatter(points.X, points.Y, s=22, color=colours.INK, zorder=5, clip_on=False)
    plots.theory(ax, "decision", y=0.5, color=colours.GREY)
    ax.set(xlabel="x", ylabel="output", xlim=(0, 1), ylim=(-0.03, 1.75), yticks=[0, 0.5, 1])
    ax.legend(loc="upper right", ncols=1)
    ax.set_title("Expressible is not learned")
