"""A stored net as a function of its inputs, and its examples, as training saw them.

Nets and examples are made again from the same sources as in training. So this is the one module of
`analysis` beside the commands that needs `schema` and `models`: scratchml, which is NumPy alone,
cannot hold scikit-learn's.
"""

import json
import re
from collections import defaultdict
from contextlib import nullcontext
from typing import NamedTuple

import numpy as np

from analysis.values import is_missing, whole
from experiments import own
from experiments.models import MODELS
from experiments.schema import named_code, own_entries, sources, stored
from experiments.schema.synonyms import words_in_use
from experiments.tracking.errors import Damaged, Missing
from scratchml.losses import OUTPUTS
from scratchml.models import build
from scratchml.sampling import Data, sample
from scratchml.scaling import rescaled
from scratchml.training import DATA, stream


class Form(NamedTuple):
    """What is needed beside its weights to compute a net of ours.

    Attributes:
        activation: of the hidden units, a key of `ACTIVATIONS`; None without hidden layers.
        output: of the output units, a key of `OUTPUTS`.
        problem: what the targets are, a key of `PROBLEMS`.
    """

    activation: str | None
    output: str
    problem: str


def knobs(row, names):
    """The knobs of a run as training saw them: a knob that the run does not have is None.

    Args:
        row: of the frame of runs.
        names: of its columns that are knobs.
    """
    known = {name: None if is_missing(row[name]) else whole(row[name]) for name in names}
    if isinstance(known.get("options"), str):  # a mapping is stored as a text
        known["options"] = json.loads(known["options"])
    return defaultdict(lambda: None, words_in_use(known))


def code(paths):
    """The files of the user's own that `paths` name, one path or several; none for None."""
    return own.read_all(paths)


def examples(knobs, seed, codes=(), identity=None, scaled=True):
    """The examples of a net, sampled again: X, (N, D), Y, (N, K), held-out.

    Args:
        knobs: of the run, one that it does not have being None.
        codes: files of the user's own that the run needs.
        identity: of the run, as it is stored.
        scaled: whether targets are as the net saw them, or in their own units.

    Raises:
        Missing: The run needs code that is not named, or that has changed; or its knobs are none
            of which examples can be made.
    """
    knobs = knobs if scaled else knobs | {"target_scaling": "none"}
    with _named(codes):
        _check_code(knobs, identity, "dataset")
        refused = stored.refusal(knobs)
        if refused:
            raise Missing(f"the examples of the run cannot be made again: {refused}")
        return sample(knobs, stream(seed, DATA), seed, sources.load(knobs))


def function(knobs, weights, codes=(), identity=None, units=None):
    """The outputs, (N, K), of a model with given weights, as a function of X, (N, D).

    Args:
        knobs, codes, identity: as in `examples`, which says what is raised, too.
        weights: {"W1": (D, H), "b1": (1, H), ...}.
        units: (2, K) of scaled targets, whose own units the outputs then have; see `Data`.
    """
    with _named(codes):
        _check_code(knobs, identity, "dataset", "activation", "model")
        outputs = _function(knobs, weights, units)

    def named(X):
        with _named(codes):
            return outputs(X)

    return named


def form(knobs, weights, codes=(), identity=None):
    """The Form of a run's nets; the arguments are those of `function`.

    Raises:
        Missing: As `function`, or the nets are not of ours, so that weights do not tell their
            answers.
    """
    with _named(codes):
        _check_code(knobs, identity, "dataset", "activation", "model")
        problem = sources.source(knobs["dataset"]).problem(knobs)
        if _entry(knobs).answers:
            raise Missing(f"a net of {knobs['model']} answers by code of its own")
        model = _model(knobs, weights, problem)
        return Form(getattr(model, "activation", None), model.output, problem)


def _named(codes):
    """Inside, these files are named; where there are none, those that this process has named."""
    return own_entries.command(codes) if codes else nullcontext()


def _check_code(knobs, identity, *among):
    if "model" in among and named_code.is_of_package(knobs["model"]):
        raise Missing(f"a net of {knobs['model']}, a class of a package, answers only in training")
    lacking = own_entries.missing(knobs, *among)
    if lacking:
        raise Missing(f'{lacking}load(..., code="mine.py"), or --code mine.py')
    if changed := own_entries.changed(knobs, identity, *among):
        raise Missing(changed)


def _ends(weights):
    """(inputs, outputs) of a net with these weights."""
    layers = [name for name in weights if re.fullmatch(r"W[1-9]\d*", name)]
    matrices = [weights[name] for name in sorted(layers, key=lambda name: int(name[1:]))]
    if not matrices or any(W.ndim != 2 for W in matrices):
        raise Damaged(f"a net needs weights W1, ..., each a matrix; got {sorted(weights)}")
    return matrices[0].shape[0], matrices[-1].shape[1]


def _entry(knobs):
    if knobs["model"] not in MODELS:
        raise Missing(f"the run's model, {knobs['model']}, is none of scratchml's")
    return MODELS[knobs["model"]]


def _function(knobs, weights, units):
    entry, data = _entry(knobs), sources.source(knobs["dataset"])
    problem = data.problem(knobs)
    if entry.answers:
        try:
            answers = entry.answers(knobs, weights, problem, data.shape(knobs)[1:])
        except own.Fault as error:
            raise Missing(str(error)) from error
        return lambda X: rescaled(answers(X), units)
    model = _model(knobs, weights, problem)
    net = {name: array[None] for name, array in weights.items()}

    def outputs(X):
        Z, _ = model.forward(net, np.asarray(X, dtype=float))
        return rescaled(OUTPUTS[model.output](Z)[0], units)

    return outputs


def _model(knobs, weights, problem):
    """The model of ours that has these weights. Raises Damaged if their shapes are of no net."""
    knobs = knobs | {"bias": "b1" in weights, "model": _entry(knobs).like}
    n_inputs, n_outputs = _ends(weights)
    model = build(knobs, Data(problem, np.empty((1, n_inputs)), np.empty((1, n_outputs))))
    shapes = {name: array.shape for name, array in weights.items()}
    if shapes != model.shapes:
        raise Damaged(f"the weights of such a net have shapes {model.shapes}; got {shapes}")
    return model
