"""The identity of a run: all that its numbers depend on, part by part, and nothing else.

The parts are the knobs, the seeds, the code that the numbers go through, the content of data that
are read, and the versions of other packages. Equal identities mean equal numbers, to the last bit.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.models import MODELS
from experiments.own import Code
from experiments.schema import entries, sources
from experiments.schema.reach import Name, codes, reach

if TYPE_CHECKING:
    from experiments.schema.config import Config

Identity = dict[str, str]

# The code that all runs have in common: sampling, training, and the metrics of a run.
COMMON = (
    Name("scratchml.training", "Trainer"),
    Name("experiments.running.stacks", "_data"),
    Name("experiments.running.arrays", "results"),
    Name("experiments.running.results", "aggregate"),
)
KNOBS, SEEDS, TRAINING, DATA = "knobs", "seeds", "training", "data"  # names of parts


def identity(config: "Config") -> Identity:
    """{part: digest, version or range} of all that a run's numbers depend on."""
    parts = of_knobs(config.canonical())
    parts[TRAINING] = _common()[0]
    for part, code in entries.of(config).items():
        parts[part] = _code(part, code)[0]
    return parts | _versions(config) | _content(config)


def of_knobs(canonical: Mapping[str, Any]) -> Identity:
    """The parts of an identity that follow from the knobs of a run, as config.yaml has them."""
    # The content of a file counts, and not its place.
    knobs = {k: v for k, v in canonical.items() if k not in ("path", "seed", "seeds")}
    first, last = canonical["seed"], canonical["seed"] + canonical["seeds"]
    return {KNOBS: _digest(json.dumps(knobs, sort_keys=True)), SEEDS: f"{first}:{last}"}


def own_code(config: "Config") -> list[Code]:
    """The files of the user's own that a run's numbers go through, by name."""
    found = [_code(part, code)[1] for part, code in entries.of(config).items()]
    return sorted(set().union(*found))


def has_changed(parts: Identity, knob: str, name: str) -> bool:
    """Whether an activation, a data set or a model has other code than a run was trained with."""
    part = f"{knob} {name}"
    return all(parts.get(part) != _code(part, code)[0] for code in entries.evaluated(knob, name))


def has_other_data(parts: Identity, config: "Config") -> bool:
    """Whether data that are read have another content than those that a run was trained on."""
    return any(parts.get(part) != digest for part, digest in _content(config).items())


def fingerprint(parts: Identity) -> str:
    """SHA-256 of an identity."""
    return hashlib.sha256(to_text(parts).encode()).hexdigest()


def to_text(parts: Identity) -> str:
    """An identity as it is stored."""
    return json.dumps(parts, sort_keys=True)


def from_text(text: str) -> Identity:
    """The identity that `to_text` wrote.

    Raises:
        ValueError: It is none.
    """
    parts = json.loads(text)
    if isinstance(parts, dict) and all(isinstance(value, str) for value in parts.values()):
        if KNOBS in parts and re.fullmatch(r"\d{1,19}:\d{1,19}", parts.get(SEEDS, "")):
            return parts
    raise ValueError("it is no identity of a run")


def seeds(parts: Identity) -> range:
    """The seeds of the run's nets."""
    return range(*map(int, parts[SEEDS].split(":")))


def without_seeds(parts: Identity) -> str:
    """A text that is the same for runs that differ in their seeds alone."""
    return to_text({part: value for part, value in parts.items() if part != SEEDS})


def differences(old: Identity, new: Identity) -> list[str]:
    """What has changed between two identities, in words: `the code of activation tanh`."""
    changed = sorted(part for part in old.keys() | new.keys() if old.get(part) != new.get(part))
    return [_in_words(part, old.get(part), new.get(part)) for part in changed if part != SEEDS]


def _in_words(part, old, new):
    if part == DATA:
        return "the content of the data"
    if " " in part or part == TRAINING:
        return f"the code of {part}"
    return f"{part} {old} -> {new}"


# --- parts ----------------------------------------------------------------------------------------


def _versions(config):
    packages = MODELS[config.model].packages
    return {"numpy": np.__version__} | {package: _version(package) for package in packages}


def _version(package):
    from importlib import metadata  # a tenth of a worker's import time, and few workers need it

    return metadata.version(package)


def _content(config):
    """The digest of data that are read, and not made."""
    digest = sources.source(config.dataset).digest(vars(config))
    return {DATA: digest} if digest else {}


# --- digests --------------------------------------------------------------------------------------


@cache
def _common():
    """The digest of the common code, and its pieces."""
    pieces = reach(*COMMON)
    return _digest(*sorted(pieces)), pieces


_known = {}  # (part, id of an object) -> the object, so that its id stays its own, and its code


def _code(part: str, code: Any) -> tuple[str, set[Code]]:
    """The digest of what an entry reaches beside the common code, and files of the user's own."""
    items = code if isinstance(code, tuple) else (code,)
    key = part, *map(id, items)
    if key not in _known:
        pieces = reach(*items) - _common()[1]
        _known[key] = items, (_digest(*sorted(pieces)), codes(pieces))
    return _known[key][1]


def _digest(*texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:20]
