"""A question to a sweep of one's own: is a measure larger with one value of a knob than another?

Nets of equal seeds share data and random draws, so they are compared in pairs.
"""

from typing import NamedTuple

import numpy as np

from analysis.claims import Claim
from analysis.lessons import Lesson
from analysis.statistics import improvement, number
from analysis.values import conditions
from analysis.verdicts import larger, less_often, more_often, smaller

NEVER = "epochs_to_solve"  # a measure without a value where it did not happen


class Contrast(NamedTuple):
    """The words of a question: `solved`, `activation`, ("sigmoid", "tanh")."""

    measure: str
    knob: str
    values: tuple

    def pairs(self, data):
        """{value: (R,) measures} of the nets whose seeds both values have, in the order of seeds.

        Raises:
            LookupError: No such measure or value, or several nets of a value have the same seed.
        """
        nets = data.nets
        if self.measure not in nets or self.measure in data.knobs:
            measures = [name for name in nets if name not in (*data.knobs, "run_id", "seed")]
            raise LookupError(f"no measure {self.measure!r}; there are {measures}")
        columns = {}
        for value in self.values:
            own = data.select(**{self.knob: value}).nets.set_index("seed")[self.measure]
            if own.index.has_duplicates:
                others = [knob for knob in data.varied if knob not in (self.knob, "seeds", "seed")]
                raise LookupError(f"several nets have the same seed; choose one value of {others} "
                                  "with --where KNOB=VALUE")  # fmt: skip
            columns[value] = own.fillna(np.inf) if self.measure == NEVER else own
        common = columns[self.values[0]].index.intersection(columns[self.values[1]].index)
        return {value: own.loc[np.sort(common)].to_numpy() for value, own in columns.items()}

    def lesson(self, data, level):
        """The question as a lesson of one claim, in the direction that the nets of `data` show."""
        x, y = self.pairs(data).values()
        is_rate = x.dtype == bool
        up = bool(np.mean(x) >= np.mean(y) if is_rate else improvement(y, x) >= 0.5)
        rule = (more_often if up else less_often) if is_rate else (larger if up else smaller)

        def claims(cells):
            return [Claim(self.sentence(up), rule(*cells.values(), p=level))]

        return Lesson(self.measure, self.sentence(up), cells=self.pairs, claims=claims)

    def sentence(self, up):
        """What is claimed: `solved is more with activation=sigmoid than with tanh`."""
        first, second = self.values
        than = f"with {self.knob}={_said(first)} than with {_said(second)}"
        return f"{self.measure} is {'more' if up else 'less'} {than}"


def contrast(measure, between):
    """The Contrast of the words of a command, such as `solved` and `activation=sigmoid,tanh`.

    Raises:
        LookupError: There are not two values of one knob.
    """
    found = conditions([between])
    ((knob, values),) = found.items()
    if len(values) != 2 or values[0] == values[1]:
        raise LookupError(f"--between must be KNOB=A,B with two values; got {between!r}")
    return Contrast(measure, knob, tuple(values))


def _said(value):
    if value is None:
        return "null"  # as on the command line
    return number(value) if isinstance(value, float) else str(value)
