"""Questions that all data sets whose examples are read answer alike: sizes, and a digest."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from experiments.schema.sentences import holds_some_out, must_be, needs
from scratchml.problems import PROBLEMS
from scratchml.sampling import Examples

Knobs = Mapping[str, Any]


def limits(source: Any, knobs: Knobs, total: int, most: int, n_test: int) -> Iterator[str]:
    """Sentences about sizes that the examples do not have, and splits that they do not allow."""
    n, kind = knobs["n_samples"], source.problem(knobs)
    if n is not None and n > most:
        where = f"for dataset {source.name} with test_fraction={knobs['test_fraction']:g}"
        yield must_be("n_samples", f"at most {most}", where, n)
    if knobs["split"] != "column":
        yield from holds_some_out(knobs, total, n_test)
    if knobs["split"] in ("stratified", "group") and not knobs["test_fraction"]:
        yield needs(f"split={knobs['split']}", "held-out examples", "got test_fraction=0")
    facts = PROBLEMS[kind]
    if knobs["split"] == "stratified" and not facts.exclusive:
        yield needs("split=stratified", "classes", f"dataset {source.name} {facts.says}")


def digest(examples: Examples) -> str:
    """SHA-256 of Examples."""
    found = hashlib.sha256(f"{examples.problem} {examples.n_classes}".encode())
    for array in (examples.X, examples.y, examples.groups, examples.weights):
        if array is not None:
            found.update(f"{array.dtype} {array.shape}".encode())
            found.update(np.ascontiguousarray(array))
    return found.hexdigest()
