"""Which net of a run is exported, of a seed or the best; the arrays of the run are checked."""

import numpy as np

from experiments.errors import UserError
from experiments.tracking.layout import DIGEST, FINAL, LOSS, SEED, WEIGHTS

DIVERGED, ACCURACY = f"{FINAL}diverged", f"{FINAL}train/accuracy"
# Arrays with one entry a net, and the kinds of numbers in some of them.
ENDS = (SEED, FINAL, WEIGHTS, DIGEST)
NUMBERS = {SEED: "iu", DIVERGED: "b", FINAL + LOSS: "f", DIGEST: "u"}


def check(arrays, config):
    """Raises ValueError or KeyError for arrays that no run of a configuration has."""
    nets = config.seeds
    for name, kinds in NUMBERS.items():
        if arrays[name].dtype.kind not in kinds:
            raise ValueError(f"{name} is {arrays[name].dtype}")
    for name, array in arrays.items():
        one_number = name == SEED or name.startswith(FINAL)
        is_whole = array.shape == (nets,) if one_number else array.shape[:1] == (nets,)
        if array.dtype.kind not in "biuf" or not is_whole:
            raise ValueError(f"{name} is {array.dtype} of shape {array.shape}, for {nets} nets")
    if arrays[SEED].tolist() != list(range(config.seed, config.seed + nets)):
        raise ValueError("its seeds are not those of its configuration")


def best(arrays):
    """The one with most training examples right, then lowest training loss, then lowest seed."""
    accuracy = arrays.get(ACCURACY, np.zeros(len(arrays[SEED])))
    order = arrays[SEED], arrays[FINAL + LOSS], -accuracy, arrays[DIVERGED]
    return int(np.lexsort(order)[0])


def chosen(run, arrays, seed=None):
    """The index of a run's net: of the net of a seed, or of the best.

    Raises:
        UserError: The run has no such net, or the net has diverged.
    """
    seeds = arrays[SEED]
    if seed is None:
        index = best(arrays)
        if arrays[DIVERGED][index]:
            raise UserError(f"all nets of run {run.id} have diverged")
        return index
    [found] = np.nonzero(seeds == seed)
    if not len(found):
        raise UserError(
            f"--seed must be one of the run's, {seeds.min()} to {seeds.max()}; got {seed}"
        )
    if arrays[DIVERGED][found[0]]:
        raise UserError(f"the net of seed {seed} has diverged; choose another")
    return int(found[0])
