"""A module as text: which statement binds a name, where an import leads, what a statement uses."""

import ast
import hashlib
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

import scratchml

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
SCOPES = (*DEFINITIONS, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Piece(NamedTuple):
    """What identifies a piece of a module's source, without all that computes nothing."""

    text: str  # see `normalized`
    imports: dict[str, str]  # {name: dotted path} of those inside the piece
    names: list[list[str]]  # [a, b, c] of every expression a.b.c that it reads, and [a], [a, b]


class Source:
    """The source of one module: which statements bind its names, where its imports lead.

    Args:
        module: its name.
        facts: as `facts_of` returns them.

    Attributes:
        statements: {name: Pieces of the statements at the top level that bind or change it}.
        imports: {name: dotted path of the module, or of the name in a module, that it stands for}.
        whole: the Piece that is the module.
    """

    def __init__(self, module: str, facts: dict[str, Any]):
        self.module, self.imports, self.statements = module, facts["imports"], {}
        self.functions = facts["functions"]
        pieces = [(names, Piece(*piece)) for names, piece in facts["statements"]]
        for names, piece in pieces:
            for name in names:
                self.statements.setdefault(name, []).append(piece)
        texts, _, names = zip(*(piece for _, piece in pieces), strict=True) if pieces else ((),) * 3
        self.whole = Piece("\n".join(texts), self.imports, [*chain(*names)])

    def function(self, code: CodeType) -> Piece | None:
        """The definition or the lambda that a code object was compiled from."""
        places = [place for place in code.co_positions() if place[-1]]  # instructions with a text
        found = [made for made in self.functions if _made(made, code, places)]
        return Piece(*min(found, key=_lines)[-1]) if found else None


def facts_of(text: str, module: str, path: str = "") -> dict[str, Any]:
    """What a Source knows of a module by its text, as JSON can hold it."""
    tree = ast.parse(text, path)
    return {
        "imports": imports(_statements(tree), module),
        "statements": [[sorted(bound(each)), piece(each, module)] for each in tree.body],
        "functions": [
            [_name(node), *_span(node), piece(node, module)]
            for node in list(_nodes(tree))
            if isinstance(node, ast.FunctionDef | ast.Lambda)
        ],
    }


def _name(node):
    return "<lambda>" if isinstance(node, ast.Lambda) else node.name


def _span(node):
    """[line, column] where a function begins, that of its first decorator, and where it ends."""
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
    return [first, node.col_offset], [node.end_lineno, node.end_col_offset]


def _made(function, code, places):
    """Whether a code object was compiled from this function."""
    name, first, last, _ = function
    if name == "<lambda>" == code.co_name:
        return all(
            first <= [line, left] and [end, right] <= last for line, end, left, right in places
        )
    return [name, first[0]] == [code.co_name, code.co_firstlineno]


def _lines(function):
    _, (first, _), (last, _), _ = function
    return last - first


def bound(statement: ast.stmt) -> set[str]:
    """The names that a statement at the top level binds, or whose value it changes in place."""
    names = set()
    for node in _at_top_level(statement):
        if isinstance(node, DEFINITIONS):
            names.add(node.name)
        elif isinstance(node, ast.Name | ast.Subscript | ast.Attribute):
            if not isinstance(node.ctx, ast.Load):
                names.update(_path(node)[:1])
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            names.update(_path(node.value.func)[:1])  # TABLE.update(...)
    return names


def _at_top_level(node):
    """The node and those inside it, without the bodies of functions and comprehensions."""
    yield node
    if not isinstance(node, SCOPES):
        for child in ast.iter_child_nodes(node):
            yield from _at_top_level(child)


def _nodes(tree):
    """All nodes of a tree, a parent before its children (`ast.walk` takes three times as long)."""
    nodes = [tree]
    for node in nodes:
        yield node
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                nodes += [each for each in value if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST) and name != "ctx":
                nodes.append(value)


def _statements(tree):
    """The nodes of a tree that may be imports, or hold some."""
    nodes = [tree]
    for node in nodes:
        yield node
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            if isinstance(block := getattr(node, name, None), list):
                nodes += block


def imports(nodes: Iterable[ast.AST], module: str) -> dict[str, str]:
    """{name: dotted path} of all imports among the nodes of a module's source."""
    found = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                found[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            package = module.split(".")[: -node.level] if node.level else []
            origin = ".".join([*package, *filter(None, [node.module])])
            found |= {alias.asname or alias.name: f"{origin}.{alias.name}" for alias in node.names}
    return found


def _path(node):
    """(a, b, c) of the expression a.b.c, (a,) of a[i].b, () of an expression without a name."""
    names = []
    while isinstance(node, ast.Attribute | ast.Subscript):
        names = [node.attr, *names] if isinstance(node, ast.Attribute) else []
        node = node.value
    return (node.id, *names) if isinstance(node, ast.Name) else ()


def piece(node: ast.AST, module: str) -> Piece:
    """The Piece of a node, out of which all is taken that computes nothing."""
    nodes = list(_computing(node))
    names = [list(path) for path in map(_path, nodes) if path]
    return Piece(ast.unparse(node), imports(nodes, module), names)


def normalized(node: ast.AST) -> str:
    """The text of a piece of source without comments, docstrings, annotations and layout."""
    return piece(node, "").text


def _computing(tree):
    """All nodes of a tree, after docstrings and annotations have been taken out of it."""
    for node in _nodes(tree):
        if (
            isinstance(node, (*DEFINITIONS, ast.Module))
            and ast.get_docstring(node, clean=False) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
        yield node


def package_digest() -> str:
    """SHA-256 of the code of all of `scratchml`, by which a worker's copy is compared with ours."""
    digest = hashlib.sha256()
    for path in sorted(Path(scratchml.__file__).parent.glob("*.py")):
        code = normalized(ast.parse(path.read_text(encoding="utf-8")))
        digest.update(f"{path.name}\0{code}\0".encode())
    return digest.hexdigest()
