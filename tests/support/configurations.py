"""Configurations as Hydra composes them, nets trained with them, and comparisons of arrays."""

import copy
from functools import cache

import numpy as np
from support import composing
from support.composing import CONF

from experiments.running import stacks
from experiments.running.arrays import join
from experiments.schema import sources
from experiments.schema.config import Config
from scratchml.sampling import Data


def names(group):
    """What can be chosen from a group of conf/, such as `dataset`, without a file of one's own."""
    return sorted(path.stem for path in (CONF / group).glob("*.yaml") if path.stem != "file")


def composed(*, dataset="xor", model="mlp", executor="local", **overrides):
    """The mapping that `dataset=... model=... executor=... key=value ...` composes to."""
    return copy.deepcopy(_chosen(dataset, model, executor)) | overrides


@cache
def _chosen(dataset, model, executor):
    """The mapping of files of conf/, composed once."""
    choices = [f"dataset={dataset}", f"model={model}", f"executor={executor}"]
    return composing.composer().compose(choices)


def config(**choices):
    """The Config of the same choices: `config(dataset="moons", lr=0.1)`."""
    return Config.from_mapping(composed(**choices))


def train(*configs, **cut):
    """The arrays of each configuration, trained together; keywords go to `stacks.cut`."""
    tasks = stacks.cut(dict(enumerate(configs)), real=sources.load, **cut)
    parts = {job: [] for job in range(len(configs))}
    for task in tasks:
        done, _, _ = stacks.train(task)
        for job, first, arrays in done:
            if isinstance(arrays, Exception):
                raise arrays
            parts[job].append((first, arrays))
    runs = [join(parts[job]) for job in range(len(configs))]
    return runs[0] if len(runs) == 1 else runs


def differing(one, other):
    """Names of the arrays in which two runs differ, if only in a bit or in who holds them."""
    return {
        name
        for name in one.keys() | other.keys()
        if name not in one
        or name not in other
        or one[name].dtype != other[name].dtype
        or not np.array_equal(one[name], other[name], equal_nan=one[name].dtype.kind == "f")
    }


def targets(rng, output, n, k):
    """(n, k) targets that suit what output units make of logits: numbers, 0 and 1, or one-hot."""
    if output == "identity":
        return rng.standard_normal((n, k))
    if output == "softmax":
        return np.eye(k)[rng.permutation(np.arange(n) % k)]
    return rng.permutation(np.arange(n * k) % 2).reshape(n, k).astype(float)


def problem_of(output, k=1):
    """The kind of problem whose data suit k of those output units."""
    kinds = {"identity": "regression", "softmax": "multiclass"}
    return kinds.get(output, "binary" if k == 1 else "multilabel")


def examples(rng, output, n=12, d=2, k=1, nets=None):
    """Data of normal inputs and fitting targets, shared or (`nets`) one set a net."""
    stacked = () if nets is None else (nets,)
    X = rng.standard_normal((*stacked, n, d))
    Y = [targets(rng, output, n, k) for _ in range(nets or 1)]
    return Data(problem_of(output, k), X, Y[0] if nets is None else np.stack(Y))
