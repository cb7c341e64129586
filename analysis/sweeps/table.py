"""The table of a sweep: a row a run, the knobs that vary before what was measured, best first."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.figures.plots import BAND
from analysis.statistics import number, wilson
from analysis.values import is_missing
from experiments.tracking.layout import MORE_IS_BETTER
from experiments.tracking.record import short_text

# What is measured of each net, the measures that rank first.
MEASURES = ("solved", "test/accuracy", "test/rmse", "test/loss", "train/accuracy", "train/rmse",
            "train/loss", "epochs_to_solve")  # fmt: skip
MOST_ROWS = 200  # of the table on the page; the file that it offers has all


class Table(NamedTuple):
    """The runs of a sweep, best first.

    Attributes:
        knobs: the names of the knobs that vary.
        measures: the names of what was measured.
        ranked_by: the measure that ranks the runs, or None.
        frame: one row a run: knobs, nets, diverged, and for each measure its middle (a share, or
            the median of the nets that did not diverge), NAME/low and NAME/high. NaN is no value.
    """

    knobs: tuple
    measures: tuple
    ranked_by: str | None
    frame: pd.DataFrame

    @property
    def rows(self):
        """The first MOST_ROWS rows as texts."""
        shown = self.frame.head(MOST_ROWS).to_dict("records")
        return [[*(text(row[knob]) for knob in self.knobs), f"{row['nets']:,}",
                 f"{row['diverged']:,}", *(_estimate(row, name) for name in self.measures)]
                for row in shown]  # fmt: skip

    @property
    def heads(self):
        """The heads of the columns of `rows`."""
        return [*self.knobs, "nets", "diverged", *self.measures]

    def csv(self):
        """All rows as a CSV file."""
        return self.frame.to_csv(index=False, lineterminator="\n").encode()


def table(data):
    """The Table of a sweep's runs."""
    nets = data.nets
    measures = tuple(name for name in MEASURES if name in nets and nets[name].notna().any())
    gone = _true(nets, "diverged")
    frame = data.runs[["run_id", *data.varied]].reset_index(drop=True)
    groups = dict(list(nets.assign(**{"its end": gone}).groupby("run_id", observed=True)))
    none = nets.iloc[:0].assign(**{"its end": gone[:0]})
    found = [_summary(groups.get(run_id, none), measures) for run_id in frame.run_id]
    frame = pd.concat([frame.drop(columns="run_id"), pd.DataFrame(found)], axis="columns")
    ranked_by = next((name for name in measures if frame[name].nunique(dropna=False) > 1), None)
    for name in reversed(measures):  # a measure decides where those before it are equal
        frame = frame.sort_values(name, ascending=name not in MORE_IS_BETTER, kind="stable")
    return Table(data.varied, measures, ranked_by, frame)


def text(value):
    """A knob's value in words, as a command line writes it."""
    if is_missing(value):
        return "none"
    return short_text(value.item() if isinstance(value, np.generic) else value)


def _summary(nets, measures):
    """What was measured of the nets of a run."""
    gone = nets["its end"].to_numpy(dtype=bool)
    row = {"nets": len(nets), "diverged": int(gone.sum())}
    for name in measures:
        middle = low = high = np.nan
        if name == "solved":
            hits = _true(nets, name)
            if len(hits):
                middle, low, high = wilson(hits.sum(), len(hits))
        else:
            values = pd.to_numeric(nets[name], errors="coerce").to_numpy(dtype=float)[~gone]
            values = values[np.isfinite(values)]
            if len(values):
                low, middle, high = np.quantile(values, [BAND[0], 0.5, BAND[1]])
        row |= {name: middle, f"{name}/low": low, f"{name}/high": high}
    return row


def _true(nets, name):
    """(n,) whether a net's value is true; a net without a value is not."""
    if name not in nets:
        return np.zeros(len(nets), dtype=bool)
    return np.array([not is_missing(v) and bool(v) for v in nets[name]], dtype=bool)


def _estimate(row, name):
    middle, low, high = (row[f"{name}{end}"] for end in ("", "/low", "/high"))
    if np.isnan(middle):
        return "none"
    if name == "solved":
        return f"{middle:.0%} [{100 * low:.0f}, {100 * high:.0f}]"
    return f"{number(middle)} [{number(low)}, {number(high)}]"
