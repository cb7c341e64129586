"""Checks of classes that learn and answer: nets are trained on the usual data, and looked at."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from experiments.checking.looking import Entry, same
from experiments.models.interface import row
from experiments.schema.config import Config
from experiments.schema.defaults import defaults
from scratchml.sampling import sample
from scratchml.training import DATA, stream

EPOCHS = 20
SEEDS = (0, 1)


def trains(entry: Entry) -> Iterator[str]:
    """A sentence if a net on the usual data depends on anything but its seed.

    A class that raises an error, or answers with what is no answer, says so by its error.
    """
    both = _trained(entry, SEEDS)
    again, alone = _trained(entry, SEEDS), _trained(entry, SEEDS[1:])
    for name, values in both.items():
        if name == "epoch":
            continue
        if not same(values, again[name]):
            yield (
                f"{entry.what} has other numbers when it is trained again: draw them from `random` "
                "or `numpy.random`, or take a parameter `seed`"
            )
            return
        if not same(values[1:], alone[name]):
            yield f"{entry.what} has other numbers alone than beside another net: keep them in self"
            return


def _trained(entry, seeds) -> dict[str, Any]:
    """The arrays of nets of these seeds."""
    knobs = dict(defaults(model=entry.key))
    knobs |= {} if "epochs" in entry.row.ignores else {"epochs": EPOCHS}
    config = Config.from_mapping(knobs)
    data = sample(config.knobs(), stream(0, DATA))
    model = row(entry.row).build(data, config.knobs())
    training = entry.row.trainer([config] * len(seeds), seeds, model, data)
    for _ in training.run():
        pass
    return {name: np.asarray(array) for name, array in training.arrays().items()}
