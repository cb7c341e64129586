"""The formula of a table's row: its function is called once with symbols, and notes what it does.

Rows are functions of NumPy arrays. A `Symbol` stands for an array whose numbers are not known. The
operations of a function on symbols make new symbols, and in the end the result holds the formula.
From it `text` writes a loop over single numbers, which can be compiled. (JAX calls this tracing.)

Only operations that IEEE 754 rounds in one way are allowed, so the loop has NumPy's bits. A
function that does anything else, such as NumPy's exp, a sum, or `if z.any()`, has no formula: it
raises an error while it is called with symbols, and its row runs in NumPy.
"""

import inspect

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from scratchml.elementary import power
from scratchml.job import SCRATCH

# How an operation on arrays is written for single numbers.
OPERATIONS = {
    np.add: "{} + {}",
    np.subtract: "{} - {}",
    np.multiply: "{} * {}",
    np.divide: "{} / {}",
    np.negative: "-{}",
    np.positive: "{}",
    np.absolute: "abs({})",
    np.sqrt: "sqrt({})",
    np.square: "{0} * {0}",
    np.reciprocal: "1.0 / {}",
    np.sign: "(1.0 if {0} > 0.0 else (-1.0 if {0} < 0.0 else (0.0 if {0} == 0.0 else {0})))",
    np.maximum: "({0} if {0} > {1} or {0} != {0} else {1})",
    np.minimum: "({0} if {0} < {1} or {0} != {0} else {1})",
    np.less: "{} < {}",
    np.less_equal: "{} <= {}",
    np.greater: "{} > {}",
    np.greater_equal: "{} >= {}",
    np.equal: "{} == {}",
    np.not_equal: "{} != {}",
    np.logical_and: "{} and {}",
    np.logical_or: "{} or {}",
    np.logical_not: "not {}",
    np.bitwise_and: "{} & {}",
    np.bitwise_or: "{} | {}",
    np.left_shift: "{} << {}",
    np.right_shift: "{} >> {}",
    np.where: "({1} if {0} else {2})",
    np.int64: "as_bits({})",
    np.float64: "as_float({})",
    power: "power({}, {})",
}
OVER_OUTPUTS = {np.add: "sum", np.maximum: "max"}  # accumulated along the last axis


class NoFormula(Exception):
    """The function does something that has no formula of single numbers with the same bits."""


class Symbol(NDArrayOperatorsMixin):
    """An array in a formula. `node` is an input's name, or an operation and its arguments."""

    def __init__(self, node):
        self.node = node

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, axis=None, **other):
        if method == "accumulate" and ufunc in OVER_OUTPUTS and axis == -1 and not other:
            return Symbol((f"all {OVER_OUTPUTS[ufunc]}", inputs[0].node))
        if method != "__call__" or ufunc not in OPERATIONS or other:
            raise NoFormula(f"{ufunc.__name__} has other bits on other processors")
        made = Symbol((ufunc, *map(node_of, inputs)))
        if out is None:
            return made
        out[0].node = made.node
        return out[0]

    def __array_function__(self, function, types, arguments, keywords):
        if function is np.where and len(arguments) == 3 and not keywords:
            return Symbol((np.where, *map(node_of, arguments)))
        if function in (np.ones_like, np.zeros_like) and len(arguments) == 1 and not keywords:
            return Symbol(float(function is np.ones_like))
        raise NoFormula(f"{function.__name__} is no operation of single numbers")

    def __pow__(self, exponent):
        if exponent != 2:  # NumPy squares for 2, and asks the system's library otherwise
            raise NoFormula("a power other than 2 has other bits on other processors")
        return np.square(self)

    def __getitem__(self, place):
        kind = self.node[0] if isinstance(self.node, tuple) else None
        if kind in ("all sum", "all max") and place == (Ellipsis, slice(-1, None)):
            return Symbol((kind.removeprefix("all "), self.node[1]))
        raise NoFormula("a part of an array is no operation of single numbers")

    def __setitem__(self, place, value):
        if place not in (Ellipsis, slice(None)):
            raise NoFormula("a part of an array is no operation of single numbers")
        self.node = node_of(value)

    def __bool__(self):
        raise NoFormula("the formula depends on the numbers")

    @property
    def mT(self):
        return self

    @property
    def shape(self):
        return None, 1, None  # a loss is called with each example as a net of its own

    def copy(self):
        return Symbol(self.node)

    def astype(self, kind):
        if kind not in (float, np.float64):
            raise NoFormula("another kind of numbers")
        return Symbol((np.where, self.node, 1.0, 0.0)) if is_truth(self.node) else self.copy()

    def view(self, kind):
        return Symbol((kind, self.node))


TRUTHS = (np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal)
TRUTHS += (np.logical_and, np.logical_or, np.logical_not)


def is_truth(node):
    return isinstance(node, tuple) and node[0] in TRUTHS


def node_of(value):
    """The node of a symbol, or a plain number."""
    if isinstance(value, Symbol):
        if isinstance(value.node, tuple) and str(value.node[0]).startswith("all "):
            raise NoFormula("a running sum has no formula")
        return value.node
    if isinstance(value, bool | int | float | np.floating | np.integer):
        return value.item() if isinstance(value, np.generic) else value
    raise NoFormula(f"an operation with {type(value).__name__}")


def traced(function, *arguments):
    """What a function returns for symbols, and for arguments that hold symbols.

    Raises:
        NoFormula: It has no formula of operations with the same bits everywhere.
    """
    try:
        return inspect.unwrap(function)(*arguments)
    except NoFormula:
        raise
    except Exception as error:
        raise NoFormula(f"{type(error).__name__}: {error}") from error


# --- loops ----------------------------------------------------------------------------------------


class _Writer:
    """Writes nodes as lines of Python, each node once.

    Args:
        places: {name of an input, or id of a node: where its number is}.

    Attributes:
        once: lines of numbers that all nets share, functions of t alone.
        lines: the other lines.
    """

    def __init__(self, places):
        self.places, self.once, self.lines, self.names = places, [], [], {}

    def word(self, node):
        """The name of a node's number, whose line has been written."""
        if not isinstance(node, tuple | str):
            return f"({node!r})" if np.isfinite(node) else f"float('{node}')"
        key = node if isinstance(node, str) else id(node)
        if key not in self.names:
            if key in self.places:
                line = self.places[key]
                shared = "[" not in line
            else:
                words = [self.word(argument) for argument in node[1:]]
                line = OPERATIONS[node[0]].format(*words)
                shared = not any(word.startswith("v") for word in words)
            self.names[key] = f"{'s' if shared else 'v'}{len(self.names)}"
            (self.once if shared else self.lines).append(f"{self.names[key]} = {line}")
        return self.names[key]


def text(outputs, places):
    """The text of `row(first, second, third, lanes, rows, block, t)`, which computes a formula.

    The arrays are (rows, block), nets side by side, and `lanes` have a number for each net.

    Args:
        outputs: {place: node}, such as {"third[i]": node}.
        places: {name of an input: place}; of numbers that change from net to net, with an [.

    Raises:
        NoFormula: A loss has too many sums over outputs.
    """
    places, body, totals = dict(places), [], _totals(list(outputs.values()))
    for node in totals:
        writer, total = _Writer(places), f"lanes[{len(body)} * block + r]"
        word = writer.word(node[1])
        more = f"{total} + {word}" if node[0] == "sum" else OPERATIONS[np.maximum]
        body.append((writer, [f"{total} = {more.format(total, word)} if k > 0 else {word}"]))
        places[id(node)] = total
    writer = _Writer(places)
    words = {place: writer.word(node) for place, node in outputs.items()}
    body.append((writer, [f"{place} = {word}" for place, word in words.items()]))
    if len(totals) > SCRATCH:
        raise NoFormula(f"more than {SCRATCH} sums over outputs")
    return "def row(first, second, third, lanes, rows, block, t):\n" + "".join(
        "".join(f"    {line}\n" for line in [*writer.once, *_loop([*writer.lines, *last])])
        for writer, last in body
    )


def _loop(lines):
    """The lines of a loop over all numbers: over rows and nets, if a line asks for r, the net."""
    if any("r]" in line for line in lines):
        over = ["for k in range(rows):", "    for r in range(block):", "        i = k * block + r"]
        return over + [f"        {line}" for line in lines]
    return ["for i in range(rows * block):", *(f"    {line}" for line in lines)]


def _totals(nodes):
    """The sums and maxima over outputs in some nodes, each after those that it needs."""
    found, seen = [], set()

    def visit(node):
        if isinstance(node, tuple) and id(node) not in seen:
            seen.add(id(node))
            for argument in node[1:]:
                visit(argument)
            if node[0] in ("sum", "max"):
                found.append(node)

    for node in nodes:
        visit(node)
    return found
