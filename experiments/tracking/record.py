"""What is stored of a run: from the arrays of its nets to names, numbers and files.

NumPy and YAML only: neither Hydra nor MLflow is imported here.
"""

import json
import math
import re
import time
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from operator import itemgetter

import yaml

# MLflow's limits (mlflow.utils.validation), which the bulk writer has to keep by itself.
WORD = r"(?!\.\.?(?:/|$))[\w.\-: ]+"  # but neither . nor ..
NAMES = re.compile(f"{WORD}(/{WORD})*")
LONGEST = {"name": 250, "params": 6000, "tags": 8000}
MOST_LOOKS = 4096  # kept by `by_repr`
STATUSES = ("RUNNING", "FINISHED", "FAILED", "KILLED")


def now_ms():
    """The time as MLflow writes it."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class RunRecord:
    """A run as MLflow will hold it.

    `metrics` are (key, value, step), each pair of key and step once. `dataset` has the fields of
    an MLflow dataset: name, digest, source_type, source, schema, profile. `fingerprint` becomes a
    tag when the run is FINISHED or FAILED, not while it runs nor when it was KILLED.

    Raises:
        ValueError: For what MLflow would refuse or quietly change: an unknown status, a metric
            that is not finite, a key with other letters, anything that is too long.
    """

    name: str
    params: dict = field(default_factory=dict)
    metrics: list = field(default_factory=list)
    tags: dict = field(default_factory=dict)
    artifacts: dict = field(default_factory=dict)
    dataset: dict | None = None
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

    def summary(self):
        """{key: value}: each metric at its last step."""
        return {key: value for key, value, _ in sorted(self.metrics, key=itemgetter(2))}

    def timestamps(self):
        """When each metric was true: steps are laid evenly between the run's start and its end."""
        steps = [step for _, _, step in self.metrics]
        last = max(steps, default=0) or 1
        span = (self.end_ms or self.start_ms) - self.start_ms
        at = {step: self.start_ms + span * step // last for step in set(steps)}
        return [at[step] for step in steps]


def by_repr(function):
    """Caches `function` by what its arguments look like: lists too, and -0.0 is not 0.0."""
    known = {}

    @wraps(function)
    def cached(*arguments):
        look = repr(arguments)
        if look not in known:
            if len(known) == MOST_LOOKS:
                known.clear()
            known[look] = function(*arguments)
        return known[look]

    return cached


@lru_cache(maxsize=4096)
def _is_key(text):
    return NAMES.fullmatch(text) is not None and len(text) <= 250


@by_repr
def text(value):
    """A knob as a param: a word as it is, all else as JSON: `tanh`, `0.1`, `true`, `[1, 2]`."""
    return value if isinstance(value, str) else json.dumps(value)


def shorten(value, what):
    """`value` within MLflow's limit; what is cut off is marked (config.yaml has all of it)."""
    longest = LONGEST[what]
    return value if len(value) <= longest else value[: longest - 1] + "…"


# --- files ----------------------------------------------------------------------------------------

_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # the same text, five times as fast


def to_yaml(mapping):
    """bytes of `config.yaml`; most runs of a sweep share most of its lines."""
    return "".join(_line(key, value) for key, value in mapping.items()).encode()


@by_repr
def _line(key, value):
    return yaml.dump({key: value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True)


def to_csv(arrays):
    """bytes of `nets.csv`: one row a net, its seed and all that is final; NaN is an empty cell."""
    columns = {"seed": arrays["seed"]}
    columns |= {
        name.removeprefix("final/"): array
        for name, array in arrays.items()
        if name.startswith("final/")
    }
    cells = [map(_cell, array.tolist()) for array in columns.values()]
    lines = [",".join(columns), *map(",".join, zip(*cells, strict=True)), ""]
    return "\n".join(lines).encode()


def _cell(value):
    return "" if value != value else repr(value)
