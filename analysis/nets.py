"""A stored net as a function of its inputs."""

import numpy as np

from experiments.models import MODELS
from experiments.schema.sources import source
from scratchml.datasets import Data
from scratchml.losses import OUTPUTS
from scratchml.models import build


def function(knobs, weights):
    """The outputs, (N, K), of a model with given weights, as a function of X, (N, D).

    Args:
        knobs: of the run, one that it does not have being None.
        weights: {"W1": (D, H), "b1": (1, H), ...}.
    """
    knobs = knobs | {"bias": "b1" in weights}
    knobs["model"] = MODELS[knobs["model"]].like
    layers = max(int(name[1:]) for name in weights)
    n_inputs, n_outputs = len(weights["W1"]), weights[f"W{layers}"].shape[1]
    problem = "multiclass" if n_outputs > 1 else "binary"
    if source(knobs["dataset"]).problem(knobs) == "regression":
        problem = "regression"
    sizes = Data(problem, np.empty((1, n_inputs)), np.empty((1, n_outputs)))
    model = build(knobs, sizes)
    net = {name: array[None] for name, array in weights.items()}

    def outputs(X):
        Z, _ = model.forward(net, np.asarray(X, dtype=float))
        return OUTPUTS[model.output](Z)[0]

    return outputs
