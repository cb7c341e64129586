"""What changed between two reports: claims that flipped, moved, appeared or vanished.

A claim has moved if its intervals of before and after have no point in common. The numbers in a
sentence do not count for which claim it is, because some of them are measured.
"""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from analysis import lessons
from analysis.answers import decide
from analysis.page import as_csv

NUMBER = re.compile(r"\.?\d[\d,]*(\.\d+)?(e-?\d+)?")
NEEDED = {"lesson", "claim", "measured", "verdict"}  # columns of a report.csv


@dataclass(frozen=True)
class Change:
    """A claim that differs.

    Attributes:
        kind: flipped, moved, appeared or vanished.
        lesson, claim: its lesson and sentence.
        before, after: its verdict and what was measured, or "".
        is_worse: whether it counts as a failure: all but a claim that appears and holds, and one
            that holds now and did not before.
    """

    kind: str
    lesson: str
    claim: str
    before: str
    after: str
    is_worse: bool


def read(source, uri=None):
    """{key: row of report.csv} of all claims of a store, a table, or a sweep of one lesson.

    Args:
        source: a path of a report.csv, LESSON@RUN_ID, or the address of a store.
        uri: the store of a sweep.

    Raises:
        LookupError: No such lesson or sweep, or the store holds no lesson.
        ValueError: The table is none of a report.
        OSError: The table cannot be read.
    """
    lesson, at, sweep = source.partition("@")
    if source.endswith(".csv"):
        text = Path(source).read_text(encoding="utf-8")
    elif at and lesson.isidentifier() and not Path(source).exists():
        text = as_csv([decide(lessons.some([lesson])[0], uri, sweep=sweep)])
    else:
        text = as_csv([decide(one, source) for one in lessons.some()])
    rows = list(csv.DictReader(io.StringIO(text)))
    if not rows:
        raise LookupError(f"{source} has no claim that was decided")
    if lacking := NEEDED - rows[0].keys():
        raise ValueError(f"{source} is no table of claims: it lacks {', '.join(sorted(lacking))}")
    seen, found = Counter(), {}
    for row in rows:
        key = row["lesson"], NUMBER.sub("#", row["claim"])
        found[*key, seen[key]] = row
        seen[key] += 1
    return found


def compare(before, after):
    """The Changes between two results of `read`: flipped ones first, then the others, in order."""
    found = []
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            kind = "appeared" if old is None else "vanished"
            worse = new is None or new["verdict"] != "holds"
        elif old["verdict"] != new["verdict"]:
            kind, worse = "flipped", new["verdict"] != "holds"
        elif _apart(old, new):
            kind, worse = "moved", True
        else:
            continue
        row = new or old
        found.append(Change(kind, row["lesson"], row["claim"], _said(old), _said(new), worse))
    return sorted(found, key=lambda change: change.kind != "flipped")


def as_markdown(changes, before, after):
    """A table of changes for a pull request; a sentence if there are none."""
    counts = Counter(change.kind for change in changes)
    same = len(before.keys() & after.keys()) - counts["flipped"] - counts["moved"]
    told = [f"{n} {kind}" for kind, n in counts.items()]
    lines = [f"{', '.join(told) or 'No claim has changed'}; {same} claims are as before."]
    if changes:
        lines += ["", "| change | lesson | claim | before | after |", "|---|---|---|---|---|"]
    for one in changes:
        cells = (one.kind, one.lesson, one.claim, one.before, one.after)
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(lines)


def _apart(old, new):
    """Whether an interval of a claim shares no point with the one that was there before."""
    pairs = zip(_intervals(old), _intervals(new), strict=False)
    return any(a[1] < b[0] or b[1] < a[0] for a, b in pairs)


def _intervals(row):
    """[(low, high)] of a claim; tables of older versions have none."""
    return [tuple(map(float, ends.split(":"))) for ends in row.get("intervals", "").split()]


def _said(row):
    return f"{row['verdict']}: {row['measured']}" if row else ""
