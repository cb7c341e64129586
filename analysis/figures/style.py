"""Style: how figures look, which colour a word has, and how they are saved.

The same word has the same colour on every figure: `tanh` is blue wherever it appears. Seeds are
grey behind their median, theory is a dashed line with its formula, and the same store gives the
same bytes.
"""

import io
import os
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.animation import Animation, PillowWriter
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize
from matplotlib.ticker import NullLocator
from PIL import Image

from analysis.statistics import wilson

WIDTH = 9.0  # inches; at 150 dots an inch 1350 pixels, shown at 900 in the README
DPI = 150
ANIMATION_DPI = 80
BAND = (0.05, 0.95)  # quantiles of the nets between which bands reach

INK, GREY, PALE = "#222222", "#8c8c8c", "#c8c8c8"

# Okabe & Ito (2008), told apart with any of the common colour blindnesses; their yellow is left out
# because it cannot be seen on white.
BLUE, ORANGE, GREEN, RED = "#0072b2", "#e69f00", "#009e73", "#d55e00"
PINK, SKY, WINE = "#cc79a7", "#56b4e9", "#7a1f4b"
CYCLE = (BLUE, ORANGE, GREEN, RED, PINK, SKY, WINE, GREY, INK)
MARKERS = "osD^vPX"

# One colour a word. Words of one kind share no colour; a word of another kind may.
KINDS = {
    "activation": {
        "identity": GREY, "step": INK, "sigmoid": ORANGE, "tanh": BLUE, "relu": RED,
    },
    "init": {
        "zero": INK, "constant": PINK, "uniform": BLUE, "normal": SKY, "integer": WINE,
        "xavier": GREEN, "he": RED, "sawtooth": ORANGE,
    },
    "optimizer": {
        "sgd": BLUE, "momentum": ORANGE, "nesterov": WINE, "adagrad": PINK, "rmsprop": SKY,
        "adam": RED, "newton": GREEN, "lbfgs": INK,
    },
    "dataset": {
        "and": BLUE, "or": SKY, "nand": ORANGE, "nor": PINK, "xor": RED, "xnor": WINE,
        "table": GREY, "blobs": BLUE, "moons": ORANGE, "circles": GREEN, "spirals": RED,
        "rings": WINE, "linear": BLUE, "quadratic": ORANGE, "turned": PINK, "sawtooth": GREEN,
        "chebyshev": RED, "point": INK, "breast_cancer": BLUE, "digits": ORANGE,
    },
    "model": {"perceptron": INK, "logistic": ORANGE, "linear": GREEN, "mlp": BLUE},
    "loss": {"cross_entropy": BLUE, "squared_error": ORANGE, "perceptron": INK},
    "scaling": {"none": RED, "centred": ORANGE, "standard": BLUE},
    "coding": {"binary": ORANGE, "bipolar": BLUE},
    "part": {"train": BLUE, "test": ORANGE},
}  # fmt: skip

# Class 0 is orange, class 1 is blue, and undecided is white.
CLASSES = (ORANGE, BLUE)
DIVERGING = LinearSegmentedColormap.from_list("scratchml", ["#f6c667", "#ffffff", "#7fb3da"])


def theme():
    """Sets Matplotlib up; everything that draws or saves calls it first."""
    sns.set_theme(
        style="ticks",
        palette=CYCLE,
        rc={
            "figure.figsize": (WIDTH, 4.0), "figure.dpi": DPI, "savefig.dpi": DPI,
            "figure.constrained_layout.use": True, "figure.constrained_layout.wspace": 0.06,
            "figure.constrained_layout.hspace": 0.06, "axes.linewidth": 1.0,
            "font.family": "DejaVu Sans", "font.size": 10.5,  # 14.6 pixels at 900 across
            "axes.titlesize": 11.5, "axes.titleweight": "bold", "axes.titlelocation": "left",
            "axes.labelsize": 10.5, "xtick.labelsize": 9.5, "ytick.labelsize": 9.5,
            "legend.fontsize": 9.5, "legend.frameon": False, "legend.title_fontsize": 9.5,
            "xtick.major.width": 1.0, "ytick.major.width": 1.0, "xtick.minor.width": 0.6,
            "ytick.minor.width": 0.6, "xtick.minor.size": 2.5, "ytick.minor.size": 2.5,
            "axes.edgecolor": INK, "axes.labelcolor": INK, "text.color": INK,
            "xtick.color": INK, "ytick.color": INK, "axes.spines.top": False,
            "axes.spines.right": False, "axes.grid": True, "grid.color": "#ebebeb",
            "axes.axisbelow": True, "lines.linewidth": 2.0, "image.cmap": "cividis",
            "svg.hashsalt": "scratchml", "svg.fonttype": "path", "path.simplify": True,
        },
    )  # fmt: skip


def colour(word, kind=None):
    """The colour of a word on all figures, such as `tanh` or `adam`.

    Args:
        kind: which knob the word belongs to, for words of several (`sawtooth`, `perceptron`).

    Raises:
        LookupError: No such word; the message lists those there are.
    """
    kinds = KINDS if kind is None else {kind: KINDS.get(kind, {})}
    for words in kinds.values():
        if word in words:
            return words[word]
    known = sorted({word for words in kinds.values() for word in words})
    raise LookupError(f"no colour for {word!r}; there are colours for {known}")


def palette(values, kind=None):
    """A colour for each value, as seaborn's `palette=`: {value: colour}.

    Words have their fixed colours, numbers run from light to dark in their order, and words that
    are not known take the cycle in the order given.
    """
    values = list(dict.fromkeys(values))
    if values and all(isinstance(v, int | float | np.number) for v in values):
        shades = sns.color_palette("flare", len(values)).as_hex()
        return dict(zip(sorted(values), shades, strict=True))
    words = KINDS.get(kind) or {w: c for kinds in KINDS.values() for w, c in kinds.items()}
    colours = {value: words.get(value) for value in values}
    free = [c for c in CYCLE if c not in colours.values()] or list(CYCLE)
    unknown = [value for value, c in colours.items() if c is None]
    return colours | {value: free[i % len(free)] for i, value in enumerate(unknown)}


def figure(columns=1, rows=1, height=3.6, **options):
    """A figure as wide as the page with a grid of axes; `height` is that of one row, in inches."""
    theme()
    return plt.subplots(rows, columns, figsize=(WIDTH, rows * height), **options)


def seeds(ax, x, curves, *, label=None, color=BLUE, shown=40, band=True):
    """Every net's curve in grey, their median in colour, and a band from 5 % to 95 % of the nets.

    Args:
        x: (T,) epochs or whatever the curves run over.
        curves: (R, T), one row a net.
        shown: at most so many nets are drawn one by one; the first ones, so that it is repeatable.

    Returns:
        The line of the median.
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
    """What theory says: a dashed line with its formula as the label.

    x and y make a curve; x alone, a number, an upright line; y alone, a level one.

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
    """Makes x an axis of epochs: logarithmic from 1 on, with room for epoch 0 at its left."""
    ax.set_xscale("symlog", linthresh=1.0, linscale=0.4)
    ax.set_xlim(0.0, last)
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("epoch")


def rates(ax, x, successes, totals, *, label=None, color=BLUE, marker=None, line=True, level=0.95):
    """Shares of nets as points with their Wilson intervals, in per cent of nets.

    Args:
        x: (G,) numbers or words; words are placed at 0, 1, 2, ...
        successes, totals: (G,) counts of nets.
        marker: by default another one for each call on the same axes.
        line: whether the points are joined.
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


def norm(low, high, scale=None):
    """How numbers become colours: in proportion, or with scale `log` by decades."""
    return LogNorm(low, high) if scale == "log" else Normalize(low, high)


def decision_surface(ax, f, X=None, Y=None, *, limits=None, resolution=200, colorbar=False):
    """The outputs of a function of the plane, its boundary at 1/2, and the examples on it.

    Args:
        f: (N, 2) -> (N,) or (N, 1), outputs in [0, 1], such as `data.net(run_id)`.
        X, Y: (N, 2) examples, and (N,) or (N, 1) classes 0 and 1; see `examples`.
        limits: ((x_low, x_high), (y_low, y_high)); by default a margin around the examples.

    Raises:
        ValueError: Neither examples nor limits say which part of the plane to show.
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
    """Examples of two classes on the plane: orange dots for 0, blue squares for 1."""
    X, Y = np.asarray(X, dtype=float), np.asarray(Y).ravel() > 0.5
    size = 70 if len(X) <= 16 else 16
    for which, marker, color in ((~Y, "o", CLASSES[0]), (Y, "s", CLASSES[1])):
        ax.scatter(
            *X[which].T, s=size, marker=marker, color=color, edgecolor="white",
            lw=1.2 if len(X) <= 16 else 0.5, zorder=5, clip_on=len(X) > 16,
        )  # fmt: skip


# ----------------------------------------------------------------------------------------- saving


def save(fig, path):
    """Writes PATH.png and PATH.svg, whole or not at all; the same figure gives the same bytes.

    Nothing in the files tells when, where or with what they were made.

    Returns:
        The two paths.
    """
    stem = Path(path)
    stem = stem.with_suffix("") if stem.suffix in (".png", ".svg") else stem
    stem.parent.mkdir(parents=True, exist_ok=True)
    formats = {
        ".png": {"metadata": {"Software": None}},
        ".svg": {"metadata": {"Date": None, "Creator": None, "Format": None, "Type": None}},
    }
    written, layout = [], fig.get_layout_engine()
    for suffix, options in formats.items():
        content = io.BytesIO()
        with matplotlib.rc_context({"svg.hashsalt": "scratchml"}):
            fig.savefig(content, format=suffix[1:], dpi=DPI, facecolor="white", **options)
        written.append(write(stem.parent / (stem.name + suffix), content.getvalue()))
        fig.set_layout_engine("none")  # all is in its place: finding it takes half of the time
    fig.set_layout_engine(layout)
    return written


def close(fig):
    """Forgets a figure; Matplotlib keeps all that it was not told to."""
    plt.close(fig)


def save_animation(frames, path, fps=12):
    """Writes PATH.gif from a Matplotlib animation, or from figures or (H, W, 3) images in a row.

    Figures are closed as they are drawn, so that `frames` may be a generator of hundreds.

    Raises:
        ValueError: There is no frame.
    """
    path = Path(path)
    path = path.parent / (path.name.removesuffix(".gif") + ".gif")
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(frames, Animation):
        return _save_with_pillow(frames, path, fps)
    images, last = [], None
    for frame in frames:
        if frame is not last:  # one that is to be seen for long may come many times
            image = _image(frame).quantize(128, dither=Image.Dither.NONE)
        images.append(image)
        last = frame
    if not images:
        raise ValueError("an animation needs at least one frame")
    content = io.BytesIO()
    images[0].save(
        content, format="GIF", save_all=True, append_images=images[1:], loop=0, optimize=True,
        duration=round(1000 / fps),
    )  # fmt: skip
    return write(path, content.getvalue())


def snapshot(fig):
    """What a figure shows now, (H, W, 3): a frame of an animation whose figure goes on changing.

    Its layout is settled by the first, so that nothing jumps from frame to frame.
    """
    fig.set_dpi(ANIMATION_DPI)
    fig.canvas.draw()
    fig.set_layout_engine("none")
    return np.array(fig.canvas.buffer_rgba())[..., :3]


def _save_with_pillow(animation, path, fps):
    """Writes a Matplotlib animation through Matplotlib's own writer."""
    draft = path.with_name(f".{os.getpid()}.{path.name}")
    animation.save(draft, writer=PillowWriter(fps=fps), dpi=ANIMATION_DPI)
    os.replace(draft, path)
    return path


def _image(frame):
    """A frame as an RGB image: a figure is drawn and closed, an array is taken as it is."""
    if not hasattr(frame, "savefig"):
        return Image.fromarray(np.asarray(frame, dtype=np.uint8)).convert("RGB")
    content = io.BytesIO()
    frame.savefig(content, format="png", dpi=ANIMATION_DPI, facecolor="white")
    plt.close(frame)
    return Image.open(content).convert("RGB")


def write(path, content):
    """Replaces a file whole, so that nobody sees half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    os.replace(draft, path)
    return path
