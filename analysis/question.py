"""A question that nets answer one by one, and how far the evidence has come."""

from typing import NamedTuple

from analysis.contrast import Contrast, contrast
from analysis.statistics import e_value, first_passing, number
from experiments.tracking.record import text


class Weighed(NamedTuple):
    """The state of a question after some nets, in words.

    Attributes:
        words: the counts and the larger e-value.
        decided: whether an e-value has reached 1/level.
        answer: the claim that is decided, or that none is.
    """

    words: str
    decided: bool
    answer: str


class Question(NamedTuple):
    """Whether something is true of more (or less) than a share p of nets, or of pairs of nets.

    Attributes:
        measure: a final value of nets; true or false without a contrast.
        p: the share.
        level: the chance of a false alarm, at most, of each answer.
        contrast: the two values of a knob that are compared seed by seed, or None.
        sides: which answers are looked for: "more" and "less".
    """

    measure: str
    p: float
    level: float
    contrast: Contrast | None = None
    sides: tuple = ("more", "less")

    @property
    def axis(self):
        """The words that add the two values to a sweep."""
        if self.contrast is None:
            return []
        return [f"{self.contrast.knob}={','.join(map(text, self.contrast.values))}"]

    def hits(self, data):
        """(R,) true or false in the order of seeds; of pairs, those whose nets differ.

        Raises:
            LookupError: No such measure, or several nets have the same seed.
        """
        if self.contrast is not None:
            x, y = self.contrast.pairs(data).values()
            return (x > y)[x != y]
        nets = data.nets
        if self.measure not in nets or nets[self.measure].dtype != bool:
            rates = [name for name in nets if nets[name].dtype == bool and name not in data.knobs]
            raise LookupError(f"a share needs a measure that is true or false; those are {rates}")
        if nets.seed.duplicated().any():
            raise LookupError("several nets have the same seed; give each knob one value")
        return nets.sort_values("seed")[self.measure].to_numpy()

    def weigh(self, data):
        """The `Weighed` evidence of the nets of `data`; raises as `hits`."""
        hits = self.hits(data)
        what = "seeds that differ" if self.contrast else "nets"
        found = {side: self._evidence(hits, side) for side in self.sides}
        best = max(found, key=lambda side: found[side])
        counts = f"{int(hits.sum()):,} of {len(hits):,} {what}"
        words = f"{counts}; e = {number(found[best])} of {number(1.0 / self.level)}"
        for side in self.sides:
            if (n := self._passing(hits, side)) is not None:
                answer = (f"decided by the first {n:,} {what}: {self._sentence(side)}, "
                          f"at level {number(self.level)}")  # fmt: skip
                return Weighed(words, True, answer)
        return Weighed(words, False, f"not decided: {counts}, e = {number(found[best])} at most")

    def _evidence(self, hits, side):
        return e_value(*self._counted(hits, side)) if len(hits) else 1.0

    def _passing(self, hits, side):
        hits = hits if side == "more" else ~hits
        return first_passing(hits, self.p if side == "more" else 1.0 - self.p, self.level)

    def _counted(self, hits, side):
        if side == "more":
            return int(hits.sum()), len(hits), self.p
        return int((~hits).sum()), len(hits), 1.0 - self.p

    def _sentence(self, side):
        if self.contrast is not None:
            return self.contrast.sentence(side == "more")
        return f"{side} than {number(self.p)} of nets {self.measure}"


def question(given):
    """The Question of a command's words.

    Raises:
        LookupError: There are not two values of one knob.
        ValueError: A share is not between 0 and 1.
    """
    if given.between is not None:
        return Question(given.y, 0.5, given.level, contrast(given.y, given.between))
    side, p = ("more", given.above) if given.above is not None else ("less", given.below)
    if not 0.0 < p < 1.0:
        raise ValueError(f"a share must be between 0 and 1; got {p:g}")
    return Question(given.y, p, given.level, sides=(side,))
