"""The cache of answers: a file beside a lesson's figures, so that nothing is decided twice.

`NAME.json` holds the claims and the names of the figures' files. Its `origin` is a digest of
all that they were made from: the runs, the code and the packages. Once one of these has changed,
the file does not count any more.
"""

import hashlib
import importlib.util
import json
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

import scratchml
from analysis import lessons
from analysis.claims import Claim
from analysis.figures import saving
from analysis.verdicts import Check, Verdict
from experiments import tracking

PACKAGES = ("matplotlib", "numpy", "pandas", "pillow", "scikit-learn", "scipy", "seaborn")


def origin(lesson, data):
    """A digest of the runs `data`, the code and the packages that a lesson's claims come from."""
    spec = None if lesson.file else importlib.util.find_spec(f"{lessons.__name__}.{lesson.name}")
    own = lesson.file or Path(spec.origin)
    runs = json.dumps([data.experiment, *data.runs.run_id, *data.missing])
    return _digest(_shared(), own.read_bytes(), runs.encode(), *data.code_digests)


def write(out, name, origin, claims, nets, sentence, files):
    """Stores a lesson's claims, number of nets, answer and the paths of its figures, in `out`."""
    entry = {
        "origin": origin,
        "nets": nets,
        "answer": sentence,
        "claims": [[claim.sentence, claim.verdict, claim.caveat] for claim in claims],
        "files": {path.name: _digest(path.read_bytes()) for path in files},
    }
    saving.write(out / f"{name}.json", f"{json.dumps(entry, indent=1)}\n".encode())


def read(out, name, origin):
    """(claims, nets, answer, paths of the figures) of a lesson with this origin, or None.

    It is None, too, if one of the files is lost, was changed, or is damaged.
    """
    try:
        entry = json.loads((out / f"{name}.json").read_bytes())
        if entry["origin"] != origin:
            return None
        files = [out / file for file in entry["files"]]
        if [_digest(path.read_bytes()) for path in files] != [*entry["files"].values()]:
            return None
        claims = tuple(_claim(*parts) for parts in entry["claims"])
        return claims, entry["nets"], entry["answer"], files
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _claim(sentence, verdict, caveat):
    """A claim as it was stored: tuples have become lists."""
    measured, checks, nets = verdict
    checks = tuple(Check(*_tuples(check)) for check in checks)
    return Claim(sentence, Verdict(measured, checks, nets), caveat)


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


@cache
def _shared():
    """A digest of the packages, and of the code that all lessons share."""
    versions = [sys.version, *map(metadata.version, PACKAGES)]
    return _digest(*(path.read_bytes() for path in _code()), *(v.encode() for v in versions))


def _code():
    """The files that claims and figures may depend on, without the lessons' own files."""
    here = Path(__file__).parent
    own = {here / "lessons" / f"{name}.py" for name in lessons.names()}
    reading = [Path(folder) for folder in tracking.__path__]
    folders = [here, Path(scratchml.__file__).parent, *reading]
    return sorted({path for folder in folders for path in folder.rglob("*.py")} - own)


def _digest(*parts):
    whole = hashlib.sha256()
    for part in parts:
        part = part if isinstance(part, bytes) else part.encode()
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()
