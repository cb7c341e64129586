"""Parts: a run of a sweep on its way into a page: its facts, and the arrays of its nets."""

from dataclasses import dataclass

import numpy as np

from analysis.explore import settings
from experiments.tracking.errors import TrackingError
from experiments.tracking.layout import CURVE, DIGEST, EPOCH, FINAL, PATH, SEED, WEIGHTS


@dataclass
class Part:
    """A run on its way into the page: its facts, its nets, and their arrays, one row a net.

    Attributes:
        arrays: {kind: (n, values)} of "weights", "paths" and "curves/NAME".
        lent: (n,) the indices of the nets that have the paths; None for the first ones.
    """

    facts: dict
    seeds: np.ndarray
    final: dict
    digests: np.ndarray
    arrays: dict
    lent: np.ndarray | None = None

    def nets_with(self, kind):
        """The number of its nets that have arrays of a kind, in the store."""
        if kind == "paths" and self.lent is not None:
            return len(self.lent)
        return self.facts["nets"]


def part_of(data, facts, lender, which, cap, numbers):
    """The Part of one run, without the nets that another run holds, too."""
    run_id = facts["id"]
    arrays = data.arrays(run_id, SEED, EPOCH, FINAL, CURVE, WEIGHTS, PATH, DIGEST)
    which = np.arange(len(arrays[SEED])) if which is None else np.flatnonzero(which)
    epochs = arrays.pop(EPOCH)
    arrays = {name: array[which] for name, array in arrays.items()}
    facts |= {"nets": len(which), "time": numbers.index("times", epochs.tolist())}
    part = Part(facts, arrays[SEED], {}, arrays.get(DIGEST), {})
    part.final = {n.removeprefix(FINAL): a for n, a in arrays.items() if n.startswith(FINAL)}
    for name, curve in arrays.items():
        if name.startswith(CURVE) and curve.ndim == 2:
            part.arrays[f"curves/{name.removeprefix(CURVE)}"] = _few(curve, cap)
    weights, shapes = _flat(arrays, WEIGHTS)
    if shapes:
        part.arrays["weights"] = _few(weights, cap)
        facts |= {"shapes": numbers.index("shapes", shapes)} | _form(data, run_id, arrays, numbers)
    else:
        facts["why"] = "no weights of layers are stored"
    _paths(data, part, arrays, epochs, lender, cap, numbers)
    return part


def _form(data, run_id, arrays, numbers):
    """How the nets of a run are computed, or why they cannot be."""
    weights = {n.removeprefix(WEIGHTS): a[0] for n, a in arrays.items() if n.startswith(WEIGHTS)}
    try:
        return {"form": numbers.index("forms", data.form(weights, run_id)._asdict())}
    except (TrackingError, LookupError, ValueError) as error:
        return {"why": str(error)}


def _paths(data, part, arrays, epochs, lender, cap, numbers):
    """Adds the weights on the way, the run's own or those of the same nets of a lender."""
    if lender is not None and not settings.has_paths(arrays):
        arrays = data.arrays(lender, SEED, EPOCH, PATH)
        epochs, place = arrays[EPOCH], {seed: i for i, seed in enumerate(part.seeds.tolist())}
        part.lent = np.array([place.get(seed, -1) for seed in arrays[SEED].tolist()])
        arrays = {n: a[part.lent >= 0] for n, a in arrays.items() if n.startswith(PATH)}
        part.lent = part.lent[part.lent >= 0]
    path, shapes = _flat(arrays, PATH)
    if shapes and "form" in part.facts:
        part.arrays["paths"] = _few(path.reshape(len(path), -1), cap)
        part.facts["path"] = {"time": numbers.index("times", epochs.tolist())}


def _flat(arrays, prefix):
    """(n, [T,] P) of the arrays W1, b1, W2, ... of a prefix, and their shapes, [[name, D, H], ...].

    Both are empty where there are none, or where they are not those of layers.
    """
    names = [n.removeprefix(prefix) for n in arrays if n.startswith(prefix)]
    names = [n for n in names if n[:1] in "Wb" and n[1:].isdigit()]
    names.sort(key=lambda name: (int(name[1:]), name[0]))  # W before b
    parts = [arrays[prefix + name] for name in names]
    if not parts or any(part.ndim < 3 for part in parts):
        return np.empty((0, 0)), []
    flat = np.concatenate([p.reshape(*p.shape[:-2], -1) for p in parts], axis=-1)
    return flat, [[n, *p.shape[-2:]] for n, p in zip(names, parts, strict=True)]


def _few(array, cap):
    """The first rows of an array, (n, values), as float32 of at most `cap` bytes; one at least."""
    rows = max(1, int(cap // max(1, 4 * array[:1].size)))
    with np.errstate(over="ignore", invalid="ignore"):
        return array[:rows].astype(np.float32)
