"""Sizes: how many nets of each run a page has room for, and the sentences on those without."""

import numpy as np

LARGEST = 8_000_000  # bytes of a page
BASE64 = 4 / 3  # letters of a page for each byte of an array
SHARES = {"weights": 0.3, "curves": 0.5, "paths": 1.0}  # of the room that is left, in this order
WORDS = {
    "nets": "nets",
    "weights": "the weights with which nets end",
    "curves": "curves",
    "paths": "weights on the way",
}


def most(counts, costs, room):
    """The largest k for which the first k nets of every run fit: sum_r min(n_r, k) c_r <= room.

    Args:
        counts, costs: n and c, (runs,): the nets of each run, and the bytes of one.
        room: in bytes.
    """
    counts, costs = np.asarray(counts, dtype=float), np.asarray(costs, dtype=float)
    low, high = 0, int(counts.max(initial=0))
    while low < high:
        k = (low + high + 1) // 2
        low, high = (k, high) if np.minimum(counts, k) @ costs <= room else (low, k - 1)
    return low


def sentence(kind, counts, k):
    """What a page says of a kind of numbers that it has of the first k nets only; or None."""
    every, kept = sum(counts), sum(min(n, k) for n in counts)
    if kept == every:
        return None
    left = f"{every - kept:,} of {every:,} nets" if k else f"all {every:,} nets"
    rest = f"; the first {k:,} of each run have them" if k else ""
    return f"To stay under 8 MB this page leaves out {WORDS[kind]} of {left}{rest}."
