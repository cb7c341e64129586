"""One error rate for all claims of a report: Holm's verdict on their p-values.

A claim that is decided at its own level may be true by chance, and a report of many claims has many
chances. Holm's procedure (1979) keeps the chance that any of them is wrong below one level.
"""

from dataclasses import dataclass

from analysis.statistics import holm

LEVEL = 0.05  # the chance that any claim of the whole report is believed wrongly, at most


@dataclass(frozen=True)
class Family:
    """All claims of some answers that a p-value decides.

    Attributes:
        adjusted: {(lesson, sentence): Holm's adjusted p-value}.
        changed: (lesson, sentence) of the claims that hold at their own level, and would not at
            LEVEL over all of them.
    """

    adjusted: dict
    changed: tuple

    def of(self, lesson, claim):
        """Holm's adjusted p-value of a claim, or None where no p-value decides it."""
        return self.adjusted.get((lesson, claim.sentence))

    @property
    def words(self):
        """The verdict over all claims, in a sentence."""
        if not self.adjusted:
            return "No claim rests on a p-value"
        many = len(self.adjusted)
        if not self.changed:
            outcome = "no verdict would change"
        else:
            named = "; ".join(f"{lesson}: {sentence}" for lesson, sentence in self.changed)
            outcome = f"{len(self.changed)} of them would no longer hold ({named})"
        rest = "1 claim rests" if many == 1 else f"{many} claims rest"
        level = f"{LEVEL:g}".lstrip("0")
        return (
            f"{rest} on a p-value; with one error rate of {level} for all of them (Holm) {outcome}"
        )


def family(answers):
    """The Family of the claims of answers."""
    found = [(answer.lesson.name, claim) for answer in answers for claim in answer.claims
             if claim.p is not None]  # fmt: skip
    adjusted = holm([claim.p for _, claim in found])
    keys = [(lesson, claim.sentence) for lesson, claim in found]
    changed = [key for key, (_, claim), p in zip(keys, found, adjusted, strict=True)
               if claim.holds and p > LEVEL]  # fmt: skip
    return Family(dict(zip(keys, map(float, adjusted), strict=True)), tuple(changed))
