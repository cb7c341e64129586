"""Arrays that come back from training a task, and the arrays of its runs. Workers import this."""

import itertools

import numpy as np

from experiments.tracking.layout import DIGEST, EPOCH, FINAL, SEED
from scratchml.sampling import Data, digest, missing_classes


class Results(list):
    """[(job, first seed, arrays), ...]: the arrays of a task, cut into those of its parts.

    They are pickled before the cut: with 500 runs that takes 2 ms instead of 35.
    """

    def __init__(self, parts, arrays):
        self.whole = parts, arrays
        stop = 0
        for job, seeds in parts:
            start, stop = stop, stop + len(seeds)
            own = {SEED: np.array(seeds, dtype=np.int64)}
            own |= {n: a if n == EPOCH else a[start:stop] for n, a in arrays.items()}
            self.append((job, seeds[0], own))

    def __reduce__(self):
        return Results, self.whole


def results(task, training):
    """The Results of a task: of its Trainer at the end, or so far.

    Of data that are read each net has a split of its own, so each net says what its split left out.
    """
    arrays = training.arrays() | {DIGEST: digests(task, training.data)}
    if task.real:
        arrays |= {
            f"{FINAL}{part}/missing_classes": np.array(np.broadcast_to(missing, task.nets))
            for part, missing in missing_classes(training.data).items()
        }
    return Results([(part.job, part.seeds) for part in task.parts], arrays)


def digests(task, data):
    """(R, 32): the digest of each net's data, see `scratchml.sampling.digest`."""
    if data.X.ndim == 2:
        return np.repeat(digest(data)[None], task.nets, axis=0)
    nets = zip(*(itertools.repeat(None) if a is None else a for a in data[1:]), strict=False)
    return np.stack([digest(Data(data.problem, *net)) for net in nets])


def join(parts):
    """One run's arrays from [(first seed, arrays), ...] of its parts; nets in order of seed.

    Raises:
        ValueError: The parts have not the same arrays.
    """
    arrays = [own for _, own in sorted(parts, key=lambda part: part[0])]
    if any(own.keys() != arrays[0].keys() for own in arrays):
        raise ValueError("the nets of a run have not the same arrays")
    if len(arrays) == 1:
        return arrays[0]
    return {
        name: array if name == EPOCH else np.concatenate([own[name] for own in arrays])
        for name, array in arrays[0].items()
    }
