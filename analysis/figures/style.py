"""Style: the look of all figures, and figures as wide as the page."""

import matplotlib
import matplotlib.pyplot as plt
import seaborn as sns

from analysis.figures.colours import CYCLE, INK

WIDTH = 9.0  # inches; at 150 dots an inch 1350 pixels, shown at 900 in the README
DPI = 150


def theme():
    """Sets Matplotlib up: everything that draws calls it first.

    Figures go to files. So Matplotlib opens no windows, unless the user has chosen a backend.
    """
    if matplotlib.get_backend(auto_select=False) is None:
        matplotlib.use("Agg")
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


def figure(columns=1, rows=1, height=3.6, width=WIDTH, **options):
    """A figure and its grid of axes, as from `plt.subplots`.

    Args:
        height: of one row, in inches.
        width: of the figure, in inches; by default that of the page.
    """
    theme()
    return plt.subplots(rows, columns, figsize=(width, rows * height), **options)


def canvas(height):
    """A figure as wide as the page and without axes, for lessons that divide it themselves."""
    theme()
    return plt.figure(figsize=(WIDTH, height))


def heading(figure, text):
    """Writes a heading over a figure, or a part of one, in the look of the axes' titles."""
    figure.suptitle(text, x=0.01, ha="left", weight="bold", size=11.5)
