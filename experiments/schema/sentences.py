"""What is wrong with a configuration, in sentences that all have the same few forms."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from experiments.schema.fields import Field
from experiments.schema.hints import shown


def meaningless(name: str, what: str) -> str:
    """The sentence for a knob that has no use here: `width has no meaning for model logistic`."""
    return f"{name} has no meaning for {what}; leave it out"


def must_be(name: str, allowed: Field | str, where: str, got: Any) -> str:
    """The sentence for a value that is not allowed here: `noise must be a number >= 0 for ...`."""
    if not isinstance(allowed, str) and allowed.optional and got is None:
        allowed = replace(allowed, optional=False)
    return f"{name} must be {allowed} {where}; got {shown(got)}"


def holds_some_out(knobs: Mapping[str, Any], n: int, n_test: int) -> Iterator[str]:
    """A sentence if a part of n examples is to be held out that rounds to no example."""
    fraction = knobs["test_fraction"]
    if fraction and not n_test:
        yield (
            f"test_fraction must be 0 or large enough to hold one example out of {n}; "
            f"got {fraction:g}"
        )


def needs(name: str, what: str, because: str) -> str:
    """The sentence for a condition that is not met: `stop=solved needs classes; ...`."""
    return f"{name} needs {what}; {because}"
