"""The rows that a training goes through, as texts of loops that can be compiled."""

from functools import cache
from inspect import unwrap

import numpy as np

from scratchml.activations import ACTIVATIONS, Activation
from scratchml.backprop import BACKPROP, by_weights
from scratchml.formulas import NoFormula, Symbol, node_of, text, traced
from scratchml.losses import OUTPUTS
from scratchml.parameters import count, views

Z_A = {"z": "first[i]", "a": "second[i]"}


class _Weights(dict):
    """The weights of a net as symbols: w for all of the way forward, f for those of feedback."""

    def __missing__(self, name):
        return Symbol(name[0].lower())


def formulas(model, loss, optimizer):
    """{field of a JOB: text of a row}, of all rows that a training goes through.

    Raises:
        NoFormula: One of them has no formula.
    """
    activation, rule = ACTIVATIONS[model.activation], BACKPROP[model.backprop]
    return _formulas(activation, rule, OUTPUTS[model.output], loss, optimizer)


@cache
def _formulas(activation, rule, output, loss, optimizer):
    activation, z, a = Activation(*map(unwrap, activation)), Symbol("z"), Symbol("a")
    rows = {
        "f": _row("the activation", Z_A, activation.f, z),
        "slope": _row("the activation", Z_A, rule.slope, activation, z, a),
        "output": _row("the output", Z_A, output, z),
        "loss": _row("the loss", Z_A | {"y": "second[i]"}, loss.gradient, z, Symbol("y")),
        "step": _step(optimizer),
    }
    if rule.back is not by_weights:
        places = {"w": "first[i]", "f": "second[i]"}
        rows["back"] = _row("the way back", places, rule.back, _Weights(), 2)
    return rows


def _row(what, places, function, *arguments):
    """The text of a row whose function returns numbers like its arguments."""
    read = [each for each in arguments if isinstance(each, Symbol)]
    nodes = [symbol.node for symbol in read]
    try:
        first, second = (
            text({"third[i]": node_of(traced(function, *arguments))}, places) for _ in range(2)
        )
        if [symbol.node for symbol in read] != nodes:
            raise NoFormula("it changes what it is given to read")
    except NoFormula as error:
        raise NoFormula(f"{what}: {error}") from error
    if first != second:
        raise NoFormula(f"{what}: it is another function when it is called again")
    return first


def _step(optimizer):
    if optimizer.direction:
        raise NoFormula("the optimizer: LAPACK computes the direction of a step")
    places = {"theta": "first[i]", "g": "second[i]", "lr": "lanes[r]", "t": "t"}
    places["momentum"] = "lanes[block + r]"
    where = {f"s{j}": f"third[{j} * rows * block + i]" for j in range(optimizer.slots)}
    theta, slots = Symbol("theta"), [Symbol(name) for name in where]
    read, given = {name: Symbol(name) for name in ("g", "lr", "momentum", "t")}, list(slots)
    g, *numbers = read.values()
    try:
        out = traced(optimizer.step, theta, g, given, *numbers)
    except NoFormula as error:
        raise NoFormula(f"the optimizer: {error}") from error
    changed = [name for name, symbol in read.items() if symbol.node != name]
    if out is not None or changed or [*map(id, given)] != [*map(id, slots)]:
        raise NoFormula("the optimizer: it must change theta and its slots in place, and no other")
    after = {place: slot.node for place, slot in zip(where.values(), slots, strict=True)}
    return text({"first[i]": theta.node} | after, places | where)


def are_ours(functions):
    """Whether all functions are those of this package."""
    return all(unwrap(f).__module__.partition(".")[0] == __package__ for f in functions)


def moves(model):
    """(P,): 1 + which element of the gradient stands where, 0 for 0.0; None if all stay in place.

    Raises:
        NoFormula: Wrong backpropagation does more with the gradient than to move elements.
    """
    change, P = BACKPROP[model.backprop].change, count(model.shapes)
    if change is None:
        return None

    def changed(gradient):
        change(views(gradient, model.shapes), len(model.sizes) - 1)
        return gradient[0]

    source = changed(np.arange(1.0, P + 1.0)[None]).astype(np.int64)
    other = np.linspace(-3.0, 3.0, P)
    wanted = np.where(source > 0, other[source - 1], 0.0)
    if not np.array_equal(changed(other[None].copy()), wanted):
        raise NoFormula("the gradient is changed, and not only moved")
    return source


def row_of(function):
    """The text of the row of a function of one array."""
    return text({"third[i]": node_of(traced(function, Symbol("z")))}, Z_A)
