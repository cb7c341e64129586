"""A claim: a sentence about the stored runs that a statistical test has decided."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """A sentence of a lesson, what was measured, and whether the test upholds the sentence.

    Attributes:
        sentence: so sharp that it can be false: "at width 3 more than 95 % solve XOR".
        measured: the number, with its interval: "987 of 1,000, .987 [.978, .992]".
        test: the test that decides, with its statistic: "lower end of the Wilson interval".
        nets: the number of nets that the claim rests on.
        holds: whether the data uphold the sentence.
        caveat: whether the sentence says where the folklore is false.

    Raises:
        ValueError: A text is empty, `nets` is no positive whole number, or `holds` is not a truth
            value.
    """

    sentence: str
    measured: str
    test: str
    nets: int
    holds: bool
    caveat: bool = False

    def __post_init__(self):
        for name in ("sentence", "measured", "test"):
            if not str(getattr(self, name)).strip():
                raise ValueError(f"a claim needs its {name}; got {getattr(self, name)!r}")
            object.__setattr__(self, name, str(getattr(self, name)))
        if int(self.nets) != self.nets or self.nets < 1:
            raise ValueError(f"nets must be a whole number > 0; got {self.nets!r}")
        if self.holds not in (True, False):  # NaN and arrays are no verdicts
            raise ValueError(f"holds must be true or false; got {self.holds!r}")
        # NumPy's scalars print and pickle differently from Python's.
        object.__setattr__(self, "nets", int(self.nets))
        object.__setattr__(self, "holds", bool(self.holds))

    @property
    def verdict(self):
        return "holds" if self.holds else "does not hold"
