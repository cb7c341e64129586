"""Which examples are held out: at random, with the classes' shares, by group, or by a column.

A split is a function of `Examples`, n_test, n and a generator. It returns (train, test), the
indices of the examples to train on and of those that are held out. `n` is the number of examples to
train on; None is all that are left.
"""

import numpy as np


def n_out_of(total, fraction):
    """The number of `total` examples, of all that there are, that are held out."""
    return round(total * fraction)


def at_random(examples, n_test, n, rng):
    """The last n_test of a permutation are held out."""
    order = rng.permutation(len(examples.X))
    most = len(order) - n_test
    return order[:most][:n], order[most:]


def stratified(examples, n_test, n, rng):
    """Each class has its share of the held-out examples, and of the others.

    A class of N_k examples of N gives n_test N_k / N of them, rounded down. The classes with the
    largest remainders give one more.
    """
    order = rng.permutation(len(examples.X))
    test = _shares(examples.y[order].astype(int), n_test)
    rest = order[~test]
    chosen = _shares(examples.y[rest].astype(int), len(rest) if n is None else n)
    return rest[chosen], order[test]


def _shares(labels, n):
    """(N,): whether an example is among n that have the classes in the shares of all of them."""
    shares = np.bincount(labels) * (n / len(labels))
    counts = np.floor(shares).astype(int)
    largest = np.argsort(counts - shares, kind="stable")
    counts[largest[: n - counts.sum()]] += 1
    rank = np.empty(len(labels), dtype=int)  # of an example among those of its class
    for k in range(len(counts)):
        rank[labels == k] = np.arange(np.sum(labels == k))
    return rank < counts[labels]


def by_group(examples, n_test, n, rng):
    """Whole groups are held out, in random order, so that no group has examples on both sides.

    Both sides have the same numbers of examples for every seed: n_test, and what is left in the
    worst case. Some examples are on neither side, fewer than the largest group has.
    """
    drawn = rng.permutation(examples.groups.max() + 1)
    sizes = np.bincount(examples.groups)[drawn]
    test = np.isin(examples.groups, drawn[np.cumsum(sizes) - sizes < n_test])
    order = rng.permutation(len(test))
    return order[~test[order]][: n or left_by_groups(examples, n_test)], order[test[order]][:n_test]


def left_by_groups(examples, n_test):
    """The number of examples that are left to train on when whole groups are held out."""
    return len(examples.groups) - n_test - int(np.bincount(examples.groups).max()) + 1


def by_column(examples, n_test, n, rng):
    """The examples of group 1 are held out, whatever n_test is."""
    train, test = (np.flatnonzero(examples.groups == group) for group in (0, 1))
    return train if n is None else rng.permutation(train)[:n], test


SPLITS = {"random": at_random, "stratified": stratified, "group": by_group, "column": by_column}
