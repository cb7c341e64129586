"""Panels: a figure is a grid of them, and each is drawn from groups of nets by one call.

    fig, (left, right) = grid(1, 2)
    rates(left, {width: solved, ...})        shares of nets, bars: Wilson 95 %
    band(right, {lr: epochs, ...})           median, and a band from 5 % to 95 % of the nets
    panel(left, "Wider solves more", x="width", y="nets that solve XOR (%)", log="x")

A group is {value on the x axis: (R,) one value a net}. Seaborn computes and draws.
"""

import numpy as np
import seaborn as sns
from matplotlib.ticker import NullLocator

from analysis.figures import plots, style
from analysis.figures.colours import BLUE, PALE
from analysis.statistics import bootstrap, wilson

BARS = {"capsize": 3, "elinewidth": 1.4}


def grid(rows=1, columns=1, height=3.6, **options):
    """A figure, and its axes in reading order."""
    fig, axes = style.figure(columns, rows, height, **options)
    return fig, list(np.ravel(axes))


def panel(ax, title, *, x="", y="", log="", ticks=None, yticks=None, legend=None, square=False,
          **limits):  # fmt: skip
    """Gives a panel its title, the names of its axes, their scales, ticks and legend.

    Args:
        log: the axes that are logarithmic, such as "x" or "xy".
        ticks, yticks: numbers to name on an axis, such as the groups that are drawn; or
            {number: text}.
        legend: its place, or a dictionary of options of `ax.legend`.
        square: whether both axes have the same limits, around all that is drawn.
        limits: other options of `ax.set`, such as ylim.
    """
    if title:
        ax.set_title(title)
    ax.set(xlabel=x, ylabel=y)
    for axis in log:
        ax.set(**{f"{axis}scale": "log"})
    for axis, named in ((ax.xaxis, ticks), (ax.yaxis, yticks)):
        if named is not None:
            texts = {at: _tick(named, at) for at in named}
            axis.set_ticks(list(texts), labels=list(texts.values()))
            axis.set_minor_locator(NullLocator())
    if square:
        ends = np.array([ax.dataLim.min, ax.dataLim.max])
        margin = 0.15 * (ends.max() - ends.min())
        ax.set(xlim=(ends.min() - margin, ends.max() + margin),
               ylim=(ends.min() - margin, ends.max() + margin))  # fmt: skip
    ax.set(**limits)
    if legend is not None:
        ax.legend(**(legend if isinstance(legend, dict) else {"loc": legend}))


def rates(ax, groups, *, label=None, color=BLUE, marker=None, line=True, sort=True):
    """Shares of nets in per cent, with their Wilson 95 % intervals.

    Args:
        groups: {x: (R,) true or false}; words as x stand at 0, 1, 2, ...
        marker: by default, each call on the same axes takes another marker.
        line: whether a line joins the points, in the order of x; if not `sort`, of the groups.
    """
    marker = marker or plots.MARKERS[len(ax.containers) % len(plots.MARKERS)]
    x, y = _long(groups)
    sns.lineplot(
        x=x, y=100.0 * y, estimator="mean", errorbar=_wilson, err_style="bars", err_kws=BARS,
        marker=marker, ms=5.5, mew=0, lw=1.6, ls="-" if line else "none", color=color, label=label,
        legend=False, zorder=3, sort=sort, ax=ax,
    )  # fmt: skip
    ax.set_ylim(-3.0, 103.0)


def band(ax, groups, *, label=None, color=BLUE, marker="o", every=False):
    """The median of the nets, and a band from 5 % to 95 % of them; infinity is left out.

    Args:
        groups: {x: (R,) numbers}.
        every: whether each net is a grey dot, too.
    """
    x, y = _long(groups)
    if every:
        ax.plot(x, y, ".", color=PALE, ms=4, zorder=1)
    sns.lineplot(
        x=x, y=y, estimator="median", errorbar=("pi", 90), marker=marker, ms=5.5, mew=0,
        color=color, label=label, legend=False, err_kws={"alpha": 0.18, "lw": 0}, ax=ax,
    )  # fmt: skip


def means(ax, groups, *, label=None, color=BLUE, marker="o", ms=6, line=True, bars=True,
          every=False):  # fmt: skip
    """The mean of the nets, with its bootstrap 95 % interval.

    Args:
        groups: {x: (R,) numbers}.
        line: whether a line joins the points.
        bars: whether the interval is drawn.
        every: whether each net is a grey dot, too.
    """
    x, y = _long(groups)
    if every:
        ax.plot(x, y, ".", color=PALE, ms=4, zorder=1)
    sns.lineplot(
        x=x, y=y, estimator="mean", errorbar=_of_mean if bars else None, err_style="bars",
        err_kws=BARS, marker=marker, ms=ms, mew=0, lw=1.8, ls="-" if line else "none", color=color,
        label=label, legend=False, zorder=5, ax=ax,
    )  # fmt: skip


def dots(ax, groups, *, label=None, color=BLUE, marker="o", ms=5, alpha=0.6, shift=0.0):
    """Each net of each group as a dot."""
    x, y = _long(groups)
    ax.plot(x + shift, y, marker, color=color, label=label, ms=ms, alpha=alpha, mew=marker == ".")


def medians(ax, groups, *, label=None, color=BLUE, marker="o", line=True, **options):
    """The median of the nets of each group, infinity for "never" taking part."""
    y = [np.median(values) for values in groups.values()]
    look = {"ms": 5.5, "ls": "-" if line else "none"} | options
    ax.plot(list(groups), y, marker=marker, color=color, label=label, **look)


def ranges(ax, groups, *, label=None, color=BLUE, marker="o", ms=5):
    """The median of each group, with bars from its lowest net to its highest."""
    x, y = _long(groups)
    sns.lineplot(
        x=x, y=y, estimator="median", errorbar=("pi", 100), err_style="bars", err_kws=BARS,
        marker=marker, ms=ms, mew=0, color=color, label=label, legend=False, ax=ax,
    )  # fmt: skip


def heat(ax, table, *, label="", **options):
    """A cell for each pair of a frame's index and columns, with its number.

    Args:
        options: of `seaborn.heatmap`.
    """
    usual = {"cmap": "cividis", "annot": True, "fmt": ".3g", "linewidths": 0.5}
    sns.heatmap(table, ax=ax, cbar_kws={"label": label}, **usual | options)
    ax.grid(False)


surface = plots.decision_surface


def _tick(named, at):
    """The text of a tick: its own, or the number."""
    text = named[at] if isinstance(named, dict) else None
    return text if isinstance(text, str) else f"{at:g}"


def _long(groups):
    """(x, y): two arrays with one entry a net, of finite values only."""
    places = [i if isinstance(x, str) else x for i, x in enumerate(groups)]
    values = [np.asarray(group, dtype=float) for group in groups.values()]
    x, y = np.repeat(places, [*map(len, values)]), np.concatenate(values)
    return x[np.isfinite(y)], y[np.isfinite(y)]


def _wilson(per_cent):
    """The ends of Wilson's interval of a share, in per cent."""
    k = int(round(np.sum(per_cent) / 100.0))
    _, low, high = wilson(k, len(per_cent))
    return 100.0 * low, 100.0 * high


def _of_mean(values):
    return bootstrap(values, np.mean)[1:]
