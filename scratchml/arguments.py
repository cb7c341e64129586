"""The arguments of the estimators, checked: each takes the values of the knob of its name."""

import math
from collections.abc import Mapping
from numbers import Integral, Real

from scratchml.activations import ACTIVATIONS
from scratchml.initializers import INITIALIZERS
from scratchml.losses import LOSSES
from scratchml.optimizers import OPTIMIZERS


def _number(low, high=math.inf, open=False, kind=Real):
    def holds(value):
        if isinstance(value, bool) or not isinstance(value, kind) or not math.isfinite(value):
            return False
        return low < value if open else low <= value <= high

    words = "a whole number" if kind is Integral else "a number"
    limits = f"from {low} to {high}" if high < math.inf else f"{'>' if open else '>='} {low}"
    return holds, f"{words} {limits}"


def _word(table):
    return lambda value: isinstance(value, str) and value in table, f"one of {list(table)}"


def _or_none(holds, words):
    return lambda value: value is None or holds(value), f"{words} or None"


_FLAG = lambda value: isinstance(value, bool), "True or False"
_OF_CLASSES = dict.fromkeys(name for output, name in LOSSES if output in ("sigmoid", "softmax"))

# name -> (value -> whether it is allowed, the allowed values in words)
ALLOWED = {
    "width": _number(1, kind=Integral),
    "depth": _number(0, kind=Integral),
    "activation": _word(ACTIVATIONS),
    "init": _word(INITIALIZERS),
    "init_scale": _number(0),
    "bias": _FLAG,
    "loss": _word(_OF_CLASSES),
    "optimizer": _word(OPTIMIZERS),
    "lr": _number(0, open=True),
    "momentum": _number(0, 1),
    "batch_size": _or_none(*_number(1, kind=Integral)),
    "shuffle": _FLAG,
    "l2": _number(0),
    "epochs": _number(0, kind=Integral),
    "tolerance": _number(0, open=True),
    "class_weight": (
        lambda value: value is None or value == "balanced" or isinstance(value, Mapping),
        "'balanced', a mapping {label: weight}, or None",
    ),
    "warm_start": _FLAG,
}


def check(arguments, shape, convex):
    """Raises ValueError with a sentence for each argument that is not allowed.

    Args:
        arguments: {name: value}; names that are not in `ALLOWED` are not checked.
        shape: (N, D, K): examples, inputs and outputs.
        convex: whether the loss is convex, which some optimizers need.
    """
    problems = [
        f"{name} must be {ALLOWED[name][1]}; got {value!r}"
        for name, value in arguments.items()
        if name in ALLOWED and not ALLOWED[name][0](value)
    ]
    if not problems:
        missing = {"width": None, "depth": None, "activation": None}
        problems += INITIALIZERS[arguments["init"]].constraints(missing | arguments, shape)
        optimizer = arguments.get("optimizer")
        if optimizer and OPTIMIZERS[optimizer].needs_convex and not convex:
            problems.append(f"optimizer={optimizer!r} needs a convex loss, which a net has not")
    if problems:
        raise ValueError("; ".join(problems))
