"""Moving pictures: the frames of a net that learns."""

import numpy as np

from analysis.figures import colours, plots, saving, style


def bending(arrays, net, function, examples, levels):
    """Yields the frames in which the boundary of a net bends as its loss falls.

    Args:
        arrays: of a run with paths.
        net: its number in the run.
        function: weights -> the net's outputs, as `Data.function`.
        examples: X, (N, 2), and Y, (N,).
        levels: {words: loss} at which nets may stay.
    """
    epochs, loss = arrays["epoch"], arrays["curve/train/loss"][net]
    fig, (left, right) = style.figure(2, height=4.2)
    right.plot(epochs, loss, color=colours.PALE)
    for words, level in levels.items():
        right.axhline(level, color=colours.INK, ls=(0, (5, 3)), lw=1.0)
        right.text(0.1, level - 0.008, words, va="top", size=9)
    (done,) = right.plot([], [], color=colours.BLUE)
    (dot,) = right.plot([], [], "o", color=colours.BLUE, ms=9)
    plots.epochs(right)
    right.set(ylim=(0.0, 0.75), ylabel="loss (nats)")
    right.set_title("Its loss, and where others stay")
    # Frames are evenly spaced along the curve as it is drawn: few on the plateau.
    along = np.hypot(*(np.diff(x) / np.ptp(x) for x in (np.log1p(epochs), loss))).cumsum()
    frames = [0, *np.unique(np.searchsorted(along, np.linspace(0.0, along[-1], 48)) + 1)]
    for t in frames:
        weights = {name: arrays[f"path/{name}"][net, t] for name in ("W1", "b1", "W2", "b2")}
        left.clear()
        plots.decision_surface(left, function(weights), *examples, resolution=100,
                               limits=((-0.5, 1.5), (-0.5, 1.5)))  # fmt: skip
        left.set(xlabel="first input", ylabel="second input", xticks=[0, 1], yticks=[0, 1])
        left.set_title(f"A 2-2-1 net on XOR, epoch {epochs[t]:,}")
        done.set_data(epochs[: t + 1], loss[: t + 1])
        dot.set_data([epochs[t]], [loss[t]])
        yield from [saving.snapshot(fig)] * (24 if t == frames[-1] else 1)
    saving.close(fig)
