"""Verdicts kept beside their figures, so that nothing is decided or drawn twice.

`NAME.json` says what a lesson's runs showed, in which files, and what all of it was made from: the
runs, the code and the packages, as one digest. Once any of them has changed it counts no more.
"""

import hashlib
import importlib.util
import json
import sys
from dataclasses import asdict
from functools import cache
from importlib import metadata
from pathlib import Path

import scratchml
from analysis import lessons
from analysis.claims import Claim
from analysis.figures.style import write as write_whole

PACKAGES = ("matplotlib", "numpy", "pandas", "pillow", "scikit-learn", "scipy", "seaborn")


def origin(name, data):
    """A digest of what a verdict on the lesson comes from, when its runs are `data`."""
    own = Path(importlib.util.find_spec(f"{lessons.__name__}.{name}").origin)
    runs = json.dumps([data.experiment, *data.runs.run_id, *data.missing])
    return _digest(_surroundings(), own.read_bytes(), runs.encode())


@cache
def _surroundings():
    """A digest of the code that all lessons share, and of the packages."""
    here = Path(__file__).parent
    shared = [*here.glob("*.py"), *here.glob("lessons/_*.py")]
    paths = sorted([*shared, *Path(scratchml.__file__).parent.glob("*.py")])
    versions = [sys.version, *map(metadata.version, PACKAGES)]
    return _digest(*(path.read_bytes() for path in paths), *(v.encode() for v in versions))


def _digest(*parts):
    whole = hashlib.sha256()
    for part in parts:
        part = part if isinstance(part, bytes) else part.encode()
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()


def write(out, name, origin, claims, nets, files):
    """Keeps a verdict: its claims, how many nets, and the paths of its figures, all in `out`."""
    kept = {
        "origin": origin,
        "nets": nets,
        "claims": [asdict(claim) for claim in claims],
        "files": {path.name: _digest(path.read_bytes()) for path in files},
    }
    write_whole(out / f"{name}.json", f"{json.dumps(kept, indent=1)}\n".encode())


def read(out, name, origin):
    """(claims, nets, paths of the figures) of a verdict with this origin; None if it is not kept.

    A file that was changed or lost since, or is no verdict at all, is as good as none.
    """
    try:
        kept = json.loads((out / f"{name}.json").read_bytes())
        if kept["origin"] != origin:
            return None
        files = [out / file for file in kept["files"]]
        if [_digest(path.read_bytes()) for path in files] != [*kept["files"].values()]:
            return None
        return tuple(Claim(**claim) for claim in kept["claims"]), kept["nets"], files
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
