"""What can a single neuron learn?

Rosenblatt's perceptron (1958) turns a line after each mistake. Novikoff (1962) proved that it stops
making mistakes if some line separates the classes, after at most (R/gamma)^2 of them: R is the
length of the longest example (x, 1), gamma the widest margin around a line.
"""

import numpy as np
import pandas as pd

from analysis import groups, margin, measures
from analysis.claims import Caveat, Cells, Claim
from analysis.figures import colours, plane, plots
from analysis.figures.panels import halves, panel
from analysis.verdicts import every, joined, mostly, none, note, number_of, some
from scratchml.tables import TABLES

CHAPTER = 1
CAPTION = """Top: the 16 truth tables of two inputs, orange dots for 0 and blue squares for 1, with
the line on which the first net ended; a point on the line counts as 0. Bottom left: each table that
is learned, at its bound and at the mistakes of its worst order of rows (all 24 orders; of three
inputs, 8). Bottom right: AND in the order that takes longest, with the line after every epoch."""
CAVEAT = """From zero weights the learning rate changes only the weights' length; how the inputs are
written can change the bound more than fivefold. Fixed: zero weights at the start, a bias, no
noise."""
FPS = 10
NAMES = {number: name.upper() for name, number in TABLES[2].items()}
CODINGS = {"binary": "{0, 1}", "bipolar": "{-1, +1}"}
BOUNDS = {"AND": 51, "NAND": 51, "OR": 27, "NOR": 27}  # in {0, 1}; in {-1, +1} all are 9
LOOKS = {
    (2, "binary"): ("o", colours.of("binary")), (2, "bipolar"): ("s", colours.of("bipolar")),
    (3, "binary"): ("^", colours.GREEN), (3, "bipolar"): ("^", colours.GREEN),
}  # fmt: skip


def cells(data):
    known, two = data.select(lr=1.0, records=2), data.select(inputs=2, records=2)
    rows = [table(nets, data.examples(run_id)) for run_id, nets in known.nets.groupby("run_id")]
    four = two.select(table=[1, 7, 8, 14], coding="binary")  # NOR, NAND, AND, OR
    run = data.select(paths=True)
    arrays = run.arrays()
    net = int(np.argmax(arrays["final/epochs"]))
    last = arrays["final/epochs"][net] + 1
    drawn = groups.runs(known.select(inputs=2, coding="binary"), "table")
    return Cells(
        tables=pd.DataFrame(rows).sort_values(["inputs", "coding", "table"]),
        rates={lr: of.nets for lr, of in groups.runs(four, "lr", (1.0, 0.125, 8.0, 0.1)).items()},
        mistakes=groups.by(two.select(table=8, lr=1.0).nets, "coding", "mistakes"),
        path=measures.states(arrays)[net, :last], examples=run.examples(),
        right=np.round(4 * arrays["curve/train/accuracy"][net]).astype(int),
        drawn={number: (of.examples(), measures.coefficients(of.arrays())[0])
               for number, of in drawn.items()},
    )  # fmt: skip


def table(nets, examples):
    """One row: a table's bound (NaN without a line), and the results of its nets."""
    bound = margin.bound(examples.X, examples.Y)
    row = nets.iloc[0][["inputs", "coding", "table"]].to_dict()
    return row | {
        "bound": np.nan if bound is None else bound, "nets": len(nets),
        "learned": nets.solved.all(), "epochs": nets.epochs_used.min(),
        "mistakes": nets.mistakes.max(),
        # A net that errs in every epoch, and in more epochs than any bound, will never end.
        "refused": not nets.solved.any() and not nets.clean_epochs.any(),
    }  # fmt: skip


def claims(cells):
    lines = cells.tables[cells.tables.bound.notna()]
    lines = lines.assign(name=lines.table.map(NAMES).where(lines.inputs == 2))
    bounds = lines.set_index(["name", "coding"]).bound.round(6)
    one, eighth, eight, tenth = cells.rates.values()
    exact = (eighth, eight)
    coded = cells.mistakes["binary"] - cells.mistakes["bipolar"]
    means = {coding: nets.mean() for coding, nets in cells.mistakes.items()}
    return [
        Claim("Of the 16 tables of 2 inputs a perceptron learns exactly 14", counted(cells, 2, 14)),
        Claim("Of the 256 tables of 3 inputs a perceptron learns exactly 104",
              counted(cells, 3, 104)),
        Claim("No perceptron makes more than (R/gamma)^2 mistakes",
              every(lines.mistakes <= lines.bound + 1e-6, lines.nets.sum(), "tables stay within it")
              & note(f"the closest comes to {(lines.mistakes / lines.bound).max():.2f} of its "
                     "bound")),
        Claim("The bound is 51 for AND and NAND and 27 for OR and NOR in {0, 1}, and 9 in {-1, +1}",
              joined(number_of(bounds[name, coding], f"{name} in {CODINGS[coding]}").equals(value)
                     for name, bound in BOUNDS.items()
                     for coding, value in (("binary", bound), ("bipolar", 9)))
              .on(lines.nets[lines.name.isin(list(BOUNDS))].sum())),
        Caveat("From zero weights the learning rate changes nothing but the weights' length",
               none([nets.mistakes != one.mistakes for nets in exact], 3 * len(one),
                    "nets differ in their mistakes at lr 1/8 and 8")
               & every([nets.weight_norm == nets.lr * one.weight_norm for nets in exact], len(one),
                       "nets end lr times as long, to the bit")),
        Caveat("With lr 0.1, which no binary number is, rounding decides ties and some nets differ",
               some(tenth.mistakes != one.mistakes, 2 * len(one),
                    "nets differ in their mistakes from lr 1")),
        Caveat("Writing AND's inputs as -1 and +1 cuts its bound more than fivefold, and its "
               "mistakes",
               number_of(bounds["AND", "binary"] / bounds["AND", "bipolar"], "ratio of bounds")
               .above(5).on(2 * len(coded))
               & mostly(coded, p=1e-6, measured=f"mistakes from {means['binary']:.1f} to "
                        f"{means['bipolar']:.1f} on average")),
    ]  # fmt: skip


def counted(cells, inputs, expected):
    """That `expected` tables are learned in every order of rows, and all others never."""
    frame = cells.tables[cells.tables.inputs == inputs]
    worst = frame.bound.max()
    decided = frame.learned | (frame.refused & (frame.epochs > worst))
    each = [number_of(rows.learned.sum(), f"learned in {CODINGS[coding]}").equals(expected)
            for coding, rows in frame.groupby("coding")]  # fmt: skip
    return joined(each).on(frame.nets.sum()) & every(
        decided, of=f"tables are learned in every order, or refused: a mistake in each of "
        f"{frame.epochs.max()} epochs, more than the largest bound of {worst:.0f}",
    )  # fmt: skip


def binary(cells, inputs):
    """The tables of so many inputs in {0, 1}."""
    return cells.tables[(cells.tables.inputs == inputs) & (cells.tables.coding == "binary")]


def answer(cells):
    two, three = binary(cells, 2), binary(cells, 3)
    return (f"Whatever a line can separate: {two.learned.sum()} of {len(two)} truth tables of two "
            f"inputs, and {three.learned.sum()} of {len(three)} of three.")  # fmt: skip


def draw(cells):
    two, lines = binary(cells, 2), cells.tables[cells.tables.bound.notna()]
    fig, top, bottom = halves(6.9, (1.0, 1.35), f"{two.learned.sum()} of {len(two)} truth tables "
                              "are learned; no line does the rest")  # fmt: skip
    for ax, row in zip(top.subplots(2, 8).flat, two.itertuples(), strict=True):
        examples, state = cells.drawn[row.table]
        name = NAMES.get(row.table, f"table {row.table}")
        plane.small(ax, examples, state if row.learned else None, name)
    left, right = bottom.subplots(1, 2)
    for (inputs, coding), rows in lines.groupby(["inputs", "coding"]):
        marker, color = LOOKS[inputs, coding]
        left.scatter(rows.bound, rows.mistakes, color=color, marker=marker, s=34, alpha=0.8,
                     label=f"{inputs} inputs in {CODINGS[coding]}", zorder=3)  # fmt: skip
    plots.theory(left, "as many as the bound", *np.array([[2.5, 240.0]] * 2))
    left.set_yscale("symlog", linthresh=1.0)
    panel(left, "No table takes more than its bound", x=r"bound on the mistakes, $(R/\gamma)^2$",
          y="mistakes in the worst order", log="x", ticks=[3, 10, 30, 100],
          yticks=[0, 1, 3, 10, 30, 100], legend="lower right", ylim=(-0.3, 300.0),
          box_aspect=1.0)  # fmt: skip
    plane.turns(right, cells.examples, cells.path)
    right.set_title("AND: the line turns until it fits")
    return fig


def animate(cells):
    """The frames in which the line of AND turns; lines of earlier epochs stay behind it."""
    titles = [f"AND after epoch {i}: {right} of 4 rows right" for i, right in
              enumerate(cells.right)]  # fmt: skip
    yield from plane.turning(cells.examples, cells.path, titles, "AND")
