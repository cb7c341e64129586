"""What Numba must know of `kernel.py`: arrays and functions by address, rows, bits of numbers."""

import inspect
import operator

import numpy as np
from llvmlite import ir
from numba import carray, types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_jitable, register_model

from scratchml import addresses, job, kernel
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
    """32 numbers, one of each net, in registers of the processor."""


LANES = Lanes("lanes")
VECTOR = ir.VectorType(ir.DoubleType(), BLOCK)
register_model(Lanes)(lambda manager, kind: models.PrimitiveModel(manager, kind, VECTOR))


def _row(context, builder, kind, array, i):
    """A pointer to a row of an array (rows, 32)."""
    data = context.make_array(kind)(context, builder, value=array).data
    return builder.gep(data, [builder.mul(i, INTEGER(BLOCK))])


@intrinsic
def _lanes(context, array, i):
    def code(context, builder, signature, arguments):
        row = _row(context, builder, signature.args[0], *arguments)
        return builder.load(builder.bitcast(row, VECTOR.as_pointer()), align=8)

    return LANES(array, i), code


@intrinsic
def _keep(context, array, i, row):
    def code(context, builder, signature, arguments):
        place = _row(context, builder, signature.args[0], *arguments[:2])
        builder.store(arguments[2], builder.bitcast(place, VECTOR.as_pointer()), align=8)

    return types.void(array, i, row), code


@intrinsic
def _spread(context, number):
    def code(context, builder, signature, arguments):
        first = builder.insert_element(VECTOR(ir.Undefined), arguments[0], INTEGER(0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), BLOCK), [0] * BLOCK)
        return builder.shuffle_vector(first, VECTOR(ir.Undefined), zeros)

    return LANES(types.float64), code


overload(addresses.lanes)(lambda array, i: lambda array, i: _lanes(array, np.int64(i)))
overload(addresses.keep)(lambda array, i, row: lambda array, i, row: _keep(array, np.int64(i), row))
overload(addresses.spread)(lambda number: lambda number: _spread(number))


def _operation(symbol, name):
    @intrinsic
    def operation(context, a, b):
        made = LANES(LANES, LANES)
        return made, lambda c, builder, s, arguments: getattr(builder, name)(*arguments)

    @overload(symbol)
    def of_lanes(a, b):
        if a is LANES and b is LANES:
            return lambda a, b: operation(a, b)


for name in ("add", "sub", "mul"):
    _operation(getattr(operator, name), f"f{name}")
_operation(operator.truediv, "fdiv")


# --- functions ------------------------------------------------------------------------------------


@intrinsic
def _call(context, at, first, i, second, j, third, k, lanes, n, rows, t):
    """Calls a function of Numba's: its first two arguments are for results and errors."""
    signature = types.void(at, first, i, second, j, third, k, lanes, n, rows, t)

    def code(context, builder, signature, arguments):
        at, *places, rows, t = arguments
        starts = [
            _row(context, builder, signature.args[1 + n], *places[n : n + 2]) for n in (0, 2, 4, 6)
        ]
        result = cgutils.alloca_once(builder, cgutils.voidptr_t)
        error = cgutils.alloca_once(builder, cgutils.voidptr_t)
        arguments = [result, error, *starts, rows, t]
        kind = ir.FunctionType(ir.IntType(32), [argument.type for argument in arguments])
        builder.call(builder.inttoptr(at, kind.as_pointer()), arguments)

    return signature, code


@overload(addresses.call)
def _overloaded_call(at, first, i, second, j, third, k, lanes, n, rows, t):
    def code(at, first, i, second, j, third, k, lanes, n, rows, t):
        i, j, k, n = np.int64(i), np.int64(j), np.int64(k), np.int64(n)
        _call(at, first, i, second, j, third, k, lanes, n, np.int64(rows), np.int64(t))

    return code


power, sqrt = register_jitable(whole_power), np.sqrt
for _, function in inspect.getmembers(kernel, inspect.isfunction):
    if function.__module__ in (kernel.__name__, job.__name__):
        register_jitable(function)
