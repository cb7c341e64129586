"""Can a line separate XOR, and what does the perceptron do when none can?

Minsky & Papert (1969) made XOR the standard example of what one layer cannot do. Where no line
exists the perceptron's weights stay bounded for ever (perceptron cycling theorem, Efron 1964; Block
& Levin 1970), and whole numbers within bounds must come back to where they were.
"""

import numpy as np
from matplotlib.ticker import MaxNLocator

from analysis import margin
from analysis.claims import Claim
from analysis.figures import colours, plane, style
from analysis.statistics import wilson

CHAPTER = 2
CAPTION = """
Top: the last epoch of a perceptron on XOR, row by row. Each time the ringed row lies on the wrong
side (a point on the line counts as 0) and moves the line; the fourth move takes the others back.
Bottom: its two weights and bias, from zero into a closed orbit (1 to 4 as above), and those on AND.
"""
CAVEAT = """
The perceptron does not diverge on XOR: it cycles, and where training ends is not the best line.
Fixed: learning rate 1, whole numbers at the start, so that weights can come back exactly.
"""


def claims(data):
    xor, done = data.select(dataset="xor"), data.select(dataset="and").nets
    runs = [xor.arrays(run_id) for run_id in xor.runs.run_id]
    nets, epochs = xor.nets, int(xor.runs.epochs[0])
    zero = nets[nets.init == "zero"]
    paths = np.concatenate([plane.states(arrays) for arrays in runs])
    lengths = plane.lengths(paths)
    growth = (nets.max_norm - lengths[:, 0]).max()
    settled = settling(paths)
    best = max(arrays["curve/train/accuracy"].max() for arrays in runs)
    laps = [one for run_id in xor.runs.run_id for one in last_laps(xor, run_id)]
    closed = sum(np.array_equal(one[0], one[-1]) for one in laps)
    wrong = {int((np.diff(one, axis=0) != 0).any(axis=1).sum()) for one in laps}
    at_best = wilson((nets["train/accuracy"] == 0.75).sum(), len(nets))
    return [
        Claim(
            "No perceptron ever gets through XOR without a mistake",
            f"{nets.clean_epochs.sum()} error-free epochs of {epochs * len(nets):,}",
            "one would falsify", nets=len(nets), holds=nets.clean_epochs.sum() == 0,
        ),
        Claim(
            "From zero the weights are never longer than sqrt 5",
            f"longest sqrt {zero.max_norm.max() ** 2:.4g}",
            "maximum over every step", nets=len(zero), holds=zero.max_norm.max() < 5**0.5 + 1e-9,
        ),
        Claim(
            "From any whole numbers up to 10 they are never more than sqrt 5 longer than at first",
            f"longest start {lengths[:, 0].max():.1f}, largest growth {growth:.3f}, longest at the "
            f"end {lengths[:, -1].max():.1f}",
            "maximum over every step", nets=len(nets), holds=growth < 5**0.5 + 1e-9,
        ),
        Claim(
            "In the end an epoch leaves the weights exactly where they were: period one epoch",
            f"{(settled < epochs - 10).sum():,} of {len(nets):,} nets repeat, from epoch "
            f"{settled.max()} at the latest",
            "equality in each of the last 10 epochs or more", nets=len(nets),
            holds=(settled < epochs - 10).all(),
        ),
        Claim(
            "No line gets more than 3/4 of XOR right",
            f"best of {epochs + 1} records of every net {best:g}; best of all tables that a line "
            f"can make {best_table():g}",
            "maximum", nets=len(nets), holds=best == 0.75 and best_table() == 0.75,
        ),
        Claim(
            "It does not diverge, it cycles: all four rows are wrong and the last undoes the rest",
            f"{closed:,} of {len(laps):,} last epochs close, with {', '.join(map(str, wrong))} "
            f"corrections; of {len(done)} nets on AND, {done.solved.sum()} end without a mistake",
            "equality, the last epoch replayed row by row", nets=len(nets) + len(done),
            holds=closed == len(laps) and wrong == {4} and done.solved.all(), caveat=True,
        ),
        Claim(
            "Stopping it does not give the best line: fewer than one net in five ends on 3/4",
            f"{at_best}", "upper end of the Wilson 95 % interval", nets=len(nets),
            holds=at_best.high < 0.2, caveat=True,
        ),
    ]  # fmt: skip


def settling(paths):
    """(R,): the last epoch that moved the weights."""
    moved = (np.diff(paths, axis=1) != 0.0).any(axis=-1)
    return np.where(moved.any(axis=1), moved.shape[1] - np.argmax(moved[:, ::-1], axis=1), 0)


def best_table():
    """The largest share of XOR's rows that agree with the table of a line."""
    X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    tables = [np.array([table >> row & 1 for row in range(4)]) for table in range(16)]
    return max((t == y).mean() for t in tables if margin.widest(X, t) is not None)


def lap(state, examples):
    """(N+1, 3): the states while the rows are shown once more, by the perceptron's rule at lr 1."""
    states = [np.array(state)]
    for x, y in zip(margin.with_one(examples.X), examples.Y[:, 0], strict=True):
        states.append(states[-1] + (y - (states[-1] @ x > 0.0)) * x)
    return np.array(states)


def last_laps(data, run_id):
    """The lap of every net of a run from its last state; there are 24 orders of the rows."""
    orders = [data.examples(run_id, index=i) for i in range(24)]
    ends = plane.states(data.arrays(run_id))[:, -1]
    return [lap(state, orders[i % 24]) for i, state in enumerate(ends)]


def draw(data):
    fig = style.canvas(6.8)
    top, bottom = fig.subfigures(2, 1, height_ratios=(1.0, 1.4))
    for place, name in enumerate(("xor", "and"), start=1):
        run = data.select(dataset=name, init="zero", coding="binary")
        laps = [lap(state, run.examples()) for state in plane.states(run.arrays())[0]]
        ax = bottom.add_subplot(1, 2, place, projection="3d")
        draw_orbit(ax, np.concatenate(laps[:-1]), laps[-1], colours.of(name))
        if name == "xor":
            draw_lap(top, run, laps[-1])
        ax.set_title("XOR: weights go round for ever" if name == "xor" else "AND: they stop")
    return fig


def draw_lap(fig, run, states):
    """Draws one epoch: the line before each row, and a ring around the row."""
    style.heading(fig, "XOR: each row meets the line where it is wrong for it, and moves it")
    X, Y = run.examples()[1:3]
    for i, ax in enumerate(fig.subplots(1, 4)):
        plane.show(ax, run, states[i])
        plane.line(ax, states[i], lw=2.4)
        ax.scatter(*X[i], s=320, facecolor="none", edgecolor=colours.RED, lw=2.2, zorder=6)
        says = int(states[i] @ [*X[i], 1] > 0)
        ax.set_title(f"{i + 1}: says {says}, should be {Y[i, 0]:.0f}", size=10, weight="normal")
        ax.set(ylabel="second input" if i == 0 else "")


def draw_orbit(ax, before, last, color):
    """Draws the path of (w1, w2, b), thin, and its last epoch: a loop, or a point."""
    ax.plot(*before.T, color=color, lw=1.2)
    ax.plot(*last.T, color=color, lw=3.5)
    ends = np.unique(last, axis=0)
    label = f"last epoch: {len(ends)} state" + "s" * (len(ends) > 1)
    ax.scatter(*before[0], s=50, color="white", ec=colours.INK, label="start", depthshade=False)
    ax.scatter(*ends.T, s=70, color=color, label=label, depthshade=False)
    for i, state in enumerate(last[:-1] if len(ends) > 1 else [], start=1):
        ax.text(*state, f"  {i}", weight="bold", size=11, va="bottom")
    for axis, name in ((ax.xaxis, "$w_1$"), (ax.yaxis, "$w_2$"), (ax.zaxis, "bias")):
        axis.set_major_locator(MaxNLocator(integer=True))
        axis.set_label_text(name)
    ax.set_box_aspect(None, zoom=0.86)
    ax.legend(loc="upper left")
