"""What Numba must know of `kernel.py`: arrays and functions by address, rows, bits of numbers."""

import inspect
import operator
import sys
from functools import cache
from types import FunctionType

import numpy as np
from llvmlite import ir
from numba import carray, types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_jitable, register_model

from scratchml import addresses, job, kernel, noted
from scratchml.elementary import whole_power
from scratchml.job import BLOCK

POINTER = ir.DoubleType().as_pointer()
INTEGER = ir.IntType(64)


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


# --- rows of numbers, one of each net -------------------------------------------------------------


class Lanes(types.Type):
    """`block` numbers, one of each net, in registers of the processor."""

    def __init__(self, block):
        super().__init__(f"{block} lanes")
        self.block = block
        self.vector = ir.VectorType(ir.DoubleType(), block) if block > 1 else ir.DoubleType()


register_model(Lanes)(lambda manager, kind: models.PrimitiveModel(manager, kind, kind.vector))


def _row(context, builder, kind, array, i, block):
    """A pointer to a row of an array (rows, block)."""
    data = context.make_array(kind)(context, builder, value=array).data
    return builder.gep(data, [builder.mul(i, INTEGER(block))])


@intrinsic(prefer_literal=True)
def _lanes(context, array, i, block):
    kind = Lanes(block.literal_value)

    def code(context, builder, signature, arguments):
        row = _row(context, builder, array, *arguments[:2], block.literal_value)
        return builder.load(builder.bitcast(row, kind.vector.as_pointer()), align=8)

    return kind(array, types.int64, block), code


@intrinsic
def _keep(context, array, i, row):
    def code(context, builder, signature, arguments):
        place = _row(context, builder, array, *arguments[:2], row.block)
        builder.store(arguments[2], builder.bitcast(place, row.vector.as_pointer()), align=8)

    return types.void(array, types.int64, row), code


@intrinsic(prefer_literal=True)
def _spread(context, number, block):
    kind = Lanes(block.literal_value)

    def code(context, builder, signature, arguments):
        if kind.block == 1:
            return arguments[0]
        none, count = kind.vector(ir.Undefined), kind.block
        first = builder.insert_element(none, arguments[0], INTEGER(0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), count), [0] * count)
        return builder.shuffle_vector(first, none, zeros)

    return kind(types.float64, block), code


def _operation(symbol, name):
    @intrinsic
    def operation(context, a, b):
        return a(a, a), lambda c, builder, s, arguments: getattr(builder, name)(*arguments)

    @overload(symbol)
    def of_lanes(a, b):
        if isinstance(a, Lanes) and a == b:
            return lambda a, b: operation(a, b)


for name in ("add", "sub", "mul"):
    _operation(getattr(operator, name), f"f{name}")
_operation(operator.truediv, "fdiv")


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
            _row(context, builder, signature.args[1 + n], *places[n : n + 2], block.literal_value)
            for n in (0, 2, 4, 6)
        ]
        result = cgutils.alloca_once(builder, cgutils.voidptr_t)
        error = cgutils.alloca_once(builder, cgutils.voidptr_t)
        arguments = [result, error, *starts, rows, width, t]
        kind = ir.FunctionType(ir.IntType(32), [argument.type for argument in arguments])
        builder.call(builder.inttoptr(at, kind.as_pointer()), arguments)

    return signature, code


def lanes(array, i):
    return _lanes(array, np.int64(i), BLOCK)


def keep(array, i, row):
    _keep(array, np.int64(i), row)


def spread(number):
    return _spread(number, BLOCK)


def call(at, first, i, second, j, third, k, lanes, n, rows, t):
    i, j, k, n = np.int64(i), np.int64(j), np.int64(k), np.int64(n)
    _call(at, first, i, second, j, third, k, lanes, n, np.int64(rows), np.int64(t), BLOCK)


power, sqrt = register_jitable(whole_power), np.sqrt
OF_A_BLOCK = (lanes, keep, spread, call)  # in place of those of `addresses.py`


@cache
def functions(block):
    """{name: function} of all that loops call, for blocks of so many nets."""
    found = {**vars(job), **vars(noted), **vars(kernel), **vars(sys.modules[__name__])}
    found["BLOCK"] = block
    parts = [f for module in (job, noted, kernel) for f in vars(module).values()
             if inspect.isfunction(f) and f.__module__ == module.__name__]  # fmt: skip
    for part in (*parts, *OF_A_BLOCK):
        found[part.__name__] = register_jitable(FunctionType(part.__code__, found, part.__name__))
    return found
