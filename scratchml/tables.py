"""Truth tables that are given output by output.

A table is the text of its outputs from the first row to the last, "0110" for XOR, or the number
whose bit i is the output of row i, so that AND is 8 and XOR is 6.
"""

import numpy as np

from scratchml.boolean import FUNCTIONS, LOGICAL, coded, rows, rows_are_there

MOST_LISTED = 10  # inputs of a table that is given row by row
MOST_DIGITS = 2**MOST_LISTED  # of a table, as a text or as a number
NUMBERED = 5  # inputs of a table that is written as a number; a longer one is written as a text


def truth_table(rng, n_samples, *, table, inputs, coding, noise, order):
    """X (N, D) and y (N,): D inputs, and the output of each row by a table, a text or a number.

    See `rows` and `coded`.
    """
    bits = rows(rng, n_samples, inputs, order)
    numbers = bits @ (1 << np.arange(inputs)[::-1])
    return coded(rng, bits, coding, noise), outputs(table, inputs)[numbers]


def text(table, inputs):
    """The text of a table, or None if it is none of so many inputs, or if they are too many.

    A whole number of 2^inputs digits, each 0 or 1, is too large for the number of a table. So it
    can only be a text that was read as a number.
    """
    if inputs > MOST_LISTED:
        return None
    n = 2**inputs
    if isinstance(table, int) and not 0 <= table < 10**n:
        return None
    digits = str(table)
    if len(digits) == n and set(digits) <= {"0", "1"}:
        return digits
    if isinstance(table, int) and table < 2**n:
        return f"{table:0{n}b}"[::-1]
    return None


def outputs(table, inputs):
    """(2^inputs,): the output of each row of a table.

    Raises:
        ValueError: It is no table of so many inputs.
    """
    bits = text(table, inputs)
    if bits is None:
        raise ValueError(f"{_shown(table)} is no table of {inputs} inputs")
    return np.array([int(bit) for bit in bits])


def number(bits):
    """The number of a table, from its outputs."""
    return sum(int(bit) << row for row, bit in enumerate(bits))


def _shown(table):
    """A table in a message. Python writes no whole number of more than 4,300 digits."""
    if isinstance(table, int):
        return str(table) if abs(table) < 10**100 else "a number of more than 100 digits"
    return repr(table) if len(str(table)) < 100 else f"{len(str(table))} characters"


def written(table, inputs):
    """A table in the one way in which it is stored: its number, or the text if that is long."""
    bits = text(table, inputs)
    return bits if bits is None or inputs > NUMBERED else number(bits)


def _named(inputs):
    bits = rows(None, 2**inputs, inputs, 0)
    return {name: number(FUNCTIONS[name](bits).astype(int)) for name in LOGICAL}


TABLES = {inputs: _named(inputs) for inputs in (2, 3)}  # the numbers of tables with a name


def table_has_rows(knobs):
    """Sentences about a table that is none of so many inputs, and about its rows."""
    yield from rows_are_there(knobs)
    table, inputs = knobs["table"], knobs["inputs"]
    if None in (table, inputs):
        return
    if inputs > MOST_LISTED:
        yield f"inputs must be at most {MOST_LISTED} for dataset table; got {inputs}"
    elif text(table, inputs) is None:
        n = 2**inputs
        limit = f"from 0 to {2**n - 1}" if inputs <= NUMBERED else f"below 2^{n}"
        yield (
            f"table must be a whole number {limit}, or a text of {n} bits, for inputs={inputs}; "
            f"got {_shown(table)}"
        )
