"""Marks beside groups of nets: curves of a run, laws, small surfaces, words at a point, rings."""

import numpy as np

from analysis.figures import colours, plots
from analysis.figures.colours import INK, RED

surface = plots.decision_surface


def curves(ax, arrays, name, **look):
    """A curve of every net of a run, grey, with their median and a band; see `plots.seeds`.

    Args:
        arrays: of the run; `name` is that of a curve, such as train/loss.
    """
    return plots.seeds(ax, arrays["epoch"], arrays[f"curve/{name}"], **look)


def law(ax, formula, f, low, high, **look):
    """A dashed line for a law y = f(x), from low to high: evenly spaced, or by ratio if low > 0."""
    x = np.geomspace(low, high, 1000) if low > 0.0 else np.linspace(low, high, 1000)
    return plots.theory(ax, formula, x, f(x), **look)


def laws(ax, formula, lines, colors=None, **look):
    """Dashed lines of one law, each in the colour of its group; the legend names the law once.

    Args:
        lines: {name: (x, y)}, where x or y may be None, as in `plots.theory`.
        colors: {name: colour}; by default those of `colours.palette`.
    """
    colors = colors or colours.palette(lines)
    for name, (x, y) in lines.items():
        plots.theory(ax, None, x, y, color=colors[name], **look)
    plots.theory(ax, formula, [], [], **look)


def say(ax, text, at, by=(0, 0), **look):
    """Writes a text beside a point of the data, `by` so many points of the page."""
    return ax.annotate(text, at, by, textcoords="offset points", **look)


def ring(ax, x, y, *, label=None, color=RED, marker="o", size=14):
    """A ring around a point, such as the best of a swept knob."""
    ax.plot(x, y, marker, ms=size, mfc="none", mec=color, mew=1.8, label=label, ls="none")


def thumbnail(ax, net, X, Y, title="", *, color=INK, limits=None):
    """A small square decision surface without axes."""
    surface(ax, net, X, Y, limits=limits)
    ax.set(xticks=[], yticks=[], box_aspect=1.0)
    ax.set_title(title, color=color)
