"""What can a single neuron learn?

Rosenblatt's perceptron (1958) turns a line after each mistake. Novikoff (1962) proved that it stops
making mistakes if some line separates the classes, after at most (R/gamma)^2 of them: R is the
length of the longest example (x, 1), gamma the widest margin around a line.
"""

from functools import lru_cache

import numpy as np
import pandas as pd

from analysis import margin
from analysis.claims import Claim
from analysis.figures import colours, plane, plots, saving, style
from analysis.statistics import sign_test
from scratchml.datasets import TABLES

CHAPTER = 1
CAPTION = """
Top: the 16 truth tables of two inputs, orange dots for 0 and blue squares for 1, with the line on
which the first net ended; a point on the line counts as 0. Bottom left: each table that is learned,
at its bound and at the mistakes of its worst order of rows (all 24 orders; of three inputs, 8).
Bottom right: AND in the order that takes longest, with the line after every epoch.
"""
CAVEAT = """
From zero weights the learning rate changes only the weights' length; how the inputs are written
can change the bound more than fivefold. Fixed: zero weights at the start, a bias, no noise.
"""
FPS = 10
NAMES = {number: name.upper() for name, number in TABLES[2].items()}
CODINGS = {"binary": "{0, 1}", "bipolar": "{-1, +1}"}
BOUNDS = {"AND": 51, "NAND": 51, "OR": 27, "NOR": 27}  # in {0, 1}; in {-1, +1} all are 9


@lru_cache(maxsize=1)  # claims and figure ask for it
def tables(data):
    """One row a table and coding: its bound (NaN without a line), and the results of its nets."""
    rows = []
    for run_id, nets in data.select(lr=1.0, records=2).nets.groupby("run_id", sort=False):
        examples = data.examples(run_id)
        row = nets.iloc[0][["run_id", "inputs", "coding", "table"]].to_dict()
        rows.append(row | {
            "bound": margin.bound(examples.X, examples.Y) or np.nan,
            "nets": len(nets),
            "learned": nets.solved.all(),
            # A net that errs in every epoch, and in more epochs than any bound, will never end.
            "refused": not nets.solved.any() and not nets.clean_epochs.any(),
            "epochs": nets.epochs_used.min(),
            "mistakes": nets.mistakes.max(),
        })  # fmt: skip
    return pd.DataFrame(rows)


def claims(data):
    frame = tables(data)
    lines = frame[frame.bound.notna()]
    above = int((lines.mistakes > lines.bound + 1e-6).sum())
    named = lines[(lines.inputs == 2) & lines.table.map(NAMES).isin(list(BOUNDS))]
    bound = {(NAMES[r.table], r.coding): round(r.bound, 6) for r in named.itertuples()}
    each = {name: (bound[name, "binary"], bound[name, "bipolar"]) for name in BOUNDS}
    return [
        counted(frame, inputs=2, expected=14),
        counted(frame, inputs=3, expected=104),
        Claim(
            "No perceptron makes more than (R/gamma)^2 mistakes",
            f"{above} of {len(lines)} separable tables exceed it; the closest comes to "
            f"{(lines.mistakes / lines.bound).max():.2f} of its bound",
            "one counter-example falsifies",
            nets=lines.nets.sum(),
            holds=above == 0,
        ),
        Claim(
            "The bound is 51 for AND and NAND and 27 for OR and NOR in {0, 1}, and 9 in {-1, +1}",
            ", ".join(f"{name} {one:g} and {other:g}" for name, (one, other) in each.items()),
            "equality; the margin by least distance programming",
            nets=named.nets.sum(),
            holds=all(each[name] == (expected, 9) for name, expected in BOUNDS.items()),
        ),
        *rates(data),
        coded(data, *each["AND"]),
    ]


def counted(frame, inputs, expected):
    """The claim that `expected` tables are learned, and all others never."""
    frame = frame[frame.inputs == inputs]
    learned = frame.groupby("coding").learned.agg(["sum", "size"])
    worst = frame.bound.max()
    decided = frame.learned | (frame.refused & (frame.epochs > worst))
    return Claim(
        f"Of the {2**2**inputs} tables of {inputs} inputs a perceptron learns exactly {expected}",
        ", ".join(f"{k} of {n} in {CODINGS[coding]}" for coding, k, n in learned.itertuples()),
        f"learned in every order; or a mistake in each of {frame.epochs.max()} epochs, more than "
        f"the largest bound of {worst:.0f}",
        nets=frame.nets.sum(),
        holds=decided.all() and (learned["sum"] == expected).all(),
    )


def rates(data):
    """The claims about the learning rate, on AND, OR, NAND and NOR."""
    one, *others = (
        data.select(lr=lr, table=[1, 7, 8, 14], inputs=2, coding="binary", records=2).nets
        for lr in (1.0, 0.125, 8.0, 0.1)
    )
    longer = [(nets.weight_norm == nets.lr * one.weight_norm).all() for nets in others]
    differ = [int((nets.mistakes != one.mistakes).sum()) for nets in others]
    return [
        Claim(
            "From zero weights the learning rate changes nothing but the weights' length",
            f"lr 1/8 and 8 against 1: {differ[0] + differ[1]} nets differ in their mistakes; their "
            f"weights end {'' if all(longer[:2]) else 'not '}lr times as long",
            "equality to the bit",
            nets=3 * len(one),
            holds=differ[0] + differ[1] == 0 and all(longer[:2]),
            caveat=True,
        ),
        Claim(
            "With lr 0.1, which no binary number is, rounding decides ties and some nets differ",
            f"{differ[2]} of {len(one)} nets differ in their mistakes from lr 1",
            "more than none",
            nets=2 * len(one),
            holds=differ[2] > 0,
            caveat=True,
        ),
    ]


def coded(data, binary, bipolar):
    """The claim about the coding of AND."""
    runs = data.select(table=8, inputs=2, lr=1.0, records=2)
    nets = {coding: runs.select(coding=coding).nets.mistakes for coding in CODINGS}
    fewer = sign_test(nets["binary"] - nets["bipolar"], "greater")
    return Claim(
        "Writing AND's inputs as -1 and +1 cuts its bound more than fivefold, and its mistakes",
        f"the bound {binary / bipolar:.1f} times; mistakes from {nets['binary'].mean():.1f} to "
        f"{nets['bipolar'].mean():.1f} on average",
        str(fewer),
        nets=len(runs.nets),
        holds=binary > 5.0 * bipolar and fewer.p < 1e-6,
        caveat=True,
    )


def draw(data):
    frame, run = tables(data), data.select(paths=True)
    fig = style.canvas(6.9)
    top, bottom = fig.subfigures(2, 1, height_ratios=(1.0, 1.35))
    draw_tables(top, data, frame[(frame.inputs == 2) & (frame.coding == "binary")])
    left, right = bottom.subplots(1, 2)
    draw_bounds(left, frame[frame.bound.notna()])
    path, _ = longest(run)
    last = len(path) - 1
    plane.show(right, run, path[-1], margin=0.7)
    for epoch, shade in enumerate(colours.shades(last), start=1):
        label = f"{epoch} (all right)" if epoch == last else f"{epoch}"
        line = plane.line(right, path[epoch], color=shade, lw=3.0 if epoch == last else 1.6)
        line.set_label(label)
    right.set_title("AND: the line turns until it fits")
    right.legend(title="line after epoch", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return fig


def draw_tables(fig, data, frame):
    """Draws a small plane for each table; tables without a line stand out."""
    title = f"{frame.learned.sum()} of {len(frame)} truth tables are learned; no line does the rest"
    style.heading(fig, title)
    for ax, row in zip(fig.subplots(2, 8).flat, frame.itertuples(), strict=True):
        state = plane.states(data.arrays(row.run_id), "weights")[0] if row.learned else None
        plane.show(ax, data, state, row.run_id, margin=0.4)
        if row.learned:
            plane.line(ax, state, lw=1.6)
        for points in ax.collections[:2]:
            points.set_sizes([36])
        ax.set(xticks=[], yticks=[], xlabel="", ylabel="")
        ax.spines[:].set(visible=True, color=colours.PALE if row.learned else colours.RED, lw=1.2)
        ax.set_title(NAMES.get(row.table, f"table {row.table}"), size=9.5, loc="center", pad=3,
                     color=colours.INK if row.learned else colours.RED)  # fmt: skip


def draw_bounds(ax, frame):
    """Draws mistakes against their bound, one point a table."""
    for (inputs, coding), part in frame.groupby(["inputs", "coding"]):
        color = colours.GREEN if inputs == 3 else colours.of(coding)
        marker = "^" if inputs == 3 else {"binary": "o", "bipolar": "s"}[coding]
        ax.scatter(part.bound, part.mistakes, color=color, marker=marker, s=34, alpha=0.8,
                   label=f"{inputs} inputs in {CODINGS[coding]}", zorder=3)  # fmt: skip
    ticks, ends = [1, 3, 10, 30, 100], np.array([2.5, 240.0])
    plots.theory(ax, "as many as the bound", ends, ends)
    ax.set_xscale("log")
    ax.set_yscale("symlog", linthresh=1.0)
    ax.set_xticks(ticks[1:], ticks[1:])
    ax.set_yticks([0, *ticks], [0, *ticks])
    ax.minorticks_off()
    ax.set(xlabel=r"bound on the mistakes, $(R/\gamma)^2$", ylabel="mistakes in the worst order",
           ylim=(-0.3, 300.0), box_aspect=1.0)  # fmt: skip
    ax.set_title("No table takes more than its bound")
    ax.legend(loc="lower right")


def longest(run):
    """(E+1, 3) states of the net that takes the most epochs, and the index of the net."""
    arrays = run.arrays()
    net = int(np.argmax(arrays["final/epochs"]))
    return plane.states(arrays)[net, : arrays["final/epochs"][net] + 1], net


def animate(data):
    """The frames in which the line of AND turns; lines of earlier epochs stay behind it."""
    run = data.select(paths=True)
    path, net = longest(run)
    right = np.round(4 * run.arrays()["curve/train/accuracy"][net]).astype(int)
    fig, ax = style.figure(height=5.5, width=5.5)
    plane.show(ax, run, margin=0.7)
    line, sides = plane.line(ax, path[0], lw=3.0), plane.sides(ax, path[0])
    for t in np.arange(0.0, len(path) - 1 + 1e-9, 0.125):
        epoch, share = int(t), t % 1
        now = path[epoch] + (share * (path[epoch + 1] - path[epoch]) if share else 0.0)
        line.set_data(plane.ends(now))
        sides.remove()
        sides = plane.sides(ax, now)
        if share:
            ax.set_title(f"AND, in epoch {epoch + 1}")
            yield saving.snapshot(fig)
        else:
            ax.set_title(f"AND after epoch {epoch}: {right[epoch]} of 4 rows right")
            yield from [saving.snapshot(fig)] * (20 if epoch == len(path) - 1 else 6)
            plane.line(ax, now, color=colours.GREY, lw=1.2)
    saving.close(fig)
