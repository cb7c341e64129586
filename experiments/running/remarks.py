"""What a good colleague would say of a sweep: a table of remarks, each one sentence or nothing.

A remark is a function of an `Ended` sweep. It returns a sentence with its number and with what to
do, or None. The setting `mute` silences remarks by name.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterator

import numpy as np

from experiments.console import plural
from experiments.running.edges import edge
from experiments.running.ended import Ended
from experiments.running.telling import LEVEL, seeds_to_tell, sign_test
from experiments.tracking.errors import TrackingError
from experiments.tracking.layout import CURVE, EPOCH, FINAL
from experiments.tracking.record import short_text

MOST = 3  # remarks after one sweep
DIVERGED = 0.2  # share of nets
ALIKE = 0.01  # relative difference of medians below which a knob changes nothing
LAST = 0.8  # of the epochs: what comes after is the end of a curve
FALLING = 0.95  # ratio of two losses, the later one to the earlier one
GAP = 0.1  # accuracy in training minus accuracy on held-out examples
RATIO = 2.0  # held-out rmse over that in training
TOO_MANY = 10_000  # seeds that nobody trains only to tell two runs apart


def guess(ended: Ended) -> str | None:
    """The best run is not better than always naming the larger class."""
    part = next((p for p in ("test", "train") if f"{FINAL}{p}/accuracy" in ended.arrays(0)), None)
    share = ended.guessing() if part else None
    if share is None:
        return None
    right = float(np.median(ended.arrays(0)[f"{FINAL}{part}/accuracy"]))
    if right > share:
        return None
    examples = {"test": "held-out", "train": "training"}[part]
    return (
        f"the best run is right for {right:.1%} of the {examples} examples, and always naming the "
        f"larger class for {share:.1%}; try other values of lr and init, or another model"
    )


def diverged(ended: Ended) -> str | None:
    """More than a fifth of the nets diverged."""
    gone = ended.finals["diverged"]
    total = sum(ended.configs[f].seeds for f in gone)
    lost = int(sum(gone.values()))
    if not lost or lost <= DIVERGED * total:
        return None
    said = f"{lost:,} of {plural(total, 'net')} diverged ({lost / total:.0%})"
    shares = {knob: _shares(ended, knob, gone) for knob in ended.varied}
    spread = {k: max(s.values()) - min(s.values()) for k, s in shares.items() if len(s) > 1}
    knob = max(spread, key=spread.get, default=None)
    if knob is None or spread[knob] < DIVERGED:
        return f"{said}; try a smaller lr, or scaling=standard"
    value = max(shares[knob], key=shares[knob].get)
    return f"{said}, with {knob}={value} {shares[knob][value]:.0%} of them; leave it out"


def _shares(ended, knob, gone):
    """{value, as a text: share of its nets that diverged}."""
    lost, total = defaultdict(float), defaultdict(int)
    for fingerprint, nets in gone.items():
        value = short_text(getattr(ended.configs[fingerprint], knob))
        lost[value] += nets
        total[value] += ended.configs[fingerprint].seeds
    return {value: lost[value] / total[value] for value in total}


def gap(ended: Ended) -> str | None:
    """The best run is far better on what it was trained on than on held-out examples."""
    advice = "try more n_samples, an l2 penalty, or stop=held_out"
    for measure, says, is_far in (
        ("accuracy", "is right for {:.1%} of examples", lambda train, test: train - test >= GAP),
        ("rmse", "has an rmse of {:.3g}", lambda train, test: test >= RATIO * train),
    ):
        names = [f"{FINAL}{part}/{measure}" for part in ("train", "test")]
        if all(name in ended.arrays(0) for name in names):
            train, test = (float(np.median(ended.arrays(0)[name])) for name in names)
            if is_far(train, test):
                said = f"the best run {says.format(train)} in training"
                return f"{said} and {says.format(test)} held out; {advice}"
    return None


def falling(ended: Ended) -> str | None:
    """The best run's loss still falls at the end: of nets that have not stopped, nor solved it."""
    arrays, epochs = ended.arrays(0), ended.best.epochs
    part = next((p for p in ("test", "train") if f"{CURVE}{p}/loss" in arrays), None)
    early = np.flatnonzero(arrays[EPOCH] <= LAST * epochs)
    if part is None or len(early) == 0 or arrays[EPOCH][-1] < epochs or epochs < 5:
        return None
    done = arrays.get(f"{FINAL}solved", False) | (arrays[f"{FINAL}epochs"] < epochs)
    curve = arrays[f"{CURVE}{part}/loss"][~np.broadcast_to(done, len(arrays[f"{FINAL}epochs"]))]
    before, after = curve[:, early[-1]], curve[:, -1]
    there = np.isfinite(before) & np.isfinite(after) & (before > 0)
    if not there.any():
        return None
    ratio = float(np.median(after[there] / before[there]))
    if ratio > FALLING:
        return None
    return (
        f"the best run's {part}/loss fell by {1 - ratio:.0%} after epoch "
        f"{arrays[EPOCH][early[-1]]:,} of {epochs:,}; try epochs={2 * epochs}"
    )


def tie(ended: Ended) -> str | None:
    """A sign test of their nets of equal seed does not tell the first two runs apart."""
    if len(ended.ranked) < 2:
        return None
    wins, losses, ties = ended.wins()
    nets, decided = wins + losses + ties, wins + losses
    p = sign_test(wins, losses)
    if nets == 0 or p < LEVEL:
        return None
    if not decided:
        return f"the first two runs are alike in all of {plural(nets, 'net')}; take the cheaper one"
    enough = seeds_to_tell(max(wins, losses) / decided, decided / nets)
    said = f"the first two runs cannot be told apart: {wins:,} of {plural(nets, 'net')} are better "
    said += f"in the first, {losses:,} in the second (p = {p:.2g})"
    if enough > TOO_MANY:
        return f"{said}; take either"
    return f"{said}; about seeds={max(enough, nets + 1)} would tell, or take either"


def idle(ended: Ended) -> str | None:
    """A knob changes nothing: runs that differ in it alone have the same medians, to 1 %."""
    found = [knob for knob in ended.varied if knob not in ("seed", "seeds") and _idle(ended, knob)]
    if not found:
        return None
    saved = len(ended.configs) * (1 - 1 / math.prod(len(ended.varied[k]) for k in found))
    words = " and ".join(f"{knob} ({plural(len(ended.varied[knob]), 'value')})" for knob in found)
    change = "changes" if len(found) == 1 else "change"
    return (
        f"{words} {change} no median by more than 1 %; one value is enough, {saved:,.0f} runs fewer"
    )


def _idle(ended, knob):
    groups = defaultdict(list)
    for fingerprint, config in ended.configs.items():
        key = repr([getattr(config, other) for other in ended.varied if other != knob])
        groups[key].append(ended.values(fingerprint))
    pairs = [np.array(values, dtype=float) for values in groups.values() if len(values) > 1]
    return bool(pairs) and all(_alike(values) for values in pairs)


def _alike(values):
    """Whether rows are alike: missing in the same places, and else within 1 % of the largest."""
    missing = np.isnan(values)
    if (missing != missing[0]).any():
        return False
    there = values[:, ~missing[0]]
    return bool((np.ptp(there, axis=0) <= ALIKE * np.abs(there).max(axis=0)).all())


REMARKS = {  # name: function, the most urgent first
    "guess": guess,
    "diverged": diverged,
    "gap": gap,
    "falling": falling,
    "edge": edge,
    "tie": tie,
    "idle": idle,
}


def remarks(ended: Ended, mute: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """(name, sentence) of the first MOST remarks that have something to say."""
    said = 0
    for name, remark in REMARKS.items():
        if name in mute or said == MOST:
            continue
        try:
            sentence = remark(ended)
        except TrackingError:  # a run's file is lost: the sweep itself is stored and well
            continue
        if sentence:
            said += 1
            yield name, sentence
