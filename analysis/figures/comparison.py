"""The figure of a comparison: lines with bands, points with bars, or a heat map."""

import numpy as np
import seaborn as sns
from matplotlib.ticker import MaxNLocator

from analysis.figures import colours, plots, style
from experiments.tracking.text import printable

DECADES = 100.0  # an axis that spans more than two decades is logarithmic
ACROSS = 3  # panels in a row


def draw(comparison):
    """The figure of a `Comparison`."""
    table, panel = comparison.table, comparison.panel
    panels = comparison.values(panel) if panel else [None]
    across = min(ACROSS, len(panels))
    fig, axes = style.figure(across, -(-len(panels) // across), squeeze=False, sharey=True)
    for ax in axes.flat[len(panels) :]:
        ax.remove()
    for ax, value in zip(axes.flat, panels, strict=False):
        rows = table[table[panel] == value] if panel else table
        (_heat if comparison.kind == "heat" else _lines)(ax, rows, comparison)
        if panel:
            ax.set_title(f"{panel} = {_label(value)}")
    _annotate(fig, comparison)
    return fig


def _lines(ax, rows, comparison):
    """A line for each hue, with a band over nets or, for shares and for words, with bars."""
    x, hue, places = comparison.x, comparison.hue, comparison.places()
    shades = colours.palette(comparison.values(hue), hue) if hue else {None: colours.BLUE}
    for i, (value, color) in enumerate(shades.items()):
        group = rows[rows[hue] == value] if hue else rows
        at = group[x].map(places).to_numpy(dtype=float) if places else group[x]
        look = {"color": color, "label": _label(value), "lw": 1.8, "ms": 5, "zorder": 3}
        if x != "epoch":
            look["marker"] = plots.MARKERS[i % len(plots.MARKERS)]
        if places or comparison.is_rate:
            reach = np.maximum([group.middle - group.low, group.high - group.middle], 0.0)
            look |= {"capsize": 3, "yerr": reach, "ls": "none" if places else "-"}
            shift = 0.06 * (i - (len(shades) - 1) / 2.0) if places else 0.0
            ax.errorbar(at + shift, group.middle, **look)
        else:
            ax.plot(at, group.middle, **look)
            ax.fill_between(at, group.low, group.high, color=color, alpha=0.18, lw=0)
    _scale_x(ax, comparison, places)
    if comparison.is_rate:
        ax.set_ylim(-3.0, 103.0)
    else:
        choose_scale(ax.set_yscale, comparison.table[["low", "high"]].to_numpy().ravel())


def _scale_x(ax, comparison, places):
    values = comparison.table[comparison.x]
    if places:
        ax.set_xticks(list(places.values()), [_label(v) for v in places])
    elif comparison.x == "epoch":
        plots.epochs(ax, values.max())
    else:
        choose_scale(ax.set_xscale, values)
        if ax.get_xscale() == "linear" and (values % 1 == 0).all():
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def _heat(ax, rows, comparison):
    """A cell for each pair of knobs, with its number."""
    x, hue, middle = comparison.x, comparison.hue, comparison.table.middle
    cells = rows.pivot(index=hue, columns=x, values="middle")
    cells = cells.reindex(index=comparison.values(hue)[::-1], columns=comparison.values(x))
    low, high = (0.0, 100.0) if comparison.is_rate else (middle.min(), middle.max())
    scale = "log" if low > 0.0 and high / low > DECADES else None
    sns.heatmap(
        cells, ax=ax, norm=colours.norm(low, high, scale), cmap="cividis", linewidths=0.5,
        annot=cells.size <= 80, fmt=".3g", annot_kws={"size": 8.5},
        cbar_kws={"label": comparison.measure},
    )  # fmt: skip
    ax.set_xticklabels([_label(v) for v in cells.columns], rotation=0)
    ax.set_yticklabels([_label(v) for v in cells.index], rotation=0)
    ax.set(xlabel=x, ylabel=hue)


def _annotate(fig, comparison):
    """Names axes and colours, and says what the band is and which knobs are pooled."""
    if comparison.kind != "heat":
        for ax in fig.axes:
            ax.set_xlabel("")
        fig.supxlabel(comparison.x, fontsize=10.5)
        fig.supylabel(comparison.measure, fontsize=10.5)
        if comparison.hue:
            handles, labels = fig.axes[0].get_legend_handles_labels()
            fig.legend(handles, labels, title=comparison.hue, loc="outside right upper")
    title = f"{comparison.data.experiment}: {_note(comparison)}"
    fig.suptitle(_literal(title), fontsize=9.5)


def _note(comparison):
    table = comparison.table
    if comparison.kind == "heat":
        note = "share of nets" if comparison.is_rate else "median"
    else:
        note = "bars: Wilson 95 %" if comparison.is_rate else "median; 5 % to 95 % of the nets"
    note += f"; {_span(table.nets)} nets each"
    if table.without.any():
        note += f", without {_span(table.without)} that have no value"
    pooled = comparison.pooled()
    return note + (f"; pooled over {', '.join(pooled)}" if pooled else "")


def _span(counts):
    low, high = counts.min(), counts.max()
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _label(value):
    """A knob's value as a label: 2.0 is 2, a truth value is written as in a configuration."""
    if isinstance(value, bool | np.bool_):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, int | float | np.number) else _literal(str(value))


def _literal(text):
    """A text that Matplotlib draws as it is: no formula, and no sign that has no picture."""
    return printable(text, allowed="").replace("$", r"\$")


def choose_scale(set_scale, values):
    """Makes an axis logarithmic if its numbers span more than two decades, with room for 0.

    Args:
        set_scale: `ax.set_xscale` or `ax.set_yscale`.
    """
    values = np.asarray(values, dtype=float)
    positive = values[values > 0.0]
    if values.min() < 0.0 or not len(positive) or positive.max() / positive.min() <= DECADES:
        return
    if values.min() > 0.0:
        set_scale("log")
    else:
        set_scale("symlog", linthresh=positive.min(), linscale=0.3)
