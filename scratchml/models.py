"""From the words of a configuration to a model."""

from scratchml.logistic import Linear, Logistic
from scratchml.mlp import MLP
from scratchml.perceptron import Perceptron

OUTPUT_OF_TASK = {"binary": "sigmoid", "multiclass": "softmax", "regression": "identity"}

# name -> (data's task, inputs, outputs, knobs) -> model
MODELS = {
    "perceptron": lambda task, d, k, knobs: Perceptron(d, knobs["bias"]),
    "logistic": lambda task, d, k, knobs: Logistic(d, k, knobs["bias"]),
    "linear": lambda task, d, k, knobs: Linear(d, k, knobs["bias"]),
    "mlp": lambda task, d, k, knobs: MLP(
        (d, *[knobs["width"]] * knobs["depth"], k), knobs["activation"], OUTPUT_OF_TASK[task]
    ),
}


def build(knobs, data):
    """The model that `knobs` (a mapping) name, sized for `data`."""
    return MODELS[knobs["model"]](data.task, data.X.shape[-1], data.Y.shape[-1], knobs)
