"""The facts of our modules' source, kept in files of the environment until a module changes.

To parse a module takes some milliseconds, and every command needs those of forty.
"""

import hashlib
import json
import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from experiments.schema import source
from scratchml.compiling import PLACES


def facts(module: str, path: Path) -> dict[str, Any]:
    """`facts_of` a module's file. Where no folder can be written to, they are not kept."""
    text = path.read_text(encoding="utf-8")
    key = hashlib.sha256(f"{_readers()}\0{text}".encode()).hexdigest()
    for place in PLACES:
        with suppress(OSError, ValueError, TypeError, LookupError):
            kept = json.loads((place / f"{module}.json").read_text(encoding="utf-8"))
            if kept["key"] == key:
                return kept["facts"]
    found = source.facts_of(text, module, str(path))
    for place in PLACES:
        with suppress(OSError):
            place.mkdir(parents=True, exist_ok=True)
            new = place / f"{module}.{os.getpid()}.new"
            new.write_text(json.dumps({"key": key, "facts": found}), encoding="utf-8")
            new.replace(place / f"{module}.json")
            break
    return found


@cache
def _readers():
    """What decides about facts beside the text of a module."""
    return f"{sys.version}\0{Path(source.__file__).read_text(encoding='utf-8')}"
