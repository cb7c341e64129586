"""A file of the user's as a data set: `dataset=file path=people.csv target=buys`."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from experiments.errors import ConfigError
from experiments.schema import datafile
from experiments.schema.encoding import Encoding, encode
from experiments.schema.examples import Knobs, digest, limits
from experiments.schema.sentences import must_be, needs
from scratchml.problems import PROBLEMS
from scratchml.sampling import Examples
from scratchml.splitting import left_by_groups, n_out_of


class File(NamedTuple):
    """A file of the user's. It is read when its size or its content is asked for."""

    name: str = "file"
    knobs: tuple[str, ...] = ("path", "target")
    takes: tuple[str, ...] = ("features", "problem", "weights", "missing", "split", "split_by")

    def problem(self, knobs: Knobs) -> str:
        """What the target is, a key of `PROBLEMS`."""
        return knobs["problem"] or self.load(knobs).problem

    def shape(self, knobs: Knobs) -> tuple[int, int, int]:
        """(N, D, K): training examples, inputs and outputs."""
        examples = self.load(knobs)
        k = examples.n_classes if PROBLEMS[examples.problem].one_hot else 1
        if examples.y.ndim > 1:
            k = examples.y.shape[1]
        return knobs["n_samples"] or self._most(knobs), examples.X.shape[1], k

    def constraints(self, knobs: Knobs) -> Iterator[str]:
        """Yields a sentence for each pair of values that do not go together."""
        split, examples = knobs["split"], self.load(knobs)
        n_test = n_out_of(len(examples.X), knobs["test_fraction"])
        if split == "group" and n_test >= len(examples.X) - np.bincount(examples.groups).max():
            yield needs("split=group", "a group that is left", "the largest is too large")
        yield from limits(self, knobs, len(examples.X), self._most(knobs), n_test)

    def load(self, knobs: Knobs) -> Examples:
        """All examples.

        Raises:
            ConfigError: The file is not there, or cannot be learned from.
        """
        return _file(*_key(knobs))[0]

    def digest(self, knobs: Knobs) -> str:
        """SHA-256 of all examples: what is not learned from does not count."""
        return _file(*_key(knobs))[2]

    def settled(self, knobs: Knobs) -> dict[str, Any]:
        """The problem, if it is null; no share is held out where a column says which rows are."""
        settled = {"problem": self.problem(knobs)}
        return settled | ({"test_fraction": 0.0} if knobs["split"] == "column" else {})

    def description(self, knobs: Knobs) -> dict[str, Any]:
        """How the file became numbers, for a JSON file: columns, targets, names of classes."""
        examples, encoding, _ = _file(*_key(knobs))
        columns = [column._asdict() for column in encoding.columns]
        file = {"file": str(Path(knobs["path"]).resolve()), "rows": len(examples.X)}
        return file | encoding._asdict() | {"columns": columns}

    def _most(self, knobs):
        examples = self.load(knobs)
        if knobs["split"] == "column":
            return int((examples.groups == 0).sum())
        n_test = n_out_of(len(examples.X), knobs["test_fraction"])
        if knobs["split"] == "group":
            return max(1, left_by_groups(examples, n_test))
        return len(examples.X) - n_test


def _key(knobs):
    """All that the examples of a file depend on; the file by its time and size.

    Raises:
        ConfigError: The file, its target, or a column that is needed is not named.
    """
    for knob in File().knobs:
        if knobs[knob] is None:
            raise ConfigError(must_be(knob, "a text", "for dataset file", None))
    split, by = knobs["split"], knobs["split_by"]
    if (by is not None) != (split in ("group", "column")):
        wanted = "null" if by is not None else "the name of a column"
        raise ConfigError(must_be("split_by", wanted, f"for split={split or 'random'}", by))
    path = knobs["path"]
    try:
        found = os.stat(path)
        state = found.st_mtime_ns, found.st_size
    except (OSError, ValueError):
        state = None  # `read` says what is wrong
    names = ("target", "features", "problem", "missing", "weights")
    return path, os.getcwd(), state, *(knobs[name] for name in names), by, split


@cache
def _file(path, folder, state, target, features, problem, missing, weights, by, split):
    try:
        examples, encoding = encode(
            datafile.read(path), target, features, problem, missing, weights, by
        )
    except ConfigError as error:
        raise ConfigError(str(error) if path in str(error) else f"{path}: {error}") from None
    if split == "column":
        examples = examples._replace(groups=_held_out(encoding, by, examples.groups))
    return examples, encoding, digest(examples)


HELD_OUT = ("test", "held_out", "held-out", "validation", "valid", "1", "1.0", "true", "yes")


def _held_out(encoding: Encoding, by, groups):
    """(N,): 1 for the examples that a column says are held out, 0 for the others."""
    which = [word.strip().lower() in HELD_OUT for word in encoding.groups]
    if sorted(which) != [False, True]:
        words = ", ".join(encoding.groups[:5])
        raise ConfigError(f"split_by={by} must have two values, train and test; it has {words}")
    return np.array(which, dtype=int)[groups]
