"""The cells of a lesson with other nets: drawn from the stored ones, with replacement (Efron 1979).

Nets of equal seeds share data and random draws, so runs with the same seeds are drawn together:
what a lesson compares net by net stays paired.

Cells are computed once. Which of their arrays have an axis of nets is found by computing them once
more with the nets in another order: such an array comes out in that order, too.
"""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from analysis.loaded import Data
from analysis.nesting import leaves, rebuilt, same
from experiments.tracking.layout import EPOCH, SEED

APART = 10**9  # between the new seeds of nets of different sets; more than any run has nets


class Drawable:
    """The cells of a lesson, whose nets can be drawn.

    Args:
        lesson: with `cells`.
        data: the stored runs.

    Attributes:
        cells: those of all stored nets.
        held: names of cells that depend on nets and have no axis of them, such as a mean: these
            stay as they are stored, whatever is drawn.
    """

    def __init__(self, lesson, data):
        self.bank = Bank(data)
        self.cells = lesson.cells(self.bank.data_of(_all))
        self.axes, held = {}, {}
        if isinstance(self.cells, Data):
            self.held = ()
            return
        whole = dict(leaves(self.cells))
        turned = dict(leaves(lesson.cells(self.bank.data_of(_permuted))))
        fewer = self._of_fewer(lesson)
        for path, leaf in whole.items():
            if axis := self._axis(leaf, turned.get(path)):
                self.axes[path] = axis
            elif path[-1] != SEED and not (same(leaf, turned.get(path))
                                           and same(leaf, fewer.get(path, leaf))):  # fmt: skip
                held[path[0]] = None
        self.held = tuple(held)

    def draw(self, factor, repetition):
        """The cells of `factor` times as many nets in each run, one at least.

        A run of a single net keeps it: there is nothing to draw from.

        Args:
            repetition: a whole number; the same one draws the same nets.
        """
        places = Places(factor, repetition)
        if isinstance(self.cells, Data):
            return self.bank.data_of(places)

        def drawn(path, leaf):
            if path not in self.axes:
                return leaf
            axis, first, count = self.axes[path]
            which = places(first, count)
            if isinstance(leaf, pd.DataFrame | pd.Series):
                return leaf.iloc[which].reset_index(drop=True)
            return np.take(leaf, which, axis)

        return rebuilt(self.cells, drawn)

    def _of_fewer(self, lesson):
        try:
            return dict(leaves(lesson.cells(self.bank.data_of(_half))))
        except Exception:  # a lesson may need all of its nets
            return {}

    def _axis(self, leaf, turned):
        """(axis, first seed, nets) of an array that follows the order of nets, or None."""
        array = np.asarray(leaf)
        if turned is None or np.shape(turned) != array.shape:
            return None
        for first, count in self.bank.seeds:
            for axis, size in enumerate(array.shape):
                if size == count > 1 and same(np.take(array, _permuted(first, count), axis),
                                               turned):  # fmt: skip
                    return axis, first, count
        return None


@dataclass
class Places:
    """Which nets of a run are drawn: (first seed, number of nets) -> (n,) places among them."""

    factor: float
    repetition: int

    def __call__(self, first, count):
        n = max(1, round(self.factor * count)) if count > 1 else 1
        random = np.random.default_rng([self.repetition, first])
        return (random.random(n) * count).astype(int)


def _all(first, count):
    return np.arange(count)


def _permuted(first, count):
    return np.random.default_rng([first, count]).permutation(count)


def _half(first, count):
    return np.arange(max(1, count // 2))


class Bank:
    """The arrays of all runs, and the examples that were asked for: read once for all draws."""

    def __init__(self, data):
        self.data, self.known = data, {}
        data._arrays.prepare(data.runs.run_id)
        self.arrays = {run_id: data.arrays(run_id) for run_id in data.runs.run_id}
        self.seeds = {run_id: (int(a[SEED][0]), len(a[SEED])) for run_id, a in self.arrays.items()}
        self.of_run, self.seeds = self.seeds, dict.fromkeys(self.seeds.values())

    def data_of(self, places):
        """`Data` of the nets at some places: a function such as `Places`."""
        own = {field.name: getattr(self.data, field.name) for field in fields(Data)}
        return Drawn(**own | {"_arrays": Draws(self, places)})

    def ask(self, method, *arguments):
        """What a method of the stored data returns, which is kept."""
        key = method, *arguments
        if key not in self.known:
            self.known[key] = getattr(self.data, method)(*arguments)
        return self.known[key]


class Draws:
    """The arrays of each run, of the nets that were drawn; as `RunArrays`, which it replaces."""

    def __init__(self, bank, places):
        self.bank, self.places = bank, places

    def prepare(self, run_ids):
        """All arrays are in memory."""

    def which(self, run_id):
        """(n,) the places of the drawn nets among those of the run."""
        return self.places(*self.bank.of_run[run_id])

    def read(self, run_id, wanted=lambda name: True):
        """The arrays of a run whose names are `wanted`; drawn nets have seeds of their own."""
        arrays, which = self.bank.arrays[run_id], self.which(run_id)
        found = {n: a if n == EPOCH else a[which] for n, a in arrays.items() if wanted(n)}
        if SEED in found:
            first, count = self.bank.of_run[run_id]
            found[SEED] = first * APART + np.arange(len(which))
        return found


class Drawn(Data):
    """`Data` whose nets are drawn; its examples are those of the stored nets."""

    def examples(self, run_id=None, index=0):
        return self._stored("examples", run_id or self.run_id, index)

    def as_trained(self, run_id, index):
        return self._stored("as_trained", run_id, index)

    def _knobs(self, run_id):
        return self._arrays.bank.ask("_knobs", run_id)

    def _stored(self, method, run_id, index):
        which = self._arrays.which(run_id)
        return self._arrays.bank.ask(method, run_id, int(which[index]))
