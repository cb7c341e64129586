"""Documents of YAML from anybody, read within limits: how large they may be, and how deep.

Nothing here runs code: YAML's tags for Python are refused.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # reads the same, ten times as fast
MAX_DEPTH = 50  # of lists and mappings
WRONG = (yaml.YAMLError, RecursionError)  # of a document that is no YAML


def limited(path: Path, most: int, allowed: str) -> bytes:
    """The contents of a file of at most so many bytes.

    Args:
        allowed: the words for the limit, such as "a run of this size has".

    Raises:
        ValueError: It has more.
    """
    size = path.stat().st_size
    if size > most:
        raise ValueError(f"it has {size:,} bytes, and {allowed} at most {most:,}")
    return path.read_bytes()


def read(data: bytes) -> Any:
    """The value of a document that may be trusted, such as a file of conf/.

    Raises:
        yaml.YAMLError: It is no YAML.
    """
    return yaml.load(data, Loader=LOADER)


def read_plain(data: bytes) -> Any:
    """The value of a document without aliases: with them, a small file can stand for gigabytes.

    Raises:
        ValueError: It is no such document.
    """
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in _events(data)):
            raise ValueError("it has aliases")
        return read(data)
    except WRONG as error:
        raise ValueError("; ".join(str(error).splitlines())) from error


def check_values(data: bytes, most: int) -> None:
    """Raises ValueError where a document stands for more values, its aliases written out.

    The values are counted, not made: nine aliases of nine aliases of ... cost nothing here.

    Raises:
        ValueError: Also where an alias stands inside the value that it means.
        yaml.YAMLError: It is no YAML.
    """
    sizes = {}  # anchor -> the number of values that it stands for; None while it is read
    inside = [(None, 0)]  # (anchor, values so far) of each list and mapping that is not at its end
    for event in _events(data):
        if isinstance(event, yaml.CollectionStartEvent):
            inside.append((event.anchor, 1))
            sizes[event.anchor] = None
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, size = inside.pop()
        elif isinstance(event, yaml.ScalarEvent):
            anchor, size = event.anchor, 1
        elif isinstance(event, yaml.AliasEvent):
            anchor, size = None, sizes.get(event.anchor, 1)
            if size is None:
                raise ValueError(f"its alias *{event.anchor} stands inside of its own value")
        else:
            continue
        sizes[anchor] = size
        outer, so_far = inside[-1]
        inside[-1] = outer, so_far + size
        if so_far + size > most:
            raise ValueError(f"it stands for more than {most:,} values")


def _events(data) -> Iterator[yaml.Event]:
    """The events of a document. Raises ValueError where it is nested too deeply."""
    depth = 0
    for event in yaml.parse(data, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise ValueError("it is nested too deeply")
        yield event
