"""What a store holds of nets like those that are asked for: of other seeds, or of other code.

A net depends on its own seed only. So a run with more seeds than a stored one takes the nets that
are stored, to the last bit, and trains the others.
"""

import re
from collections import Counter, defaultdict
from typing import NamedTuple

from experiments.console import plural
from experiments.schema import fingerprint
from experiments.tracking.errors import Damaged, Lost
from experiments.tracking.layout import EPOCH, SEED

KNOBS_OF = re.compile(rf'"{fingerprint.KNOBS}": "(\w+)"')  # in an identity as it is stored
MOST_REASONS = 3  # sentences about what has changed


class Held:
    """The identities of the finished runs of a store.

    Args:
        texts: {run id: identity as it is stored}, oldest first.
        identities: those that are asked for. Runs with other knobs are passed over, which is fast.
    """

    def __init__(self, texts, identities):
        self.same = defaultdict(list)  # an identity without seeds -> [(run id, seeds)]
        self.newest = {}  # knobs -> the identity of the newest run that has them
        knobs = {parts[fingerprint.KNOBS] for parts in identities}
        for run_id, text in texts.items():
            if not ((found := KNOBS_OF.search(text)) and found[1] in knobs):
                continue
            try:
                parts = fingerprint.from_text(text)
            except ValueError:  # somebody else's tag
                continue
            self.same[fingerprint.without_seeds(parts)].append((run_id, fingerprint.seeds(parts)))
            self.newest[parts[fingerprint.KNOBS]] = parts

    def nets(self, parts):
        """[(run id, range of seeds)]: stored nets of an identity, each seed once, in order."""
        wanted, found = fingerprint.seeds(parts), []
        position = wanted.start
        held = self.same.get(fingerprint.without_seeds(parts), ())
        for run_id, seeds in sorted(held, key=lambda one: (one[1].start, -one[1].stop)):
            own = range(max(seeds.start, position), min(seeds.stop, wanted.stop))
            if own:
                found.append((run_id, own))
                position = own.stop
        return found

    def reasons(self, identities):
        """Sentences that tell why runs are trained again whose knobs are in the store."""
        counts = Counter()
        for parts in identities:
            old = self.newest.get(parts[fingerprint.KNOBS])
            if old is not None and not self.nets(parts):
                counts[", ".join(fingerprint.differences(old, parts))] += 1
        del counts[""]  # other seeds alone
        for changed, n in counts.most_common(MOST_REASONS):
            yield f"{plural(n, 'run')} to train again; changed since the last time: {changed}"


def gaps(wanted, found):
    """The ranges of `wanted` that the ranges of [(run id, range)], in order, leave open."""
    position, open_ranges = wanted.start, []
    for _, seeds in found:
        open_ranges.append(range(position, seeds.start))
        position = seeds.stop
    return [seeds for seeds in (*open_ranges, range(position, wanted.stop)) if seeds]


class Reuse(NamedTuple):
    """Stored nets that a launch takes, and the seeds that it trains beside them.

    Both by job; jobs of which no net is stored are in neither.
    """

    parts: dict  # job -> [(first seed, arrays)]
    seeds: dict  # job -> ranges of the seeds that are not stored

    @property
    def nets(self):
        """The number of stored nets."""
        return sum(len(arrays[SEED]) for parts in self.parts.values() for _, arrays in parts)


def reuse(identities, held, store):
    """The Reuse of {job: identity}. Nets whose files are lost or damaged are trained again."""
    parts, seeds = {}, {}
    for job, identity in identities.items():
        found = held.nets(identity)
        read = [(where, _read(store, *where)) for where in found]
        sure = [(where, arrays) for where, arrays in read if arrays is not None]
        if sure:
            parts[job] = [(own.start, arrays) for (_, own), arrays in sure]
            seeds[job] = gaps(fingerprint.seeds(identity), [where for where, _ in sure])
    return Reuse(parts, seeds)


def _read(store, run_id, seeds):
    """The arrays of the nets of these seeds, or None if the run's file is lost or damaged."""
    try:
        arrays = store.nets.arrays(run_id)
        first = seeds.start - int(arrays[SEED][0])
        own = {n: a if n == EPOCH else a[first : first + len(seeds)] for n, a in arrays.items()}
        return own if own[SEED].tolist() == list(seeds) else None
    except (Lost, Damaged, KeyError, IndexError):
        return None
