"""Executes a file of the user's own, which must leave every table of scratchml as it is."""

import importlib

from experiments import own
from experiments.errors import ConfigError
from experiments.own import Code
from experiments.schema.own_rows import KINDS
from experiments.schema.reach import TABLES


def execute(code: Code) -> None:
    """Executes a file, unless that is done. It must leave our tables as they are.

    Raises:
        ConfigError: It raises an error, or has changed a table, which is then put right; or it has
            a table of its own to which no file can add.
    """
    tables = {place: _table(place) for place in sorted(TABLES)}
    before = {place: dict(table) for place, table in tables.items()}
    try:
        found = vars(own.module(code.name))
    finally:
        changed = [place for place, table in tables.items() if table != before[place]]
        for place in changed:
            tables[place].clear()
            tables[place].update(before[place])
    name = changed[0].rpartition(".")[2] if changed else _useless(found, tables)
    if name is None:
        return
    own.forget(code)
    said = "must stay as it is" if changed else "is closed to files; give yours another name"
    if name in KINDS:
        said += f"; write a table of your own, {name} = {{...}}"
    raise ConfigError(f"{own.line_of(code, name)}: {name} of scratchml {said}")


def _useless(found, tables):
    """The name of a table of a file that would be passed over; None if there is none.

    A table of ours that the file has imported is none.
    """
    closed = {place.rpartition(".")[2] for place in tables} - KINDS.keys()
    for name in sorted(closed & found.keys()):
        if isinstance(found[name], dict) and not any(found[name] is one for one in tables.values()):
            return name
    return None


def _table(place):
    module, _, name = place.rpartition(".")
    return getattr(importlib.import_module(module), name)
