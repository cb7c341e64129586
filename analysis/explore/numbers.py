"""Numbers: all that a page knows of a sweep, from the store, within a number of bytes."""

import json

import numpy as np

from analysis import frames
from analysis.commands import launch_command
from analysis.explore import examples, settings, sizes
from analysis.explore.blocks import Numbers
from analysis.explore.parts import part_of
from experiments.tracking.layout import LOSS, SEED

SOLVED, DIVERGED = 1, 2  # flags of a net
PER_NET = 29  # bytes in the blocks of all nets
MOST_RUNS = 10_000
MEASURES = (LOSS, "test/loss", "train/accuracy", "test/accuracy", "train/rmse", "test/rmse")


def gather(data, room):
    """The Numbers of a sweep's runs, in at most `room` bytes of a page."""
    lent = settings.lent(data)
    lenders = {*lent.values()}
    runs = data.runs[~data.runs.run_id.isin(lenders)].reset_index(drop=True)
    numbers = Numbers({"runs": [], "times": [], "shapes": [], "forms": []})
    if lenders:
        names = ", ".join(data.runs.name[data.runs.run_id.isin(lenders)])
        numbers.note(f"Weights on the way come from {names}: the same nets, looked at more often.")
    if len(runs) > MOST_RUNS:
        numbers.note(f"This page has the first {MOST_RUNS:,} of {len(runs):,} runs.")
        runs = runs[:MOST_RUNS]
    knobs = settings.shown(runs, data.knobs)
    numbers.facts["knobs"] = [knob.facts() for knob in knobs]
    counted = frames.counted_once(data.runs, data.knobs, lambda run: data.arrays(run, SEED)[SEED])
    cap = 4 * room / max(1, len(runs))  # bytes of one run that are kept in memory, for each kind
    parts = []
    for run_id, name in zip(runs.run_id, runs.name, strict=True):
        if not counted.get(run_id, np.True_).any():  # a later run holds all of its nets
            continue
        facts = {"id": run_id, "name": name, "at": [knob.places[run_id] for knob in knobs]}
        parts.append(part_of(data, facts, lent.get(run_id), counted.get(run_id), cap, numbers))
    _without_paths(numbers, parts, data)
    _fill(numbers, parts, room - len(json.dumps(numbers.facts)) - 400 * len(parts))
    examples.add(numbers, data, parts)
    numbers.facts["runs"] = [part.facts for part in parts]
    return numbers


def _without_paths(numbers, parts, data):
    """Notes how many nets have their weights stored on the way, and how all of them would."""
    known = [part for part in parts if "form" in part.facts]
    of = sum(part.facts["nets"] for part in known)
    have = sum(part.nets_with("paths") for part in known if "path" in part.facts)
    if have < of:
        trains = data.command.startswith("scratchml train")
        again = data.command if trains else launch_command(data.experiment)
        name = f"{data.experiment}_paths"
        numbers.note(
            f"Weights on the way are stored of {have:,} of {of:,} nets; of the others the picture "
            f"is how they end. To store them all: {again} paths=true experiment={name}, "
            f"and then scratchml explore {name}."
        )


def _fill(numbers, parts, room):
    """Puts the arrays of runs into blocks, of as many nets as fit into `room` bytes of the page."""
    counts, room = [part.facts["nets"] for part in parts], room / sizes.BASE64
    k = sizes.most(counts, [PER_NET] * len(parts), 0.5 * room)
    numbers.note(sizes.sentence("nets", counts, k))
    for part in parts:
        _table(numbers, part, k)
    room -= PER_NET * sum(min(n, k) for n in counts)
    measures = {kind for part in parts for kind in part.arrays if kind.startswith("curves/")}
    first = f"curves/{LOSS}"
    for kind in ("weights", first, "paths"):
        named = kind.partition("/")[0]
        room -= _block(numbers, parts, kind, sizes.SHARES[named] * room, named)
    shown = [first] if first in numbers.blocks else []
    for kind in sorted(measures - {first}, key=lambda kind: _order(kind.removeprefix("curves/"))):
        cost = sum(4 * part.arrays[kind].size for part in parts if kind in part.arrays)
        if cost > room:
            numbers.note(f"To stay under 8 MB this page leaves out {kind.removeprefix('curves/')}.")
            continue
        room -= _block(numbers, parts, kind, room, "curves")
        shown.append(kind)
    numbers.facts["measures"] = [kind.removeprefix("curves/") for kind in shown]


def _block(numbers, parts, kind, room, words):
    """Fills the block of one kind of arrays; returns the bytes that it takes."""
    have = [part for part in parts if kind in part.arrays]
    counts = [part.nets_with(kind) for part in have]
    costs = [4 * part.arrays[kind][:1].size for part in have]
    k = sizes.most(counts, costs, room)
    k = min([k, *(len(p.arrays[kind]) for p, n in zip(have, counts, strict=True)
                  if len(p.arrays[kind]) < n)])  # fmt: skip
    numbers.note(sizes.sentence(words, counts, k))
    for part in have:
        array = part.arrays[kind][:k]
        place = {"at": numbers.add(kind, array), "nets": len(array)}
        if kind == "paths":
            lent = None if part.lent is None else part.lent[: len(array)].tolist()
            part.facts["path"] |= place | {"which": lent}
        else:
            part.facts.setdefault("blocks", {})[kind] = place
    return sum(min(n, k) * cost for n, cost in zip(counts, costs, strict=True))


def _table(numbers, part, k):
    """Puts the final values of a run's first k nets into the blocks of all nets."""
    seeds, final, n = part.seeds[:k], part.final, min(k, part.facts["nets"])

    def of(name):
        return final.get(name, np.full(len(part.seeds), np.nan))[:k]

    flags = np.zeros(n, dtype=np.uint8)
    for flag, name in ((SOLVED, "solved"), (DIVERGED, "diverged")):
        flags[of(name) == 1] |= flag
    part.facts |= {"nets": n, "first": numbers.add("seed", seeds, "<f8"),
                   "judged": "solved" in final}  # fmt: skip
    numbers.add("loss", of(LOSS))
    numbers.add("solved_at", of("epochs_to_solve"))
    numbers.add("ended", of("epochs"))
    numbers.add("flags", flags, "u1")
    digests = numbers.facts.setdefault("digests", {})
    which = [-1] * n if part.digests is None else [
        digests.setdefault(digest.tobytes(), len(digests)) for digest in part.digests[:k]
    ]  # fmt: skip
    numbers.add("examples", which, "<i4")


def _order(measure):
    return (MEASURES.index(measure) if measure in MEASURES else len(MEASURES), measure)
