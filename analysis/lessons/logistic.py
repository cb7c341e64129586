"""What does a sigmoid add to the line?

A probability, and a gradient to descend (Cox 1958). The line stays a line: the best it can say of
XOR is 1/2. Where a line separates the classes there is no best: weights grow like log t towards the
widest margin (Soudry et al. 2018).
"""

import numpy as np

from analysis import margin
from analysis.claims import Claim
from analysis.figures import colours, plane, plots, style
from analysis.statistics import binomial_band, proportion, wilson
from scratchml.activations import sigmoid

CHAPTER = 3
CAPTION = """
Top left: the probability that one net gives to the plane, with the line of p = 1/2 and held-out
examples of two clouds. Top right: how often the class is 1 where nets say so, on held-out examples
(bars: Wilson 95 %). Bottom left: loss and length of the weights on AND, and the loss on XOR (line:
median; band: 5 % to 95 % of nets). Bottom right: what each net on XOR says about the first row in
the end; above the edge it jumps between two answers and is met on either.
"""
CAVEAT = """
Above the edge it does not blow up, it oscillates between two states; without a penalty AND and OR
have no solution to converge to. Fixed: full batch, cross-entropy, plain gradient descent.
"""
CODINGS = {"binary": "{0, 1}", "bipolar": "{-1, +1}"}
EDGES = {"binary": 5.0217, "bipolar": 8.0}  # 2 / lambda_max on XOR, as in the claim
LATE = 10  # epochs; before, the weights may point as at the start, in the wrong direction
BINS = 10


def claims(data):
    free, held = (data.select(dataset=["and", "or"], l2=l2) for l2 in (0.0, 0.01))
    return [
        *edge(data.select(dataset="xor", epochs=2000)),
        cycle(data.select(dataset="xor", epochs=256)),
        *separable(free),
        penalized(held.nets, free.nets),
        calibrated(data.select(dataset="blobs")),
    ]


def outputs(run):
    """(R, N): the outputs of each net of a run on a truth table, in the end."""
    weights = plane.states(run.arrays(), "weights")
    return sigmoid(weights @ margin.with_one(run.examples().X).T)


def edge(data):
    """The claims about XOR at learning rates around 2 / lambda_max."""
    runs = {(c, lr): data.select(coding=c, lr=lr) for c in CODINGS for lr in data.values("lr")}
    off = {key: np.abs(outputs(run) - 0.5).max(axis=1) for key, run in runs.items()}
    below = data.nets[data.nets.lr < 1.0]
    p = max(worst.max() for (_, lr), worst in off.items() if lr < 1.0)
    loss = np.abs(below["train/loss"] - np.log(2.0)).max()
    used = {c: [runs[c, lr].nets.lr_used[0] for lr in (0.99, 1.01)] for c in CODINGS}
    calm = {c: [(off[c, lr] < 1e-6).mean() for lr in (0.99, 1.01)] for c in CODINGS}
    return [
        Claim(
            "Below the edge every start on XOR comes to p = 1/2 and loss ln 2",
            f"largest |p - 1/2| {p:.1g}, largest |loss - ln 2| {loss:.1g}",
            "every net below 1e-6",
            nets=len(below),
            holds=p < 1e-6 and loss < 1e-6,
        ),
        Claim(
            "The edge is lr = 2 / lambda_max within 1 %: 5.0217 for {0, 1}, 8 for {-1, +1}",
            "; ".join(
                f"{calm[c][0]:.0%} of nets converge at {used[c][0]:.4g}, {calm[c][1]:.0%} at "
                f"{used[c][1]:.4g}"
                for c in CODINGS
            ),
            "all nets 1 % below, none 1 % above",
            nets=sum(len(off[c, lr]) for c in CODINGS for lr in (0.99, 1.01)),
            holds=all(
                calm[c] == [1.0, 0.0] and used[c][0] < EDGES[c] < used[c][1] for c in CODINGS
            ),
        ),
    ]  # fmt: skip


def cycle(data):
    """The claim about weights one epoch and two epochs apart, above the edge."""
    paths = np.concatenate([plane.states(data.arrays(run_id)) for run_id in data.runs.run_id])
    one, two = (plane.lengths(paths[:, -1] - paths[:, -1 - k]) for k in (1, 2))
    return Claim(
        "Above the edge it does not blow up: weights jump between two states",
        f"after two epochs {two.max():.1g} apart at most, after one {one.min():.2g} at least; at "
        f"most {plane.lengths(paths).max():.1f} long",
        "distance over two epochs less than 1e-4 of that over one, in every net",
        nets=len(paths),
        holds=(two < 1e-4 * one).all(),
        caveat=True,
    )


def separable(data):
    """The claims about AND and OR without a penalty."""
    steady, rates, angles = True, [], []
    for run_id in data.runs.run_id:
        arrays, v = data.arrays(run_id), margin.widest(*data.examples(run_id)[1:3])
        late, decades = (arrays["epoch"] >= at for at in (LATE, arrays["epoch"][-1] / 100))
        paths = plane.states(arrays)
        long = plane.lengths(paths)
        steady &= (np.diff(arrays["curve/train/loss"][:, late]) < 0.0).all()
        steady &= (np.diff(long[:, late]) > 0.0).all()
        t = np.log(arrays["epoch"][decades])
        rates.append(np.polyfit(t, long[:, decades].T, 1)[0] / np.sqrt(v @ v))
        angles.append(np.degrees(np.arccos(paths @ v / long / np.sqrt(v @ v)))[:, late])
    rates, angles = np.concatenate(rates), np.concatenate(angles)
    lost = data.nets["train/loss"]
    return [
        Claim(
            "On AND and OR the loss keeps falling and the weights keep growing: no optimum",
            f"at every record from epoch {LATE} of every net: {'yes' if steady else 'no'}; loss at "
            f"epoch {arrays['epoch'][-1]:,} at most {lost.max():.1g}",
            "one record against it would falsify",
            nets=len(lost),
            holds=steady,
        ),
        Claim(
            "They grow like |v| log t, v the shortest weights with margin 1",
            f"slope over two decades {rates.min():.3f} to {rates.max():.3f} times |v|",
            "every net within 2 %",
            nets=len(rates),
            holds=(np.abs(rates - 1.0) < 0.02).all(),
        ),
        Claim(
            "Their direction tends to the widest margin",
            f"median angle {np.median(angles[:, 0]):.0f} degrees at epoch {LATE}, at most "
            f"{angles[:, -1].max():.2g} in the end; "
            + ("falling" if (np.diff(angles) < 0).all() else "not falling") + " at every record",
            "every net ends below 2 degrees and falls at every record",
            nets=len(angles),
            holds=(angles[:, -1] < 2.0).all() and (np.diff(angles) < 0.0).all(),
        ),
    ]  # fmt: skip


def penalized(nets, free):
    """The claim that a penalty makes an optimum."""
    return Claim(
        "With a penalty of l2 = .01 they do have an optimum, and reach it",
        f"gradient at most {nets.gradient_norm.max():.1g} against {free.gradient_norm.min():.1g}"
        f" or more without, weights {nets.weight_norm.median():.1f} long against "
        f"{free.weight_norm.median():.1f}",
        "gradient below 1e-9 with, above 1e-6 without, every net",
        nets=len(nets) + len(free),
        holds=nets.gradient_norm.max() < 1e-9 and free.gradient_norm.min() > 1e-6,
        caveat=True,
    )


def held_out(run):
    """(R, N) probabilities of every net for its held-out examples, and (R, N) their classes."""
    every = [run.examples(index=i) for i in range(len(run.nets))]
    said = [run.net(index=i)(one.X_test)[:, 0] for i, one in enumerate(every)]
    return np.array(said), np.array([one.Y_test[:, 0] for one in every])


def reliability(p, y):
    """One row a bin of p that is not empty: mean p, examples of class 1, examples."""
    which = np.minimum((p * BINS).astype(int), BINS - 1)
    bins = [which == b for b in range(BINS) if (which == b).any()]
    return [(p[b].mean(), int(y[b].sum()), int(b.sum())) for b in bins]


def calibrated(run):
    cells = [cell for p, y in zip(*held_out(run), strict=True) for cell in reliability(p, y)]
    p, k, n = np.array(cells).T
    low, high = binomial_band(p, n)
    inside = int(((low <= k / n) & (k / n <= high)).sum())
    fewer = proportion(inside, len(cells), 0.95, "less")
    return Claim(
        "On two clouds, of the examples given probability p a share of p is of class 1",
        f"share of bins ({BINS} a net) inside their 95 % binomial band: "
        f"{wilson(inside, len(cells))}",
        f"not fewer than 95 %: {fewer}",
        nets=len(run.nets),
        holds=fewer.p > 0.05,
    )


def draw(data):
    fig, axes = style.figure(2, 2, height=3.5)
    blobs = data.select(dataset="blobs")
    draw_surface(axes[0, 0], blobs)
    draw_reliability(axes[0, 1], *held_out(blobs))
    draw_growth(axes[1, 0], data)
    draw_edge(axes[1, 1], data.select(dataset="xor", epochs=2000))
    return fig


def draw_surface(ax, run):
    examples = run.examples()
    X, Y = examples.X_test[:150], examples.Y_test[:150]
    image = plots.decision_surface(ax, run.net(), X, Y)
    ax.figure.colorbar(image, ax=ax, label="probability of class 1")
    ax.set(xlabel="first input", ylabel="second input")
    ax.set_title("A slope instead of a step")


def draw_reliability(ax, p, y):
    said, k, n = zip(*reliability(p.ravel(), y.ravel()), strict=True)
    plots.theory(ax, "calibrated: share = p", [0, 1], [0, 100])
    plots.rates(ax, said, k, n, label="20 nets" if len(p) == 20 else f"{len(p)} nets", line=False)
    ax.set(xlabel="probability that nets say", ylabel="of these, class 1 (%)")
    ax.set_title("What it says is a probability")
    ax.legend(loc="upper left")


def draw_growth(ax, data):
    """Draws the loss on XOR and AND, and on a second axis the length of AND's weights."""
    for name, place in (("xor", (1e3, 1.0)), ("and", (1e4, 1.5e-2))):
        run = data.select(dataset=name, l2=0.0, epochs=10000)
        arrays = run.arrays()
        t = arrays["epoch"]
        plots.seeds(ax, t, arrays["curve/train/loss"], color=colours.of(name), shown=0)
        ax.text(*place, f"loss on {name.upper()}", color=colours.of(name), ha="right")
    plots.epochs(ax)
    ax.set(yscale="log", ylabel="loss (nats)", ylim=(1e-4, 3.0))
    ax.set_title("XOR: stuck at ln 2. AND: no end")
    other = ax.twinx()
    plots.seeds(other, t, arrays["curve/weight_norm"], color=colours.GREEN, shown=0)
    v = np.sqrt((margin.widest(*run.examples()[1:3]) ** 2).sum())
    end, late = np.median(arrays["curve/weight_norm"][:, -1]), t > 30
    label = r"$|v|\,\log t$ + const," + f"\n$|v|$ = {v:.2f}"
    plots.theory(other, label, t[late], end + v * np.log(t[late] / t[-1]))
    other.set_ylabel("length of weights on AND", color=colours.GREEN)
    other.set_ylim(0.0)
    other.grid(False)
    other.spines["right"].set_visible(True)
    other.legend(loc="center left", bbox_to_anchor=(0.0, 0.47))


def draw_edge(ax, data):
    """Draws the output of each net for the first row in the end, against the learning rate."""
    for coding, marker in (("binary", "o"), ("bipolar", "s")):
        runs = data.select(coding=coding)
        p = np.concatenate([outputs(runs.select(lr=lr))[:, 0] for lr in runs.runs.lr])
        ax.plot(np.repeat(runs.runs.lr, runs.runs.seeds), p, marker, color=colours.of(coding),
                ms=5, alpha=0.6, mew=0, label=CODINGS[coding])  # fmt: skip
    plots.theory(ax, r"edge, $2/\lambda_{max}$", x=1.0)
    ax.set(xlabel="learning rate / edge", ylabel="p of the first row", xlim=(0.0, 2.05),
           ylim=(-0.03, 1.03))  # fmt: skip
    ax.set_title("XOR: above the edge it oscillates")
    ax.legend(loc="upper left", title="inputs in", alignment="left")
