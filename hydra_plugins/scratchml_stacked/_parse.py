"""Overrides of jobs, parsed once and sorted into what Hydra must handle and plain `key=value`."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from hydra.errors import HydraException

# A key and a number in Hydra's grammar. Hydra's own parser takes 0.5 ms for one override.
NUMBER = re.compile(r"([A-Za-z_]\w*)=([+-]?(?:0|[1-9]\d{0,15})(\.\d{1,20})?)", re.ASCII)


class Parsed(NamedTuple):
    override: Override
    stock: bool  # only Hydra itself can handle it
    chooses: bool  # chooses a file of a group, not a value
    plain: bool  # `key=value`, of scalars or lists of them, no interpolation


class Parser:
    """Parses overrides of jobs.

    Args:
        is_group: whether files can be chosen by NAME=file.
    """

    def __init__(self, loader: ConfigLoader, is_group: Callable[[str], bool]):
        self._parser = OverridesParser.create(config_loader=loader)
        self._is_group = is_group
        self.parse = lru_cache(maxsize=1 << 16)(self._parse)
        self.parse_in_full = lru_cache(maxsize=1 << 16)(self._parse_in_full)

    def _parse(self, text: str) -> Parsed:
        found = NUMBER.fullmatch(text)
        if not found:
            return self.parse_in_full(text)
        key, number, fraction = found.groups()
        try:
            like = self.parse_in_full(f"{key}=1")  # the same override but for the number
        except HydraException:
            return self.parse_in_full(text)
        value = float(number) if fraction else int(number)
        return like._replace(override=replace(like.override, _value=value, input_line=text))

    def _parse_in_full(self, text: str) -> Parsed:
        [override] = self._parser.parse_overrides([text])
        value = override.value()
        name = override.key_or_group
        stock = override.is_sweep_override() or override.is_hydra_override() or name == "hydra"
        chooses = not stock and not isinstance(value, dict) and self._is_group(name)
        changes = override.type is OverrideType.CHANGE and override.package is None
        plain = not stock and not chooses and changes and "." not in name and _is_plain(value)
        return Parsed(override, stock, chooses, plain)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, str):
        return value != "???" and "${" not in value
    return value is None or isinstance(value, (bool, int, float))
