"""Sources of data: generated, shipped, or a file of the user's. All answer the same questions.

The questions are asked before any net is trained: which knobs a data set takes, what its problem
and its shape are, and what does not go together. `knobs` is a mapping with every knob.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from experiments.schema.file import File
from experiments.schema.generated import Generated
from experiments.schema.shipped import SHIPPED, Shipped
from scratchml import datasets
from scratchml.datasets import DATASETS
from scratchml.sampling import Examples

if TYPE_CHECKING:
    from experiments.schema.config import Config

READ = {"file": File(), **SHIPPED}  # data sets whose examples are read

# The knobs on which the examples that are read depend, before any are held out.
READ_KNOBS = tuple(dict.fromkeys(k for one in READ.values() for k in (*one.knobs, *one.takes)))


def names() -> tuple[str, ...]:
    """The names of all data sets."""
    return (*DATASETS, *READ)


def source(name: str) -> Generated | Shipped | File:
    """The data set of a name."""
    return READ[name] if name in READ else Generated(name, DATASETS[name])


def problem(config: "Config") -> str:
    """What a configuration's targets are, a key of `scratchml.problems.PROBLEMS`."""
    return source(config.dataset).problem(vars(config))


def shape(config: "Config") -> tuple[int, int, int]:
    """(N, D, K) of a configuration: training examples, inputs and outputs."""
    return source(config.dataset).shape(vars(config))


def load(knobs: Mapping[str, Any]) -> Examples | None:
    """All examples of a data set that is read; None for one that is generated."""
    return source(knobs["dataset"]).load(knobs)


def all_knobs() -> set[str]:
    """The names of all knobs that data depend on."""
    return datasets.all_knobs().union(READ_KNOBS)
