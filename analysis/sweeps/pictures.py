"""The figures of a sweep's page: curves, and what was measured against each knob."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.comparison import comparison
from analysis.figures import saving
from analysis.figures.comparison import draw
from analysis.figures.importance import draw as draw_importance
from analysis.importance import importance
from experiments.tracking.layout import CURVE, EPOCH

MOST_CURVES = 2  # knobs whose curves are drawn
MOST_KNOBS = 4  # knobs against which a measure is drawn
MOST_POINTS = 2_000_000  # of all curves that are read
CURVES = ("test/loss", "train/loss")
NO_AXIS = ("seed", "seeds")  # knobs that only choose nets
LENGTHS = ("epochs", "records")  # knobs that say at which epochs a curve has points


class Picture(NamedTuple):
    """A figure as the bytes of a PNG, with its heading, or the reason why there is none."""

    heading: str
    png: bytes = b""
    problem: str = ""


def pictures(data, table):
    """Yields the Pictures of a sweep, the most important first.

    Args:
        table: its `analysis.sweeps.table.Table`.
    """
    for make in PARTS:
        yield from make(data, table)


def what_mattered(data, table):
    """How much of the differences between nets each knob, and the seeds, explain."""
    if table.ranked_by is not None and data.varied:
        yield _picture(f"What mattered to {table.ranked_by}", _mattered, data, table.ranked_by)


def against_knobs(data, table):
    """What ranks the runs, against the knobs that matter most to it."""
    if table.ranked_by is not None:
        for knob in axes(data, table)[:MOST_KNOBS]:
            heading = f"{table.ranked_by} against {knob}"
            yield _picture(heading, _compared, data, knob, table.ranked_by)


def curves(data, table):
    """The curves of a loss, with a colour for each value of a knob."""
    shown, note = few(data, table)
    arrays = shown.arrays(shown.runs.run_id.iloc[0])
    measure = next((name for name in CURVES if f"{CURVE}{name}" in arrays), None)
    if measure is None:
        yield Picture("Curves", problem="the runs store no curve of a loss")
        return
    for knob in [k for k in axes(data, table) if k in shown.varied][:MOST_CURVES] or [None]:
        heading = f"{measure} while training{f', by {knob}' if knob else ''}{note}"
        yield _picture(heading, _compared, shown, "epoch", measure, knob)


PARTS = (what_mattered, against_knobs, curves)


def axes(data, table):
    """The knobs that vary, those first between whose values the nets differ most.

    That is the share of the squares of all ranks that is between the values of one knob (Kruskal &
    Wallis 1952), of the measure that ranks the runs.
    """
    knobs = [knob for knob in data.varied if knob not in NO_AXIS]
    if table.ranked_by is None:
        return knobs
    nets = data.nets
    ranks = pd.to_numeric(nets[table.ranked_by].astype(float), errors="coerce").rank()
    between = {
        knob: ranks.groupby(nets[knob].astype(str)).transform("mean").var() for knob in knobs
    }
    return sorted(knobs, key=between.get, reverse=True)


def few(data, table):
    """(the runs whose curves are drawn, words that say which).

    Runs of one length, with as many records, and no more nets than can be read.
    """
    keep = np.ones(len(data), dtype=bool)
    for knob in LENGTHS:
        if knob in data.varied:
            values = data.runs[knob].astype(str)
            keep &= (values == values[keep].mode()[0]).to_numpy()
    points = len(data.arrays(data.runs.run_id[keep].iloc[0])[EPOCH])
    nets = table.frame.nets[[place for place in table.frame.index if keep[place]]]
    fit = nets.index[(nets.cumsum() <= max(MOST_POINTS // points, nets.iloc[0]))]
    if len(fit) == len(data):
        return data, ""
    runs = data.runs.iloc[sorted(fit)].reset_index(drop=True)
    which = "runs of one length" if len(fit) == len(nets) else "best runs"
    return replace(data, runs=runs), f" ({len(fit):,} {which} of {len(data):,} runs)"


def _mattered(data, y):
    return draw_importance(importance(data, y))


def _compared(data, x, y, hue=None):
    return draw(comparison(data, x, y, hue))


def _picture(heading, make, *arguments):
    """The Picture of the figure that `make` draws, or the reason why it refuses."""
    try:
        figure = make(*arguments)
    except (LookupError, ValueError) as error:
        return Picture(heading, problem=str(error))
    content = saving.png(figure)
    saving.close(figure)
    return Picture(heading, content)
