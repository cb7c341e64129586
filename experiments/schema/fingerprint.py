"""The fingerprint of a run: equal fingerprints mean equal numbers, to the last bit."""

import ast
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import scratchml
from experiments.models import MODELS

if TYPE_CHECKING:
    from experiments.schema.config import Config

# Files of scratchml that no run uses.
UNUSED = ("__init__.py", "arguments.py", "estimators.py", "plain.py", "portable.py")


def fingerprint(config: "Config") -> str:
    """SHA-256 of all that a run's numbers depend on: its knobs and the code that computes them."""
    knobs = json.dumps(config.canonical(), sort_keys=True)
    text = source_digest() + knobs + MODELS[config.model].version()
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def source_digest() -> str:
    """SHA-256 of the code of `scratchml`, without the files that no run uses.

    Comments, docstrings and layout do not count.
    """
    digest = hashlib.sha256()
    for path in sorted(Path(scratchml.__file__).parent.glob("*.py")):
        if path.name not in UNUSED:
            tree = ast.parse(path.read_text())
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                    if ast.get_docstring(node, clean=False) is not None:
                        node.body[0] = ast.Pass()
            digest.update(f"{path.name}\0{ast.unparse(tree)}\0".encode())
    return digest.hexdigest()
