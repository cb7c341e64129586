"""Numbers side by side in registers of the processor, as Numba must know them.

Machine code adds and multiplies some of them at once, as many as the processor can. Each of them is
rounded by itself, so their bits do not depend on how many it can.
"""

import operator

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, overload, register_model

from scratchml.job import SQUARE

INTEGER = ir.IntType(64)


class Lanes(types.Type):
    """`block` numbers, one of each net, example or unit."""

    def __init__(self, block):
        super().__init__(f"{block} lanes")
        self.block = block
        self.vector = ir.VectorType(ir.DoubleType(), block) if block > 1 else ir.DoubleType()


register_model(Lanes)(lambda manager, kind: models.PrimitiveModel(manager, kind, kind.vector))


def place_of(context, builder, kind, array, i, block):
    """A pointer to a row of an array (rows, block)."""
    data = context.make_array(kind)(context, builder, value=array).data
    return builder.gep(data, [builder.mul(i, INTEGER(block))])


@intrinsic(prefer_literal=True)
def loaded(context, array, i, block):
    kind = Lanes(block.literal_value)

    def code(context, builder, signature, arguments):
        place = place_of(context, builder, array, *arguments[:2], kind.block)
        return builder.load(builder.bitcast(place, kind.vector.as_pointer()), align=8)

    return kind(array, types.int64, block), code


@intrinsic
def stored(context, array, i, row):
    def code(context, builder, signature, arguments):
        place = place_of(context, builder, array, *arguments[:2], row.block)
        builder.store(arguments[2], builder.bitcast(place, row.vector.as_pointer()), align=8)

    return types.void(array, types.int64, row), code


@intrinsic(prefer_literal=True)
def spread_out(context, number, block):
    kind = Lanes(block.literal_value)

    def code(context, builder, signature, arguments):
        if kind.block == 1:
            return arguments[0]
        none, count = kind.vector(ir.Undefined), kind.block
        first = builder.insert_element(none, arguments[0], INTEGER(0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), count), [0] * count)
        return builder.shuffle_vector(first, none, zeros)

    return kind(types.float64, block), code


@intrinsic
def turned_over(context, array, at, step, other, to, far):
    def code(context, builder, signature, arguments):
        array, at, step, other, to, far = arguments
        of_array, _, _, of_other, _, _ = signature.args
        vector = ir.VectorType(ir.DoubleType(), SQUARE)
        numbers = ir.VectorType(ir.IntType(32), SQUARE)

        def places(kind, array, start, step):
            data = context.make_array(kind)(context, builder, value=array).data
            for i in range(SQUARE):
                at = builder.add(start, builder.mul(step, INTEGER(i)))
                yield builder.bitcast(builder.gep(data, [at]), vector.as_pointer())

        rows = [builder.load(place, align=8) for place in places(of_array, array, at, step)]
        for size in (4, 2, 1):  # squares of this size, above and below the diagonal, change places
            upper = [SQUARE + j - size if j & size else j for j in range(SQUARE)]
            lower = [SQUARE + j if j & size else j + size for j in range(SQUARE)]
            for i in (i for i in range(SQUARE) if not i & size):
                pair = rows[i], rows[i + size]
                rows[i] = builder.shuffle_vector(*pair, ir.Constant(numbers, upper))
                rows[i + size] = builder.shuffle_vector(*pair, ir.Constant(numbers, lower))
        for row, place in zip(rows, places(of_other, other, to, far), strict=True):
            builder.store(row, place, align=8)

    whole = types.int64
    return types.void(array, whole, whole, other, whole, whole), code


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
