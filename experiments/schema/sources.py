"""Sources of data: generated and real data sets, which answer the same questions.

The questions are asked before any data are made: which knobs a data set takes, what its problem and
its shape are, and what does not go together. `knobs` below is a mapping with every knob.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from experiments.schema.fields import Number
from experiments.schema.sentences import meaningless, must_be
from scratchml import datasets
from scratchml.datasets import DATASETS, Dataset

if TYPE_CHECKING:
    from experiments.schema.config import Config

Knobs = Mapping[str, Any]


class Generated(NamedTuple):
    """A data set that scratchml makes: a row of `scratchml.datasets.DATASETS`."""

    name: str
    dataset: Dataset

    @property
    def knobs(self) -> tuple[str, ...]:
        """The knobs that have a meaning for this data set and not for every other."""
        return self.dataset.knobs

    def problem(self, knobs: Knobs) -> str:
        """binary, multiclass or regression."""
        return datasets.problem(self.dataset, knobs)

    def shape(self, knobs: Knobs) -> tuple[int, int, int]:
        """(N, D, K): training examples, inputs and outputs."""
        return datasets.shape(self.dataset, knobs)

    def constraints(self, knobs: Knobs) -> Iterator[str]:
        """Yields a sentence for each pair of values that do not go together."""
        yield from self.dataset.constraints(knobs)
        n, where = knobs["n_samples"], f"for dataset {self.name}"
        if self.dataset.size == "one_per_feature":
            if n is not None:
                yield meaningless("n_samples", f"dataset {self.name} (one example per feature)")
        elif n is None and self.dataset.size is None or n is not None and n < self.dataset.least:
            yield must_be("n_samples", Number(self.dataset.least, whole=True), where, n)
        n, _, k = self.shape(knobs)
        if k > 1 and knobs["n_samples"] is not None and n < k:
            yield must_be("n_samples", f"at least {k}", f"for n_classes={k}", n)
        yield from _holds_some_out(knobs, n, datasets.n_held_out(n, knobs["test_fraction"]))
        fixed = not self.dataset.drawn or self.dataset.size == "one_per_feature"
        if knobs["test_fraction"] and fixed and not knobs["noise"]:
            yield (
                f"test_fraction must be 0 for dataset {self.name} without noise, where held-out "
                f"examples would be those trained on; got {knobs['test_fraction']:g}"
            )


class Real(NamedTuple):
    """A real data set that scikit-learn ships; its size is known before it is loaded."""

    name: str
    n_samples: int
    n_features: int
    n_classes: int
    knobs: tuple[str, ...] = ()

    def problem(self, knobs: Knobs) -> str:
        """binary or multiclass."""
        return "binary" if self.n_classes == 2 else "multiclass"

    def shape(self, knobs: Knobs) -> tuple[int, int, int]:
        """(N, D, K): training examples, inputs and outputs."""
        k = self.n_classes if self.n_classes > 2 else 1
        return knobs["n_samples"] or self._most(knobs), self.n_features, k

    def constraints(self, knobs: Knobs) -> Iterator[str]:
        """Yields a sentence where more examples are asked for than there are."""
        n, most = knobs["n_samples"], self._most(knobs)
        if n is not None and n > most:
            where = f"for dataset {self.name} with test_fraction={knobs['test_fraction']:g}"
            yield must_be("n_samples", f"at most {most}", where, n)
        yield from _holds_some_out(knobs, self.n_samples, self.n_samples - most)

    def _most(self, knobs):
        return self.n_samples - round(self.n_samples * knobs["test_fraction"])


def _holds_some_out(knobs, n, n_test):
    """A sentence if a part of n examples is to be held out that rounds to no example."""
    fraction = knobs["test_fraction"]
    if fraction and not n_test:
        yield (
            f"test_fraction must be 0 or large enough to hold one example out of {n}; "
            f"got {fraction:g}"
        )


_REAL = (Real("breast_cancer", 569, 30, 2), Real("digits", 1797, 64, 10))
REAL = {real.name: real for real in _REAL}


def names() -> tuple[str, ...]:
    """The names of all data sets."""
    return (*DATASETS, *REAL)


def source(name: str) -> Generated | Real:
    """The data set of a name."""
    return REAL[name] if name in REAL else Generated(name, DATASETS[name])


def problem(config: "Config") -> str:
    """What a configuration's targets are: binary, multiclass or regression."""
    return source(config.dataset).problem(vars(config))


def shape(config: "Config") -> tuple[int, int, int]:
    """(N, D, K) of a configuration: training examples, inputs and outputs."""
    return source(config.dataset).shape(vars(config))


@cache  # a sweep asks once for each task, and the digits take 20 ms to parse
def load(name: str) -> tuple[np.ndarray, np.ndarray] | None:
    """(X, y), all examples of a real data set; None for a data set that is generated."""
    if name not in REAL:
        return None
    import sklearn.datasets  # half a second, and few runs need it

    return getattr(sklearn.datasets, f"load_{name}")(return_X_y=True)
