"""Boolean data: the rows of a truth table of any number of inputs, and functions that label them.

Rows count upwards: row i has the bits of the number i, the highest bit first.
"""

import math

import numpy as np

MOST_INPUTS = 20  # of a table whose rows are all made; with more inputs rows are drawn
ORDERED = 3  # inputs of a table whose rows come in the order of a permutation's number

# --- functions of bits, (N, inputs) -> (N,) -------------------------------------------------------


def all_of(bits):
    """AND."""
    return bits.all(axis=1)


def any_of(bits):
    """OR."""
    return bits.any(axis=1)


def not_all(bits):
    """NAND."""
    return ~bits.all(axis=1)


def none_of(bits):
    """NOR."""
    return ~bits.any(axis=1)


def parity(bits):
    """Whether an odd number of inputs is 1 (Minsky & Papert 1969); XOR of any number of inputs."""
    return bits.sum(axis=1) % 2


def even(bits):
    """Whether an even number of inputs is 1: XNOR of two inputs."""
    return 1 - parity(bits)


def majority(bits):
    """Whether more than half of the inputs are 1; of a tie the answer is 0."""
    return 2 * bits.sum(axis=1) > bits.shape[1]


def symmetry(bits):
    """Whether the inputs read the same from both ends (Rumelhart, Hinton & Williams 1986)."""
    return (bits == bits[:, ::-1]).all(axis=1)


FUNCTIONS = {
    **{"and": all_of, "or": any_of, "nand": not_all, "nor": none_of, "xor": parity, "xnor": even},
    **{"parity": parity, "symmetry": symmetry, "majority": majority},
}
LOGICAL = ("and", "or", "nand", "nor", "xor", "xnor")  # those that are usual in logic

# --- rows -----------------------------------------------------------------------------------------


def permutation(items, index):
    """The index-th permutation of `items` in lexicographic order, counted modulo their number."""
    items, order = list(items), []
    index %= math.factorial(len(items))
    while items:
        which, index = divmod(index, math.factorial(len(items) - 1))
        order.append(items.pop(which))
    return order


def rows(rng, n_samples, inputs, order):
    """(n_samples, inputs): bits of rows, in the order-th permutation and repeated, or drawn.

    Args:
        order: the number of a permutation; None draws each row at random, so that a row may come
            twice.
    """
    if order is None:
        return rng.integers(0, 2, (n_samples, inputs))
    numbers = np.array(permutation(range(2**inputs), order)) if order else np.arange(2**inputs)
    return np.resize(numbers, n_samples)[:, None] >> np.arange(inputs)[::-1] & 1


def coded(rng, bits, coding, noise):
    """Bits as inputs: 0 and 1, or with `coding` bipolar -1 and +1; plus noise, N(0, noise^2)."""
    X = bits.astype(float)
    if coding == "bipolar":
        X = 2.0 * X - 1.0
    if noise:
        X += noise * rng.standard_normal(X.shape)
    return X


def labelled(f, rng, n_samples, *, inputs, coding, noise, order):
    """Rows labelled by a function of their bits, one of `FUNCTIONS`; see `rows` and `coded`."""
    bits = rows(rng, n_samples, inputs, order)
    return coded(rng, bits, coding, noise), f(bits).astype(int)


def encoder(rng, n_samples, *, inputs, coding, noise):
    """The identity map of `inputs` patterns, of which each has one bit that is 1.

    A net with fewer hidden units than inputs has to find a code for the patterns (Ackley, Hinton &
    Sejnowski 1985). Each pattern has as many labels, 0 or 1, as inputs.
    """
    bits = np.eye(inputs, dtype=int)[np.arange(n_samples) % inputs]
    return coded(rng, bits, coding, noise), bits


# --- knobs ----------------------------------------------------------------------------------------


def all_rows(knobs):
    """The number of rows of a truth table."""
    return 2 ** (knobs["inputs"] or 2)


def all_patterns(knobs):
    """The number of patterns of an encoder."""
    return knobs["inputs"] or 2


def rows_are_there(knobs):
    """Sentences about rows that are too many to be made, or that have no such order."""
    inputs, order, n = knobs["inputs"] or 2, knobs["order"], knobs["n_samples"]
    if inputs > MOST_INPUTS and (n is None or order != "random"):
        yield (
            f"inputs={inputs} needs n_samples=... and order=random, which draws rows; a table of "
            f"more than {MOST_INPUTS} inputs is not made whole"
        )
    if order == "seed" and inputs > ORDERED:
        yield f"order=seed needs at most {ORDERED} inputs; got {inputs}"
