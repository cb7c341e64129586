"""Plots: the parts of figures that lessons share.

Seeds are grey behind their median, rates have intervals, and theory is a dashed line with its
formula.
"""

import numpy as np
from matplotlib.ticker import NullLocator

from analysis.figures.colours import BLUE, CLASSES, DIVERGING, INK, PALE

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


def decision_surface(ax, f, X=None, Y=None, *, limits=None, resolution=200, colorbar=None):
    """The image of a function's outputs on the plane, with its boundary at 1/2 and the examples.

    Args:
        f: (N, 2) -> (N,) or (N, 1), outputs in [0, 1], such as `data.net(run_id)`.
        X, Y: (N, 2) examples, and (N,) or (N, 1) classes 0 and 1; see `examples`.
        limits: ((x_low, x_high), (y_low, y_high)); by default the examples and a margin.
        colorbar: the name of the output, beside a bar of its colours; without it there is no bar.

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
        ax.figure.colorbar(image, ax=ax, label=colorbar)
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


def trajectory(ax, points, *, color=BLUE, marker="o", label=None, lw=2.0, alpha=1.0):
    """A path on the plane, (T, 2), from its start (hollow) to its end (filled)."""
    points = np.asarray(points, dtype=float)
    ax.plot(*points.T, color=color, lw=lw, alpha=alpha, zorder=3)
    ax.plot(*points[0], marker, ms=9, mfc="white", mec=color, mew=1.8, zorder=4)
    ax.plot(*points[-1], marker, ms=8, color=color, zorder=5, label=label)
