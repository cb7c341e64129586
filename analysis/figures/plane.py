"""Lines on the plane of two inputs: the boundaries of units without a hidden layer.

A state is (w1, w2, b), and its line is w1 x1 + w2 x2 + b = 0. A point on the line counts as 0.
"""

import numpy as np

from analysis.figures import colours, plots, saving

SIDES = ("#fdf1d8", "#d9eaf5")  # class 0 and class 1, lighter than their examples


def states(arrays, prefix="path"):
    """(R, T, D+1): weights and bias of a run's nets at their points; (R, D+1) of `weights`."""
    return np.concatenate([arrays[f"{prefix}/W1"][..., 0], arrays[f"{prefix}/b1"][..., 0]], axis=-1)


def lengths(states):
    """(...,): the length of each state."""
    return np.sqrt((states**2).sum(axis=-1))


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


def turning(ax, path, titles, name):
    """Yields the frames in which a line turns from state to state, the earlier ones behind it.

    Args:
        path: (E+1, 3), its state after each epoch.
        titles: (E+1,) titles of the states; each stays for a while, the last one longest.
        name: of what is learned, for the titles between.
    """
    fig = ax.figure
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
