"""How many nets would have done: the least number with which a claim holds with a given chance.

A lesson is decided again and again on nets that are drawn from the stored ones, in numbers from a
ladder, and each claim's place on the ladder is found by bisection. The chance counts all that the
lesson does with its nets, such as the choice of the best learning rate.
"""

import warnings
from collections import defaultdict
from typing import NamedTuple

import numpy as np

from analysis.resampling import Drawable
from analysis.statistics import Interval, wilson

CHANCE = 0.9
RESAMPLES = 100  # at most, of each number of nets
FIRST = 10  # of them before the first look
SURE = 0.99  # the level of the interval that ends the resampling of one number of nets
LADDER = tuple(2.0 ** (step / 2) for step in range(-14, 5))  # parts of the stored nets, up to 4


class Enough(NamedTuple):
    """The least number of nets with which a claim holds with a given chance.

    Attributes:
        factor: of the ladder, or None where no number of it is enough.
        nets: the number of nets that the claim rests on there; otherwise on the last step.
        chance: how often it holds with so many nets, with Wilson's 95 % interval for the error of
            the resampling.
        resamples: how often it was drawn.
    """

    factor: float | None
    nets: int
    chance: Interval
    resamples: int


class Chances:
    """How often each claim of a lesson holds with other numbers of nets.

    Args:
        lesson: with `cells` and `claims`.
        data: the stored runs, as `analysis.data.load` returns them.
        resamples: at most, of each number of nets.
    """

    def __init__(self, lesson, data, resamples=RESAMPLES):
        self.lesson, self.drawable, self.resamples = lesson, Drawable(lesson, data), resamples
        self.claims = lesson.claims(self.drawable.cells)
        self._held = defaultdict(list)  # factor -> one (claims,) a resample
        self._nets = {}  # (factor, claim) -> nets

    def enough(self, claim, chance=CHANCE, ladder=LADDER):
        """The `Enough` of the claim of a number."""
        low, high = 0, len(ladder)  # the step lies in ladder[low:high], or there is none
        while low < high:
            middle = (low + high) // 2
            if self.reaches(claim, ladder[middle], chance):
                high = middle
            else:
                low = middle + 1
        factor = ladder[low] if low < len(ladder) else None
        return self._at(claim, ladder[min(low, len(ladder) - 1)], factor)

    def chance(self, claim, factor):
        """How often a claim holds for so many nets, an Interval, by all resamples."""
        held = self._held[factor]
        held += [self._decide(factor, n) for n in range(len(held), self.resamples)]
        return wilson(self._count(claim, factor), len(held))

    def nets(self, claim, factor):
        """The number of nets on which a claim rests at one step of the ladder; 0 if on none."""
        if not self._held[factor]:
            self._held[factor].append(self._decide(factor, 0))
        return self._nets.get((factor, claim), 0)

    def reaches(self, claim, factor, chance):
        """Whether a claim holds with that chance; it is drawn until that is clear, or enough."""
        held = self._held[factor]
        while len(held) < FIRST or (
            len(held) < self.resamples and chance in wilson(self._count(claim, factor),
                                                            len(held), SURE)
        ):  # fmt: skip
            held.append(self._decide(factor, len(held)))
        return self._count(claim, factor) >= chance * len(held)

    def _count(self, claim, factor):
        return sum(claim in held for held in self._held[factor])

    def _at(self, claim, factor, found):
        n = len(self._held[factor])
        return Enough(found, self.nets(claim, factor), wilson(self._count(claim, factor), n), n)

    def _decide(self, factor, repetition):
        """The set of the numbers of the claims that hold for nets drawn once.

        Where too few nets leave something without a value, no claim holds.
        """
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                claims = self.lesson.claims(self.drawable.draw(factor, repetition))
        except Exception:  # a lesson may raise anything
            return frozenset()
        self._nets |= {(factor, i): claim.nets for i, claim in enumerate(claims)}
        return frozenset(i for i, claim in enumerate(claims) if claim.holds)
