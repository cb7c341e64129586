"""Why do deep sigmoid nets not learn, and why did relu win?

On its way back through a layer of H units the gradient is multiplied by W' and by phi'(z). With
independent weights of variance var(w) its root mean square changes by

    sqrt(s2 E[phi'(z)^2]),   s2 = H var(w),   z ~ N(0, q),   q = s2 E[phi(z)^2]

(Glorot & Bengio 2010; Schoenholz et al. 2017): the same factor in every layer. Hochreiter (1991)
was the first to see what that means: powers of it.
"""

import numpy as np

from analysis import groups, measures, theory
from analysis.claims import Caveat, Cells, Claim
from analysis.figures import colours, plots
from analysis.figures.panels import curves, dots, grid, medians, panel
from analysis.statistics import middle, number
from analysis.verdicts import SHARE, equivalent, joined, more_often, note, number_of, stored

CHAPTER = 9
CAPTION = """Top left: root mean square of dL/dz in each layer of untrained nets, relative to the
last; points: median of the nets, dashed: the theory's factor, layer after layer. Top right: the
slope phi'(z) of the sigmoid units of such nets, at most 1/4. Bottom left: accuracy on two rings
after training; dots: each net, lines: median. Bottom right: the loss on the way (grey: each net,
lines: median); a net that has solved the rings stops."""
CAVEAT = """At initialization the slope of at most 1/4 does it, not saturation: with weights four
times as large more units are saturated, and depth 6 trains. Tanh trains as well as relu here, if
later, and relu does without He's factor. Fixed: two rings, width 16, 100 epochs of 10 batches."""
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
HE, TANH, XAVIER, LARGE, PLAIN = ARMS
ON_THE_WAY = {HE: 12, TANH: 12, LARGE: 6, PLAIN: 6}  # arm: depth of the nets whose loss is drawn


def cells(data):
    trained = {arm: data.select(**knobs, width=16, epochs=100) for arm, (knobs, *_) in ARMS.items()}
    untrained = {arm: data.select(epochs=0, **knobs) for arm, (knobs, *_) in ARMS.items()}
    # The learning rate at which all depths were trained.
    lr = {arm: run.nets.groupby("lr").depth.nunique().idxmax() for arm, run in trained.items()}
    usual = {arm: run.nets[run.nets.lr == lr[arm]] for arm, run in trained.items()}
    return Cells(
        signals={arm: run.arrays()["curve/signal_norm_by_layer"][:, 0, :-1]  # without the output's
                 for arm, run in untrained.items()},
        factors={arm: factor(run.runs.iloc[0]) for arm, run in untrained.items()},
        slopes={arm: measures.slopes(untrained[arm], first=SETTLED) for arm in (PLAIN, LARGE)},
        accuracy={arm: groups.by(nets, "depth", "train/accuracy") for arm, nets in usual.items()},
        epochs={arm: groups.by(nets, "depth", groups.epochs) for arm, nets in usual.items()},
        stuck=groups.by(trained[PLAIN].select(depth=6).nets, "lr",
                        lambda nets: (nets["train/loss"] > STUCK).to_numpy()),
        losses={arm: trained[arm].select(depth=depth, lr=lr[arm]).arrays()
                for arm, depth in ON_THE_WAY.items()},
    )  # fmt: skip


def factor(run):
    """The factor of a layer in theory, by the knobs of a run."""
    s2 = run.init_scale**2 * (2.0 if run.init == "he" else 1.0)
    return theory.layer_factor(run.activation, s2)


def claims(cells):
    hits = {arm: {depth: nets >= LEARNED for depth, nets in row.items()} for arm, row in
            cells.accuracy.items()}  # fmt: skip
    plain, large = cells.slopes[PLAIN], cells.slopes[LARGE]
    flat, flatter = (np.mean(slopes < 0.1) for slopes in (plain, large))
    epochs = ", ".join(f"{arm} {middle(cells.epochs[arm][12])}" for arm in (TANH, HE))
    return [
        *(Claim(f"{arm}: a layer multiplies the gradient by sqrt(s2 E[phi'^2]) = "
                f"{number(cells.factors[arm])}", multiplied(cells, arm)) for arm in reversed(ARMS)),
        Claim("Sigmoid nets of depth 6 stay at ln 2 in at least 9 of 10 seeds, at any lr tried",
              joined(most(nets, f"lr {lr:g}: stuck") for lr, nets in cells.stuck.items())
              .on(groups.count(cells.stuck))),
        Claim("Relu nets of depth 12, He's initialization, reach .99 accuracy in at least 9 of 10",
              most(hits[HE][12]) & more_often(hits[HE][12], hits[PLAIN][6], p=1e-3)
              & note("against sigmoid's depth 6")),
        Caveat("It is not saturation: at the start sigmoid's slope is near its largest, 1/4",
               number_of(np.sqrt((plain**2).mean()), "root mean square of the slope")
               .at_least(0.9 * 0.25)
               & number_of(flat, "share of slopes below .1", 2).below(flatter)
               & note(f"{number(flatter)} with four times the weights")),
        Caveat("Four times Xavier's weights rescue the sigmoid nets of depth 6",
               most(hits[LARGE][6])),
        Caveat("Tanh trains as well as relu at depth 12: to within 15 points as many nets learn",
               most(hits[TANH][12], "tanh") & equivalent(hits[TANH][12], hits[HE][12], margin=SHARE)
               & note(f"it takes longer, median epochs {epochs}")),
        Caveat("Relu needs no He at depth 12: Xavier's smaller weights train too",
               most(hits[XAVIER][12])),
    ]  # fmt: skip


def multiplied(cells, arm):
    """That the geometric mean of an arm's factors is within 3 % of theory."""
    signals, predicted = cells.signals[arm], cells.factors[arm]
    layers = signals.shape[1] - SETTLED
    nets = (signals[:, SETTLED - 1] / signals[:, -1]) ** (1.0 / layers)
    measured = float(np.exp(np.log(nets).mean()))
    return (number_of(measured / predicted, "measured over theory", len(nets)).within(0.03, of=1)
            & note(f"{number(measured)} (nets {number(nets.min())} to {number(nets.max())}; "
                   f"{layers} layers {number(measured**layers)})"))  # fmt: skip


def most(hits, name="share"):
    """That at least 9 of 10 nets of those stored do it."""
    return stored(hits, name).at_least(0.9)


def answer(cells):
    plain, he = (cells.factors[arm] for arm in (PLAIN, HE))
    return (
        f"Each sigmoid layer shrinks the gradient {1 / plain:.1f} times, ten layers "
        f"{plain**-10 / 1e6:.1f} million times; a relu layer with He's weights {1 / he:.2f} times."
    )


def draw(cells):
    fig, (profile, histogram, accuracy, losses) = grid(2, 2, height=3.9)
    colors = {arm: color for arm, (_, color, _) in ARMS.items()}
    layer = np.arange(1, cells.signals[HE].shape[1] + 1)
    for arm, (_, color, marker) in ARMS.items():
        signals = cells.signals[arm]
        profile.plot(layer, np.median(signals / signals[:, -1:], axis=0), marker, color=color,
                     ms=10 if arm == HE else 5.5,  # lies below tanh
                     label=f"{arm}: {number(cells.factors[arm])}")  # fmt: skip
        plots.theory(profile, None, layer, cells.factors[arm] ** (layer[-1] - layer), color=color)
    panel(profile, "Each layer passes on a fixed share", x="layer (1 is next to the inputs)",
          y="gradient, relative to the last layer", log="y", ylim=(1e-9, 5.0),
          legend={"title": r"factor a layer, $\sqrt{\sigma_w^2\,E[\phi'^2]}$:",
                  "loc": "lower right", "markerscale": 0.8, "alignment": "left"})  # fmt: skip

    for arm, found in cells.slopes.items():
        histogram.hist(found, np.linspace(0.0, 0.25, 26), color=colors[arm], alpha=0.75, label=arm,
                       weights=np.full(len(found), 100.0 / len(found)))  # fmt: skip
    plots.theory(histogram, "largest, 1/4", x=0.25)
    panel(histogram, "Not saturated: 1/4 is all there is", legend="upper left",
          x=r"slope $\phi'(z)$ of a unit, untrained", y="units and examples (%)")  # fmt: skip

    for i, arm in enumerate(arm for arm in ARMS if arm != XAVIER):
        _, color, marker = ARMS[arm]
        percent = groups.percent(cells.accuracy[arm])
        dots(accuracy, percent, color=color, marker=".", ms=3, alpha=0.5, shift=0.1 * (i - 1.5))
        medians(accuracy, percent, color=color, marker=marker, ms=9 - 1.5 * i, label=arm)
    plots.theory(accuracy, "guessing", y=50.0, color=colours.GREY)
    panel(accuracy, "Deep sigmoid nets only guess", x="depth (hidden layers)", ticks=percent,
          y="accuracy on the rings (%)", ylim=(30, 104),
          legend={"loc": "center", "bbox_to_anchor": (0.5, 0.56)})  # fmt: skip

    for arm, depth in ON_THE_WAY.items():
        curves(losses, cells.losses[arm], "train/loss", color=colors[arm], shown=10, band=False,
               label=f"{arm}, depth {depth}")  # fmt: skip
    plots.theory(losses, "guessing, ln 2", y=np.log(2.0))
    plots.epochs(losses, 100)
    panel(losses, "Plain sigmoid stays on the plateau", x="epoch", y="loss (nats)",
          ylim=(0.0, 1.6), legend="upper right")  # fmt: skip
    return fig
