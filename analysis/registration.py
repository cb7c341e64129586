"""Whether the claims of a lesson were sealed before their nets were trained, or came after.

A limit that was set after a look at the nets is likely to hold on these nets. So a claim is
confirmed only on fresh seeds: its lesson was sealed (question, sweep, rules and limits), then nets
of a set of seeds were trained that the store had never held, and the rules are still the same.
Otherwise it is exploratory. See Wagenmakers et al. (2012) and Nosek et al. (2018) on preregistered
studies.
"""

from dataclasses import replace
from typing import NamedTuple

from analysis import rules
from experiments.schema.settings import SET
from experiments.tracking import seals
from experiments.tracking.errors import NoStore
from experiments.tracking.reader import Reader
from experiments.tracking.seals import Seal

CONFIRMED, EXPLORATORY = "confirmed on fresh seeds", "exploratory"
NOT_CONFIRMED = "not confirmed on fresh seeds"
CHANGED = "its rules have changed since they were sealed"
LATE = "it was sealed after the first of these nets was trained"


class Standing(NamedTuple):
    """Whether the claims of a lesson are confirmatory.

    Attributes:
        is_sealed: whether they were sealed before the nets that decide them, and are unchanged.
        note: why they are not although there is a seal, or "".
    """

    is_sealed: bool = False
    note: str = ""

    def of(self, claim):
        """The standing of a claim, in words."""
        if not self.is_sealed:
            return EXPLORATORY
        return CONFIRMED if claim.holds else NOT_CONFIRMED


def seed_set(data):
    """The number of the set of seeds that the runs of `data` have; 0 for runs of several sets."""
    found = {int(seed) // SET for seed in data.runs.get("seed", ())}
    return found.pop() if len(found) == 1 else 0


def as_usual(data):
    """The same data with the knob `seed` as in the lesson's sweep, whatever their set of seeds."""
    number = seed_set(data)
    return data if number == 0 else replace(data, runs=data.runs.assign(
        seed=data.runs.seed - number * SET))  # fmt: skip


def standing(lesson, data, uri=None):
    """The Standing of the claims of a lesson on the runs of `data`, as they are stored.

    Raises:
        StoreError: The store cannot be read.
    """
    number, reader = seed_set(data), Reader(uri)
    sealed = [seal for seal in seals.seals(reader, lesson.name) if seal.seed_set == number]
    if not sealed:
        return Standing()
    same = [seal for seal in sealed if seal.digest == rules.digest(lesson)]
    if not same:
        return Standing(note=CHANGED)
    begun = [run.at_ms for run in seals.trained(reader, data.experiment)
             if run.seed // SET == number]  # fmt: skip
    if min(seal.at_ms for seal in same) >= min(begun):
        return Standing(note=LATE)
    return Standing(is_sealed=True)


def register(lesson, uri=None):
    """(Seal, whether it is new): seals a lesson for the first set of seeds that nobody has seen.

    A seal that has the same rules, and of whose seeds no net was trained, is still good.

    Raises:
        LookupError: The lesson is broken.
        StoreError: The store cannot be used.
    """
    text, digest = rules.text(lesson), rules.digest(lesson)
    seen, newest = 0, latest(lesson.name, uri)
    if stored := _reader(uri):
        seen = max((run.seed // SET for run in seals.trained(stored, lesson.name)), default=0)
    if newest and newest.seed_set > seen:
        if newest.digest == digest:
            return newest, False
        seen = newest.seed_set
    seal = Seal(lesson.name, seen + 1, digest, 0)
    seals.write(seal, text, uri)
    return seal, True


def latest(lesson, uri=None):
    """The newest Seal of a lesson's name, or None."""
    reader = _reader(uri)
    found = seals.seals(reader, lesson) if reader else []
    return found[0] if found else None


def _reader(uri):
    """The Reader of a store, or None where nothing was ever stored."""
    try:
        return Reader(uri)
    except NoStore:
        return None
