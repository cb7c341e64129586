"""Plots: the parts of figures that lessons share.

Seeds are grey behind their median, rates have intervals, and theory is a dashed line with its
formula.
"""

import numpy as np
from matplotlib.ticker import NullLocator

from analysis.figures.colours import BLUE, CLASSES, DIVERGING, INK, PALE
from analysis.statistics import wilson

BAND = (0.05, 0.95)  # quantiles of the nets between which bands reach
MARKERS = "osD^vPX"


def seeds(ax, x, curves, *, label=None, color=BLUE, shown=40, band=True):
    """The line of the median over nets; grey curves of single nets and a band from 5 % to 95 %.

    Args:
        x: (T,) epochs, or another quantity that the curves run over.
        curves: (R, T), one row a net.
        shown: how many nets have a grey curve, at most. They are the first nets, so that the figure
            can be repeated.
    """
    curves = np.atleast_2d(np.asarray(curves, dtype=float))
    if shown:
        ax.plot(x, curves[:shown].T, color=PALE, lw=0.6, alpha=0.6, zorder=1)
    if band:
        low, high = np.quantile(curves, BAND, axis=0)
        ax.fill_between(x, low, high, color=color, alpha=0.18, lw=0, zorder=2)
    (line,) = ax.plot(x, np.median(curves, axis=0), color=color, label=label, zorder=3)
    return line


def theory(ax, formula, x=None, y=None, *, color=INK, **options):
    """A dashed line for the prediction of a theory, with the formula as its label.

    Args:
        x, y: both are the points of a curve. A number x alone is an upright line, a number y alone
            is a level line.

    Raises:
        ValueError: Neither x nor y is given.
    """
    options = {"ls": (0, (5, 3)), "lw": 1.5, "color": color, "zorder": 4} | options
    options["label"] = formula
    if x is None and y is None:
        raise ValueError("a theory needs x, y or both")
    if x is None:
        return ax.axhline(y, **options)
    if y is None:
        return ax.axvline(x, **options)
    (line,) = ax.plot(x, y, **options)
    return line


def epochs(ax, last=None):
    """Makes x an axis of epochs: logarithmic from 1 on, with room for epoch 0 on the left."""
    ax.set_xscale("symlog", linthresh=1.0, linscale=0.4)
    ax.set_xlim(0.0, last)
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("epoch")


def rates(ax, x, successes, totals, *, label=None, color=BLUE, marker=None, line=True, level=0.95):
    """Points with bars: shares of nets with their Wilson intervals, in per cent of the nets.

    Args:
        x: (G,) numbers or words; words stand at 0, 1, 2, ...
        successes, totals: (G,) counts of nets.
        marker: by default, each call on the same axes takes another marker.
        line: whether a line joins the points.
    """
    intervals = [wilson(k, n, level) for k, n in zip(successes, totals, strict=True)]
    marker = marker or MARKERS[len(ax.containers) % len(MARKERS)]
    share, low, high = 100.0 * np.array(intervals).reshape(-1, 3).T
    container = ax.errorbar(
        x, share, yerr=np.maximum([share - low, high - share], 0.0), fmt=marker, color=color,
        label=label, capsize=3, ms=5.5, lw=1.6, ls="-" if line else "none", elinewidth=1.4,
        zorder=3,
    )  # fmt: skip
    ax.set_ylim(-3.0, 103.0)
    return container


def decision_surface(ax, f, X=None, Y=None, *, limits=None, resolution=200, colorbar=False):
    """The image of a function's outputs on the plane, with its boundary at 1/2 and the examples.

    Args:
        f: (N, 2) -> (N,) or (N, 1), outputs in [0, 1], such as `data.net(run_id)`.
        X, Y: (N, 2) examples, and (N,) or (N, 1) classes 0 and 1; see `examples`.
        limits: ((x_low, x_high), (y_low, y_high)); by default the examples and a margin.

    Raises:
        ValueError: There are neither examples nor limits to say which part of the plane to show.
    """
    if limits is None:
        if X is None:
            raise ValueError("a decision surface needs examples or limits")
        X = np.asarray(X, dtype=float)
        margin = 0.15 * np.maximum(np.ptp(X, axis=0), 1e-9)
        limits = np.stack([X.min(axis=0) - margin, X.max(axis=0) + margin], axis=1)
    axes = [np.linspace(low, high, resolution) for low, high in limits]
    grid = np.stack([g.ravel() for g in np.meshgrid(*axes)], axis=1)
    Z = np.asarray(f(grid), dtype=float).reshape(resolution, resolution)
    image = ax.imshow(
        Z, cmap=DIVERGING, vmin=0.0, vmax=1.0, origin="lower", aspect="auto", zorder=0,
        extent=(*limits[0], *limits[1]), interpolation="bilinear",
    )  # fmt: skip
    if Z.min() < 0.5 < Z.max():
        ax.contour(*axes, Z, levels=[0.5], colors=INK, linewidths=1.6, zorder=2)
    if X is not None:
        examples(ax, X, Y)
    ax.grid(False)
    if colorbar:
        ax.figure.colorbar(image, ax=ax, label="output", shrink=0.9)
    return image


def examples(ax, X, Y):
    """Draws examples of two classes on the plane: orange dots for 0, blue squares for 1."""
    X, Y = np.asarray(X, dtype=float), np.asarray(Y).ravel() > 0.5
    size = 70 if len(X) <= 16 else 16
    for which, marker, color in ((~Y, "o", CLASSES[0]), (Y, "s", CLASSES[1])):
        ax.scatter(
            *X[which].T, s=size, marker=marker, color=color, edgecolor="white",
            lw=1.2 if len(X) <= 16 else 0.5, zorder=5, clip_on=len(X) > 16,
        )  # fmt: skip
