"""From the words of a configuration to a model."""

from scratchml.arithmetic import fitting
from scratchml.logistic import Linear, Logistic
from scratchml.mlp import MLP
from scratchml.perceptron import Perceptron

OUTPUT_OF_PROBLEM = {"binary": "sigmoid", "multiclass": "softmax", "regression": "identity"}


def _mlp(data, knobs):
    n, d, k = data.X.shape[-2], data.X.shape[-1], data.Y.shape[-1]
    sizes = (d, *[knobs["width"]] * knobs["depth"], k)
    examples = min(n, knobs["batch_size"] or n)
    output = OUTPUT_OF_PROBLEM[data.problem]
    return MLP(sizes, knobs["activation"], output, fitting(examples, sizes))


# name -> (data, knobs) -> model
MODELS = {
    "perceptron": lambda data, knobs: Perceptron(data.X.shape[-1], knobs["bias"]),
    "logistic": lambda data, knobs: Logistic(data.X.shape[-1], data.Y.shape[-1], knobs["bias"]),
    "linear": lambda data, knobs: Linear(data.X.shape[-1], data.Y.shape[-1], knobs["bias"]),
    "mlp": _mlp,
}


def build(knobs, data):
    """The model that `knobs` (a mapping) name, sized for `data`."""
    return MODELS[knobs["model"]](data, knobs)
