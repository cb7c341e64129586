"""The figure of a comparison: lines with bands, points with bars, or a heat map."""

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.ticker import MaxNLocator, NullLocator

from analysis.figures import colours, panels, plots, style
from analysis.figures.labels import digits, label, literal, thinned
from analysis.figures.scales import DECADES, choose_scale, is_geometric

ACROSS = 3  # panels in a row
LEGEND = 16  # names for which a column of a legend has room
BANDS = 10  # lines whose bands can still be told apart
TICKS = (24, 16)  # names that an axis has room for, along x and along y


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
            ax.set_title(f"{literal(panel)} = {label(value)}")
        if rows.middle.isna().all():
            ax.text(0.5, 0.5, "no net has a value", transform=ax.transAxes, ha="center")
    _annotate(fig, comparison)
    return fig


def _lines(ax, rows, comparison):
    """A line for each hue, with a band over nets or, for shares and for words, with bars."""
    x, hue, places = comparison.x, comparison.hue, comparison.places()
    shades = colours.palette(comparison.values(hue), hue) if hue else {None: colours.BLUE}
    for i, (value, color) in enumerate(shades.items()):
        group = rows[rows[hue] == value] if hue else rows
        at = (group[x].map(places) if places else group[x]).to_numpy(dtype=float)
        look = {"color": color, "label": label(value), "lw": 1.8, "ms": 5, "zorder": 3}
        if x != "epoch":
            look["marker"] = plots.MARKERS[i % len(plots.MARKERS)]
        if places or comparison.is_rate:
            reach = np.maximum([group.middle - group.low, group.high - group.middle], 0.0)
            look |= {"capsize": 3, "yerr": reach, "ls": "none" if places else "-"}
            shift = 0.06 * (i - (len(shades) - 1) / 2.0) if places else 0.0
            ax.errorbar(at + shift, group.middle, **look)
        else:
            ax.plot(at, group.middle, **look)
            if len(shades) <= BANDS:
                _band(ax, at, group, color)
        if x != "epoch":
            _mark_missing(ax, at[group.middle.isna().to_numpy()], color, i)
    _scale_x(ax, comparison, places)
    if comparison.is_rate:
        ax.set_ylim(-3.0, 103.0)
    else:
        choose_scale(ax.set_yscale, comparison.table[["low", "high"]].to_numpy().ravel())


def _band(ax, at, group, color):
    """The band of a line; a point without neighbours, which has none, gets a bar."""
    ax.fill_between(at, group.low, group.high, color=color, alpha=0.18, lw=0)
    there = np.pad(group.middle.notna().to_numpy(), 1)
    alone = there[1:-1] & ~there[:-2] & ~there[2:]
    if alone.any():
        points = group[alone]
        reach = np.maximum([points.middle - points.low, points.high - points.middle], 0.0)
        ax.errorbar(at[alone], points.middle, yerr=reach, color=color, capsize=3, ls="none")


def _mark_missing(ax, at, color, line):
    """A cross above the axis for each value of x at which no net of a line has a value."""
    if len(at):
        height = 0.03 + 0.04 * (line % 20)
        look = {"color": color, "marker": "x", "ms": 6, "ls": "none", "zorder": 4}
        ax.plot(at, np.full(len(at), height), transform=ax.get_xaxis_transform(), **look)


def _scale_x(ax, comparison, places):
    values = comparison.table[comparison.x]
    if places:
        _name(ax.set_xticks, [*places], TICKS[0], offset=0.0)
        if len(places) > 8:
            ax.tick_params("x", rotation=90)
    elif comparison.x == "epoch":
        plots.epochs(ax, values.max())
    elif is_geometric(values):
        ax.set_xscale("log")
        ax.xaxis.set_minor_locator(NullLocator())
        ticks = sorted(set(values))
        ticks = ticks[:: -(-len(ticks) // 8)]
        ax.set_xticks(ticks, [label(v) for v in ticks])
    else:
        choose_scale(ax.set_xscale, values)
        if ax.get_xscale() == "linear" and (values % 1 == 0).all():
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def _name(set_ticks, values, most, offset=0.5):
    """Names the values at 0, 1, 2, ... of an axis, as many of them as there is room for."""
    named = thinned(values, most)
    set_ticks([i + offset for i, _ in named], labels=[text for _, text in named])


def _heat(ax, rows, comparison):
    """A cell for each pair of knobs, with its number; a pair without a value is grey."""
    x, hue, middle = comparison.x, comparison.hue, comparison.table.middle
    cells = rows.pivot(index=hue, columns=x, values="middle")
    cells = cells.reindex(index=comparison.values(hue)[::-1], columns=comparison.values(x))
    low, high = (0.0, 100.0) if comparison.is_rate else (middle.min(), middle.max())
    scale = "log" if low > 0.0 and high / low > DECADES else None
    few = cells.size <= 80
    panels.heat(
        ax, cells, label=literal(comparison.measure), norm=colours.norm(low, high, scale),
        linewidths=0.5 if few else 0.0, rasterized=cells.size > 2500, xticklabels=False,
        yticklabels=False, annot=few, fmt=f".{digits(middle)}g", annot_kws={"size": 8.5},
    )  # fmt: skip
    ax.set_facecolor(colours.PALE)
    room = TICKS[0] // min(
        ACROSS, len(comparison.values(comparison.panel)) if comparison.panel else 1
    )
    _name(ax.set_xticks, [*cells.columns], room)
    _name(ax.set_yticks, [*cells.index], TICKS[1])
    if len(cells.columns) > 8:
        ax.tick_params("x", rotation=90)
    ax.set(xlabel=literal(x), ylabel=literal(hue))


def _annotate(fig, comparison):
    """Names axes and colours, and says what the band is and which knobs are pooled."""
    axes = list(fig.axes)
    if comparison.kind != "heat":
        for ax in axes:
            ax.set_xlabel("")
        fig.supxlabel(literal(comparison.x), fontsize=10.5)
        fig.supylabel(literal(comparison.measure), fontsize=10.5)
        if comparison.hue:
            _explain_colours(fig, axes, comparison)
    title = f"{comparison.data.experiment}: {_note(comparison)}"
    fig.suptitle(literal(title), fontsize=9.5, wrap=True)


def _explain_colours(fig, axes, comparison):
    """A legend; a bar of colours where numbers are too many for a legend."""
    hue, values = comparison.hue, comparison.values(comparison.hue)
    handles, labels = axes[0].get_legend_handles_labels()
    if len(values) <= LEGEND:
        fig.legend(handles, labels, title=literal(hue), loc=_beside(len(values)))
        return
    shades = colours.palette(values, hue)
    if len(set(shades.values())) == len(values):  # numbers: light to dark, in their order
        norm = BoundaryNorm(range(len(values) + 1), len(values))
        image = ScalarMappable(norm, ListedColormap([shades[v] for v in values]))
        bar = fig.colorbar(image, ax=axes, label=literal(hue), drawedges=False)
        bar.ax.yaxis.set_minor_locator(NullLocator())
        _name(bar.set_ticks, values, LEGEND)
        return
    most = LEGEND * 2 * (1 + (len(axes) - 1) // ACROSS)
    if len(values) > most:
        handles, labels = handles[: most - 1], labels[: most - 1]
        handles.append(handles[-1])
        labels.append(f"and {len(values) - most + 1} more")
    columns = -(-len(labels) // (most // 2))
    fig.legend(handles, labels, title=literal(hue), loc=_beside(len(labels)), ncols=columns)


def _beside(names):
    """The place of a legend of so many names: never under the title, which is as wide as all."""
    return f"outside right {'center' if names <= LEGEND // 2 else 'lower'}"


def _note(comparison):
    table = comparison.table
    if comparison.kind == "heat":
        note = "share of nets" if comparison.is_rate else "median"
    else:
        note = "bars: Wilson 95 %" if comparison.is_rate else "median"
        banded = comparison.places() or comparison.hue is None
        if not comparison.is_rate and (banded or len(comparison.values(comparison.hue)) <= BANDS):
            note += "; 5 % to 95 % of the nets"
        if comparison.x != "epoch" and table.middle.isna().any():
            note += "; x: no net has a value"
    note += f"; {_span(table.nets)} nets each"
    if table.without.any():
        note += f", without {_span(table.without)} that have no value"
    if comparison.left_out:
        note += f"; {comparison.left_out:,} diverged and are left out"
    pooled = comparison.pooled()
    return note + (f"; pooled over {', '.join(pooled)}" if pooled else "")


def _span(counts):
    low, high = counts.min(), counts.max()
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
