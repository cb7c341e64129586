"""Defaults: the values of knobs that nobody has set, read from the files of conf/ alone."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

CONF = Path(__file__).resolve().parents[2] / "conf"
ROOT = "config.yaml"
OWN: dict[tuple[str, str], dict[str, Any]] = {}  # (group, name) -> knobs, of code of the user's own


def options(group: str) -> list[str]:
    """The names of the files in a group of conf/, such as `dataset`."""
    theirs = [name for of, name in OWN if of == group]
    return sorted([*_files(CONF / group), *theirs])


def add_own(group: str, name: str, knobs: Mapping[str, Any]) -> None:
    """Adds a choice of a group that has no file: a data set or a model of the user's own."""
    OWN[group, name] = dict(knobs)
    _composed.cache_clear()


def forget_own(*groups: str) -> None:
    """Forgets all choices of some groups that `add_own` has added."""
    for key in [key for key in OWN if key[0] in groups]:
        del OWN[key]
    _composed.cache_clear()


def choices() -> dict[str, str]:
    """{group: name} of the files that `config.yaml` chooses."""
    return _choices(_read(CONF / ROOT).get("defaults", ()))


def description(group: str, option: str) -> str:
    """The first sentence of the comment with which a file of a group begins; it may be empty."""
    if (group, option) in OWN:
        return "yours"
    words = []
    for line in (CONF / group / f"{option}.yaml").read_text(encoding="utf-8").splitlines():
        if line.startswith("# @package"):
            continue
        if not line.startswith("# ") or line.startswith("#  "):
            break
        words.append(line.removeprefix("# "))
    return re.split(r"(?<=[a-z)\]0-9])[.?] (?=[A-Z])", " ".join(words))[0]


def defaults(dataset: str | None = None, model: str | None = None) -> Mapping[str, Any]:
    """Every knob's value where only a data set and a model are chosen, {knob: value}.

    As Hydra composes them: `config.yaml`, then the file of the data set, then the file of the
    model. Without an argument the choices are those of `config.yaml`. A name without a file adds
    nothing. Values are as written: synonyms are not resolved.
    """
    return _composed(CONF, dataset, model)


@cache  # a sweep asks for each of its runs
def _composed(folder, dataset, model):
    root = dict(_read(folder / ROOT))
    root.pop("hydra", None)
    chosen = _choices(root.pop("defaults", ()))
    for group, name in (("dataset", dataset), ("model", model)):
        name = name or chosen.get(group)
        # A name may come from a store of somebody else's, so it is looked up, and no path.
        file = _files(folder / group).get(name)
        root |= {group: name, **(OWN.get((group, name)) or (_read(file) if file else {}))}
    return MappingProxyType(root)


def _files(group):
    """{name: file} of a folder."""
    return {file.stem: file for file in group.glob("*.yaml")}


def _choices(entries):
    """{group: name} of a defaults list."""
    named = [entry for entry in entries if isinstance(entry, dict)]
    return {group: name for entry in named for group, name in entry.items()}


@cache
def _read(path):
    from experiments.tracking import documents  # a worker needs no YAML

    return documents.read(path.read_bytes()) if path.is_file() else {}
