"""Can a line separate XOR, and what does the perceptron do when none can?

Minsky & Papert (1969) made XOR the standard example of what one layer cannot do. Where no line
exists the perceptron's weights stay bounded for ever (perceptron cycling theorem, Efron 1964; Block
& Levin 1970), and whole numbers within bounds must come back to where they were.
"""

from types import SimpleNamespace

import numpy as np
from matplotlib.ticker import MaxNLocator

from analysis import groups, margin
from analysis.claims import Caveat, Claim
from analysis.figures import colours, plane, style
from analysis.verdicts import every, largest, none, note, number_of, share

CHAPTER = 2
SAYINGS = {
    "XOR breaks everything: it does not converge, ever": "yes, but it cycles and does not diverge",
}
CAPTION = """
Top: the last epoch of a perceptron on XOR, row by row. Each time the ringed row lies on the wrong
side (a point on the line counts as 0) and moves the line; the fourth move takes the others back.
Bottom: its two weights and bias, from zero into a closed orbit (1 to 4 as above), and those on AND.
"""
CAVEAT = """
The perceptron does not diverge on XOR: it cycles, and where training ends is not the best line.
Fixed: learning rate 1, whole numbers at the start, so that weights can come back exactly.
"""
ROOT = 5**0.5 + 1e-9  # sqrt 5, and room for rounding


def cells(data):
    runs = data.select(dataset="xor")
    arrays = [runs.arrays(run_id) for run_id in runs.runs.run_id]
    drawn = {name: data.select(dataset=name, init="zero", coding="binary") for name in
             ("xor", "and")}  # fmt: skip
    return SimpleNamespace(
        nets=runs.nets, epochs=int(runs.runs.epochs[0]),
        paths=np.concatenate([plane.states(a) for a in arrays]),
        best=np.concatenate([a["curve/train/accuracy"].max(axis=1) for a in arrays]),
        laps=np.array([one for run_id in runs.runs.run_id for one in last_laps(runs, run_id)]),
        learned=groups.solved(data.select(dataset="and").nets),
        drawn={name: (run.examples(), plane.states(run.arrays())[0]) for name, run in
               drawn.items()},
    )  # fmt: skip


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


def settling(paths):
    """(R,): the last epoch that moved the weights."""
    moved = (np.diff(paths, axis=1) != 0.0).any(axis=-1)
    return np.where(moved.any(axis=1), moved.shape[1] - np.argmax(moved[:, ::-1], axis=1), 0)


def best_table():
    """The largest share of XOR's rows that agree with the table of a line."""
    X, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    tables = [np.array([table >> row & 1 for row in range(4)]) for table in range(16)]
    return max((t == y).mean() for t in tables if margin.widest(X, t) is not None)


def claims(cells):
    nets, n = cells.nets, len(cells.nets)
    zero = nets[nets.init == "zero"].max_norm
    start = plane.lengths(cells.paths)[:, 0]
    settled = settling(cells.paths)
    moves = (np.diff(cells.laps, axis=1) != 0).any(axis=-1)
    return [
        Claim("No perceptron ever gets through XOR without a mistake",
              none(nets.clean_epochs, of=f"nets have an error-free epoch of {cells.epochs:,}")),
        Claim("From zero the weights are never longer than sqrt 5",
              largest(np.round(zero**2, 6), "squared length at any step").at_most(5)),
        Claim("From any whole numbers up to 10 they are never more than sqrt 5 longer than at "
              "first",
              largest(nets.max_norm - start, "growth at any step").below(ROOT)
              & note(f"longest start {start.max():.1f}")),
        Claim("In the end an epoch leaves the weights exactly where they were: period one epoch",
              every(settled < cells.epochs - 10, of="nets repeat in each of the last 10 epochs or "
                    f"more, from epoch {settled.max()} at the latest")),
        Claim("No line gets more than 3/4 of XOR right",
              largest(cells.best, "accuracy at any record").equals(0.75)
              & number_of(best_table(), "best of all tables a line can make", n).equals(0.75)),
        Caveat("It does not diverge, it cycles: all four rows are wrong and the last undoes the "
               "rest",
               every((cells.laps[:, 0] == cells.laps[:, -1]).all(axis=1), of="last epochs close")
               & every(moves.sum(axis=1) == 4, of="have four corrections")
               & every(cells.learned, of="nets on AND end without a mistake")
               .on(n + len(cells.learned))),
        Caveat("Stopping it does not give the best line: fewer than one net in five ends on 3/4",
               share(nets["train/accuracy"] == 0.75).below(0.2)),
    ]  # fmt: skip


def answer(cells):
    best = 4 * cells.best.max()
    return (
        f"No: the best line gets {best:.0f} of XOR's 4 rows right, and the perceptron goes round "
        "in circles for ever."
    )


def draw(cells):
    fig = style.canvas(6.8)
    top, bottom = fig.subfigures(2, 1, height_ratios=(1.0, 1.4))
    titles = {"xor": "XOR: weights go round for ever", "and": "AND: they stop"}
    for place, (name, (examples, path)) in enumerate(cells.drawn.items(), start=1):
        laps = [lap(state, examples) for state in path]
        ax = bottom.add_subplot(1, 2, place, projection="3d")
        draw_orbit(ax, np.concatenate(laps[:-1]), laps[-1], colours.of(name))
        if name == "xor":
            draw_lap(top, examples, laps[-1])
        ax.set_title(titles[name])
    return fig


def draw_lap(fig, examples, states):
    """Draws one epoch: the line before each row, and a ring around the row."""
    style.heading(fig, "XOR: each row meets the line where it is wrong for it, and moves it")
    for i, ax in enumerate(fig.subplots(1, 4)):
        x, y = examples.X[i], examples.Y[i, 0]
        plane.show(ax, examples, states[i])
        plane.line(ax, states[i], lw=2.4)
        ax.scatter(*x, s=320, facecolor="none", edgecolor=colours.RED, lw=2.2, zorder=6)
        says = int(states[i] @ [*x, 1] > 0)
        ax.set_title(f"{i + 1}: says {says}, should be {y:.0f}", size=10, weight="normal")
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
