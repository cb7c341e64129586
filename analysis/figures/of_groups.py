"""Groups of nets in a panel: shares, medians, means, and each net as a dot.

A group is {value on the x axis: (R,) one value a net}, or a table with a column for each value.
Seaborn computes and draws. Lessons find all of these in `analysis.figures.panels`.
"""

import itertools

import numpy as np
import seaborn as sns

from analysis.figures import colours, plots
from analysis.figures.colours import BLUE, PALE
from analysis.statistics import bootstrap, wilson

BARS = {"capsize": 3, "elinewidth": 1.4}


def each(draw, ax, named, *, knob=None, labels="{}", colors=None, markers=plots.MARKERS, dodge=1.0,
         **options):  # fmt: skip
    """Draws {name: groups} by a call of `draw` for each name, with its colour, marker and label.

    Args:
        draw: a function of this file, such as `rates`.
        knob: the knob of which the names are values, if there may be doubt.
        labels: {name: text}, which also chooses names and their order; or a text with a place for
            the name, such as "width {}".
        colors: {name: colour}; by default those of `colours.palette`.
        markers: one a name, in their order.
        dodge: the factor on x from name to name, so that they stand side by side.
        options: of `draw`.
    """
    names = list(labels) if isinstance(labels, dict) else list(named)
    colors = colors or colours.palette(names, knob)
    for i, (name, marker) in enumerate(zip(names, itertools.cycle(markers))):
        label = labels[name] if isinstance(labels, dict) else labels.format(name)
        groups = named[name]
        if dodge != 1.0:
            groups = {x * dodge ** (i - len(names) // 2): group for x, group in groups.items()}
        draw(ax, groups, label=label, color=colors[name], marker=marker, **options)


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


def lowest(ax, groups, *, label=None, color=BLUE, marker="o"):
    """The lowest net of each group, and each net as a pale dot."""
    dots(ax, groups, marker=".", color=PALE, alpha=1.0)
    ax.plot(list(groups), [np.min(values) for values in groups.values()], marker=marker, ms=7,
            color=color, label=label)  # fmt: skip


def medians(ax, groups, *, label=None, color=BLUE, marker="o", line=True, never=np.inf, **options):
    """The median of the nets of each group, infinity for "never" taking part.

    Args:
        never: the place of an infinite median.
    """
    y = [min(np.median(values), never) for values in groups.values()]
    look = {"ms": 5.5, "ls": "-" if line else "none"} | options
    ax.plot(list(groups), y, marker=marker, color=color, label=label, **look)


def ranges(ax, groups, *, label=None, color=BLUE, marker="o", ms=5):
    """The median of each group, with bars from its lowest net to its highest."""
    x, y = _long(groups)
    sns.lineplot(
        x=x, y=y, estimator="median", errorbar=("pi", 100), err_style="bars", err_kws=BARS,
        marker=marker, ms=ms, mew=0, color=color, label=label, legend=False, ax=ax,
    )  # fmt: skip


def _long(groups):
    """(x, y): two arrays with one entry a net, of finite values only."""
    places = [i if isinstance(x, str) else x for i, x in enumerate(groups)]
    values = [np.asarray(group, dtype=float) for _, group in groups.items()]
    x, y = np.repeat(places, [*map(len, values)]), np.concatenate(values)
    return x[np.isfinite(y)], y[np.isfinite(y)]


def _wilson(per_cent):
    """The ends of Wilson's interval of a share, in per cent."""
    k = int(round(np.sum(per_cent) / 100.0))
    _, low, high = wilson(k, len(per_cent))
    return 100.0 * low, 100.0 * high


def _of_mean(values):
    return bootstrap(values, np.mean)[1:]
