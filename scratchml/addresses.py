"""Arrays and functions by their addresses, as compiled code knows them."""

import ctypes
import math

import numpy as np

# row(first, second, third, lanes, rows, block, t): a formula over rows of nets, see `formulas.py`.
ROW = ctypes.CFUNCTYPE(ctypes.c_int, *[ctypes.c_void_p] * 6, *[ctypes.c_int64] * 3)
LOOP = ctypes.CFUNCTYPE(ctypes.c_int, *[ctypes.c_void_p] * 3)  # result, error, JOB
_unused = np.zeros(2, dtype=np.int64)


def address(array):
    """Where the numbers of an array begin; 0 of None."""
    return 0 if array is None else array.ctypes.data


RESULT = address(_unused), address(_unused[1:])  # of Numba's functions, which return nothing


def floats(at, shape):
    """The array of float64 of this shape that begins at an address."""
    return _array(ctypes.c_double, at, shape)


def whole(at, shape):
    """The array of int64 of this shape that begins at an address."""
    return _array(ctypes.c_int64, at, shape)


def _array(kind, at, shape):
    return np.ctypeslib.as_array((kind * math.prod(shape)).from_address(at)).reshape(shape)


def call(at, first, i, second, j, third, k, lanes, n, rows, t):
    """Calls the function of a row at an address, with arrays from rows i, j, k and n on."""
    starts = (first, i), (second, j), (third, k), (lanes, n)
    block = first.shape[1]
    ROW(at)(None, None, *(address(array[row:]) for array, row in starts), rows, block, t)


def lanes(array, i):
    """Row i of an array (rows, BLOCK): a number of each net, to compute with."""
    return array[i].copy()


def keep(array, i, row):
    """Row i of an array becomes `row`."""
    array[i] = row


def spread(number):
    """The same number for each net."""
    return np.full(32, number)


def half(array, i):
    """Row i of an array (rows, HALF): a number of each unit, to compute with."""
    return array[i].copy()


def fill(number):
    """The same number for each unit."""
    return np.full(16, number)


def flat(array):
    """All numbers of an array, as they lie in memory."""
    return array.reshape(-1)


def turn(array, at, step, other, to, far):
    """other[to + j * far + i] = array[at + i * step + j] of flat arrays, for i, j < SQUARE."""
    for i in range(8):
        for j in range(8):
            flat(other)[to + j * far + i] = flat(array)[at + i * step + j]
