"""Knobs of a stored run's data, checked as those of a command are: anyone may write a store."""

from collections.abc import Mapping
from typing import Any

from experiments.errors import ConfigError
from experiments.schema import sizes, sources
from experiments.schema.config import KNOBS
from experiments.schema.constraints import GIB, MEMORY_LIMIT
from experiments.schema.parsing import parse


def refusal(knobs: Mapping[str, Any]) -> str | None:
    """Why no examples can be made of these knobs, in one sentence; None if they can be.

    Each knob is checked by itself, then all together, then the memory that the examples need.

    Args:
        knobs: with every knob of the data, one that the run does not have being None.
    """
    given = {name: knobs[name] for name in sources.all_knobs() if knobs[name] is not None}
    try:
        parse({name: KNOBS[name] for name in sorted(given)}, given)
        together = next(iter(sources.source(knobs["dataset"]).constraints(knobs)), None)
    except ConfigError as error:
        return str(error).partition("\n")[0]
    size = 0.0 if together else sizes.examples(knobs)
    if size > MEMORY_LIMIT:
        limit = MEMORY_LIMIT / GIB
        return f"they need about {size / GIB:,.0f} GiB; the limit is {limit:.0f} GiB"
    return together
