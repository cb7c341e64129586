"""Lines on the plane of two inputs: the boundaries of units without a hidden layer.

A state is (w1, w2, b), and its line is w1 x1 + w2 x2 + b = 0. A point on the line counts as 0.
"""

import numpy as np
from matplotlib.ticker import MaxNLocator

from analysis.figures import colours, plots, saving, style

SIDES = ("#fdf1d8", "#d9eaf5")  # class 0 and class 1, lighter than their examples


def show(ax, examples, state=None, margin=0.5):
    """Draws examples on a square, and the sides of the line `state`."""
    plots.examples(ax, examples.X, examples.Y)
    low, high = examples.X.min() - margin, examples.X.max() + margin
    ax.set(xlim=(low, high), ylim=(low, high), box_aspect=1.0,
           xticks=np.unique(examples.X), yticks=np.unique(examples.X),
           xlabel="first input", ylabel="second input")  # fmt: skip
    ax.grid(False)
    if state is not None:
        sides(ax, state)


def sides(ax, state, reach=4.0):
    """Colours the two sides of a line, and returns the contours."""
    x, y = np.meshgrid([-reach, reach], [-reach, reach])
    Z = state[0] * x + state[1] * y + state[2] - 1e-9
    return ax.contourf(x, y, Z, levels=[-1e9, 0.0, 1e9], colors=SIDES, zorder=0)


def line(ax, state, **options):
    """Draws a line, and returns its artist, which is empty for the state (0, 0, b)."""
    options = {"color": colours.INK, "zorder": 2, "scalex": False, "scaley": False} | options
    return ax.plot(*ends(state), **options)[0]


def ends(state, reach=9.0):
    """Two far points of a line, (2, 2): their x, then their y."""
    w, b = np.asarray(state[:2], dtype=float), state[2]
    if not w.any():
        return np.empty((2, 0))
    foot, along = -b * w / (w @ w), reach * np.array([-w[1], w[0]]) / np.sqrt(w @ w)
    return np.stack([foot - along, foot + along], axis=1)


def small(ax, examples, state, title):
    """Draws a small plane with its line, or without one, in a red frame, if there is no state."""
    show(ax, examples, state, margin=0.4)
    if state is not None:
        line(ax, state, lw=1.6)
    for points in ax.collections[:2]:
        points.set_sizes([36])
    ink, frame = (colours.RED,) * 2 if state is None else (colours.INK, colours.PALE)
    ax.set(xticks=[], yticks=[], xlabel="", ylabel="")
    ax.spines[:].set(visible=True, color=frame, lw=1.2)
    ax.set_title(title, size=9.5, loc="center", pad=3, color=ink)


def turns(ax, examples, path):
    """Draws the line after every epoch of a path, (E+1, 3), from light to dark."""
    last = len(path) - 1
    show(ax, examples, path[-1], margin=0.7)
    for epoch, shade in enumerate(colours.shades(last), start=1):
        words, lw = (f"{epoch} (all right)", 3.0) if epoch == last else (f"{epoch}", 1.6)
        line(ax, path[epoch], color=shade, lw=lw, label=words)
    ax.legend(title="line after epoch", loc="upper left", bbox_to_anchor=(1.0, 1.0))


def orbit(ax, before, last, color):
    """Draws the path of a state in three dimensions, thin, and its last epoch: a loop, or a point.

    Args:
        before: (T, 3), the states of all epochs but the last.
        last: (N+1, 3), those of the last epoch; where they differ, they are numbered.
    """
    ax.plot(*before.T, color=color, lw=1.2)
    ax.plot(*last.T, color=color, lw=3.5)
    ends = np.unique(last, axis=0)
    label = f"last epoch: {len(ends)} state" + "s" * (len(ends) > 1)
    ax.scatter(*before[0], s=50, color="white", ec=colours.INK, label="start", depthshade=False)
    ax.scatter(*ends.T, s=70, color=color, label=label, depthshade=False)
    for i, state in enumerate(last[:-1] if len(ends) > 1 else [], start=1):
        ax.text(*state, f"  {i}", weight="bold", size=11, va="bottom")
    for axis, name in ((ax.xaxis, "$w_1$"), (ax.yaxis, "$w_2$"), (ax.zaxis, "bias")):
        axis.set_major_locator(MaxNLocator(integer=True))
        axis.set_label_text(name)
    ax.set_box_aspect(None, zoom=0.86)
    ax.legend(loc="upper left")


def turning(examples, path, titles, name):
    """Yields the frames in which a line turns from state to state, the earlier ones behind it.

    Args:
        path: (E+1, 3), its state after each epoch.
        titles: (E+1,) titles of the states; each stays for a while, the last one longest.
        name: of what is learned, for the titles between.
    """
    fig, ax = style.figure(height=5.5, width=5.5)
    show(ax, examples, margin=0.7)
    moving, halves = line(ax, path[0], lw=3.0), sides(ax, path[0])
    for t in np.arange(0.0, len(path) - 1 + 1e-9, 0.125):
        epoch, share = int(t), t % 1
        now = path[epoch] + (share * (path[epoch + 1] - path[epoch]) if share else 0.0)
        moving.set_data(ends(now))
        halves.remove()
        halves = sides(ax, now)
        ax.set_title(f"{name}, in epoch {epoch + 1}" if share else titles[epoch])
        if share:
            yield saving.snapshot(fig)
        else:
            yield from [saving.snapshot(fig)] * (20 if epoch == len(path) - 1 else 6)
            line(ax, now, color=colours.GREY, lw=1.2)
    saving.close(fig)
