"""What loops note of nets while they train: which diverge, stop, are solved, or make mistakes.

As `kernel.py`, Python that Numba compiles. Nets that have ended are left alone: `ended` of a JOB is
0 for those that learn.
"""

import numpy as np

from scratchml.addresses import floats, keep, lanes, spread, whole
from scratchml.job import BLOCK, FREE, WRONG, store_one


def undo(job, first, epoch, theta, before, nets):
    """Gives nets that are not finite any more the parameters from before; returns if there are any.

    They take none of the steps in the rest of the epoch, at whose end they leave: mistakes are
    counted until then.
    """
    ended, zero, found = whole(job.ended, (job.nets,)), spread(0.0), False
    for p in range(job.parameters):
        zero = zero + (lanes(theta, p) - lanes(theta, p))  # NaN if theta is infinite or NaN
    keep(nets, FREE, zero)
    for r in range(min(BLOCK, job.nets - first)):
        if ended[first + r] == 0 and nets[FREE, r] != 0.0:
            ended[first + r] = epoch + 1
        if ended[first + r] == epoch + 1:
            found = True
            for p in range(job.parameters):
                theta[p, r] = before[p, r]
    return found


def measure(job, first, epoch, theta, nets):
    """The longest theta so far, of nets that were learning when the epoch began."""
    ended, longest = whole(job.ended, (job.nets,)), floats(job.longest, (job.nets,))
    square = spread(0.0)
    for p in range(job.parameters):
        square = square + lanes(theta, p) * lanes(theta, p)
    keep(nets, FREE, square)
    for r in range(min(BLOCK, job.nets - first)):
        if ended[first + r] in (0, epoch + 1):
            longest[first + r] = max(longest[first + r], np.sqrt(nets[FREE, r]))


def count(job, first, epoch, nets):
    """Adds the mistakes of an epoch to those of each net."""
    ended = whole(job.ended, (job.nets,))
    mistakes, clean = whole(job.mistakes, (job.nets,)), whole(job.clean, (job.nets,))
    for r in range(min(BLOCK, job.nets - first)):
        if ended[first + r] in (0, epoch + 1):
            mistakes[first + r] += int(nets[WRONG, r])
            clean[first + r] += nets[WRONG, r] == 0.0


def note_solved(job, first, epoch, nets):
    """Notes at a checkpoint which nets have no WRONG output; returns whether any stops there."""
    ended, solved = whole(job.ended, (job.nets,)), whole(job.solved, (job.nets,))
    since, found = whole(job.since, (job.nets,)), False
    for r in range(min(BLOCK, job.nets - first)):
        if ended[first + r] == 0:
            solved[first + r] = nets[WRONG, r] == 0.0
            if solved[first + r] and since[first + r] == 0:
                since[first + r] = epoch + 1
            if solved[first + r] and job.stops:
                ended[first + r], found = -epoch - 1, True
    return found


def leave(job, first, epoch, theta, slots):
    """Stores nets that have ended in this epoch; returns how many nets of the block still learn.

    At the end of all epochs, `epoch` is -1: the nets that still learn are stored.
    """
    ended, learning = whole(job.ended, (job.nets,)), 0
    for r in range(min(BLOCK, job.nets - first)):
        learning += ended[first + r] == 0
        if abs(ended[first + r]) == epoch + 1:
            store_one(theta, job.theta, first, job.nets, r)
            for slot in range(job.slots):
                P, at = job.parameters, job.slot + 8 * slot * job.nets * job.parameters
                store_one(slots[slot * P : slot * P + P], at, first, job.nets, r)
    return learning
