"""What the page of a sweep can show, and what it cannot: each check is one sentence or nothing."""

import numpy as np

from analysis.sweeps.table import MOST_ROWS, text
from experiments.console import plural
from experiments.tracking.layout import WEIGHTS

FEW = 20  # nets a run, below which an interval of a share is wider than 20 points on either side
NAMED = 5  # runs or knobs that a sentence names


def checks(data, table):
    """The sentences, in order."""
    return [sentence for check in CHECKS if (sentence := check(data, table))]


def missing(data, table):
    if data.missing:
        lost = plural(len(data.missing), "run")
        return f"{lost} of the sweep did not finish and are not here: {_some(data.missing)}."


def one_run(data, table):
    if len(data) == 1:
        return "There is one run: nothing is compared."


def nothing_varies(data, table):
    if len(data) > 1 and not data.varied:
        return "No knob varies: the runs differ in their code or their data."


def alike(data, table):
    if table.ranked_by is None and len(data) > 1:
        return "All runs are alike in what was measured, so their order says nothing."


def diverged(data, table):
    gone, nets = int(table.frame.diverged.sum()), int(table.frame.nets.sum())
    if gone:
        worst = table.frame.loc[(table.frame.diverged / table.frame.nets).idxmax()]
        which = ", ".join(f"{knob}={text(worst[knob])}" for knob in table.knobs) or "the one run"
        return (
            f"{gone:,} of {nets:,} nets diverged ({gone / nets:.0%}) and are in no median; most "
            f"of them, {int(worst.diverged):,} of {int(worst.nets):,}, with {which}."
        )


def few_nets(data, table):
    least = int(table.frame.nets.min())
    if least < FEW:
        return f"A run has {plural(least, 'net')} at least: intervals of shares are wide."


def held_out(data, table):
    if not any(name.startswith("test/") for name in table.measures):
        return "Nothing was held out: all numbers are those of the examples learned from."


def weights(data, table):
    """Only of the first run: all of a sweep are stored in one way."""
    names = data.arrays(data.runs.run_id.iloc[0])
    if not any(name.startswith(WEIGHTS) for name in names):
        return "The runs store no weights: their nets cannot be looked at or exported."


def cut(data, table):
    if len(table.frame) > MOST_ROWS:
        return f"The table shows the best {MOST_ROWS} of {len(table.frame):,} runs; its file, all."


def unmeasured(data, table):
    lost = [name for name in table.measures if table.frame[name].isna().any()]
    if lost:
        runs = int(np.any([table.frame[name].isna() for name in lost], axis=0).sum())
        have = "has" if runs == 1 else "have"
        return f"{plural(runs, 'run')} {have} no value of {_some(lost)}."


CHECKS = (missing, one_run, nothing_varies, alike, diverged, few_nets, held_out, weights,
          unmeasured, cut)  # fmt: skip


def _some(names):
    more = len(names) - NAMED
    return ", ".join(map(str, names[:NAMED])) + (f" and {more:,} more" if more > 0 else "")
