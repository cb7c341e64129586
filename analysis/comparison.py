"""A comparison: one measure of the nets against one knob, as a table of middles and bands."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.figures.plots import BAND
from analysis.loaded import Data
from analysis.statistics import wilson
from analysis.values import rank

KINDS = ("band", "heat", "rate")
LARGEST = 1e100  # a net beyond it counts as diverged: no axis can show its neighbours, too
MOST_PANELS = 90
NET = ["run_id", "seed"]  # the columns that name a net
GONE = " diverged"  # a column beside those of the data; no knob has such a name
COLUMNS = ("nets", "without", "diverged", "middle", "low", "high")


@dataclass(frozen=True)
class Comparison:
    """A measure against a knob, one row for each combination of the knobs `by`.

    Attributes:
        data: the runs that are compared.
        table: columns `by`, nets, without (nets that have no value), diverged (nets that are in no
            median), middle, low and high. The middle is NaN where no net has a value.
        x, y: a knob or `epoch`, and the measure.
        hue, panel: knobs, or None.
        kind: band, heat or rate.
        is_rate: whether the measure is true or false, so that the middle is a share in per cent.
            A diverged net counts in a share as the net that it is: it has solved nothing.
        left_out: how many nets are in no median because they diverged.
    """

    data: Data
    table: pd.DataFrame
    x: str
    y: str
    hue: str | None
    panel: str | None
    kind: str
    is_rate: bool
    left_out: int

    @property
    def by(self):
        """The knobs that points, lines and panels stand for."""
        return _by(self.panel, self.hue, self.x)

    @property
    def numbers(self):
        """The table with the middle under its own name, for a file."""
        return self.table.rename(columns={"middle": "share" if self.is_rate else "median"})

    @property
    def measure(self):
        """The measure with its unit."""
        return f"nets {self.y} (%)" if self.is_rate else self.y

    def values(self, knob):
        """The values of a knob in the order in which they are drawn."""
        return _ordered(self.table[knob])

    def places(self):
        """{value of x: 0, 1, 2, ...} for words; None for numbers, which have their own place."""
        dtype = self.table[self.x].dtype
        if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
            sizes = self.table[self.x].abs()
            if not ((sizes > LARGEST) | (sizes < 1.0 / LARGEST) & (sizes > 0.0)).any():
                return None
        return {value: i for i, value in enumerate(self.values(self.x))}

    def pooled(self):
        """The knobs that differ among the runs of one point."""
        runs, by = self.data.runs, [k for k in self.by if k != "epoch"]
        points = [g for _, g in runs.groupby(by, dropna=False)] if by else [runs]
        others = [k for k in self.data.varied if k not in by]
        return [k for k in others if any(p[k].nunique(dropna=False) > 1 for p in points)]


def comparison(data, x, y, hue=None, panel=None, kind=None):
    """The Comparison of a measure of the nets against a knob.

    Args:
        x: a knob that varies, or `epoch` for curves.
        y: a final value of the nets; with x = epoch, a curve.
        hue, panel: knobs that vary, for colours and panels. `heat` has hue as its other axis.
        kind: band, heat or rate. The default is rate for a measure that is true or false, and band
            otherwise.

    Raises:
        LookupError: There is nothing to draw, or the sweep does not offer a name; then the message
            lists the names that it offers.
    """
    measured = _measured(data, x, apart="seeds" in (x, hue, panel))
    measures = [c for c in measured if c not in (*data.knobs, "run_id", "seed", "epoch")]
    _check("x", x, [*data.varied, "epoch"])
    _check("y", y, measures)
    if hue is not None:
        _check("hue", hue, [k for k in data.varied if k != x])
    if panel is not None:
        _check("panel", panel, [k for k in data.varied if k not in (x, hue)])
    is_rate = set(measured[y].dropna().unique()) <= {True, False} and measured[y].dtype != float
    kind = kind or ("rate" if is_rate else "band")
    _check("kind", kind, KINDS)
    if kind == "rate" and not is_rate:
        rates = [name for name in measures if measured[name].dtype == bool]
        raise LookupError(f"a rate needs a measure that is true or false; those are {rates}")
    if kind == "heat" and hue is None:
        raise LookupError(f"a heat map needs a second knob, --hue; {list(data.varied)} vary")
    if panel is not None and (n := data.runs[panel].nunique(dropna=False)) > MOST_PANELS:
        raise LookupError(
            f"panel {panel} has {n} values, and a figure at most {MOST_PANELS} panels; "
            f"choose some with --where {panel}=VALUE,..."
        )
    diverged = _diverged(data, measured, y)
    table = _summary(measured, diverged, _by(panel, hue, x), y, is_rate)
    nets = measured[NET]
    left_out = 0 if is_rate else len(nets[diverged].drop_duplicates())
    if table.middle.isna().all():
        raise LookupError(
            f"nothing to draw: none of {len(nets.drop_duplicates()):,} nets has a value of {y} "
            f"({left_out:,} of them diverged)"
        )
    return Comparison(data, table, x, y, hue, panel, kind, is_rate, left_out)


def _measured(data, x, apart):
    """The nets, or the points of their curves.

    Equal nets of several runs count once. If `apart`, they count once for each value of `seeds`.
    """
    groups = [data.select(seeds=value) for value in data.values("seeds")] if apart else [data]
    return pd.concat([each.curves if x == "epoch" else each.nets for each in groups])


def _check(role, name, allowed):
    if name not in allowed:
        raise LookupError(f"{role} must be one of {list(allowed)}; got {name!r}")


def _by(panel, hue, x):
    return list(dict.fromkeys(knob for knob in (panel, hue, x) if knob))


def _diverged(data, measured, y):
    """(rows,) whether the net of a row diverged, or has a value that is too large for an axis."""
    nets = data.nets
    if "diverged" in nets:
        known = pd.MultiIndex.from_frame(nets[nets.diverged.fillna(False).astype(bool)][NET])
        flagged = pd.MultiIndex.from_frame(measured[NET]).isin(known)
    else:
        flagged = np.zeros(len(measured), dtype=bool)
    values = pd.to_numeric(measured[y], errors="coerce").to_numpy(dtype=float)
    return flagged | (np.abs(values) > LARGEST)


def _summary(measured, diverged, by, y, is_rate):
    """One row for each combination of the knobs `by`: counts of nets, the middle and the band."""
    rows = []
    grouped = measured.assign(**{GONE: diverged}).groupby(
        by, observed=True, sort=False, dropna=False
    )
    for key, group in grouped:
        values, gone = group[y], group[GONE].to_numpy()
        known = (values if is_rate else values[~gone]).dropna().to_numpy(dtype=float)
        missing = len(values) - len(known) - (0 if is_rate else gone.sum())
        middle = low = high = np.nan
        if len(known) and is_rate:
            middle, low, high = (100.0 * v for v in wilson(known.sum(), len(known)))
        elif len(known):
            low, middle, high = np.quantile(known, [BAND[0], 0.5, BAND[1]])
        rows.append((*key, len(values), missing, gone.sum(), middle, low, high))
    table = pd.DataFrame(rows, columns=[*by, *COLUMNS])
    for knob in by:  # a knob that is null, or that has no meaning for some of the runs
        if table[knob].isna().any():
            table[knob] = table[knob].astype(object).where(table[knob].notna(), "null")
    places = {knob: {v: i for i, v in enumerate(_ordered(table[knob]))} for knob in by}
    return table.sort_values(by, key=lambda column: column.map(places[column.name]))


def _ordered(column):
    """The values of a column: words in the order of the sweep, numbers by size."""
    values = list(dict.fromkeys(column))
    return values if all(isinstance(v, str) for v in values) else sorted(values, key=rank)
