"""What one call of `kernel.py` works on: a JOB, and the ways of numbers into a block of nets."""

import numpy as np

from scratchml.addresses import floats, keep, lanes, spread, whole

BLOCK = 32  # nets side by side
SCRATCH = 8  # rows for the sums over outputs of a loss

# One call: sizes, choices, and addresses of arrays, which are float64 where nothing is said.
JOB = np.dtype([(name, np.int64) for name in (
    "nets", "examples", "inputs", "outputs", "layers", "units", "parameters", "slots",
    "f", "slope", "output", "loss", "back", "step",  # functions of rows; back may be 0
    "theta", "gradient", "slot",  # (nets, parameters), and slot of (slots, nets, parameters)
    "lr", "momentum", "l2",  # (nets,)
    "penalized",  # (parameters,), or 0 without penalty
    "source",  # int64 (parameters,): 1 + which element of the gradient is taken, 0 for 0.0; or 0
    "X", "Y", "weights",  # (examples, ...) or (nets, examples, ...); weights may be 0
    "X_net", "Y_net", "weights_net",  # numbers from net to net: 0 for shared examples
    "orders",  # int64 (epochs, nets, examples), or 0
    "epochs", "batch", "steps",  # how many epochs, examples a step, and steps before
    "diverged",  # int64 (nets,): the epoch, from 1, in which a net diverged, or 0
    "mistakes", "clean", "longest",  # int64, int64, float64 (nets,), or 0; see `Mistakes`
    "sums", "outs",  # Z and A: (nets, examples, H) of layer after layer
    "tolerance", "solved",  # (1,), and int64 (nets,): 1 if all outputs are that close to targets
    "table",  # int64 (layers, 6): D, H, W, b or -1, first unit below, first unit
    "z", "a", "dz", "df", "y",  # of a block: (units, 32)
    "w", "g", "w_before", "w_back", "g_before",  # (parameters, 32)
    "s",  # (slots * parameters, 32)
    "lanes",  # (FREE + SCRATCH, 32): lr, momentum, l2, weight, mistakes, ...
)])  # fmt: skip
LR, MOMENTUM, L2, WEIGHT, WRONG, FREE = range(6)  # rows of what nets have one number of


def load(block, address, first, nets):
    """block (P, 32) <- (nets, P), from net `first` on. Past the last net it is there again."""
    width = len(block)
    flat = floats(address, (nets, width))
    for r in range(BLOCK):
        for p in range(width):
            block[p, r] = flat[min(first + r, nets - 1), p]


def store(block, address, first, nets):
    """(nets, P) <- block (P, 32)."""
    width = len(block)
    flat = floats(address, (nets, width))
    for r in range(min(BLOCK, nets - first)):
        for p in range(width):
            flat[first + r, p] = block[p, r]


def copy(block, other):
    for p in range(len(block)):
        keep(block, p, lanes(other, p))


def take(job, block, address, width, from_net_to_net, first, i, epoch):
    """block (width, 32) <- example i of each net, in its own order if there is one."""
    flat = floats(address, (1,))
    if from_net_to_net == 0 and job.orders == 0:  # all nets see the same example
        for d in range(width):
            keep(block, d, spread(flat[i * width + d]))
        return
    for r in range(BLOCK):
        net = min(first + r, job.nets - 1)
        n = i
        if job.orders != 0:
            n = whole(job.orders, (job.epochs, job.nets, job.examples))[epoch, net, i]
        for d in range(width):
            block[d, r] = flat[net * from_net_to_net + n * width + d]
