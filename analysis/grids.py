"""Full grids: the nets of a sweep as an array with an axis for each knob, and one for the seeds."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from analysis.values import is_missing, rank

LEAST = 0.5  # share of the runs that a full part must have
NONE = "null"  # the value of a knob that has no meaning for a run
TOGETHER = " & "  # between knobs that vary as one


class Grid(NamedTuple):
    """Ranks of nets, (L1, ..., Lk, R): `levels[i]` are the values along axis i, a factor.

    A factor is a knob, or several that vary as one. `notes` say what is left out.
    """

    ranks: np.ndarray
    factors: tuple[str, ...]
    levels: tuple[list, ...]
    notes: tuple[str, ...]


def full_part(nets: pd.DataFrame, knobs: list[str], costs: np.ndarray) -> Grid:
    """The largest part of a sweep that is a full grid, with the nets that all its cells have.

    Args:
        nets: a row a net, with its `seed` and its knobs.
        knobs: the knobs that vary.
        costs: (nets,), finite numbers that are ranked.

    Raises:
        LookupError: There is none with half of the runs, no knob that varies, or no common seed.
    """
    table = _levels(nets[knobs])
    table = _merged(table)
    kept, notes = _filled(table)
    factors = [f for f in table if table.loc[kept, f].nunique() > 1]
    if not factors:
        raise LookupError("no knob varies, so that there is nothing to compare")
    levels = [sorted(table.loc[kept, f].unique(), key=_order) for f in factors]
    places = [table.loc[kept, f].map({v: i for i, v in enumerate(own)})
              for f, own in zip(factors, levels, strict=True)]  # fmt: skip
    shape = [len(own) for own in levels]
    cell = np.ravel_multi_index([p.to_numpy(dtype=int) for p in places], shape)
    inside = pd.DataFrame({"cell": cell, "seed": nets.seed.to_numpy()[kept], "cost": costs[kept]})
    inside = inside.drop_duplicates(["cell", "seed"], keep="last")
    square = inside.pivot(index="cell", columns="seed", values="cost")
    common = square.dropna(axis="columns")
    if common.shape[1] == 0:
        raise LookupError("the runs have no seed in common; give them the same seeds")
    if common.shape[1] < square.shape[1]:
        notes.append(
            f"only the {common.shape[1]:,} of {square.shape[1]:,} seeds that all runs have"
        )
    ranks = rankdata(common.to_numpy()).reshape(*shape, common.shape[1])
    return Grid(ranks, tuple(factors), tuple(levels), tuple(notes))


def _levels(table):
    """The knobs as texts and numbers that can be compared, a knob without a meaning being NONE."""
    return pd.DataFrame(
        {k: [NONE if is_missing(v) else v for v in table[k]] for k in table}, dtype=object
    )


def _order(value):
    return rank(value[0] if isinstance(value, tuple) and value else value)


def _merged(table):
    """The table with one column for knobs of which each value belongs to one value of the other.

    A knob without a meaning for some runs, such as init_scale for zero, lends no name to it.
    """
    merged = {}
    for knob in table:
        for name, column in merged.items():
            pairs = pd.DataFrame({"a": column, "b": table[knob]}).drop_duplicates()
            if len(pairs) == pairs.a.nunique() == pairs.b.nunique():
                named = {n: c for n, c in ((name, column), (knob, table[knob])) if NONE not in {*c}}
                del merged[name]
                merged[TOGETHER.join(named or [name])] = next(iter(named.values()), column)
                break
        else:
            merged[knob] = table[knob]
    return pd.DataFrame(merged)


def _filled(table):
    """(rows that are in the largest full grid that was found, notes on what is left out).

    As long as a combination is missing, the value goes whose removal costs the fewest runs.
    """
    cells = table.drop_duplicates()
    whole, left = len(cells), cells
    asked = int(np.prod([cells[f].nunique() for f in cells])) if len(cells.columns) else 1
    gone = []
    while len(left) < np.prod([left[f].nunique() for f in left]):
        missing = {}
        for factor in left:
            others = np.prod([left[f].nunique() for f in left if f != factor])
            for value, there in left[factor].value_counts().items():
                if left[factor].nunique() > 1:
                    missing[factor, value] = (there - others, there)
        factor, value = min(missing, key=missing.get)
        gone.append(f"{factor}={value}")
        left = left[left[factor] != value]
    if not gone:
        return np.ones(len(table), dtype=bool), []
    said = f"the grid is not full, {whole:,} of {asked:,} combinations"
    if len(left) < LEAST * whole:
        raise LookupError(f"{said}; choose a full part with --where")
    kept = pd.MultiIndex.from_frame(table).isin(pd.MultiIndex.from_frame(left))
    return kept, [f"{said}: without {', '.join(gone)}"]
