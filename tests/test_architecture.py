"""docs/architecture.md shows every module, in an order in which each one uses only earlier ones."""

import ast
import re
from pathlib import Path

import pytest
from support.checkout import ROOT

PACKAGES = ("scratchml", "experiments", "hydra_plugins", "analysis")
LINK = re.compile(rf"\]\(\.\./((?:{'|'.join(PACKAGES)})/[\w/]+\.py)\)")


def listed():
    """The modules of the page, as paths below the root, in the order of the page."""
    return list(dict.fromkeys(LINK.findall((ROOT / "docs" / "architecture.md").read_text())))


def modules():
    """All modules but lessons, which share a line, and __init__, which belongs to its folder."""
    return {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name != "__init__.py" and path.parent.name != "lessons"
    }


def used_at_once(source):
    """Dotted names that importing `source` imports; imports inside functions come later."""
    todo = [ast.parse(source)]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif not is_for_later(node):
            todo += ast.iter_child_nodes(node)


def is_for_later(node):
    """Whether a part of a module does not run when the module is imported."""
    if isinstance(node, ast.If):  # names in annotations
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def out_of_order(order, read):
    """(module, module that it uses and that comes later) for every such pair of an order."""
    place = {path.removesuffix(".py").replace("/", "."): i for i, path in enumerate(order)}
    return {
        (path, name)
        for i, path in enumerate(order)
        for name in used_at_once(read(path))
        if place.get(name, -1) > i
    }


def test_every_module_has_its_line():
    assert set(listed()) == modules()


def test_each_module_uses_only_modules_that_were_read_before():
    assert out_of_order(listed(), lambda path: (ROOT / path).read_text()) == set()


@pytest.mark.parametrize(
    ("first", "second", "wrong"),
    [
        ("import math", "from analysis import a", False),
        ("from analysis import b", "", True),
        ("from analysis.b import f", "", True),
        ("def f():\n    from analysis import b", "", False),
        ("if TYPE_CHECKING:\n    from analysis import b", "", False),
        ("if ALWAYS:\n    from analysis import b", "", True),
        ("class A:\n    from analysis import b", "", True),
    ],
)
def test_a_module_that_comes_too_late_would_be_noticed(first, second, wrong):
    sources = {"analysis/a.py": first, "analysis/b.py": second}
    assert bool(out_of_order(list(sources), sources.get)) == wrong


def test_the_page_is_one_page():
    """An afternoon's reading begins with a page, not with a book."""
    text = Path(ROOT / "docs" / "architecture.md").read_text()
    assert len(text.splitlines()) <= 220
