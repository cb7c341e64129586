"""How nets lie side by side in memory, as the loops of `kernel.py` take them."""

import math

import numpy as np

from scratchml.addresses import address
from scratchml.job import BLOCK, ONE

FEW = 8  # examples of a step from which on it is faster to have those of one net side by side


def is_wide(examples):
    """Whether the examples of a step go side by side, where nets go one by one."""
    return examples >= FEW


def blocks(nets, parameters, examples):
    """(nets side by side, first, last) of the calls that compute `nets` nets.

    A block takes as long as `worth` single nets, however few nets are in it. That was measured: 1.4
    to 77 for 3 to 4,458 parameters and steps of 4 to 1,000 examples.
    """
    worth = parameters**0.3 * max(1, min(examples, BLOCK) / FEW)
    many = nets - nets % BLOCK if nets % BLOCK <= worth else nets
    if worth > BLOCK:
        many = 0
    return [part for part in ((BLOCK, 0, many), (ONE, many, nets)) if part[1] < part[2]]


def aligned(shape, line=64):
    """Zeros of this shape, which begin where a line of the processor's cache does.

    Numbers that are loaded at once, and lie in two lines, make training a fifth slower and more.
    """
    size = math.prod(shape)
    numbers = np.zeros(size + line // 8)
    start = -address(numbers) % line // 8
    return numbers[start : start + size].reshape(shape)


def of_a_net(array):
    """How many numbers examples have that are (R, N, D); 0 if nets share them."""
    return 0 if array is None or array.ndim == 2 else array.shape[1] * array.shape[2]


def side_by_side(array, parts):
    """Examples of each net, (R, N, D), as loops take them: (blocks, N, D, nets of a block).

    Past the last net it is there again. Examples that nets share, or that single nets have, stay as
    they are.
    """
    if of_a_net(array) == 0 or parts[0][0] == ONE:
        return array
    found = []
    for block, first, last in parts:
        nets = np.minimum(np.arange(first, first + -(-(last - first) // block) * block), last - 1)
        of_nets = array[nets].reshape(len(nets) // block, block, -1)
        found.append(of_nets.swapaxes(1, 2).reshape(-1))
    return np.concatenate(found)
