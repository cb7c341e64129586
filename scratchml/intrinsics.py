"""What Numba must know of `kernel.py`: arrays and functions by address, rows, bits of numbers."""

import inspect
import sys
from functools import cache
from types import FunctionType

import numpy as np
from llvmlite import ir
from numba import carray, types
from numba.core import cgutils
from numba.extending import intrinsic, overload, register_jitable

from scratchml import addresses, job, kernel, noted, wide
from scratchml.compiling import PRODUCT
from scratchml.elementary import whole_power
from scratchml.job import BLOCK, HALF, ONE
from scratchml.vectors import INTEGER, loaded, place_of, spread_out, stored, turned_over


@intrinsic
def as_bits(context, number):
    return types.int64(types.float64), lambda c, builder, s, a: builder.bitcast(a[0], INTEGER)


@intrinsic
def as_float(context, bits):
    double = ir.DoubleType()
    return types.float64(types.int64), lambda c, builder, s, a: builder.bitcast(a[0], double)


def _pointer(kind, llvm):
    @intrinsic
    def pointer(context, at):
        made = types.CPointer(kind)(types.int64)
        return made, lambda c, builder, s, a: builder.inttoptr(a[0], llvm.as_pointer())

    return pointer


_to_floats = _pointer(types.float64, ir.DoubleType())
_to_whole = _pointer(types.int64, INTEGER)


@overload(addresses.floats, inline="always")
def _floats(at, shape):
    return lambda at, shape: carray(_to_floats(at), shape)


@overload(addresses.whole, inline="always")
def _whole(at, shape):
    return lambda at, shape: carray(_to_whole(at), shape)


@overload(addresses.flat, inline="always")
def _flat(array):
    return lambda array: carray(_to_floats(np.int64(array.ctypes.data)), (array.size,))


# --- functions ------------------------------------------------------------------------------------


@intrinsic(prefer_literal=True)
def _call(context, at, first, i, second, j, third, k, lanes, n, rows, t, block):
    """Calls a function of Numba's: its first two arguments are for results and errors."""
    whole = types.int64
    signature = types.void(
        at, first, whole, second, whole, third, whole, lanes, whole, whole, whole, block
    )

    def code(context, builder, signature, arguments):
        at, *places, rows, t, _ = arguments
        width = INTEGER(block.literal_value)
        starts = [
            place_of(
                context, builder, signature.args[1 + n], *places[n : n + 2], block.literal_value
            )
            for n in (0, 2, 4, 6)
        ]
        result = cgutils.alloca_once(builder, cgutils.voidptr_t)
        error = cgutils.alloca_once(builder, cgutils.voidptr_t)
        arguments = [result, error, *starts, rows, width, t]
        kind = ir.FunctionType(ir.IntType(32), [argument.type for argument in arguments])
        builder.call(builder.inttoptr(at, kind.as_pointer()), arguments)

    return signature, code


def lanes(array, i):
    return loaded(array, np.int64(i), BLOCK)


def keep(array, i, row):
    stored(array, np.int64(i), row)


def spread(number):
    return spread_out(number, BLOCK)


def call(at, first, i, second, j, third, k, lanes, n, rows, t):
    i, j, k, n = np.int64(i), np.int64(j), np.int64(k), np.int64(n)
    _call(at, first, i, second, j, third, k, lanes, n, np.int64(rows), np.int64(t), BLOCK)


def turn(array, at, step, other, to, far):
    at, step, to, far = np.int64(at), np.int64(step), np.int64(to), np.int64(far)
    turned_over(array, at, step, other, to, far)


def half(array, i):
    return loaded(array, np.int64(i), HALF)


def fill(number):
    return spread_out(number, HALF)


power, sqrt = register_jitable(whole_power), np.sqrt
OF_A_BLOCK = (lanes, keep, spread, call, half, fill, turn)  # in place of those of `addresses.py`


@cache
def functions(block):
    """{name: function} of all that loops call, for blocks of so many nets."""
    found = _functions(block, job, noted, kernel)
    of_examples = _functions(BLOCK, job, wide)  # BLOCK examples of a net side by side
    if block == ONE:
        for f in (wide.descend, wide.find_wrong, wide.note_outputs):
            found[f.__name__] = _either(of_examples[f.__name__], found[f.__name__])
    return found | {PRODUCT: of_examples[PRODUCT]}


def _functions(block, *modules):
    found = {}
    for module in (*modules, sys.modules[__name__]):
        found |= vars(module)
    found["BLOCK"] = block
    own = [f for module in modules for f in vars(module).values()
           if inspect.isfunction(f) and f.__module__ == module.__name__]  # fmt: skip
    for part in (*own, *OF_A_BLOCK):
        found[part.__name__] = register_jitable(FunctionType(part.__code__, found, part.__name__))
    return found


def _either(of_examples, one_by_one):
    @register_jitable
    def either(job, *rest):
        if job.wide:
            of_examples(job, *rest)
        else:
            one_by_one(job, *rest)

    return either
