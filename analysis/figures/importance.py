"""The figure of what mattered: a bar for each effect, with the share that chance would give it."""

from analysis.figures import colours, style
from analysis.figures.labels import literal
from analysis.importance import SEEDS

MOST = 12  # bars


def draw(importance):
    """The figure of an `Importance`."""
    table = importance.table[:MOST]
    fig, ax = style.figure(height=1.4 + 0.32 * len(table))
    places = range(len(table))[::-1]
    shades = [colours.PALE if name == SEEDS else colours.BLUE for name in table.effect]
    ax.barh(places, 100.0 * table.share, color=shades, height=0.7)
    ax.plot(100.0 * table.chance, places, "|", color=colours.INK, ms=11, label="by chance alone")
    for place, share in zip(places, table.share, strict=True):
        ax.text(100.0 * share, place, f" {share:.1%}".replace("%", " %"), va="center", fontsize=9.5)
    ax.set_yticks(places, [literal(name) for name in table.effect])
    ax.set_xlabel(literal(f"share of the variance of {importance.y}, on ranks (%)"))
    ax.set_xlim(0.0, 105.0 * max(table.share) + 5.0)
    ax.grid(axis="y", visible=False)
    ax.legend(loc="lower right")
    more = len(importance.table) - len(table)
    note = importance.note + (f"; {more} smaller effects are not shown" if more else "")
    fig.suptitle(literal(note), fontsize=9.5, wrap=True)
    return fig
