"""A claim: a sentence about the stored runs, and the verdict on it."""

from dataclasses import dataclass
from types import SimpleNamespace

from analysis.statistics import number
from analysis.verdicts import Verdict
from analysis.verdicts.verdict import SIDE

Cells = SimpleNamespace  # the numbers that claims and figure of a lesson need, by their names
SIDED = " (one end of a 95 % interval)"


@dataclass(frozen=True)
class Claim:
    """A sentence of a lesson, and the verdict of the data on it.

    Attributes:
        sentence: so sharp that it can be false: "at width 3 more than 95 % solve XOR".
        verdict: what was measured, and the tests that decide; see `analysis.verdicts`.
        caveat: whether the sentence says where the folklore is false.

    Raises:
        ValueError: The sentence is empty, or the verdict measures or decides nothing.
    """

    sentence: str
    verdict: Verdict
    caveat: bool = False

    def __post_init__(self):
        parts = {"sentence": self.sentence, "measured": self.measured, "test": self.test}
        for name, text in parts.items():
            if not str(text).strip():
                raise ValueError(f"a claim needs its {name}; got {text!r}")
        if int(self.nets) != self.nets or self.nets < 1:
            raise ValueError(f"nets must be a whole number > 0; got {self.nets!r}")
        for check in self.verdict.checks:
            if check.holds not in (True, False):  # NaN and arrays are no verdicts
                raise ValueError(f"holds must be true or false; got {check.holds!r}")

    @property
    def measured(self):
        return self.verdict.measured

    @property
    def test(self):
        """The rule that decides, with its statistics."""
        return self.verdict.rule

    @property
    def nets(self):
        return self.verdict.nets

    @property
    def holds(self):
        return self.verdict.holds

    @property
    def p(self):
        """The p-value that decides, or None where nothing is sampled."""
        return self.verdict.p

    @property
    def level(self):
        """The levels of its tests, in words."""
        levels = dict.fromkeys(c.level for c in self.verdict.checks if c.level is not None)
        named = [f"{number(a)}{SIDED if a == SIDE else ''}" for a in levels]
        return ", ".join(named) or "none: said of the stored nets only"

    @property
    def margin(self):
        """The numbers with which what was measured is compared, in words."""
        margins = dict.fromkeys(c.margin for c in self.verdict.checks if c.margin is not None)
        return ", ".join(map(number, margins)) or "none"

    @property
    def intervals(self):
        """The intervals of what was measured, as `low:high low:high`."""
        ends = [(c.low, c.high) for c in self.verdict.checks if c.low is not None]
        return " ".join(f"{low:.6g}:{high:.6g}" for low, high in ends)

    @property
    def words(self):
        return "holds" if self.holds else "does not hold"


def Caveat(sentence, verdict):
    """A claim that says where the folklore is false."""
    return Claim(sentence, verdict, caveat=True)
