"""Data sets: the table of all that are generated, and what is known of each before it is made.

A new data set is one function in `generators.py`, one line in the table below and a file in
`conf/dataset/`. Others are in `boolean`, `tables` and `mnist1d`. `sampling.py` makes the data.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from scratchml import boolean, generators, mnist1d, tables
from scratchml.boolean import FUNCTIONS
from scratchml.problems import PROBLEMS


def no_constraints(*arguments):
    """No sentence: the limits of each knob are enough."""
    return ()


class Dataset(NamedTuple):
    """A generator, and the facts about its data that are known before they are made."""

    make: Callable  # (rng, n_samples, *, knobs) -> X (N, D), targets (N,), or (N, K) of K labels
    knobs: tuple = ()  # names of the arguments that `make` takes beside these two
    n_features: int | str = 2  # D, or the name of the knob that holds it
    problem: str = "binary"  # see `PROBLEMS`; a knob n_classes > 2 makes it multiclass
    n_outputs: int | str | None = None  # K of many classes or labels, or the knob that holds it
    size: str | Callable | None = None  # examples if n_samples is null, see `shape`
    least: int = 1  # the smallest number of examples
    drawn: bool = True  # False: only noise is random, or the choice of rows with order=random
    constraints: Callable = no_constraints  # (knobs) -> sentences about values that do not fit


SHARED_KNOBS = (
    *("dataset", "n_samples", "label_noise", "class_weight", "test_fraction", "scaling"),
    "target_scaling",
)
_ROWS = ("inputs", "coding", "noise", "order")
_OF_ROWS = {"n_features": "inputs", "size": boolean.all_rows, "drawn": False}
_OF_PATTERNS = {"n_features": "inputs", "size": boolean.all_patterns, "drawn": False}
_OF_A_VALLEY = {"n_features": "n_features", "problem": "regression", "size": "one_per_feature"}


def _function(name):
    """The Dataset of a function of bits, one of `FUNCTIONS`."""
    make = partial(boolean.labelled, FUNCTIONS[name])
    return Dataset(make, _ROWS, constraints=boolean.rows_are_there, **_OF_ROWS)


# fmt: off
DATASETS = {
    **{name: _function(name) for name in boolean.LOGICAL},
    "table": Dataset(tables.truth_table, ("table", *_ROWS), **_OF_ROWS,
                     constraints=tables.table_has_rows),
    "blobs": Dataset(generators.blobs, ("noise", "n_features", "n_classes"), "n_features",
                     constraints=generators.blobs_need_a_plane),
    "moons": Dataset(generators.moons, ("noise",)),
    "circles": Dataset(generators.circles, ("noise",)),
    "spirals": Dataset(generators.spirals, ("noise", "n_classes")),
    "rings": Dataset(generators.rings, ("noise", "n_classes")),
    "linear": Dataset(generators.linear, ("noise", "n_features"), "n_features", "regression"),
    "quadratic": Dataset(generators.quadratic, ("condition", "n_features"), **_OF_A_VALLEY,
                         drawn=False),
    "rotated": Dataset(generators.rotated, ("condition", "n_features"), **_OF_A_VALLEY),
    "sawtooth": Dataset(generators.sawtooth, n_features=1, least=2, drawn=False),
    "chebyshev": Dataset(generators.chebyshev, ("degree",), 1, "regression", drawn=False),
    "point": Dataset(generators.point, n_features=1, size=lambda knobs: 1, drawn=False),
    **{name: _function(name) for name in FUNCTIONS if name not in boolean.LOGICAL},
    "encoder": Dataset(boolean.encoder, ("inputs", "coding", "noise"), problem="multilabel",
                       n_outputs="inputs", **_OF_PATTERNS),
    "mnist1d": Dataset(mnist1d.mnist1d, (), mnist1d.SHORT, "multiclass", n_outputs=10),
}
# fmt: on


def problem(dataset, knobs):
    """The kind of targets of a Dataset with these knobs, a key of `PROBLEMS`."""
    if dataset.problem == "binary" and "n_classes" in dataset.knobs:
        return "multiclass" if (knobs["n_classes"] or 2) > 2 else "binary"
    return dataset.problem


def shape(dataset, knobs):
    """(N, D, K): training examples, inputs and outputs of a Dataset with these knobs.

    N is `n_samples`. If that is null, N is `size(knobs)`. A data set with a size of None needs
    n_samples. With "one_per_feature" N is D, and n_samples has no meaning. A missing number counts
    as 1 example or 2 inputs, so that a configuration with a mistake also has a shape.
    """
    d = dataset.n_features
    d = d if isinstance(d, int) else knobs[d] or 2
    if dataset.size == "one_per_feature":
        n = d
    else:
        n = knobs["n_samples"] or (dataset.size(knobs) if dataset.size else 1)
    return n, d, _n_outputs(dataset, knobs)


def _n_outputs(dataset, knobs):
    k = dataset.n_outputs
    if k is not None:
        return k if isinstance(k, int) else knobs[k] or 2
    return knobs["n_classes"] if PROBLEMS[problem(dataset, knobs)].one_hot else 1


def all_knobs():
    """The names of all knobs that data depend on: of all data sets, and of single generators."""
    return {*SHARED_KNOBS, *(name for dataset in DATASETS.values() for name in dataset.knobs)}


def draws_rows(knobs):
    """Whether rows of a truth table are drawn at random: with n_samples there is a choice."""
    return knobs["order"] == "random" and knobs["n_samples"] is not None


def differs_by_seed(knobs):
    """Whether nets of different seeds see different data. If not, they can share one array."""
    dataset = DATASETS.get(knobs["dataset"])
    return bool(
        (dataset.drawn if dataset else knobs["n_samples"])
        or draws_rows(knobs)
        or knobs["noise"]
        or knobs["label_noise"]
        or knobs["test_fraction"]
        or knobs["order"] == "seed"
    )


def n_held_out(n, fraction):
    """The number of held-out examples that, beside n training examples, are this fraction."""
    return round(n * fraction / (1.0 - fraction))
