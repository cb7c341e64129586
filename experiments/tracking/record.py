"""The record of a run, as it is stored: names, numbers, tags and files; texts, YAML and CSV.

Neither Hydra nor MLflow is imported here.
"""

import json
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from operator import itemgetter

import numpy as np
import yaml

from experiments.tracking.layout import FINAL, SEED

# MLflow's limits (mlflow.utils.validation), which the writer of rows has to keep by itself.
WORD = r"(?!\.\.?(?:/|$))[\w.\-: ]+"  # neither . nor ..
NAMES = re.compile(f"{WORD}(/{WORD})*")
LONGEST = {"name": 250, "params": 6000, "tags": 8000}
CUT = "…"  # the end of a text that was longer
MAX_CACHED = 4096  # values that `by_repr` keeps
STATUSES = ("RUNNING", "FINISHED", "FAILED", "KILLED")


def now_ms() -> int:
    """The time as MLflow writes it: milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class RunRecord:
    """A run as MLflow will hold it.

    `metrics` are (key, value, step), each pair of key and step once. `dataset` has the fields of
    an MLflow dataset: name, digest, source_type, source, schema, profile. `fingerprint` becomes a
    tag when the run is FINISHED or FAILED, not while it runs and not when it was KILLED.

    Raises:
        ValueError: MLflow would refuse or quietly change a value: an unknown status, a metric that
            is not finite, a key with other letters, a text that is too long.
    """

    name: str
    params: dict[str, str] = field(default_factory=dict)
    metrics: list[tuple[str, float, int]] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, bytes] = field(default_factory=dict)
    dataset: dict[str, str | None] | None = None
    start_ms: int = field(default_factory=now_ms)
    end_ms: int | None = None
    status: str = "FINISHED"
    fingerprint: str | None = None

    def __post_init__(self):
        if self.status not in STATUSES:
            raise ValueError(f"status must be one of {list(STATUSES)}; got {self.status!r}")
        keys, values, steps = zip(*self.metrics, strict=True) if self.metrics else ((), (), ())
        if not all(map(math.isfinite, values)):
            bad = [math.isfinite(value) for value in values].index(False)
            raise ValueError(
                f"metric {keys[bad]} at step {steps[bad]} must be finite; got {values[bad]}"
            )
        texts = [("name", "name", self.name)]
        texts += [("params", *item) for item in self.params.items()]
        texts += [("tags", *item) for item in self.tags.items()]
        for what, key, value in texts:
            if len(value) > LONGEST[what]:
                raise ValueError(f"{key} must have at most {LONGEST[what]} letters; got {value!r}")
        for key in {*self.params, *self.tags, *keys}:
            if not _is_key(key):
                raise ValueError(f"a key must be of letters, digits and _-./: only; got {key!r}")
        if self.dataset is not None and len(self.dataset["digest"]) > 36:
            raise ValueError(f"digest must have at most 36 letters; got {self.dataset['digest']!r}")

    def summary(self) -> dict[str, float]:
        """{key: value} of each metric at its last step."""
        return {key: value for key, value, _ in sorted(self.metrics, key=itemgetter(2))}

    def timestamps(self) -> list[int]:
        """The time of each metric: steps are spread evenly from the run's start to its end."""
        steps = [step for _, _, step in self.metrics]
        last = max(steps, default=0) or 1
        span = (self.end_ms or self.start_ms) - self.start_ms
        at = {step: self.start_ms + span * step // last for step in set(steps)}
        return [at[step] for step in steps]


def by_repr(function: Callable) -> Callable:
    """`function` with a cache by the repr of its arguments: lists too, and -0.0 is not 0.0."""
    known = {}

    @wraps(function)
    def cached(*arguments):
        key = repr(arguments)
        if key not in known:
            if len(known) == MAX_CACHED:
                known.clear()
            known[key] = function(*arguments)
        return known[key]

    return cached


@lru_cache(maxsize=4096)
def _is_key(text):
    return NAMES.fullmatch(text) is not None and len(text) <= 250


@by_repr
def text(value: object) -> str:
    """A knob as a param: a word as it is, other values as JSON: `tanh`, `0.1`, `true`, `[1, 2]`."""
    return value if isinstance(value, str) else json.dumps(value)


def short_text(value: object) -> str:
    """A knob as a command line takes it, six digits of a number: `null`, `[1,2]`, `{C:10}`."""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(short_text, value))}]"
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{name}:{short_text(item)}' for name, item in value.items())}}}"
    return text(value)


def shorten(value: str, what: str) -> str:
    """`value` within MLflow's limit, with a mark where it is cut (config.yaml has all of it).

    Args:
        what: name, params or tags.
    """
    longest = LONGEST[what]
    return value if len(value) <= longest else value[: longest - 1] + CUT


# --- files ----------------------------------------------------------------------------------------

_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # the same text, five times as fast


def to_yaml(mapping: Mapping[str, object]) -> bytes:
    """The bytes of `config.yaml`. Lines are cached: the runs of a sweep share most of them."""
    return "".join(_line(key, value) for key, value in mapping.items()).encode()


@by_repr
def _line(key, value):
    return yaml.dump({key: value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


def to_csv(arrays: Mapping[str, np.ndarray]) -> bytes:
    """The bytes of `nets.csv`: one row a net, its seed and final values; NaN is an empty cell."""
    columns = {SEED: arrays[SEED]}
    columns |= {
        name.removeprefix(FINAL): array for name, array in arrays.items() if name.startswith(FINAL)
    }
    cells = [map(_cell, array.tolist()) for array in columns.values()]
    lines = [",".join(columns), *map(",".join, zip(*cells, strict=True)), ""]
    return "\n".join(lines).encode()


def _cell(value):
    return "" if value != value else repr(value)
