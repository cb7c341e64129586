"""Verdicts on means: of groups, and of tables with one row a seed and one column a value."""

import numpy as np

from analysis.statistics import number
from analysis.verdicts.exact import every, largest, note, number_of
from analysis.verdicts.samples import average, mostly
from analysis.verdicts.verdict import joined


def follows(groups, law, margin, of="{:g}"):
    """That the mean of each group is the value of a law, to within a share of it.

    Args:
        groups: {x: (R,) numbers}.
        law: x -> the value in theory; where that is infinite, the group does not count.
        margin: the largest relative error.
        of: a text with a place for x, or a function of x.
    """
    theory = {x: float(law(x)) for x in groups}
    off = {x: groups[x].mean() / y - 1.0 for x, y in theory.items() if np.isfinite(y)}
    far = max(off, key=lambda x: abs(off[x]))
    nets = sum(len(groups[x]) for x in off)
    words = of(far) if callable(of) else of.format(far)
    return (largest(np.abs([*off.values()]), "relative error of a mean", nets).at_most(margin)
            & note(f"{len(off)} sizes; farthest at {words}: {average(groups[far]).text} against "
                   f"{number(theory[far])}"))  # fmt: skip


def falls(table, p, of):
    """That the mean falls at each column, and that most rows fall from the first to the last."""
    mean, (first, *_, last) = table.mean(), table.columns
    words = ", ".join(f"{number(value)} at {x:g}" for x, value in mean.items())
    return (every(np.diff(mean) < 0.0, table.size, of)
            & mostly(table[first] - table[last], p=p, measured=words))  # fmt: skip


def lowest_at(table, x, p, name):
    """That the lowest mean is in the column nearest to x, by ratio, and both beside it are worse.

    Args:
        p: the level of each of the two comparisons, row by row.
        name: of what is low.
    """
    mean = table.mean()
    chosen = mean.index[np.abs(np.log(mean.index / x)).argmin()]
    i = mean.index.get_loc(chosen)
    beside = [mostly(table.iloc[:, j] - table[chosen], p=p,
                     measured=f"{number(mean.iloc[j])} at {number(mean.index[j])}")
              for j in (i - 1, i + 1)]  # fmt: skip
    words = f"lowest mean {name}, {number(mean.min())}, of {len(mean)} at"
    return (number_of(mean.idxmin(), words).equals(chosen) & joined(beside)).on(table.size)
