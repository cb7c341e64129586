"""Examples: those of the nets of a page, sampled again; nets that share a digest share them."""

import numpy as np

from experiments.tracking.errors import TrackingError

MOST_SETS = 200
MOST_ROWS = 200  # of one set
MOST_VALUES = 40_000  # of one set
ROOM = 160_000  # values of all sets, after which no other set is begun
LARGEST = 6 * (ROOM + MOST_VALUES)  # bytes of a page that they take, as letters


def add(numbers, data, parts):
    """Adds `examples`, a set of facts for each digest, and their values to the blocks.

    Of sets that are left out, and of those that cannot be made again, the facts say why.
    """
    found = [{"why": "this page has no room for its examples"} for _ in numbers.facts["digests"]]
    which, used = np.concatenate(numbers.blocks["examples"]), 0
    tried = set()
    for part in parts:
        if "form" not in part.facts:
            continue
        nets = min(part.facts["nets"], part.facts["blocks"]["weights"]["nets"])
        for i, at in enumerate(which[part.facts["first"] :][:nets].tolist()):
            if at in tried or at < 0 or len(tried) == MOST_SETS or used > ROOM:
                continue
            tried.add(at)
            found[at] = _set(numbers, data, part.facts["id"], part.seeds[i])
            used += found[at].get("values", 0)
    numbers.facts["examples"] = found
    del numbers.facts["digests"]


def _set(numbers, data, run_id, seed):
    """The facts of one set: its rows are x, (N, D), and then y, (N, K), as the net saw them."""
    index = int(np.flatnonzero(data.arrays(run_id, "seed")["seed"] == seed)[0])
    try:
        made = data.as_trained(run_id, index)
    except (TrackingError, LookupError, ValueError) as error:
        return {"why": str(error)}
    (N, D), K = made.X.shape, made.Y.shape[1]
    n = min(N, MOST_ROWS, max(1, MOST_VALUES // (D + K)))
    units = None if made.units is None else made.units.tolist()
    return {
        "at": numbers.add("sets", np.hstack([made.X[:n], made.Y[:n]])), "rows": n, "of": N,
        "inputs": D, "outputs": K, "units": units, "values": n * (D + K),
    }  # fmt: skip
