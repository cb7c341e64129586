"""Data sets that scratchml makes, as sources of data."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from experiments.schema.fields import Number
from experiments.schema.sentences import holds_some_out, meaningless, must_be
from scratchml import datasets
from scratchml.datasets import Dataset, draws_rows

Knobs = Mapping[str, Any]


class Generated(NamedTuple):
    """A data set that scratchml makes: a row of `scratchml.datasets.DATASETS`."""

    name: str
    dataset: Dataset
    takes: tuple[str, ...] = ()  # knobs that it may have

    @property
    def knobs(self) -> tuple[str, ...]:
        """The knobs that this data set needs, and not every other."""
        return self.dataset.knobs

    def problem(self, knobs: Knobs) -> str:
        """What the targets are, a key of `PROBLEMS`."""
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
            of = f"n_classes={k}" if "n_classes" in self.knobs else f"dataset {self.name}"
            yield must_be("n_samples", f"at least {k}", f"for {of}", n)
        yield from holds_some_out(knobs, n, datasets.n_held_out(n, knobs["test_fraction"]))
        fixed = not self.dataset.drawn or self.dataset.size == "one_per_feature"
        if knobs["test_fraction"] and fixed and not knobs["noise"] and not draws_rows(knobs):
            yield (
                f"test_fraction must be 0 for dataset {self.name} without noise, where held-out "
                f"examples would be those trained on; got {knobs['test_fraction']:g}"
            )

    def load(self, knobs: Knobs) -> None:
        """None: the examples follow from the knobs."""

    def digest(self, knobs: Knobs) -> None:
        """None: the data depend on their knobs and on the code that makes them, nothing else."""

    def settled(self, knobs: Knobs) -> dict[str, Any]:
        """No knob is settled by the data."""
        return {}

    def description(self, knobs: Knobs) -> None:
        """None: the knobs describe the data."""
