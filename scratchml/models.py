"""Models: a table of their facts, and the way from a configuration to a model.

A new model is a class with `shapes`, `output`, `arithmetic`, `forward` and `backward`, and one line
in the table below.
"""

from collections.abc import Callable
from typing import NamedTuple

from scratchml.logistic import Linear, Logistic
from scratchml.losses import losses_of
from scratchml.mlp import MLP
from scratchml.perceptron import Perceptron
from scratchml.problems import PROBLEMS


def _perceptron(data, knobs):
    return Perceptron(data.X.shape[-1], knobs["bias"])


def _logistic(data, knobs):
    facts = PROBLEMS[data.problem]
    labels = facts.classes and not facts.exclusive
    return Logistic(data.X.shape[-1], data.Y.shape[-1], knobs["bias"], labels)


def _linear(data, knobs):
    return Linear(data.X.shape[-1], data.Y.shape[-1], knobs["bias"])


def _mlp(data, knobs):
    sizes = (data.X.shape[-1], *[knobs["width"]] * knobs["depth"], data.Y.shape[-1])
    output = PROBLEMS[data.problem].output
    backprop = knobs.get("backprop") or "exact"  # stored nets may be older than the knob
    return MLP(sizes, knobs["activation"], output, backprop)


class Model(NamedTuple):
    """A function that makes a model, and the facts that a configuration must respect."""

    build: Callable  # (data, knobs) -> Perceptron, Linear, Logistic or MLP
    outputs: dict  # problem -> output units; a missing problem is one that it cannot learn
    knobs: tuple = ("bias",)  # the knobs of its form; without the knob bias it always has biases
    convex: bool = False  # whether its usual loss is convex

    @property
    def layered(self):
        """Whether it has hidden layers, of a width, a depth and an activation."""
        return "depth" in self.knobs


_USUAL = {problem: facts.output for problem, facts in PROBLEMS.items()}
_CLASSES = {problem: output for problem, output in _USUAL.items() if PROBLEMS[problem].classes}

MODELS = {
    "perceptron": Model(_perceptron, {"binary": "step"}),
    "logistic": Model(_logistic, _CLASSES, convex=True),
    "linear": Model(_linear, dict.fromkeys(PROBLEMS, "identity"), convex=True),
    "mlp": Model(_mlp, _USUAL, ("width", "depth", "activation")),
}


def build(knobs, data):
    """The model that `knobs` (a mapping) name, sized for `data`."""
    return MODELS[knobs["model"]].build(data, knobs)


def usual_loss(model, problem):
    """The name of the loss that a Model minimizes if the configuration names none.

    For a problem that the Model cannot learn: the loss for another problem.
    """
    output = model.outputs.get(problem) or next(iter(model.outputs.values()))
    return losses_of(output)[0]
