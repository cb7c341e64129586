"""Panels: a figure is a grid of them, and each is drawn from groups of nets by one call.

    fig, (left, right) = grid(1, 2)
    rates(left, {width: solved, ...})        shares of nets, bars: Wilson 95 %
    band(right, {lr: epochs, ...})           median, and a band from 5 % to 95 % of the nets
    each(rates, left, {"tanh": {width: solved, ...}, ...})   a line, a colour, a marker for each
    panel(left, "Wider solves more", x="width", y="nets that solve XOR (%)", log="x")

A group is {value on the x axis: (R,) one value a net}; `analysis.groups` makes groups. Beside them
there are marks, such as the curves of a run, a law, or words at a point.
"""

import numpy as np
import seaborn as sns
from matplotlib.ticker import NullLocator

from analysis.figures import style
from analysis.figures.marks import curves, law, laws, ring, say, surface, thumbnail
from analysis.figures.of_groups import band, dots, each, lowest, means, medians, ranges, rates

__all__ = [
    "band", "curves", "dots", "each", "grid", "halves", "heat", "law", "laws", "lowest", "means",
    "medians", "panel", "ranges", "rates", "ring", "say", "surface", "thumbnail",
]  # fmt: skip


def grid(rows=1, columns=1, height=3.6, **options):
    """A figure, and its axes in reading order."""
    fig, axes = style.figure(columns, rows, height, **options)
    return fig, list(np.ravel(axes))


def halves(height, ratios, title):
    """A figure, its upper part, which has a heading, and its lower part."""
    fig = style.canvas(height)
    top, bottom = fig.subfigures(2, 1, height_ratios=ratios)
    style.heading(top, title)
    return fig, top, bottom


def panel(ax, title, *, x="", y="", log="", ticks=None, yticks=None, legend=None, square=False,
          **limits):  # fmt: skip
    """Gives a panel its title, the names of its axes, their scales, ticks and legend.

    Args:
        log: the axes that are logarithmic, such as "x" or "xy".
        ticks, yticks: numbers to name on an axis, such as the groups that are drawn; or
            {number: text}.
        legend: its place; its place and its title; or a dictionary of options of `ax.legend`.
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
        if isinstance(legend, tuple):
            legend = {"loc": legend[0], "title": legend[1], "alignment": "left"}
        ax.legend(**(legend if isinstance(legend, dict) else {"loc": legend}))


def heat(ax, table, *, label="", **options):
    """A cell for each pair of a frame's index and columns, with its number.

    Args:
        options: of `seaborn.heatmap`.
    """
    usual = {"cmap": "cividis", "annot": True, "fmt": ".3g", "linewidths": 0.5}
    sns.heatmap(table, ax=ax, cbar_kws={"label": label}, **usual | options)
    ax.grid(False)


def _tick(named, at):
    """The text of a tick: its own, or the number."""
    text = named[at] if isinstance(named, dict) else None
    return text if isinstance(text, str) else f"{at:g}"
