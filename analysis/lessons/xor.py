"""Can a line separate XOR, and what does the perceptron do when none can?

Minsky & Papert (1969) made XOR the standard example of what one layer cannot do. Where no line
exists the perceptron's weights stay bounded for ever (perceptron cycling theorem, Efron 1964; Block
& Levin 1970), and whole numbers within bounds must come back to where they were.
"""

import numpy as np

from analysis import groups, margin, measures
from analysis.claims import Caveat, Cells, Claim
from analysis.figures import colours, plane
from analysis.figures.panels import halves
from analysis.verdicts import every, largest, none, note, number_of, share

CHAPTER = 2
CAPTION = """Top: the last epoch of a perceptron on XOR, row by row. Each time the ringed row lies
on the wrong side (a point on the line counts as 0) and moves the line; the fourth move takes the
others back. Bottom: its two weights and bias, from zero into a closed orbit (1 to 4 as above), and
those on AND."""
CAVEAT = """The perceptron does not diverge on XOR: it cycles, and where training ends is not the
best line. Fixed: learning rate 1, whole numbers at the start, so that weights can come back
exactly."""
ROOT = 5**0.5 + 1e-9  # sqrt 5, and room for rounding


def cells(data):
    runs = data.select(dataset="xor")
    drawn = groups.runs(data.select(init="zero", coding="binary"), "dataset", ("xor", "and"))
    paths = groups.gathered(runs, measures.states)
    return Cells(
        nets=runs.nets, epochs=int(runs.runs.epochs[0]), paths=paths,
        best=groups.gathered(runs, lambda arrays: arrays["curve/train/accuracy"].max(axis=1)),
        laps=np.array([measures.lap(path[-1], rows) for path, rows in
                       zip(paths, examples(runs), strict=True)]),
        learned=groups.solved(data.select(dataset="and").nets),
        table=drawn["xor"].examples(),
        drawn={name: (run.examples(), measures.states(run.arrays())[0]) for name, run in
               drawn.items()},
    )  # fmt: skip


def examples(data):
    """The examples of each net, run after run; there are 24 orders of the rows."""
    for run_id, seeds in zip(data.runs.run_id, data.runs.seeds, strict=True):
        orders = [data.examples(run_id, index=i) for i in range(24)]
        yield from (orders[i % 24] for i in range(int(seeds)))


def claims(cells):
    nets, n, table = cells.nets, len(cells.nets), cells.table
    zero = nets[nets.init == "zero"].max_norm
    start = measures.lengths(cells.paths)[:, 0]
    settled = measures.settling(cells.paths)
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
              & number_of(margin.best_share(table.X, table.Y[:, 0]),
                          "best of all tables a line can make", n).equals(0.75)),
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
    heading = "XOR: each row meets the line where it is wrong for it, and moves it"
    fig, top, bottom = halves(6.8, (1.0, 1.4), heading)
    titles = {"xor": "XOR: weights go round for ever", "and": "AND: they stop"}
    for place, (name, (examples, path)) in enumerate(cells.drawn.items(), start=1):
        laps = [measures.lap(state, examples) for state in path]
        ax = bottom.add_subplot(1, 2, place, projection="3d")
        plane.orbit(ax, np.concatenate(laps[:-1]), laps[-1], colours.of(name))
        ax.set_title(titles[name])
        if name == "xor":
            draw_lap(top.subplots(1, 4), examples, laps[-1])
    return fig


def draw_lap(axes, examples, states):
    """Draws one epoch: the line before each row, and a ring around the row."""
    for i, ax in enumerate(axes):
        x, y = examples.X[i], examples.Y[i, 0]
        plane.show(ax, examples, states[i])
        plane.line(ax, states[i], lw=2.4)
        ax.scatter(*x, s=320, facecolor="none", edgecolor=colours.RED, lw=2.2, zorder=6)
        says = int(states[i] @ [*x, 1] > 0)
        ax.set_title(f"{i + 1}: says {says}, should be {y:.0f}", size=10, weight="normal")
        ax.set(ylabel="second input" if i == 0 else "")
