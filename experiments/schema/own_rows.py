"""Rows of tables from what a file of the user's own has: checked, guarded, and completed.

A row is as in our tables, or, where all other facts are usual, its functions alone: `(f, df)` for
an activation, `(value, gradient)` for a loss, one function for the others.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from experiments import own
from experiments.errors import ConfigError
from experiments.own import Code
from experiments.schema import own_guards
from experiments.schema.own_calls import in_time
from experiments.schema.own_datasets import check_knobs, from_function
from scratchml.activations import ACTIVATIONS, Activation
from scratchml.datasets import DATASETS, Dataset, no_constraints
from scratchml.diagnostics import DIAGNOSTICS, Diagnostic
from scratchml.initializers import INITIALIZERS, Initializer
from scratchml.losses import LOSSES, OUTPUTS, Loss
from scratchml.optimizers import OPTIMIZERS, Optimizer
from scratchml.stopping import STOPS, Stop

NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class Function(NamedTuple):
    """A function of a row: its field, its arguments, its guard, and what it is called."""

    field: str
    arguments: str
    guard: Callable
    what: str = ""


class Kind(NamedTuple):
    """A table: what its rows are, and which of their fields are functions."""

    table: dict
    row: type
    knob: str
    functions: tuple[Function, ...]


_STEP = "theta, gradient, slots, lr, momentum, t"
KINDS = {
    "ACTIVATIONS": Kind(ACTIVATIONS, Activation, "activation", (
        Function("f", "z", own_guards.elementwise),
        Function("df", "z, a", own_guards.elementwise, "the derivative of "))),
    "LOSSES": Kind(LOSSES, Loss, "loss", (
        Function("value", "Z, Y", own_guards.loss_value),
        Function("gradient", "Z, Y", own_guards.loss_gradient, "the gradient of "))),
    "OPTIMIZERS": Kind(OPTIMIZERS, Optimizer, "optimizer", (
        Function("step", _STEP, own_guards.step),
        Function("direction", "evaluation, gradient", own_guards.direction, "the direction of "))),
    "INITIALIZERS": Kind(INITIALIZERS, Initializer, "init", (
        Function("f", "rng, shapes, scale", own_guards.start),
        Function("constraints", "knobs, shape", own_guards.sentences))),
    "DATASETS": Kind(DATASETS, Dataset, "dataset", (
        Function("make", "rng, n_samples", own_guards.data),
        Function("constraints", "knobs", own_guards.sentences),
        Function("size", "knobs", own_guards.size))),
    "DIAGNOSTICS": Kind(DIAGNOSTICS, Diagnostic, "measure", (
        Function("f", "evaluation", own_guards.diagnostic),)),
    "STOPS": Kind(STOPS, Stop, "stop", (
        Function("f", "evaluation, stop_at, memory", own_guards.stop),)),
}  # fmt: skip


class Row(NamedTuple):
    """A row of a file, for one of our tables."""

    kind: str  # a key of KINDS
    key: Any
    row: Any  # guarded
    plain: Any  # as the file has it, with all its fields


def rows(code: Code) -> Iterator[Row]:
    """The rows of a file that was executed.

    Raises:
        ConfigError: A row is not allowed; the sentence names its line.
    """
    found = vars(own.module(code.name))
    for table, kind in KINDS.items():
        given = found.get(table, {})
        if not isinstance(given, Mapping):
            raise ConfigError(f"{own.line_of(code, table)}: {table} must be a dict, name -> entry")
        for key, row in given.items():
            if key in kind.table and kind.table[key] is row:
                continue  # `from scratchml.activations import ACTIVATIONS`
            try:
                plain = _completed(table, kind, key, row)
            except ConfigError:
                raise
            except ValueError as error:
                raise ConfigError(f"{_line(code, table, key)}: {error}") from None
            yield Row(table, key, _guarded(kind, word(key), plain), plain)


def word(key: Any) -> str:
    """The word of a configuration that means a row; of a loss its key has the output units, too."""
    return key[-1] if isinstance(key, tuple) else key


def _line(code, table, key):
    text = word(key) if isinstance(key, str) or (isinstance(key, tuple) and key) else ""
    place = own.line_of(code, text) if isinstance(text, str) and text else code.name
    for quoted in (f'"{text}"', f"'{text}'"):  # rather where the name is a key of the table
        lines = code.text.splitlines()
        found = [n for n, line in enumerate(lines, start=1) if quoted in line]
        place = f"{code.name}, line {found[0]}" if found else place
    return place if place != code.name else own.line_of(code, table)


def _completed(table, kind, key, row):
    """A row with all its fields.

    Raises:
        ValueError: It is not allowed.
    """
    _check_key(table, kind, key)
    what = f"{kind.knob} {word(key)}"
    if not isinstance(row, kind.row):
        row = _from_functions(table, kind, what, row)
    for function in kind.functions:
        given = getattr(row, function.field)
        if function.field == "size" and not callable(given):
            continue
        if given is None and function.field in kind.row._field_defaults:
            continue
        if not callable(given):
            raise ValueError(f"{function.what}{what} must be a function; got {given!r}")
        keywords = row.knobs if function.field == "make" else ()
        _check_arguments(given, function, what, keywords)
    if isinstance(row, Dataset):
        check_knobs(row.knobs, what)
    return row


def _check_key(table, kind, key):
    if table == "LOSSES":
        if not (isinstance(key, tuple) and len(key) == 2 and key[0] in OUTPUTS):
            raise ValueError(f"a key of LOSSES must be (OUTPUT, NAME), where OUTPUT is one of "
                             f"{list(OUTPUTS)}; got {key!r}")  # fmt: skip
        name = key[1]
    else:
        name = key
    if not (isinstance(name, str) and NAME.fullmatch(name)):
        raise ValueError(f"a name in {table} must be of letters, digits and _; got {name!r}")
    if key in kind.table:
        raise ValueError(f"{kind.knob} {name} is there already; give yours another name")


def _from_functions(table, kind, what, row):
    """A row from its functions alone."""
    needed = [f for f in kind.functions if f.field not in kind.row._field_defaults]
    given = row if isinstance(row, tuple | list) else (row,)
    if len(given) != len(needed) or not all(map(callable, given)):
        fields = ", ".join(function.field for function in needed)
        raise ValueError(f"{what} must be {kind.row.__name__}({fields}, ...) or ({fields}); "
                         f"got {type(row).__name__}")  # fmt: skip
    return from_function(given[0], what) if kind.row is Dataset else kind.row(*given)


def _check_arguments(function, about, what, keywords):
    try:
        signature = inspect.signature(function)
    except ValueError:  # of a function that is not written in Python
        return
    try:
        signature.bind(*about.arguments.split(", "), **dict.fromkeys(keywords))
    except TypeError as error:
        wanted = about.arguments + "".join(f", {name}=..." for name in keywords)
        raise ValueError(
            f"{about.what}{what} must take ({wanted}); got {signature}: {error}"
        ) from None


def _guarded(kind, name, row):
    changes = {}
    for function in kind.functions:
        given, what = getattr(row, function.field), f"{function.what}{kind.knob} {name}"
        if callable(given) and given is not no_constraints:
            changes[function.field] = function.guard(in_time(given, function.field, what), what)
    return row._replace(**changes)
