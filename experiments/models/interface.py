"""The contract between the harness and a model, whoever wrote it.

A value of the knob `model` is an `Entry`: an instance of a scratchml model (`like`), so that its
weights have known shapes and its outputs can be computed and measured, and a `trainer`, which
decides how the weights come about. scratchml's own models train by gradient descent; scikit-learn's
models fit themselves and are measured afterwards. The rest of the harness asks the entry, and never
asks whose model it is.

A class of the user's own is a row of `scratchml.models.MODELS` (how it is built, its outputs, its
knobs) and an entry that is like this row. To add a model of somebody else's:

1. Name the model of `scratchml.models.MODELS` whose weights it has.
2. Write `trainer(configs, seeds, model, data)`, which returns a `Training`. Import what is slow to
   import inside it: workers import this package, and NumPy should be enough for them.
3. Add an Entry to `experiments.models.MODELS` and a file to `conf/model/`.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

from scratchml import models
from scratchml.sampling import Data


class Training(Protocol):
    """The nets of one task, in the order of their seeds. Training is deterministic."""

    data: Data  # what the nets learn from; digests of it are stored

    def run(self) -> Iterator[int]:
        """Trains the nets to the end; yields the epoch of each point when it is recorded."""

    def arrays(self) -> dict[str, Any]:
        """Everything recorded so far, {name: (R, ...)}, with the names that a Trainer uses."""


def nothing(*_: Any) -> tuple:
    """No words, no sentences."""
    return ()


class Entry(NamedTuple):
    """A model as the harness knows it, and every fact about it that a configuration must respect.

    A `config` below is an `experiments.schema.config.Config`.
    """

    like: str  # the model of scratchml.models.MODELS whose weights and outputs it has
    trainer: Callable[..., Training]  # (configs, seeds, model, data), one Config and seed a net
    problems: tuple[str, ...]  # of binary, multiclass, regression: those that it can learn
    # (config, usual) -> words of the run's name: how the nets are trained; usual: {knob: value}
    words: Callable = nothing
    takes: tuple[str, ...] = ()  # knobs that have a meaning only for models that list them here
    ignores: tuple[str, ...] = ()  # knobs without a meaning; they must keep their defaults
    instead: str = ""  # a remark about what stands in place of the ignored knobs
    constraints: Callable = nothing  # (config) -> sentences about what does not go together
    packages: tuple[str, ...] = ()  # whose versions the numbers depend on, beside NumPy's


def row(entry: Entry) -> models.Model:
    """The facts of the scratchml model that an entry is like."""
    return models.MODELS[entry.like]


def usual_loss(entry: Entry, problem: str) -> str:
    """The loss that a configuration means where it names none."""
    return models.usual_loss(row(entry), problem)
