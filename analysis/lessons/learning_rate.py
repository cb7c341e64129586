"""Too small crawls, too large explodes: where is the edge, and what sets it?

On a quadratic a step multiplies the distance to the minimum, along each eigenvector of the Hessian,
by 1 - lr lambda (Cauchy 1847): it shrinks if lr < 2/lambda. The largest eigenvalue sets the edge.
A net's largest eigenvalue, its sharpness, moves and goes to the edge by itself (Cohen 2021).
"""

import numpy as np

from analysis import groups, theory
from analysis.claims import Caveat, Cells, Claim
from analysis.figures import colours, plots
from analysis.figures.panels import curves, grid, laws, panel, say
from analysis.measures import late, times_edge
from analysis.verdicts import LAW, every, joined, largest, least, none, note, share
from analysis.verdicts.samples import exponent

CHAPTER = 7
CAPTION = """Top left: loss after 1,000 epochs over six decades of the learning rate (median of 20
nets), dashed the edge of the linear models on AND. Top right: epochs to a given loss. Bottom left:
the sharpness of a 1-50-50-1 tanh net on 20 points climbs to 2/lr and stays (grey: nets, line:
median). Bottom right: three models trained above their edge (grey: nets, line: median, band: 5 % to
95 % of nets)."""
CAVEAT = """Above the edge a perceptron learns as before, logistic regression oscillates without
exploding, and a net may jump to where it is flatter and converge. Fixed: full batch, no
momentum."""
ROADS = {
    "linear": ("AND, least squares", 0.04, "o"),
    "logistic": ("AND, logistic", 0.1, "s"),
    "mlp": ("XOR, tanh net", 0.1, "D"),
}  # model: its data, the loss to reach, its look
RATES = {0.1: colours.ORANGE, 0.05: colours.BLUE}  # of the nets at the edge of stability
TOP = 300.0  # a loss beyond it has exploded


def cells(data):
    decades, beyond = data.select(epochs=1000, lr_unit="absolute"), data.select(width=8)
    logistic, linear = data.select(dataset="xor", model="logistic"), data.select(model="linear")
    at_edge = linear.select(lr_unit="critical", stop="never")
    squares = {name: groups.runs(at_edge.select(dataset=name), "lr") for name in ("linear", "and")}
    stable = groups.runs(data.select(dataset="chebyshev"), "lr", RATES)
    first = decades.select(model="linear").runs.run_id[0]
    return Cells(
        squares={name: [*map(side, sides.values())] for name, sides in squares.items()},
        durations=groups.by(data.select(stop="loss").nets, "model"),
        stable={lr: run.arrays() for lr, run in stable.items()},
        perceptrons=data.select(model="perceptron").nets, logistic=logistic.nets,
        beyond=beyond.arrays(), edge=theory.edge(data.examples(first).X),
        decades=groups.by(decades.nets, "model"),
        oscillating=logistic.select(lr=2).arrays(), exploding=squares["and"][1.01].arrays(),
    )  # fmt: skip


def side(run):
    """The nets on one side of the edge: growth of the gradient, learning rates, and the edge."""
    edges = [theory.edge(run.examples(index=i).X) for i in range(len(run.nets))]
    gradient = run.arrays()["curve/gradient_norm"]
    return Cells(growth=gradient[:, [0, -1]] @ [-1.0, 1.0], lr=run.nets.lr_used.to_numpy(),
                 edge=np.array(edges))  # fmt: skip


def locked(arrays):
    """(R, T): lr x sharpness / 2 over the last quarter of training."""
    return times_edge(arrays)[:, late(arrays)]


def duration(nets):
    """(lr, median epochs to the given loss), one row a learning rate."""
    rows = nets.groupby("lr").agg({"lr_used": "first", "epochs_used": "median"})
    return rows.lr_used.to_numpy(), rows.epochs_used.to_numpy()


def claims(cells):
    fits = {model: exponent(*duration(cells.durations[model])) for model in ROADS}
    held = {lr: locked(arrays) for lr, arrays in cells.stable.items()}
    means = np.concatenate([ratio.mean(axis=1) for ratio in held.values()])
    mistakes = groups.by(cells.perceptrons, "lr", "mistakes")
    (start, *_, end), loss = times_edge(cells.beyond).T, cells.beyond["curve/train/loss"]
    jumped = (start > 1.0) & (loss.max(axis=1) > loss[:, 0])
    landed = jumped & cells.beyond["final/solved"].astype(bool)
    return [
        Claim("Least squares explodes above lr = 2/lambda_max, within 1 % (100 random problems)",
              exploded(*cells.squares["linear"])),
        Claim("Least squares explodes above lr = 2/lambda_max, within 1 % (AND)",
              exploded(*cells.squares["and"]) & note(f"AND's edge is {cells.edge:.5f}")),
        Claim("Below the edge the epochs to a given loss go as 1/lr",
              joined(fit.named(f"{ROADS[model][0]}: exponent").within(LAW, of=-1)
                     for model, fit in fits.items()).on(groups.count(cells.durations))),
        Claim("Full-batch training of a tanh net drives its sharpness to 2/lr and holds it there",
              largest(np.abs(means - 1.0), "distance from 1 of a net's mean lr x sharpness / 2, "
                      "over the last quarter,").at_most(LAW)
              & note("single records are off by "
                     f"{max(np.abs(r - 1.0).max() for r in held.values()):.3f} at most")),
        Caveat("A perceptron does not care: from zero it makes the same mistakes at every lr",
               every([m == next(iter(mistakes.values())) for m in mistakes.values()],
                     len(cells.perceptrons), f"nets, lr {min(mistakes):g} to {max(mistakes):g}")),
        Caveat("Logistic regression on XOR oscillates above the edge and never explodes",
               none(cells.logistic.diverged, of="nets from 1.01 to 100 times the edge diverge")
               & least(cells.logistic.gradient_norm, "gradient").above(0.01)
               & note(f"weights stay below {cells.logistic.weight_norm.max():.0f}")),
        Caveat("A net that starts above the edge may jump and converge",
               share(landed[jumped]).above(0.5).on(len(loss))
               & every(end[landed] < 1.0, of="of these end below their edge")
               & note(f"{jumped.sum()} of {len(loss)} start at lr x sharpness / 2 > 1 (median "
                      f"{np.median(start):.2f}), and their loss rises")),
    ]  # fmt: skip


def exploded(below, above):
    """That all nets converge just below the edge and explode just above it."""
    near = np.concatenate([np.abs(part.lr / part.edge - 1.0) for part in (below, above)])
    return (every(below.growth < 0, of="nets converge at .99 of it")
            & every(above.growth > 0, of="explode at 1.01, by the gradient's norm")
            & largest(near, "distance of a learning rate from it").at_most(0.01 + 1e-9)
            ).on(len(near))  # fmt: skip


def answer(cells):
    off = max(np.abs(locked(a).mean(axis=1) - 1.0).max() for a in cells.stable.values())
    return (
        "The edge is 2 divided by the largest curvature, within 1%; nets climb to it by themselves "
        f"and stay within {off:.1%}."
    )


def draw(cells):
    fig, (decades, crawling, sharpening, above) = grid(2, 2, height=3.6)
    color = {model: colours.of(model, "model") for model in ROADS}
    slopes = {}
    for model, (label, to, marker) in ROADS.items():
        look, nets = {"color": color[model], "marker": marker}, cells.decades[model].groupby("lr")
        loss = nets["train/loss"].median().where(~nets.diverged.any(), TOP)
        decades.plot(loss[loss < TOP], ms=5, label=label, **look)
        decades.plot(loss[loss >= TOP], "X", ms=8, color=color[model])
        lr, epochs = duration(cells.durations[model])
        crawling.plot(lr, epochs, ls="none", label=f"{label}, to {to:g}", **look)
        middle = len(lr) // 2
        slopes[model] = lr, epochs[middle] * lr[middle] / lr
    edges = {"linear": (cells.edge, None), "logistic": (4.0 * cells.edge, None)}
    laws(decades, r"$2/\lambda_{max}$", edges, color)
    decades.plot([], [], "X", ms=8, color=color["linear"], label="diverged")
    panel(decades, "Small crawls, large explodes or jumps", x="learning rate", log="xy",
          y="loss after 1,000 epochs", ylim=(1e-6, 2 * TOP), legend="lower left")  # fmt: skip
    laws(crawling, "as 1/lr", slopes, color)
    panel(crawling, "Half the rate, twice the epochs", x="learning rate", log="xy",
          y="epochs to the given loss", ylim=(5, 1e5), legend="upper right")  # fmt: skip

    for lr, arrays in reversed(cells.stable.items()):
        curves(sharpening, arrays, "sharpness", color=RATES[lr], band=False, label=f"lr {lr:g}")
        plots.theory(sharpening, None, y=2.0 / lr, color=RATES[lr])
        say(sharpening, f"2/lr = {2 / lr:g}", (18_000, 2.0 / lr), (0, -6), ha="right", va="top",
            color=RATES[lr])  # fmt: skip
    panel(sharpening, "A net climbs to its edge and stays there", x="epoch", y="sharpness",
          ylim=(0, 47), xticks=range(0, 18_001, 6000), legend="lower right")  # fmt: skip
    net_at = np.median(times_edge(cells.beyond)[:, 0])
    for label, arrays, model in (
        ("least squares, 1.01 x edge", cells.exploding, "linear"),
        ("logistic, 2 x edge", cells.oscillating, "logistic"),
        (f"tanh net, {net_at:.1f} x edge", cells.beyond, "mlp"),
    ):
        curves(above, arrays, "train/loss", color=color[model], label=label)
    plots.epochs(above, 1000)
    panel(above, "Above the edge: three fates", x="epoch", y="loss", log="y", ylim=(1e-3, 1e4),
          legend="upper left")  # fmt: skip
    return fig
