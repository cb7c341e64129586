"""A figure of any sweep, and the numbers behind it: one measure against one knob.

    python -m analysis.compare scratchml --x lr --y solved --hue activation
    python -m analysis.compare scratchml --x epoch --y train/loss --hue lr --panel init
    python -m analysis.compare scratchml --x lr --y train/loss --hue width --kind heat

Kinds: `band`, the median of the nets with a band from 5 % to 95 % of them; `rate`, the share of
nets with its Wilson interval; `heat`, the median or the share over two knobs. Knobs that vary and
are neither on an axis nor fixed by --where are pooled, and the figure says so.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.ticker import MaxNLocator

from analysis import fetch
from analysis.data import load, rank, typed
from analysis.figures import style
from analysis.statistics import wilson

KINDS = ("band", "heat", "rate")
DECADES = 100.0  # an axis that spans more than two decades is logarithmic
ACROSS = 3  # panels in a row


def compare(data, x, y, hue=None, panel=None, kind=None):
    """Draws a measure of the nets against a knob.

    Args:
        x: a knob that varies, or `epoch` for curves.
        y: a final value of the nets, or for x = epoch a curve.
        hue, panel: knobs that vary, for colours and panels; `heat` has hue as its other axis.
        kind: band, heat or rate; by default rate for what is true or false and band otherwise.

    Returns:
        The figure, and its numbers as a frame: one row a point, band or cell.

    Raises:
        LookupError: A name is not among those that this sweep offers; the message lists them.
    """
    measured = data.curves if x == "epoch" else data.nets
    numbers = _measures(data, measured)
    _among("x", x, [*data.varied, "epoch"])
    _among("y", y, numbers)
    for role, knob in (("hue", hue), ("panel", panel)):
        if knob is not None:
            _among(
                role, knob, [k for k in data.varied if k not in (x, hue if role == "panel" else "")]
            )
    is_rate = set(measured[y].dropna().unique()) <= {True, False} and measured[y].dtype != float
    kind = kind or ("rate" if is_rate else "band")
    _among("kind", kind, KINDS)
    if kind == "rate" and not is_rate:
        rates = [name for name in numbers if measured[name].dtype == bool]
        raise LookupError(f"a rate needs a measure that is true or false; those are {rates}")
    if kind == "heat" and hue is None:
        raise LookupError(f"a heat map needs a second knob, --hue; {list(data.varied)} vary")

    by = list(dict.fromkeys(k for k in (panel, hue, x) if k))
    plot = Plot(data, _summary(measured, by, y, is_rate), x, y, hue, kind, is_rate, by)
    table = plot.table
    panels = plot.values(panel) if panel else [None]
    across = min(ACROSS, len(panels))
    fig, axes = style.figure(across, -(-len(panels) // across), squeeze=False, sharey=True)
    for ax in axes.flat[len(panels) :]:
        ax.remove()
    for ax, value in zip(axes.flat, panels, strict=False):
        rows = table[table[panel] == value] if panel else table
        (_heat if kind == "heat" else _lines)(ax, rows, plot)
        if panel:
            ax.set_title(f"{panel} = {_word(value)}")
    _label(fig, plot)
    return fig, table.rename(columns={"middle": "share" if is_rate else "median"})


@dataclass(frozen=True)
class Plot:
    """What is drawn: a summary with one row for each combination of the knobs `by`."""

    data: object
    table: pd.DataFrame
    x: str
    y: str
    hue: str | None
    kind: str
    is_rate: bool
    by: list

    def values(self, knob):
        """The values of a knob in the order in which they are drawn."""
        return _ordered(self.table[knob])

    def is_number(self, knob):
        kind = self.table[knob].dtype
        return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)

    def places(self):
        """{value of x: 0, 1, 2, ...} for words; None for numbers, which are where they are."""
        if self.is_number(self.x):
            return None
        return {value: i for i, value in enumerate(self.values(self.x))}

    def pooled(self):
        """The knobs that differ among the runs of one point."""
        runs, by = self.data.runs, [k for k in self.by if k != "epoch"]
        points = [g for _, g in runs.groupby(by, dropna=False)] if by else [runs]
        others = [k for k in self.data.varied if k not in by]
        return [k for k in others if any(p[k].nunique(dropna=False) > 1 for p in points)]

    def measure(self):
        return f"nets {self.y} (%)" if self.is_rate else self.y


def _measures(data, measured):
    return [c for c in measured if c not in (*data.knobs, "run_id", "seed", "epoch")]


def _among(role, name, allowed):
    if name not in allowed:
        raise LookupError(f"{role} must be one of {list(allowed)}; got {name!r}")


def _summary(measured, by, y, is_rate):
    """One row for each combination of the knobs `by`: how many nets, the middle and the band."""
    rows = []
    for key, values in measured.groupby(by, observed=True, sort=False, dropna=False)[y]:
        known = values.dropna().to_numpy(dtype=float)
        if not len(known):
            continue
        if is_rate:
            middle, low, high = (100.0 * v for v in wilson(known.sum(), len(known)))
        else:
            low, middle, high = np.quantile(known, [style.BAND[0], 0.5, style.BAND[1]])
        rows.append((*key, len(values), len(values) - len(known), middle, low, high))
    table = pd.DataFrame(rows, columns=[*by, "nets", "without", "middle", "low", "high"])
    for knob in by:  # a knob left at null, or without a meaning for some of the runs
        if table[knob].isna().any():
            table[knob] = table[knob].astype(object).where(table[knob].notna(), "null")
    places = {knob: {v: i for i, v in enumerate(_ordered(table[knob]))} for knob in by}
    return table.sort_values(by, key=lambda column: column.map(places[column.name]))


def _ordered(column):
    """The values of a column: words as they come, numbers by size and before words."""
    values = list(dict.fromkeys(column))
    return values if all(isinstance(v, str) for v in values) else sorted(values, key=rank)


# ----------------------------------------------------------------------------------------- drawing


def _lines(ax, rows, plot):
    """A line for each hue, with a band over nets or, for shares and for words, with bars."""
    colours = style.palette(plot.values(plot.hue), plot.hue) if plot.hue else {None: style.BLUE}
    places = plot.places()
    for i, (value, colour) in enumerate(colours.items()):
        group = rows[rows[plot.hue] == value] if plot.hue else rows
        at = group[plot.x].map(places).to_numpy(dtype=float) if places else group[plot.x]
        look = {"color": colour, "label": _word(value), "lw": 1.8, "ms": 5, "zorder": 3}
        if plot.x != "epoch":
            look["marker"] = style.MARKERS[i % len(style.MARKERS)]
        if places or plot.is_rate:
            reach = np.maximum([group.middle - group.low, group.high - group.middle], 0.0)
            look |= {"capsize": 3, "yerr": reach, "ls": "none" if places else "-"}
            shift = 0.06 * (i - (len(colours) - 1) / 2.0) if places else 0.0
            ax.errorbar(at + shift, group.middle, **look)
        else:
            ax.plot(at, group.middle, **look)
            ax.fill_between(at, group.low, group.high, color=colour, alpha=0.18, lw=0)
    if places:
        ax.set_xticks(list(places.values()), [_word(v) for v in places])
    elif plot.x == "epoch":
        style.epochs(ax, plot.table.epoch.max())
    else:
        _scale(ax.set_xscale, plot.table[plot.x])
        if ax.get_xscale() == "linear" and (plot.table[plot.x] % 1 == 0).all():
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if plot.is_rate:
        ax.set_ylim(-3.0, 103.0)
    else:
        _scale(ax.set_yscale, plot.table[["low", "high"]].to_numpy().ravel())


def _heat(ax, rows, plot):
    """A cell for each pair of knobs, with its number."""
    cells = rows.pivot(index=plot.hue, columns=plot.x, values="middle")
    cells = cells.reindex(index=plot.values(plot.hue)[::-1], columns=plot.values(plot.x))
    low, high = plot.table.middle.min(), plot.table.middle.max()
    if plot.is_rate:
        low, high = 0.0, 100.0
    scale = "log" if low > 0.0 and high / low > DECADES else None
    sns.heatmap(
        cells, ax=ax, norm=style.norm(low, high, scale), cmap="cividis", linewidths=0.5,
        annot=cells.size <= 80, fmt=".3g", annot_kws={"size": 8.5},
        cbar_kws={"label": plot.measure()},
    )  # fmt: skip
    ax.set_xticklabels([_word(v) for v in cells.columns], rotation=0)
    ax.set_yticklabels([_word(v) for v in cells.index], rotation=0)
    ax.set(xlabel=plot.x, ylabel=plot.hue)


def _label(fig, plot):
    """Names axes and colours, and says what the band is and what was pooled."""
    if plot.kind != "heat":
        for ax in fig.axes:
            ax.set_xlabel("")
        fig.supxlabel(plot.x, fontsize=10.5)
        fig.supylabel(plot.measure(), fontsize=10.5)
        if plot.hue:
            handles, labels = fig.axes[0].get_legend_handles_labels()
            fig.legend(handles, labels, title=plot.hue, loc="outside right upper")
    fig.suptitle(_literal(f"{plot.data.experiment}: {_note(plot)}"), fontsize=9.5)


def _note(plot):
    if plot.kind == "heat":
        note = "share of nets" if plot.is_rate else "median"
    else:
        note = "bars: Wilson 95 %" if plot.is_rate else "median; 5 % to 95 % of the nets"
    note += f"; {_span(plot.table.nets)} nets each"
    if plot.table.without.any():
        note += f", without {_span(plot.table.without)} that have no value"
    pooled = plot.pooled()
    return note + (f"; pooled over {', '.join(pooled)}" if pooled else "")


def _span(counts):
    low, high = counts.min(), counts.max()
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _word(value):
    """A knob's value as a label: 2.0 is 2, a list is short."""
    if isinstance(value, bool | np.bool_):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, int | float | np.number) else _literal(str(value))


def _literal(text):
    """A text that matplotlib draws as it is: no formula, no sign that has no picture."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text).replace("$", r"\$")


def _scale(set_scale, values):
    """A logarithmic axis for numbers over more than two decades; with room for 0 if it is there."""
    values = np.asarray(values, dtype=float)
    positive = values[values > 0.0]
    if values.min() < 0.0 or not len(positive) or positive.max() / positive.min() <= DECADES:
        return
    if values.min() > 0.0:
        set_scale("log")
    else:
        set_scale("symlog", linthresh=positive.min(), linscale=0.3)


# ------------------------------------------------------------------------------------ command line


def main(arguments=None):
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis.compare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("experiment", help="the MLflow experiment: a lesson's name, or scratchml")
    parser.add_argument("--x", required=True, help="a knob that varies, or epoch")
    parser.add_argument("--y", required=True, help="solved, train/loss, epochs_to_solve, ...")
    parser.add_argument("--hue", help="the knob that colours stand for")
    parser.add_argument("--panel", help="the knob that panels stand for")
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--where", nargs="*", default=[], metavar="KNOB=VALUE,...",
                        help="only runs with these values")  # fmt: skip
    parser.add_argument("--sweep", help="a sweep's run id, or all; by default the newest sweep")
    parser.add_argument("--uri", help="the MLflow store; the project's own by default")
    parser.add_argument("--out", help="figures/compare.png by default; .svg and .csv beside it")
    options = parser.parse_args(arguments)
    out = Path(options.out) if options.out else fetch.root() / "figures" / "compare.png"
    try:
        data = load(options.experiment, options.uri, options.sweep)
        data = data.select(**dict(map(_condition, options.where)))
        fig, table = compare(
            data, options.x, options.y, options.hue, options.panel, options.kind
        )  # fmt: skip
    except (LookupError, ValueError, ConnectionError) as error:
        parser.error(str(error))
    png, svg = style.save(fig, out)
    style.close(fig)
    text = table.to_csv(index=False, lineterminator="\n")
    print(png, svg, style.write(png.with_suffix(".csv"), text.encode()))
    return 0


def _condition(text):
    """'lr=0.1,1' -> ('lr', [0.1, 1])."""
    knob, equals, values = text.partition("=")
    if not equals:
        raise ValueError(f"--where must be KNOB=VALUE,...; got {text!r}")
    return knob, [typed(values)] if values.startswith("[") else [*map(typed, values.split(","))]


if __name__ == "__main__":
    sys.exit(main())
