"""From grids to jobs.

    hydra:
      sweeper:
        grids:
          - {dataset: [xor, moons], width: [1, 2, 3]}      # 6 jobs
          - {dataset: [circles], width: range(1,9)}        # and 8 more

Each grid is a product of its axes. A list holds the values of an axis, and a text is read as on
the command line, so that `range(1,9)`, `glob(*)` and `1,2,3` are axes too. Overrides on the command
line replace the axis of the same key in every grid, and multiply every grid otherwise.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import islice, product
from math import prod
from typing import Any

from hydra.core.config_loader import ConfigLoader
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, Quote, QuotedString
from omegaconf import OmegaConf

from experiments.errors import ConfigError
from experiments.schema.synonyms import in_use

MOST = 10**5  # jobs of a sweep; the lessons' largest has some 1,200

Axes = dict[str, list[str]]  # key, with its + or ~ -> the overrides that set it, one per value


def expand(
    grids: Sequence[Mapping] | None,
    params: Mapping[str, str] | None,
    arguments: Sequence[str],
    loader: ConfigLoader,
    rename: Callable[[str], str] = in_use,
) -> list[list[str]]:
    """The overrides of every job, without duplicates.

    Args:
        grids: from `hydra.sweeper.grids`; None is one empty grid.
        params: from `hydra.sweeper.params`, axes that grids and the command line replace.
        arguments: overrides on the command line; sweeps are axes, others are axes of one value.
        rename: an override -> the override in words that are in use; `str` changes nothing.

    Raises:
        ConfigError: an axis has no values, or there are far too many jobs.
    """
    parser = OverridesParser.create(config_loader=loader)
    given = _read(parser, [f"{key}={value}" for key, value in (params or {}).items()])
    command = _read(parser, arguments)
    jobs = {}  # as an ordered set
    for grid in _plain(grids) or [{}]:
        axes = _replace(_replace(given, _axes(parser, grid)), command)
        for key, values in axes.items():
            if not values:
                raise ConfigError(f"the sweep is empty: {key} has no values")
            axes[key] = [rename(override) for override in values]
        most = prod(len(values) for values in axes.values())
        if len(jobs) + most > MOST:
            raise ConfigError(f"a sweep has at most {MOST:,} jobs; these are more")
        for job in product(*axes.values()):
            jobs.setdefault(tuple(sorted(job)), list(job))
    return list(jobs.values())


def _plain(grids):
    if OmegaConf.is_config(grids):
        return OmegaConf.to_container(grids, resolve=True)
    return grids


def _axes(parser: OverridesParser, grid: Mapping[str, Any]) -> Axes:
    """The axes of one grid."""
    axes = {}
    for key, value in grid.items():
        if isinstance(value, str):
            axes |= _read(parser, [f"{key}={value}"])
        else:
            values = value if isinstance(value, list) else [value]
            axes[key] = [f"{key}={literal(each)}" for each in values]
    return axes


def _read(parser: OverridesParser, overrides: Sequence[str]) -> Axes:
    """Axes as Hydra's basic sweeper reads them: a key that comes again replaces the one before."""
    axes = {}
    for override in parser.parse_overrides(list(overrides)):
        key = override.get_key_element()
        if not override.is_sweep_override():
            values = [override.get_value_element_as_str()]
        elif override.is_discrete_sweep():
            values = islice(override.sweep_string_iterator(), MOST + 1)
        else:
            raise ConfigError(
                f"{override.input_line}: an interval cannot be enumerated; give values, range(), "
                "or an optimizing sweeper such as hydra/sweeper=optuna"
            )
        axes[key] = [f"{key}={value}" for value in values]
    return axes


def _replace(axes: Axes, others: Axes) -> Axes:
    """The axes, those of the same keys replaced by others, whether these have a + or not."""
    names = {key.lstrip("+~") for key in others}
    rest = {k: v for k, v in axes.items() if k in others or k.lstrip("+~") not in names}
    return rest | others


def literal(value: Any) -> str:
    """A text that Hydra's parser reads as `value`: a scalar, or lists and dicts of them.

    >>> literal([0.1, "tanh", "1e-3", None])
    "[0.1,tanh,'1e-3',null]"
    """
    return Override._get_value_element_as_str(_quoted(value))


def _quoted(value):
    if isinstance(value, list):
        return [_quoted(each) for each in value]
    if isinstance(value, dict):
        return {key: _quoted(each) for key, each in value.items()}
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and not _is_word(value):
        return QuotedString(value, Quote.single)
    return value


def _is_word(text):
    """Whether Hydra reads it as the text that it is."""
    word = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_/.-]*", text)
    return word and text.lower() not in ("true", "false", "null", "inf", "nan")
