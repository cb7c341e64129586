"""Output for programs: what a command has to say as one JSON object, what people read on stderr.

A value that is not finite, which JSON does not have, is null.
"""

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import Any

OPTION = "--json"
_facts = None  # of the command that runs in this process; None where people read


@contextmanager
def output() -> Iterator[dict]:
    """Within it, standard output becomes standard error; at its end the facts are printed.

    Yields:
        The facts, {name: value}, to which `tell` adds.
    """
    global _facts
    before, _facts, out = _facts, {}, sys.stdout
    try:
        with redirect_stdout(sys.stderr):
            yield _facts
        print(text(_facts), file=out)
    finally:
        _facts = before


def tell(facts: Callable[[], Mapping[str, Any]]) -> None:
    """Adds facts, where somebody asks for JSON; otherwise they are not even computed."""
    if _facts is not None:
        _facts.update(facts())


def text(value: Any) -> str:
    """A value as JSON, also one of NumPy's."""
    return json.dumps(_plain(value), indent=1, allow_nan=False, ensure_ascii=False)


def _plain(value):
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(each) for each in value]
    if hasattr(value, "tolist"):  # of NumPy
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | None) else str(value)
