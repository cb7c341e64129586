"""What does a sigmoid add to the line?

A probability, and a gradient to descend (Cox 1958). The line stays a line: the best it can say of
XOR is 1/2. Where a line separates the classes there is no best: weights grow like log t towards the
widest margin (Soudry et al. 2018).
"""

import numpy as np

from analysis import groups, margin
from analysis.claims import Caveat, Cells, Claim
from analysis.figures import colours, plots
from analysis.figures.panels import curves, dots, each, grid, law, panel, rates, surface
from analysis.measures import lengths, outputs, states
from analysis.verdicts import LAW, average, every, joined, largest, least, none, note, number

CHAPTER = 3
CAPTION = """Top left: the probability that one net gives to the plane, with the line of p = 1/2 and
held-out examples of two clouds. Top right: how often the class is 1 where nets say so, on held-out
examples (bars: Wilson 95 %). Bottom left: loss and length of the weights on AND, and the loss on
XOR (line: median; band: 5 % to 95 % of nets). Bottom right: what each net on XOR says about the
first row in the end; above the edge it jumps between two answers and is met on either."""
CAVEAT = """Above the edge it does not blow up, it oscillates between two states; without a penalty
AND and OR have no solution to converge to. Fixed: full batch, cross-entropy, plain gradient
descent."""
CODINGS = {"binary": "{0, 1}", "bipolar": "{-1, +1}"}
EDGES = {"binary": 5.0217, "bipolar": 8.0}  # 2 / lambda_max on XOR, as in the claim
LATE = 10  # epochs; before, the weights may point as at the start, in the wrong direction
BINS = 10  # of a reliability diagram; LAW, the tolerance of calibration, is half the width of one


def cells(data):
    xor, blobs = data.select(dataset="xor", epochs=2000), data.select(dataset="blobs")
    free, held = (data.select(dataset=["and", "or"], l2=l2) for l2 in (0.0, 0.01))
    runs = {(c, lr): xor.select(coding=c, lr=lr) for c in CODINGS for lr in xor.values("lr")}
    examples = [blobs.examples(index=i) for i in range(len(blobs.nets))]
    said = [blobs.net(index=i)(one.X_test)[:, 0] for i, one in enumerate(examples)]
    growth = groups.runs(data.select(epochs=10000, l2=0.0), "dataset", ("xor", "and"))
    return Cells(
        outputs={key: outputs(run.arrays(), run.examples().X) for key, run in runs.items()},
        lr={key: run.nets.lr_used[0] for key, run in runs.items()},
        below=xor.nets[xor.nets.lr < 1.0],
        cycles=groups.gathered(data.select(dataset="xor", epochs=256), states),
        separable=[separable(free.arrays(one), free.examples(one)) for one in free.runs.run_id],
        free=free.nets, held=held.nets,
        p=np.array(said), y=np.array([one.Y_test[:, 0] for one in examples]),
        surface=(blobs.net(), examples[0].X_test[:150], examples[0].Y_test[:150]),
        growth={name: run.arrays() for name, run in growth.items()},
        widest=np.sqrt((margin.widest(*growth["and"].examples()[1:3]) ** 2).sum()),
    )  # fmt: skip


def separable(arrays, examples):
    """What a run on a table that a line separates does late: loss, length, their law, angle."""
    v, paths = margin.widest(*examples[1:3]), states(arrays)
    late, decades = (arrays["epoch"] >= at for at in (LATE, arrays["epoch"][-1] / 100))
    long, unit = lengths(paths), np.sqrt(v @ v)
    slope = np.polyfit(np.log(arrays["epoch"][decades]), long[:, decades].T, 1)[0]
    return Cells(loss=arrays["curve/train/loss"][:, late], length=long[:, late], slope=slope / unit,
                 angle=np.degrees(np.arccos(paths @ v / long / unit))[:, late])  # fmt: skip


def claims(cells):
    runs, below = cells.separable, cells.below
    off = {key: np.abs(p - 0.5).max(axis=1) for key, p in cells.outputs.items()}
    calm = [off[key] for key in off if key[1] < 1.0]
    edge = {c: [cells.lr[c, lr] / EDGES[c] - 1.0 for lr in (0.99, 1.01)] for c in CODINGS}
    one, two = (lengths(cells.cycles[:, -1] - cells.cycles[:, -1 - k]) for k in (1, 2))
    loss, length, slope, angle = (np.concatenate([getattr(run, name) for run in runs])
                                  for name in ("loss", "length", "slope", "angle"))  # fmt: skip
    gradient = cells.held.gradient_norm, cells.free.gradient_norm
    return [
        Claim("Below the edge every start on XOR comes to p = 1/2 and loss ln 2",
              largest(np.concatenate(calm), "|p - 1/2|").below(1e-6)
              & largest(np.abs(below["train/loss"] - np.log(2.0)), "|loss - ln 2|").below(1e-6)),
        Claim("The edge is lr = 2 / lambda_max within 1 %: 5.0217 for {0, 1}, 8 for {-1, +1}",
              every([off[c, 0.99] < 1e-6 for c in CODINGS], of="nets converge 1 % below")
              & none([off[c, 1.01] < 1e-6 for c in CODINGS], of="1 % above")
              & every([edge[c][0] < 0 < edge[c][1] for c in CODINGS], of="edges lie between")
              .on(sum(len(off[c, lr]) for c in CODINGS for lr in (0.99, 1.01)))),
        Caveat("Above the edge it does not blow up: weights jump between two states",
               largest(two / one, "distance over two epochs, relative to one").below(1e-4)
               & note(f"at most {lengths(cells.cycles).max():.1f} long")),
        Claim("On AND and OR the loss keeps falling and the weights keep growing: no optimum",
              every(np.diff(loss) < 0.0, of=f"records from epoch {LATE} have a lower loss")
              & every(np.diff(length) > 0.0, of="have longer weights")
              & note(f"loss in the end at most {loss[:, -1].max():.1g}")),
        Claim("They grow like |v| log t, v the shortest weights with margin 1",
              largest(np.abs(slope - 1.0), "error of the slope over two decades, relative to |v|,")
              .below(0.02)),
        Claim("Their direction tends to the widest margin",
              largest(angle[:, -1], "angle in the end, in degrees,").below(2.0)
              & every(np.diff(angle) < 0.0, of="records come nearer")
              & note(f"median {np.median(angle[:, 0]):.0f} degrees at epoch {LATE}")),
        Caveat("With a penalty of l2 = .01 they do have an optimum, and reach it",
               largest(gradient[0], "gradient with the penalty").below(1e-9)
               & least(gradient[1], "gradient without").above(1e-6)
               .on(len(gradient[0]) + len(gradient[1]))),
        Claim("On two clouds, of the examples given probability p a share of p is of class 1, to "
              "within .05: half of a bin of the diagram", calibrated(cells)),
    ]  # fmt: skip


def bins(cells):
    """{bin: (nets,) mean of class - p} over each net's held-out examples in that bin of p."""
    which = np.minimum((cells.p * BINS).astype(int), BINS - 1)
    return {b: [(y[w == b] - p[w == b]).mean() for p, y, w in
                zip(cells.p, cells.y, which, strict=True) if (w == b).any()]
            for b in range(BINS)}  # fmt: skip


def calibrated(cells):
    """That in each bin the mean of class - p is within LAW of 0."""
    each = [average(off).named(f"p from .{b}:").within(LAW, of=0) for b, off in bins(cells).items()]
    return joined(each).on(len(cells.p))


def answer(cells):
    worst = max(abs(np.mean(off)) for off in bins(cells).values())
    return (
        f"A probability that is right to within {number(worst)}; but of XOR all it can say is 1/2."
    )


def draw(cells):
    fig, (plane, reliable, growth, edge) = grid(2, 2, height=3.5)
    surface(plane, *cells.surface, colorbar="probability of class 1")
    panel(plane, "A slope instead of a step", x="first input", y="second input")
    which = np.minimum((cells.p * BINS).astype(int), BINS - 1)
    diagram = {cells.p[which == b].mean(): cells.y[which == b] for b in range(BINS)}
    plots.theory(reliable, "calibrated: share = p", [0, 1], [0, 100])
    rates(reliable, diagram, label=f"{len(cells.p)} nets", line=False)
    panel(reliable, "What it says is a probability", x="probability that nets say",
          y="of these, class 1 (%)", legend="upper left")  # fmt: skip
    draw_growth(growth, cells)
    first = {c: {lr: p[:, 0] for (coding, lr), p in cells.outputs.items() if coding == c}
             for c in CODINGS}  # fmt: skip
    each(dots, edge, first, labels=CODINGS)
    plots.theory(edge, r"edge, $2/\lambda_{max}$", x=1.0)
    panel(edge, "XOR: above the edge it oscillates", x="learning rate / edge",
          y="p of the first row", xlim=(0.0, 2.05), ylim=(-0.03, 1.03),
          legend=("upper left", "inputs in"))  # fmt: skip
    return fig


def draw_growth(ax, cells):
    """Draws the loss on XOR and AND, and on a second axis the length of AND's weights."""
    for name, place in (("xor", (1e3, 1.0)), ("and", (1e4, 1.5e-2))):
        arrays = cells.growth[name]
        curves(ax, arrays, "train/loss", color=colours.of(name), shown=0)
        ax.text(*place, f"loss on {name.upper()}", color=colours.of(name), ha="right")
    plots.epochs(ax)
    panel(ax, "XOR: stuck at ln 2. AND: no end", x="epoch", y="loss (nats)", yscale="log",
          ylim=(1e-4, 3.0))  # fmt: skip
    other, last, v = ax.twinx(), arrays["epoch"][-1], cells.widest
    length = curves(other, arrays, "weight_norm", color=colours.GREEN, shown=0).get_ydata()[-1]
    law(other, r"$|v|\,\log t$ + const," + f"\n$|v|$ = {v:.2f}",
        lambda t: length + v * np.log(t / last), 30, last)  # fmt: skip
    other.set_ylabel("length of weights on AND", color=colours.GREEN)
    other.set_ylim(0.0)
    other.grid(False)
    other.spines["right"].set_visible(True)
    other.legend(loc="center left", bbox_to_anchor=(0.0, 0.47))
