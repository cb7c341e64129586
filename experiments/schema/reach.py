"""The code that an object reaches: its own source, and every statement of ours that it uses.

Names are followed from statement to statement, across modules of ours and files of the user's own.
They are not followed into other packages, whose versions count instead, nor into a table of named
entries: a configuration reaches the entries that it names, and no others. (Code of the user's own
that uses a table reaches all of it.) A name is followed also where a local variable hides it, so
the reach is rather too large than too small.
"""

import functools
import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from experiments import own
from experiments.own import Code
from experiments.schema.kept import facts
from experiments.schema.source import Source, facts_of

ROOT = Path(__file__).parents[2]
FOLLOWED = (
    *("scratchml", "experiments.models", "experiments.running"),
    "experiments.workbook.stand_in",
)

# Tables whose entries are reached one by one, by name.
TABLES = frozenset(
    f"{module}.{table}"
    for module, table in (
        ("scratchml.activations", "ACTIVATIONS"),
        ("scratchml.backprop", "BACKPROP"),
        ("scratchml.datasets", "DATASETS"),
        ("scratchml.diagnostics", "DIAGNOSTICS"),
        ("scratchml.initializers", "INITIALIZERS"),
        ("scratchml.losses", "LOSSES"),
        ("scratchml.models", "MODELS"),
        ("scratchml.optimizers", "OPTIMIZERS"),
        ("scratchml.problems", "PROBLEMS"),
        ("scratchml.stopping", "STOPS"),
        ("experiments.models", "MODELS"),
    )
)


class Name(NamedTuple):
    """A name at the top level of a module; it reaches all statements that bind it there."""

    module: str
    name: str


def source(module: str) -> Source | None:
    """The Source of a module that names are followed into; None for any other."""
    code = own.code_of(module)
    return _source(module) if code is None else _own_source(code)


@functools.cache
def _own_source(code: Code) -> Source:
    return Source(code.module, facts_of(code.text, code.module, code.filename))


@functools.cache
def _source(module):
    if not f"{module}.".startswith(tuple(f"{package}." for package in FOLLOWED)):
        return None
    path = ROOT.joinpath(*module.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return Source(module, facts(module, file))
    return None


def reach(*objects: Any) -> set[str]:
    """The pieces of source and the values that objects reach, as texts.

    An object is a `Name`, a function, a class, a plain value, or a row of such objects.
    """
    pieces = _Pieces()
    pieces.texts.add(pieces.name(objects))
    return pieces.texts


def codes(texts: Iterable[str]) -> set[Code]:
    """The files of the user's own that some pieces, as from `reach`, are from."""
    modules = {text.partition(" ")[0] for text in texts}
    return {code for code in own.NAMED.values() if code.module in modules}


class _Pieces:
    def __init__(self):
        self.texts = set()
        self.seen = set()  # names that were followed, and code of functions
        self.open = set()  # ids of the objects that are being named, which may hold themselves

    def name(self, value):
        """A text that names a live object by its source, if it is ours, otherwise by its value.

        The source is added to the pieces.
        """
        if id(value) in self.open:
            return "itself"
        self.open.add(id(value))
        try:
            return self.name_once(value)
        finally:
            self.open.remove(id(value))

    def name_once(self, value):
        """As `name`, of an object that is not being named already."""
        if isinstance(value, Name):
            self.follow_import([*value.module.split("."), value.name])
            return f"{value.module}.{value.name}"
        if isinstance(value, functools.partial):
            return self.name((value.func, value.args, value.keywords))
        if hasattr(value, "__wrapped__") and source(_home(value)) is None:
            return self.name(value.__wrapped__)  # a guard of ours, or a wrapper of a package
        if hasattr(value, "__func__"):
            return self.name((value.__func__, value.__self__))
        if hasattr(value, "__code__"):
            return self.name_of_function(value)
        if isinstance(value, type):
            self.follow_import([*value.__module__.split("."), *value.__qualname__.split(".")])
            return value.__name__
        return self.name_of_value(value)

    def name_of_value(self, value):
        if own.code_of(type(value).__module__):  # its methods count, too
            return f"{self.name(type(value))} {self.name(_content(value))}"
        if isinstance(value, dict):
            return f"{{{self.name(tuple(value.items()))}}}"
        if isinstance(value, tuple | list):
            return f"({', '.join(self.name(one) for one in value)})"
        if isinstance(value, set | frozenset):  # whose order changes from process to process
            return f"{{{', '.join(sorted(self.name(one) for one in value))}}}"
        if isinstance(value, np.ndarray):
            return f"{value.dtype} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
        if isinstance(value, np.random.Generator):
            return self.name(value.bit_generator.state)
        if type(value).__repr__ is object.__repr__:  # it would hold an address
            return f"{self.name(type(value))} {self.name(vars(value))}"
        return getattr(value, "__name__", None) or repr(value)

    def name_of_function(self, function):
        whole, code = source(_home(function)) or source(function.__module__), function.__code__
        if whole is not None and code not in self.seen:
            self.seen.add(code)
            piece = whole.function(code) or whole.whole  # a function that was made by `exec`
            self.add_source(function.__qualname__, piece, whole)
        inside = [cell.cell_contents for cell in function.__closure__ or ()]
        if own.code_of(_home(function)) is not None:  # the source says how they were computed
            inside += [function.__defaults__, function.__kwdefaults__, vars(function)]
            inside = [held for held in inside if held]
        return f"{function.__module__}.{function.__qualname__}" + (
            self.name(inside) if inside else ""
        )

    def add_source(self, name, piece, whole):
        """Adds a piece of a module's source, and all that it uses."""
        self.texts.add(f"{whole.module} {name}\n{piece.text}")
        known = whole.imports | piece.imports
        for first, *rest in piece.names:
            if first in known:
                if (
                    own.code_of(whole.module) is not None
                ):  # ours are told apart by what they lead to
                    self.texts.add(f"{whole.module} {first} is {known[first]}")
                self.follow_import([*known[first].split("."), *rest], whole)
            else:
                self.follow(whole, first)

    def follow(self, whole, name, tables=False):
        """Adds the statements that bind a name at the top level of a module.

        Args:
            tables: whether the name may be that of a table, which is then added whole.
        """
        place = f"{whole.module}.{name}"
        if (place in TABLES and not tables) or place in self.seen:
            return
        self.seen.add(place)
        for piece in whole.statements.get(name, ()):
            self.add_source(name, piece, whole)
        if name in whole.imports:
            self.follow_import(whole.imports[name].split("."), whole)

    def follow_import(self, path, origin=None):
        """Adds the name that a dotted path leads to, if it is in a module of ours.

        Args:
            origin: the Source that has the path. Of a package that code of the user's own imports
                the version is added.
        """
        is_own = origin is not None and own.code_of(origin.module) is not None
        for length in range(len(path) - 1, 0, -1):
            if whole := source(".".join(path[:length])):
                self.follow(whole, path[length], tables=is_own)
                return
        package = sys.modules.get(path[0])
        if is_own and hasattr(package, "__version__") and path[0] != "numpy":  # a part of its own
            self.texts.add(f"package {path[0]} {package.__version__}")


def _home(value):
    """The module that has the code of a function or of an object; `wraps` says another one."""
    names = getattr(value, "__globals__", None)
    return type(value).__module__ if names is None else names.get("__name__", "")


def _content(value):
    """The values that an object of the user's own class holds."""
    return tuple(value) if isinstance(value, tuple | list) else own.attributes(value)
