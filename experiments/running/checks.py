"""Configurations of a launch, checked before anything is trained."""

from collections import Counter

from experiments.errors import ConfigError
from experiments.schema.config import Config
from experiments.schema.constraints import MEMORY_LIMIT
from experiments.schema.settings import SETTINGS, parse_settings
from experiments.schema.sizes import memory


def check(configs):
    """([Config or exception, ...], settings) of composed mappings; exceptions are handed through.

    Raises:
        ConfigError: All that is wrong with any of them, each problem once.
    """
    checked, problems, settings = [], Counter(), None
    for config in configs:
        if isinstance(config, Exception):
            checked.append(config)
            continue
        own = {name: config.get(name) for name in SETTINGS}  # ~NAME deletes a setting
        settings = settings or own
        problems.update(dict.fromkeys(_differences(own, settings), len(configs)))
        try:
            checked.append(Config.from_mapping(config))
        except ConfigError as error:
            problems.update(str(error).splitlines())
    try:
        settings = parse_settings(settings)
    except ConfigError as error:
        problems.update(dict.fromkeys(str(error).splitlines(), len(configs)))
    if problems:
        lines = (f"{line}{_how_often(n, len(configs))}" for line, n in problems.items())
        raise ConfigError("\n".join(lines))
    return checked, settings


def _differences(own, settings):
    """A sentence for each setting in which one job differs from the first."""
    for name in SETTINGS:
        if own[name] != settings[name]:
            values = f"{settings[name]!r} and {own[name]!r}"
            yield f"{name} must be the same for all runs of a sweep; got {values}"


def _how_often(n, runs):
    return f"  ({n:,} of {runs:,} runs)" if n < runs else ""


def refuse_too_large(config):
    """A single run trains all its nets at once, so all of them must fit the memory.

    Raises:
        ConfigError: They do not.
    """
    size = config.seeds * memory(config)
    if size > MEMORY_LIMIT:
        raise ConfigError(
            f"{config.seeds:,} nets at once need about {size / 2**30:,.0f} GiB, and the limit is "
            f"{MEMORY_LIMIT / 2**30:.0f} GiB; with -m they are trained some at a time"
        )
