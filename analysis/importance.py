"""What mattered: how much of the differences between nets each knob of a sweep explains.

The nets of a full grid, as many in each cell, have an exact analysis of variance: the squares of
all their ranks are those of the knobs, of their interactions, and of the nets of one cell, which
differ in their seed alone (Fisher 1925; on ranks, so that no outlier decides: Conover & Iman 1981).
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.grids import Grid, full_part
from analysis.values import is_missing
from experiments.tracking.layout import MORE_IS_BETTER

SEEDS = "seeds"  # the name of what differs within a cell
REST = "the rest"  # the name of all interactions above ORDER
ORDER = 3  # knobs in an interaction that is named
TIMES = " x "
SMALL = 0.015  # shares below it are not in the sentence


@dataclass(frozen=True)
class Importance:
    """The analysis of variance of one measure of the nets, on ranks.

    Attributes:
        y: the measure.
        table: one row an effect, the largest first: effect, df (degrees of freedom), squares (their
            sum), share (of all squares), chance (the share that it has on average if no knob
            matters, df over the df of all nets). Shares add up to 1.
        grid: the Grid that was analysed.
    """

    y: str
    table: pd.DataFrame
    grid: Grid

    @property
    def sentence(self) -> str:
        """`init 39 %, lr 21 %, init x lr 9 %, seeds 25 %`, the seeds last."""
        rows = self.table[self.table.share >= SMALL].sort_values(
            "effect", key=lambda names: names == SEEDS, kind="stable"
        )
        return ", ".join(
            f"{row.effect} {row.share:.0%}".replace("%", " %") for row in rows.itertuples()
        )

    @property
    def note(self) -> str:
        """What was left out so that the grid is full, and how many nets there are."""
        grid = self.grid
        said = f"{grid.ranks.size:,} nets of {grid.ranks[..., 0].size:,} runs, on ranks"
        if grid.ranks.shape[-1] == 1:
            said += "; with one net a run, seeds cannot be told from interactions"
        return "; ".join([said, *grid.notes])


def importance(data, y):
    """The Importance of the knobs of a sweep for one measure of its nets.

    A net without a value, or one that diverged, ranks as the worst.

    Raises:
        LookupError: There is no such measure, no full grid, or nothing that differs.
    """
    nets = data.nets
    measures = [c for c in nets if c not in (*data.knobs, "run_id", "seed")]
    if y not in measures:
        raise LookupError(f"y must be one of {measures}; got {y!r}")
    knobs = [k for k in data.varied if k not in ("seed", "seeds")]
    grid = full_part(nets, knobs, _costs(nets, y))
    if np.ptp(grid.ranks) == 0.0:
        note = f" ({'; '.join(grid.notes)})" if grid.notes else ""
        raise LookupError(f"all nets have the same {y}: nothing to explain{note}")
    return Importance(y, variance(grid.ranks, grid.factors), grid)


def _costs(nets, y):
    """(nets,) finite places of the nets' values, where less is better and worst is none."""
    values = nets[y]
    if values.dtype == bool:
        return values.to_numpy(dtype=float)
    costs = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float)
    costs = costs * (-1.0 if y in MORE_IS_BETTER else 1.0)
    gone = np.isnan(costs)
    if "diverged" in nets and y != "diverged":
        gone |= nets.diverged.map(lambda v: not is_missing(v) and bool(v)).to_numpy(dtype=bool)
    costs[gone] = np.inf
    return pd.Series(costs).rank(method="dense").to_numpy()


def variance(ranks, factors):
    """The exact analysis of variance of a full grid.

    With M_S the means over all axes that are not in S, the squares of an effect S are
    N / prod(levels of S) times the squares of sum over T within S of (-1)^(|S|-|T|) M_T.

    Args:
        ranks: (L1, ..., Lk, R), R nets for each combination of k factors.
        factors: the k names.

    Returns:
        The table of an `Importance`.
    """
    levels, total = ranks.shape[:-1], float(np.sum((ranks - ranks.mean()) ** 2))
    cells = ranks.mean(axis=-1)
    between = float(ranks.shape[-1] * np.sum((cells - cells.mean()) ** 2))
    rows, axes = [], range(len(factors))
    for order in range(1, min(ORDER, len(factors)) + 1):
        for chosen in combinations(axes, order):
            effect = _effect(cells, chosen)
            squares = ranks.size / effect.size * float(np.sum(effect**2))
            df = int(np.prod([levels[i] - 1 for i in chosen]))
            rows.append((TIMES.join(factors[i] for i in chosen), df, squares))
    df = cells.size - 1 - sum(row[1] for row in rows)
    if df:
        rows.append((REST, df, between - sum(row[2] for row in rows)))
    if ranks.shape[-1] > 1:
        rows.append((SEEDS, ranks.size - cells.size, total - between))
    table = pd.DataFrame(rows, columns=["effect", "df", "squares"])
    table["share"] = table.squares / total
    table["chance"] = table.df / (ranks.size - 1)
    return table.sort_values("share", ascending=False, kind="stable", ignore_index=True)


def _effect(cells, chosen):
    """The effect of a set of axes, one number for each combination of their levels."""
    effect = np.zeros([n if i in chosen else 1 for i, n in enumerate(cells.shape)])
    for order in range(len(chosen) + 1):
        for within in combinations(chosen, order):
            others = tuple(i for i in range(cells.ndim) if i not in within)
            effect += (-1) ** (len(chosen) - order) * cells.mean(axis=others, keepdims=True)
    return effect
