"""What one call of `kernel.py` works on: a JOB, and the ways of numbers into a block of nets.

BLOCK is 32 where this text is read; machine code is made for each of `BLOCKS` (`intrinsics.py`).
"""

import numpy as np

from scratchml.addresses import address, floats, keep, lanes, spread, whole

BLOCK, ONE = BLOCKS = 32, 1  # nets side by side, and one by one where only few are left
HALF = 16  # units side by side, where sums go over the examples of one net (`wide.py`)
SQUARE = 8  # rows and columns that are turned at once
SCRATCH = 8  # rows for the sums over outputs of a loss

# One call: sizes, choices, and addresses of arrays, which are float64 where nothing is said.
JOB = np.dtype([(name, np.int64) for name in (
    "nets", "first", "last",  # of all nets, those from first on and before last are computed
    "examples", "inputs", "outputs", "layers", "units", "parameters", "slots",
    "f", "slope", "output", "loss", "back", "step",  # functions of rows; back may be 0
    "theta", "gradient", "slot",  # (nets, parameters), and slot of (slots, nets, parameters)
    "lr", "momentum", "l2",  # (nets,)
    "penalized",  # (parameters,), or 0 without penalty
    "source",  # int64 (parameters,): 1 + which element of the gradient is taken, 0 for 0.0; or 0
    "X", "Y", "weights",  # (examples, ...); or of each net, see `take`; weights may be 0
    "X_net", "Y_net", "weights_net",  # numbers of a net: 0 for shared examples
    "orders",  # int64 (epochs, nets, examples), or 0
    "epochs", "batch", "steps",  # how many epochs, examples a step, and steps before
    "checkpoints", "checkpoint_at",  # how many, and int64 (checkpoints,): their epochs, from 1
    "stops",  # 1 if nets that are solved at one of them stop there
    "ended",  # int64 (nets,): see `Compiled.train`; 0 while a net learns
    "mistakes", "clean", "longest",  # int64, int64, float64 (nets,), or 0; see `Mistakes`
    "sums", "outs",  # Z and A: (nets, examples, H) of layer after layer
    "tolerance", "solved",  # (1,), and int64 (nets,): 1 if all outputs are that close to targets
    "since",  # int64 (nets,): the first checkpoint at which a net was solved, or 0
    "table",  # int64 (layers, 6): D, H, W, b or -1, first unit below, first unit
    "z", "a", "dz", "df", "y",  # of a block: (units, BLOCK); a and dz have some rows more
    "w", "g", "w_before", "w_back", "g_before",  # (parameters, BLOCK)
    "s",  # (slots * parameters, BLOCK)
    "wide",  # 1 if steps have so many examples that those of one net go side by side (`wide.py`)
    "scratch",  # (SCRATCH, BLOCK), for the functions of rows
    "turned",  # (BLOCK, ..., HALF): dz of the units of a layer, example by example
    "totals", "halves",  # (halves, HALF): dL/dtheta as `wide.py` adds it up; see also `multiply`
    "lanes",  # (FREE + 1, BLOCK): lr, momentum, l2, weight, mistakes, and one that is free
)])  # fmt: skip
FIELDS = {name: i for i, name in enumerate(JOB.names)}
LR, MOMENTUM, L2, WEIGHT, WRONG, FREE = range(6)  # rows of what nets have one number of


def fill_in(job, fields):
    """Puts numbers, and the addresses of arrays, into a JOB, int64 (fields,), and returns it."""
    for name, value in fields.items():
        job[FIELDS[name]] = value if isinstance(value, int | np.integer) else address(value)
    return job


def halves_of(units):
    """How many rows of HALF numbers so many units fill."""
    return (units + HALF - 1) // HALF


def load(block, at, first, nets):
    """block (P, BLOCK) <- (nets, P), from net `first` on. Past the last net it is there again."""
    width = len(block)
    flat = floats(at, (nets, width))
    for r in range(BLOCK):
        for p in range(width):
            block[p, r] = flat[min(first + r, nets - 1), p]


def store(block, at, first, nets):
    """(nets, P) <- block (P, BLOCK)."""
    for r in range(min(BLOCK, nets - first)):
        store_one(block, at, first, nets, r)


def store_one(block, at, first, nets, r):
    """As `store`, of the net in lane r alone."""
    width = len(block)
    flat = floats(at, (nets, width))
    for p in range(width):
        flat[first + r, p] = block[p, r]


def copy(block, other):
    for p in range(len(block)):
        keep(block, p, lanes(other, p))


def take(job, block, at, width, of_a_net, first, i, epoch):
    """block (width, BLOCK) <- example i of each net, in its own order if there is one.

    Examples of each net are (blocks, examples, width, BLOCK), or (nets, examples, width) where nets
    have orders of their own.
    """
    flat = floats(at, (1,))
    if job.orders != 0:
        orders = whole(job.orders, (job.epochs, job.nets, job.examples))
        for r in range(BLOCK):
            net = min(first + r, job.nets - 1)
            start = net * of_a_net + orders[epoch, net, i] * width
            for d in range(width):
                block[d, r] = flat[start + d]
    elif of_a_net != 0:
        start = (first // BLOCK * job.examples + i) * width
        for d in range(width):
            keep(block, d, lanes(flat, start + d))
    else:
        for d in range(width):
            keep(block, d, spread(flat[i * width + d]))
