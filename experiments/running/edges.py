"""Whether the best value of a knob lies at the edge of those tried, and what comes next."""

import math

from experiments.running.ended import Ended
from experiments.schema.config import KNOBS
from experiments.schema.fields import Number
from experiments.tracking.record import short_text

FEW = 3  # values that a knob needs before its last one is an edge
NEXT = 2  # values that go on after the last one


def edge(ended: Ended) -> str | None:
    """The best run has the smallest or the largest value of a number, of three or more."""
    found, further = [], []
    for knob, values in ended.learned_by.items():
        value = getattr(ended.best, knob)
        upward = value == values[-1]
        if len(values) < FEW or value not in (values[0], values[-1]) or _ties(ended, knob, values):
            continue
        if more := _beyond(values if upward else values[::-1], KNOBS[knob]):
            found.append(f"the {'largest' if upward else 'smallest'} {knob}, {short_text(value)}")
            further.append(f"{knob}={','.join(map(short_text, sorted((value, *more))))}")
    if not found:
        return None
    return f"the best run has {', and '.join(found)}; go on with {' '.join(further)}"


def _ties(ended, knob, values):
    """Whether a run with an inner value of the knob is as good as the best run."""
    best = ended.values(ended.ranked[0])
    same = (f for f in ended.ranked if ended.values(f) == best)
    return any(getattr(ended.configs[f], knob) in values[1:-1] for f in same)


def _beyond(values, field: Number):
    """Two values that go on after the last one, where they are allowed.

    By its ratio to the one before, or its distance; where there are many values, by half of all
    that they span.
    """
    first, before, last = values[0], *values[-2:]
    ratio = last / before if before > 0 and last > 0 else 0
    geometric = ratio > 0 and not 1 / 1.4 < ratio < 1.4
    if geometric:
        ratio = max(ratio, (last / first) ** 0.5, key=lambda r: abs(math.log(r)))
    step = max(last - before, (last - first) / 2, key=abs)
    more, value = [], last
    for _ in range(NEXT):
        value = float(f"{value * ratio if geometric else value + step:.3g}")
        value = round(value) if field.whole else value
        try:
            more.append(field.parse(value))
        except ValueError:
            break
    return [v for v in dict.fromkeys(more) if v != last]
