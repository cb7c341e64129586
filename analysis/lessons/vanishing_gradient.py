"""Why do deep sigmoid nets not learn, and why did relu win?

On its way back through a layer of H units the gradient is multiplied by W' and by phi'(z). With
independent weights of variance var(w) its root mean square changes by

    sqrt(s2 E[phi'(z)^2]),   s2 = H var(w),   z ~ N(0, q),   q = s2 E[phi(z)^2]

(Glorot & Bengio 2010; Schoenholz et al. 2017): the same factor in every layer. Hochreiter (1991)
was the first to see what that means: powers of it.
"""

import numpy as np

from analysis.claims import Claim
from analysis.figures import colours, plots, style
from analysis.statistics import number, two_proportions
from scratchml.activations import ACTIVATIONS

CHAPTER = 9
CAPTION = """
Top left: root mean square of dL/dz in each layer of untrained nets, relative to the last; points:
median of the nets, dashed: the theory's factor, layer after layer. Top right: the slope phi'(z) of
the sigmoid units of such nets, at most 1/4. Bottom left: accuracy on two rings after training;
dots: each net, lines: median. Bottom right: the loss on the way (grey: each net, lines: median); a
net that has solved the rings stops.
"""
CAVEAT = """
At initialization the slope of at most 1/4 does it, not saturation: with weights four times as large
more units are saturated, and depth 6 trains. Tanh trains as well as relu here, if later, and relu
does without He's factor. Fixed: two rings, width 16, 100 epochs of 10 batches.
"""
STUCK = np.log(2.0) - 0.01  # nats: a net above this loss has learned nothing
LEARNED = 0.99
SETTLED = 3  # from this layer on, sums do not depend on the size of the inputs

# name -> its knobs, colour and marker
ARMS = {
    "relu, He": ({"activation": "relu", "init": "he"}, colours.RED, "s"),
    "tanh, Xavier": ({"activation": "tanh"}, colours.BLUE, "o"),
    "relu, Xavier": ({"activation": "relu", "init": "xavier"}, colours.PINK, "D"),
    "sigmoid, Xavier x 4": ({"activation": "sigmoid", "init_scale": 4}, colours.WINE, "^"),
    "sigmoid, Xavier": ({"activation": "sigmoid", "init_scale": 1}, colours.ORANGE, "v"),
}


def factor(activation, s2):
    """The factor of a layer on the size of the gradient in theory, once q has settled."""
    f, df = ACTIVATIONS[activation]
    z, weights = np.polynomial.hermite_e.hermegauss(100)  # even: no node is at 0
    weights = weights / weights.sum()
    q = 1.0
    for _ in range(1000):
        q = s2 * weights @ f(np.sqrt(q) * z) ** 2
    z = np.sqrt(q) * z
    return float(np.sqrt(s2 * weights @ df(z, f(z)) ** 2))


def wide(data, arm):
    """The untrained wide nets of an arm: their signals (R, layers), and theory's factor."""
    run = data.select(epochs=0, **ARMS[arm][0])
    signals = run.arrays()["curve/signal_norm_by_layer"][:, 0, :-1]  # without that of the output
    row = run.runs.iloc[0]
    return signals, factor(row.activation, row.init_scale**2 * (2.0 if row.init == "he" else 1.0))


def trained(data, arm, **knobs):
    return data.select(**ARMS[arm][0], width=16, **knobs)


def slopes(data, arm):
    """phi'(z) of every unit and example in the settled layers of one untrained net."""
    run = data.select(epochs=0, **ARMS[arm][0])
    f, df = ACTIVATIONS[run.runs.activation[0]]
    arrays, A, found = run.arrays(), run.examples().X, []
    for layer in range(1, int(run.runs.depth[0]) + 1):
        Z = A @ arrays[f"weights/W{layer}"][0] + arrays[f"weights/b{layer}"][0]
        A = f(Z)
        found.append(df(Z, A).ravel())
    return np.concatenate(found[SETTLED - 1 :])


def claims(data):
    return [*factor_claims(data), *training_claims(data), *caveats(data)]


def factor_claims(data):
    """One claim an arm: the factor of a layer is that of theory."""
    decided = []
    for arm in reversed(ARMS):
        signals, predicted = wide(data, arm)
        layers = signals.shape[1] - SETTLED
        nets = (signals[:, SETTLED - 1] / signals[:, -1]) ** (1.0 / layers)
        measured = float(np.exp(np.log(nets).mean()))
        decided.append(Claim(
            f"{arm}: a layer multiplies the gradient by sqrt(s2 E[phi'^2]) = {number(predicted)}",
            f"{number(measured)} (nets {number(nets.min())} to {number(nets.max())}; "
            f"{layers} layers {number(measured**layers)})",
            f"within 3 %: off by {100.0 * (measured / predicted - 1.0):+.1f} %",
            nets=len(nets), holds=abs(measured / predicted - 1.0) <= 0.03,
        ))  # fmt: skip
    return decided


def learned(data, arm, depth):
    """(nets that learned, nets) at one depth."""
    nets = trained(data, arm, depth=depth).nets
    return int((nets["train/accuracy"] >= LEARNED).sum()), len(nets)


def training_claims(data):
    sigmoid = trained(data, "sigmoid, Xavier", depth=6).nets
    stuck = (sigmoid["train/loss"] > STUCK).groupby(sigmoid.lr).sum()
    tried = sigmoid.groupby("lr").size()
    relu = learned(data, "relu, He", 12)
    usual = sigmoid[sigmoid.lr == 1.0]
    better = two_proportions(*relu, int((usual["train/accuracy"] >= LEARNED).sum()), len(usual),
                             "greater")  # fmt: skip
    return [
        Claim("Sigmoid nets of depth 6 stay at ln 2 in at least 9 of 10 seeds, at any lr tried",
              ", ".join(f"lr {lr:g}: {stuck[lr]} of {tried[lr]}" for lr in tried.index),
              "loss > ln 2 - .01 at the end, in at least .9 of the nets of each lr",
              nets=len(sigmoid), holds=bool((stuck >= 0.9 * tried).all())),
        Claim("Relu nets of depth 12, He's initialization, reach .99 accuracy in at least 9 of 10",
              f"{relu[0]} of {relu[1]}", f"at least .9; against sigmoid's depth 6: {better}",
              nets=relu[1] + len(usual), holds=relu[0] >= 0.9 * relu[1] and better.p < 1e-3),
    ]  # fmt: skip


def caveats(data):
    plain, large = (slopes(data, arm) for arm in ("sigmoid, Xavier", "sigmoid, Xavier x 4"))
    size = float(np.sqrt((plain**2).mean()))
    flat, flatter = ((s < 0.1).mean() for s in (plain, large))
    tanh, relu = learned(data, "tanh, Xavier", 12), learned(data, "relu, He", 12)
    fewer = two_proportions(*tanh, *relu, "less")
    epochs = {arm: trained(data, arm, depth=12).nets.epochs_to_solve.fillna(np.inf).median()
              for arm in ("tanh, Xavier", "relu, He")}  # fmt: skip
    rescued, xavier = learned(data, "sigmoid, Xavier x 4", 6), learned(data, "relu, Xavier", 12)
    return [
        Claim("It is not saturation: at the start sigmoid's slope is near its largest, 1/4",
              f"root mean square {number(size)}; below .1 are {100 * flat:.0f} % of units, and "
              f"{100 * flatter:.0f} % with four times the weights",
              "root mean square >= .9 of 1/4, and fewer below .1 than with larger weights",
              nets=2, holds=size >= 0.9 * 0.25 and flat < flatter, caveat=True),
        Claim("Four times Xavier's weights rescue the sigmoid nets of depth 6",
              f"{rescued[0]} of {rescued[1]} reach .99", "at least .9",
              nets=rescued[1], holds=rescued[0] >= 0.9 * rescued[1], caveat=True),
        Claim("Tanh trains as well as relu at depth 12",
              f"{tanh[0]} of {tanh[1]} reach .99, relu {relu[0]} of {relu[1]}; it takes longer, "
              f"{number(epochs['tanh, Xavier'])} epochs (median) against "
              f"{number(epochs['relu, He'])} at the same lr",
              f"at least .9, and not fewer with p < .05: {fewer}", nets=tanh[1] + relu[1],
              holds=tanh[0] >= 0.9 * tanh[1] and fewer.p >= 0.05, caveat=True),
        Claim("Relu needs no He at depth 12: Xavier's smaller weights train too",
              f"{xavier[0]} of {xavier[1]} reach .99", "at least .9",
              nets=xavier[1], holds=xavier[0] >= 0.9 * xavier[1], caveat=True),
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------- drawing


def draw(data):
    fig, axes = style.figure(2, 2, height=3.9)
    profile(axes[0, 0], data)
    histogram(axes[0, 1], data)
    accuracy(axes[1, 0], data)
    losses(axes[1, 1], data)
    return fig


def profile(ax, data):
    for arm, (_, color, marker) in ARMS.items():
        signals, predicted = wide(data, arm)
        layer = np.arange(1, signals.shape[1] + 1)
        relative = np.median(signals / signals[:, -1:], axis=0)
        size = 10 if arm == "relu, He" else 5.5  # lies below tanh
        ax.plot(layer, relative, marker, color=color, ms=size, label=f"{arm}: {number(predicted)}")
        plots.theory(ax, None, layer, predicted ** (layer[-1] - layer), color=color)
    ax.set_yscale("log")
    ax.set(xlabel="layer (1 is next to the inputs)", ylabel="gradient, relative to the last layer",
           ylim=(1e-9, 5.0))  # fmt: skip
    ax.legend(title=r"factor a layer, $\sqrt{\sigma_w^2\,E[\phi'^2]}$:", loc="lower right",
              markerscale=0.8, alignment="left")  # fmt: skip
    ax.set_title("Each layer passes on a fixed share")


def histogram(ax, data):
    bins = np.linspace(0.0, 0.25, 26)
    for arm in ("sigmoid, Xavier", "sigmoid, Xavier x 4"):
        found, color = slopes(data, arm), ARMS[arm][1]
        weights = np.full(len(found), 100.0 / len(found))
        ax.hist(found, bins, weights=weights, color=color, alpha=0.75, label=arm)
    plots.theory(ax, "largest, 1/4", x=0.25)
    ax.set(xlabel=r"slope $\phi'(z)$ of a unit, untrained", ylabel="units and examples (%)")
    ax.legend(loc="upper left")
    ax.set_title("Not saturated: 1/4 is all there is")


def accuracy(ax, data):
    arms = [arm for arm in ARMS if arm != "relu, Xavier"]
    for i, arm in enumerate(arms):
        _, color, marker = ARMS[arm]
        nets = trained(data, arm, epochs=100).nets
        nets = nets[nets.lr == nets.groupby("lr").depth.nunique().idxmax()]  # the lr of all depths
        percent = 100.0 * nets["train/accuracy"]
        ax.plot(nets.depth + 0.1 * (i - 1.5), percent, ".", color=color, ms=3, alpha=0.5)
        median = percent.groupby(nets.depth).median()
        ax.plot(median.index, median, marker, ls="-", color=color, ms=9 - 1.5 * i, label=arm)
    plots.theory(ax, "guessing", y=50.0, color=colours.GREY)
    ax.set_xticks(data.select(width=16).values("depth"))
    ax.set(xlabel="depth (hidden layers)", ylabel="accuracy on the rings (%)", ylim=(30, 104))
    ax.legend(loc="center", bbox_to_anchor=(0.5, 0.56))
    ax.set_title("Deep sigmoid nets only guess")


def losses(ax, data):
    for arm, depth in (("relu, He", 12), ("tanh, Xavier", 12), ("sigmoid, Xavier x 4", 6),
                       ("sigmoid, Xavier", 6)):  # fmt: skip
        run = trained(data, arm, depth=depth)
        run = run.select(lr=1) if arm == "sigmoid, Xavier" else run
        arrays = run.arrays()
        plots.seeds(ax, arrays["epoch"], arrays["curve/train/loss"], color=ARMS[arm][1],
                    label=f"{arm}, depth {depth}", shown=10, band=False)  # fmt: skip
    plots.theory(ax, "guessing, ln 2", y=np.log(2.0))
    plots.epochs(ax, 100)
    ax.set(ylabel="loss (nats)", ylim=(0.0, 1.6))
    ax.legend(loc="upper right")
    ax.set_title("Plain sigmoid stays on the plateau")
