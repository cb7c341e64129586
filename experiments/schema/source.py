"""A module as text: which statement binds a name, where an import leads, what a statement uses."""

import ast
import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path
from types import CodeType

import scratchml

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
SCOPES = (*DEFINITIONS, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Source:
    """The source of one module, parsed.

    Args:
        module: its name.
        path: of its file.
        text: the source itself, where the file may be on another machine.

    Attributes:
        statements: {name: the statements at the top level that bind or change it}.
        imports: {name: dotted path of the module, or of the name in a module, that it stands for}.
    """

    def __init__(self, module: str, path: Path, text: str | None = None):
        self.module, self.path = module, path
        text = path.read_text(encoding="utf-8") if text is None else text
        self.tree = ast.parse(text, str(path))
        self.statements, self.imports = {}, imports(_statements(self.tree), module)
        for statement in self.tree.body:
            for name in bound(statement):
                self.statements.setdefault(name, []).append(statement)

    def function(self, code: CodeType) -> ast.AST | None:
        """The definition or the lambda that a code object was compiled from."""
        places = [place for place in code.co_positions() if place[-1]]  # instructions with a text
        matches = [node for node in _nodes(self.tree) if _made(node, code, places)]
        return min(matches, key=lambda node: node.end_lineno - node.lineno, default=None)


def _made(node, code, places):
    """Whether a code object was compiled from this node."""
    if isinstance(node, ast.Lambda) and code.co_name == "<lambda>":
        first, last = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
        return all(
            first <= (line, left) and (end, right) <= last for line, end, left, right in places
        )
    if isinstance(node, ast.FunctionDef):
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        return (node.name, first) == (code.co_name, code.co_firstlineno)
    return False


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


@functools.cache
def piece(node: ast.AST, module: str) -> tuple[str, dict[str, str], list[tuple[str, ...]]]:
    """What identifies a piece of a module's source, out of which all that computes nothing is taken.

    Returns:
        Its normalized text, its imports, and (a, b, c) of every expression a.b.c that it reads, and
        (a,), (a, b).
    """
    nodes = list(_computing(node))
    return ast.unparse(node), imports(nodes, module), [*filter(None, map(_path, nodes))]


def normalized(node: ast.AST) -> str:
    """The text of a piece of source without comments, docstrings, annotations and layout."""
    for _ in _computing(node):
        pass
    return ast.unparse(node)


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
