"""What a lesson asks and by which rules, as one text: the same for equal rules, however written.

The text has the question, the sweep, and the source of `cells` and `claims` with all that they use
in the lesson's file: sentences, limits, levels and margins. Comments, docstrings, layout, captions
and figures do not count.
"""

import ast
import hashlib
import importlib
from pathlib import Path

from analysis import lessons
from experiments.schema import own_lessons
from experiments.schema.defaults import CONF

DECIDING = ("cells", "claims")  # the functions of a lesson on which its verdicts rest
OURS = ("analysis", "scratchml")  # packages whose numbers count by their values


def text(lesson):
    """The rules of a lesson, as Markdown.

    Raises:
        LookupError: The lesson is broken.
        OSError: A file cannot be read.
    """
    if lesson.problem:
        raise LookupError(f"{lesson.name}: {lesson.problem}")
    source, sweep = files(lesson)
    parts = {
        f"# {lesson.question}": "",
        "## Sweep": _fenced("yaml", _plain(sweep.read_text(encoding="utf-8"))),
        "## Rules and limits": _fenced("python", rules(source.read_text(encoding="utf-8"))),
    }
    return "\n\n".join(f"{title}\n\n{part}".strip() for title, part in parts.items()) + "\n"


def digest(lesson):
    """SHA-256 of the rules of a lesson; raises as `text`."""
    return hashlib.sha256(text(lesson).encode()).hexdigest()


def files(lesson):
    """The paths of a lesson's Python and of its sweep."""
    if lesson.file is not None:
        return lesson.file, lesson.file.with_suffix(".yaml")
    module = importlib.import_module(f"{lessons.__name__}.{lesson.name}")
    return Path(module.__file__), Path(CONF) / own_lessons.GROUP / f"{lesson.name}.yaml"


def rules(source):
    """The statements of a lesson's file that `cells` and `claims` reach, in their order."""
    tree = ast.parse(source)
    bound = {name: node for node in tree.body for name in _binds(node)}
    reached, waiting = set(), [name for name in DECIDING if name in bound]
    while waiting:
        name = waiting.pop()
        if name in bound and name not in reached:
            reached.add(name)
            waiting += [node.id for node in ast.walk(bound[name]) if isinstance(node, ast.Name)]
    kept = [node for node in tree.body if reached.intersection(_binds(node))]
    return "\n".join(line for node in kept for line in _written(node, reached))


def _binds(node):
    """The names that a statement binds at the top of a file."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)
            and isinstance(part.ctx, ast.Store)]  # fmt: skip


def _written(node, reached):
    """The lines of a statement without docstrings; of an import, the numbers that it brings."""
    if isinstance(node, ast.ImportFrom):
        if node.module and node.module.partition(".")[0] in OURS:
            module = importlib.import_module(node.module)
            for alias in node.names:
                value = getattr(module, alias.name, None)
                if (alias.asname or alias.name) in reached and isinstance(value, int | float):
                    yield f"{alias.asname or alias.name} = {value!r}"
        return
    if isinstance(node, ast.Import):
        return
    for part in ast.walk(node):
        if isinstance(part, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(part) is not None:
            part.body = part.body[1:] or [ast.Pass()]
    yield ast.unparse(node)


def _plain(sweep):
    """The lines of a YAML file without comments and blank lines."""
    lines = [line.split("  #")[0].rstrip() for line in sweep.splitlines()]
    return "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))


def _fenced(language, body):
    return f"```{language}\n{body}\n```"
