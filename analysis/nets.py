"""A stored net as a function of its inputs, and its examples, as training saw them.

Nets and examples are made again from the same sources as in training. So this is the one module of
`analysis` beside the commands that needs `schema` and `models`: scratchml, which is NumPy alone,
cannot hold scikit-learn's.
"""

from collections import defaultdict

import numpy as np

from analysis.values import is_missing, whole
from experiments.models import MODELS
from experiments.schema import sources
from experiments.schema.synonyms import words_in_use
from scratchml.losses import OUTPUTS
from scratchml.models import build
from scratchml.sampling import Data, sample
from scratchml.training import DATA, stream


def knobs(row, names):
    """The knobs of a run as training saw them: a knob that the run does not have is None.

    Args:
        row: of the frame of runs.
        names: of its columns that are knobs.
    """
    known = {name: None if is_missing(row[name]) else whole(row[name]) for name in names}
    return defaultdict(lambda: None, words_in_use(known))


def examples(knobs, seed):
    """The examples of a net, sampled again: X, (N, D), Y, (N, K), held-out."""
    return sample(knobs, stream(seed, DATA), seed, sources.load(knobs))


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
    if sources.source(knobs["dataset"]).problem(knobs) == "regression":
        problem = "regression"
    sizes = Data(problem, np.empty((1, n_inputs)), np.empty((1, n_outputs)))
    model = build(knobs, sizes)
    net = {name: array[None] for name, array in weights.items()}

    def outputs(X):
        Z, _ = model.forward(net, np.asarray(X, dtype=float))
        return OUTPUTS[model.output](Z)[0]

    return outputs
