"""Data frames of runs and of their nets: one row a run, one row a net, one row a point."""

import html
from collections import defaultdict

import numpy as np
import pandas as pd

from analysis.values import is_missing, rank, same, typed, whole
from experiments.tracking.layout import CURVE, END_METRICS, EPOCH, FINAL, FINGERPRINT, SEED
from experiments.tracking.record import CUT

SHOWN = 8  # runs of a small table
ENDS = (*END_METRICS, "test/accuracy", "test/rmse")  # its metrics


def unlike(knobs, name):
    """The name of a measured value, which differs from the name of every knob."""
    return f"{name}_used" if name in knobs else name


def frame(runs, knobs):
    """One row a run: run_id, name, fingerprint, knobs with their types, metrics.

    Args:
        runs: as `experiments.tracking.reader` gives them; their params are texts.
        knobs: the names of all params.
    """
    rows = []
    for run in runs:
        row = {"run_id": run.id, "name": run.name, "fingerprint": run.tags.get(FINGERPRINT)}
        row |= {knob: typed(text) for knob, text in run.params.items()}
        rows.append(row | {unlike(knobs, metric): value for metric, value in run.metrics.items()})
    table = pd.DataFrame(rows)
    first = ["run_id", "name", "fingerprint"]
    measured = sorted(set(table.columns) - set(first) - set(knobs))
    return table[[*first, *knobs, *measured]]


def chosen(runs, knobs, wanted, experiment):
    """The runs whose knobs have the wanted values, {knob: a value, a list of values, or None}.

    Raises:
        LookupError: No such knob, or no run with these values; the message lists what there is.
    """
    hits = np.ones(len(runs), dtype=bool)
    for knob, asked in wanted.items():
        if knob not in knobs:
            raise LookupError(f"no knob {knob!r} in {experiment}; it has {list(knobs)}")
        several = list(asked) if isinstance(asked, list | set | range) else [asked]
        hit = np.array([any(same(v, w) for w in several) for v in runs[knob]])
        if not hit.any():
            there = values(runs, knob)
            raise LookupError(f"no run of {experiment} has {knob}={asked!r}; there are {there}")
        hits &= hit
    if not hits.any():
        raise LookupError(f"no run of {experiment} has all of {wanted}")
    return runs[hits].reset_index(drop=True)


def values(runs, knob):
    """The values of a knob, sorted; runs without that knob do not count."""
    return sorted({v for v in runs[knob] if not is_missing(v)}, key=rank)


def of_nets(arrays, knobs):
    """{name: (R,)} of a run's nets: `seed`, and their final values without `final/`."""
    columns = {"seed": arrays[SEED]}
    for name, values in arrays.items():
        if name.startswith(FINAL) and values.ndim == 1:
            columns[unlike(knobs, name.removeprefix(FINAL))] = values
    return columns


def of_points(arrays):
    """{name: (R * T,)} of the points of a run's curves: `seed`, `epoch`, and a column a curve.

    A curve of one number a layer has one column a layer: NAME/1, NAME/2, ...
    """
    R, T = len(arrays[SEED]), len(arrays[EPOCH])
    columns = {"seed": np.repeat(arrays[SEED], T), "epoch": np.tile(arrays[EPOCH], R)}
    for name, curve in arrays.items():
        if not name.startswith(CURVE):
            continue
        name = name.removeprefix(CURVE)
        if curve.ndim == 2:
            columns[name] = curve.ravel()
        else:
            layers = curve.reshape(R * T, -1).T
            columns |= {f"{name}/{i}": layer for i, layer in enumerate(layers, start=1)}
    return columns


def counted_once(runs, knobs, seeds_of):
    """{run_id: (R,)} of runs with nets that a later run holds, too: which of the nets to count.

    Runs that differ in `seed` and `seeds` alone share nets, as do runs of one configuration by
    several versions of the code. The net of the last of these runs counts.

    Args:
        runs: a row for each run.
        knobs: the names of the columns of `runs` that are knobs.
        seeds_of: (run_id) -> (R,), the seeds of its nets.
    """
    own = [knob for knob in knobs if knob not in ("seed", "seeds")]
    same = defaultdict(list)
    for run_id, identity, *row in runs[["run_id", "fingerprint", *own]].itertuples(index=False):
        values = [None if is_missing(v) else whole(v) for v in row]
        cut = any(isinstance(v, str) and v.endswith(CUT) for v in values)
        same[repr([*values, identity if cut else None])].append(run_id)
    chosen = {}
    for run_ids in same.values():
        if len(run_ids) > 1:
            known = set()
            for run_id in reversed(run_ids):
                seeds = seeds_of(run_id).tolist()
                chosen[run_id] = np.array([seed not in known for seed in seeds], dtype=bool)
                known.update(seeds)
    return {run_id: which for run_id, which in chosen.items() if not which.all()}


def with_categories(runs, names):
    """A frame of runs whose words are categories, so that a million rows stay small."""
    runs = runs.copy()
    for name in names:
        if runs[name].dtype.kind not in "biuf":
            runs[name] = pd.Categorical(runs[name], categories=runs[name].dropna().unique())
    return runs


def long(columns, runs, knobs):
    """One frame of each run's columns, with the run's id and knobs repeated.

    Args:
        columns: {name: (n,)} for each run, `seed` among them.
        runs: a row for each run.
        knobs: names of the columns of `runs` to repeat.
    """
    counts = [len(named["seed"]) for named in columns]
    which = np.repeat(np.arange(len(columns)), counts)
    own = [knob for knob in knobs if knob != "seed"]  # each net has its own seed
    repeated = runs[["run_id", *own]].iloc[which].reset_index(drop=True)
    table = {}
    for name in dict.fromkeys(name for named in columns for name in named):
        parts = [
            named[name] if name in named else np.full(count, np.nan)
            for named, count in zip(columns, counts, strict=True)
        ]
        kinds = {part.dtype.kind for part in parts}
        if "b" in kinds and len(kinds) > 1:  # truth values with gaps stay truth values
            parts = [part.astype(object) for part in parts]
        table[name] = np.concatenate(parts)
    return pd.concat([repeated, pd.DataFrame(table)], axis="columns")


def as_html(title, runs, varied):
    """A small table of the first runs, as HTML: the knobs that vary, and how the runs ended.

    Texts of the store stay texts.
    """
    names = [*varied, *(name for name in ENDS if name in runs)]
    head, more = runs[names].head(SHOWN), len(runs) - SHOWN
    table = head.to_html(index=False, escape=True, na_rep="-", float_format="{:.4g}".format)
    note = f"<p>and {more:,} more</p>" if more > 0 else ""
    return f"<p>{html.escape(title)}</p>{table}{note}"
