"""Blocks: what a page knows of a sweep: facts as JSON, arrays as blocks, sentences as notes.

A block is one array of all runs. A run's facts say at which of its values the run's nets begin, and
how many of its nets have a place there: the first ones, in the order of their seeds.
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Numbers:
    """Facts and blocks of a page, and sentences about what it does not show."""

    facts: dict
    blocks: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)

    def add(self, name, array, kind="<f4"):
        """Puts an array at the end of a block; returns the index of its first value."""
        parts = self.blocks.setdefault(name, [])
        start = sum(part.size for part in parts)
        with np.errstate(over="ignore", invalid="ignore"):  # beyond float32 is infinite
            parts.append(np.asarray(array).astype(kind).ravel())
        return start

    def index(self, name, value):
        """The index of a value in a list of facts, to which it is added if it is new."""
        known = self.facts.setdefault(name, [])
        if value not in known:
            known.append(value)
        return known.index(value)

    def note(self, text):
        if text and text not in self.notes:
            self.notes.append(text)
