"""The code that an object reaches: its own source, and every statement of ours that it uses.

Names are followed from statement to statement, across modules of ours. They are not followed into
other packages, whose versions count instead, nor into a table of named entries: a configuration
reaches the entries that it names, and no others. A name is followed also where a local variable
hides it, so the reach is rather too large than too small.
"""

import functools
import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from experiments.schema.source import Source, imports, normalized, used

ROOT = Path(__file__).parents[2]
FOLLOWED = ("scratchml", "experiments.models", "experiments.running")

# Tables whose entries are reached one by one, by name.
TABLES = frozenset(
    f"{module}.{table}"
    for module, table in (
        ("scratchml.activations", "ACTIVATIONS"),
        ("scratchml.datasets", "DATASETS"),
        ("scratchml.diagnostics", "DIAGNOSTICS"),
        ("scratchml.initializers", "INITIALIZERS"),
        ("scratchml.losses", "LOSSES"),
        ("scratchml.models", "MODELS"),
        ("scratchml.optimizers", "OPTIMIZERS"),
        ("scratchml.stopping", "STOPS"),
        ("experiments.models", "MODELS"),
    )
)


class Name(NamedTuple):
    """A name at the top level of a module; it reaches all statements that bind it there."""

    module: str
    name: str


@functools.cache
def source(module: str) -> Source | None:
    """The Source of a module that names are followed into; None for any other."""
    if not f"{module}.".startswith(tuple(f"{package}." for package in FOLLOWED)):
        return None
    path = ROOT.joinpath(*module.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return Source(module, file)
    return None


def reach(*objects: Any) -> set[str]:
    """The pieces of source and the values that objects reach, as texts.

    An object is a `Name`, a function, a class, a plain value, or a row of such objects.
    """
    pieces = _Pieces()
    pieces.texts.add(pieces.name(objects))
    return pieces.texts


class _Pieces:
    def __init__(self):
        self.texts = set()
        self.seen = set()  # names that were followed, and code of functions

    def name(self, value):
        """A text that names a live object by its source, if it is ours, otherwise by its value.

        The source is added to the pieces.
        """
        if isinstance(value, Name):
            self.follow_import([*value.module.split("."), value.name])
            return f"{value.module}.{value.name}"
        if isinstance(value, functools.partial):
            return self.name((value.func, value.args, value.keywords))
        if hasattr(value, "__wrapped__"):
            return self.name(value.__wrapped__)
        if hasattr(value, "__func__"):
            return self.name((value.__func__, value.__self__))
        if hasattr(value, "__code__"):
            return self.name_of_function(value)
        if isinstance(value, type):
            self.follow_import([*value.__module__.split("."), *value.__qualname__.split(".")])
        elif isinstance(value, dict):
            return f"{{{self.name(tuple(value.items()))}}}"
        elif isinstance(value, tuple | list):
            return f"({', '.join(self.name(one) for one in value)})"
        elif isinstance(value, np.ndarray):
            return f"{value.dtype} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
        elif type(value).__repr__ is object.__repr__:  # it would hold an address
            return f"{self.name(type(value))} {self.name(vars(value))}"
        return getattr(value, "__name__", None) or repr(value)

    def name_of_function(self, function):
        whole, code = source(function.__module__), function.__code__
        if whole is not None and code not in self.seen:
            self.seen.add(code)
            node = whole.function(code) or whole.tree  # a function that was made by `exec`
            self.add_source(function.__qualname__, node, whole)
        inside = [cell.cell_contents for cell in function.__closure__ or ()]
        return f"{function.__module__}.{function.__qualname__}" + (
            self.name(inside) if inside else ""
        )

    def add_source(self, name, node, whole):
        """Adds a piece of a module's source, and all that it uses."""
        self.texts.add(f"{whole.module} {name}\n{normalized(node)}")
        known = whole.imports | imports(node, whole.module)
        for first, *rest in used(node):
            if first in known:
                self.follow_import([*known[first].split("."), *rest])
            else:
                self.follow(whole, first)

    def follow(self, whole, name):
        """Adds the statements that bind a name at the top level of a module."""
        place = f"{whole.module}.{name}"
        if place in TABLES or place in self.seen:
            return
        self.seen.add(place)
        for statement in whole.statements.get(name, ()):
            self.add_source(name, statement, whole)
        if name in whole.imports:
            self.follow_import(whole.imports[name].split("."))

    def follow_import(self, path):
        """Adds the name that a dotted path leads to, if it is in a module of ours."""
        for length in range(len(path) - 1, 0, -1):
            if whole := source(".".join(path[:length])):
                self.follow(whole, path[length])
                return
