"""The knob `options` against the parameters that a class has: what is wrong, in sentences."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any


def foreign(
    model: str,
    options: Mapping[str, Any],
    allowed: Collection[str] | None,
    decided: Mapping[str, str],
) -> Iterator[str]:
    """Yields a sentence for each of `options` that the class has not, or that a knob decides.

    Args:
        allowed: the names that `options` may have; None: any name.
        decided: {parameter that is not for `options`: the end of the sentence about it}.
    """
    for word in options:
        if word in decided:
            yield f"options.{word} is not for model {model}{decided[word]}"
        elif allowed is not None and word not in allowed:
            yield f"options.{word} is not for model {model}, which takes {sorted(allowed)}"


def missing(model: str, required: Collection[str], options: Mapping[str, Any]) -> Iterator[str]:
    """Yields a sentence if parameters without a default are not among `options`."""
    lacking = [word for word in required if word not in options]
    if lacking:
        example = f"options={{{lacking[0]}: VALUE}}"
        asked = "no knob has this name" if len(lacking) == 1 else "no knobs have these names"
        yield f"model {model} needs {', '.join(lacking)}; {asked}: write {example}"
