"""Data sets that come with a package: scikit-learn's, and tables of our own."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from experiments.schema.examples import Knobs, digest, limits
from experiments.schema.sentences import must_be
from scratchml.sampling import Examples
from scratchml.splitting import n_out_of

FOLDER = Path(__file__).with_name("data")  # of our tables


def from_sklearn(name: str) -> tuple[np.ndarray, np.ndarray]:
    """(X, y) of a data set that scikit-learn ships."""
    import sklearn.datasets  # half a second, and few runs need it

    return getattr(sklearn.datasets, f"load_{name}")(return_X_y=True)


def from_table(name: str) -> tuple[np.ndarray, np.ndarray]:
    """(X, y) of a table that scratchml ships; its last column is the target."""
    rows = np.loadtxt(FOLDER / f"{name}.csv", delimiter=",", skiprows=1)
    return rows[:, :-1], rows[:, -1]


class Shipped(NamedTuple):
    """A data set that comes with a package; its size is known before it is loaded."""

    name: str
    read: Callable[[str], tuple[np.ndarray, np.ndarray]]
    n_samples: int
    n_features: int
    n_classes: int  # 0: a regression
    knobs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ("split",)

    def problem(self, knobs: Knobs) -> str:
        """binary, multiclass or regression."""
        return {0: "regression", 2: "binary"}.get(self.n_classes, "multiclass")

    def shape(self, knobs: Knobs) -> tuple[int, int, int]:
        """(N, D, K): training examples, inputs and outputs."""
        n = knobs["n_samples"] or self.n_samples - n_out_of(self.n_samples, knobs["test_fraction"])
        return n, self.n_features, self.n_classes if self.n_classes > 2 else 1

    def constraints(self, knobs: Knobs) -> Iterator[str]:
        """Yields a sentence for each pair of values that do not go together."""
        if knobs["split"] in ("group", "column"):
            yield must_be("split", "random or stratified", f"for {self.name}", knobs["split"])
            return
        n_test = n_out_of(self.n_samples, knobs["test_fraction"])
        yield from limits(self, knobs, self.n_samples, self.n_samples - n_test, n_test)

    def load(self, knobs: Knobs) -> Examples:
        """All examples."""
        return _shipped(self.name)[0]

    def digest(self, knobs: Knobs) -> str:
        """SHA-256 of all examples."""
        return _shipped(self.name)[1]

    def settled(self, knobs: Knobs) -> dict[str, Any]:
        """No knob is settled by the data."""
        return {}

    def description(self, knobs: Knobs) -> None:
        """None: the name describes the data."""


@cache  # a sweep asks once for each task, and the digits take 20 ms to parse
def _shipped(name):
    one = SHIPPED[name]
    examples = Examples(one.problem({}), *one.read(name), one.n_classes)
    return examples, digest(examples)


_TABLE = (
    Shipped("breast_cancer", from_sklearn, 569, 30, 2),
    Shipped("digits", from_sklearn, 1797, 64, 10),
    Shipped("iris", from_sklearn, 150, 4, 3),
    Shipped("wine", from_sklearn, 178, 13, 3),
    Shipped("diabetes", from_sklearn, 442, 10, 0),
    Shipped("spector", from_table, 32, 3, 2),
)
SHIPPED = {one.name: one for one in _TABLE}
