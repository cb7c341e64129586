"""The contract between the harness and a model, whoever wrote it.

A value of the knob `model` is an `Entry`: the facts of a model (`like`), so that its outputs can be
computed and measured, and a `trainer`, which decides how it learns. scratchml's own models train by
gradient descent; scikit-learn's models fit themselves and are measured afterwards; any other class
trains by its own code. The rest of the harness asks the entry, and never asks whose model it is.

Any class that has a method that learns and a method that answers is an entry already, see
`outsiders`. To add a model of somebody else's whose weights are those of a model of ours:

1. Name the model of `scratchml.models.MODELS` whose weights it has.
2. Write `trainer(configs, seeds, model, data)`, which returns a `Training`. Import what is slow to
   import inside it: workers import this package, and NumPy should be enough for them.
3. Add an Entry to `experiments.models.MODELS` and a file to `conf/model/`.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
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


# Knobs of our training, which models of others replace by parameters of their own.
TRAINING_KNOBS = (
    *("class_weight", "weights", "init", "init_scale", "start", "loss", "backprop", "optimizer"),
    *("lr", "lr_unit", "momentum", "batch_size", "shuffle", "l2", "epochs", "stop", "stop_at"),
    *("records", "spacing", "paths"),
)


def nothing(*_: Any) -> tuple:
    """No words, no sentences."""
    return ()


class Word:
    """A word of a run's name, and the knobs that it is about."""

    def __init__(self, text: str, *knobs: str):
        self.text, self.knobs = text, knobs


class Entry(NamedTuple):
    """A model as the harness knows it, and every fact about it that a configuration must respect.

    A `config` below is an `experiments.schema.config.Config`.
    """

    like: str | models.Model  # the name of the model of ours whose weights it has, or its facts
    trainer: Callable[..., Training]  # (configs, seeds, model, data), one Config and seed a net
    problems: tuple[str, ...]  # keys of `scratchml.problems.PROBLEMS`: those that it can learn
    # (config, usual) -> Words of the run's name: how the nets are trained; usual: {knob: value}
    words: Callable = nothing
    takes: tuple[str, ...] = ()  # knobs that have a meaning only for models that list them here
    ignores: tuple[str, ...] = ()  # knobs without a meaning; they must keep their defaults
    obeys: tuple[str, ...] = ()  # knobs that it always has a use for, whatever the others are
    instead: str = ""  # a remark about what stands in place of the ignored knobs
    constraints: Callable = nothing  # (config) -> sentences about what does not go together
    packages: tuple[str, ...] = ()  # whose versions the numbers depend on, beside NumPy's
    alone: bool = False  # each net trains alone, in Python, and takes as long as many of ours
    # (knobs, weights, problem, (D, K)) -> the outputs (N, K) of X; None: the model of ours answers
    answers: Callable | None = None
    defaults: Mapping[str, Any] = MappingProxyType({})  # of knobs, where conf/model has no file


def options_in_words(config: Any) -> list[Word]:
    """The parameters that the knob `options` sets, for a run's name."""
    return [Word(f"{name}={value}", "options") for name, value in (config.options or {}).items()]


def row(entry: Entry) -> models.Model:
    """The facts of the model that an entry is like."""
    return models.MODELS[entry.like] if isinstance(entry.like, str) else entry.like


def usual_loss(entry: Entry, problem: str) -> str:
    """The loss that a configuration means where it names none."""
    return models.usual_loss(row(entry), problem)
