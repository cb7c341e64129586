"""What is stored of a run: from the arrays of its nets to names, numbers and files.

NumPy and YAML only: neither Hydra nor MLflow is imported here.
"""

import hashlib
import json
import math
import re
import struct
import time
import traceback
import zlib
from dataclasses import dataclass, field, replace
from functools import lru_cache, wraps
from itertools import repeat
from operator import itemgetter

import numpy as np
import yaml

from experiments.errors import reason

KIND = "scratchml.kind"
FINGERPRINT = "scratchml.fingerprint"  # of the configuration, once its run has ended by itself
PROCESS = "scratchml.process"  # who writes a run that is RUNNING: `host:pid:start`

# The curves that become metric histories, and those among them that get a band.
CURVES = ("train/loss", "train/accuracy", "test/loss", "test/accuracy", "gradient_norm")
BANDED = ("train/loss", "test/loss")

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


def record(
    config,
    arrays=None,
    data_info=None,
    start_ms=None,
    end_ms=None,
    tags=None,
    status="FINISHED",
):
    """The record of one configuration's nets.

    Args:
        config: a Config: canonical(), name() and fingerprint() are asked.
        arrays: what training returned, `{name: (R, ...)}`; None for a run that failed before.
        data_info: mapping with `name`, and optionally `digest` (default: of `arrays["digest"]`),
            `profile` and `source`, mappings.
        tags: further tags.
    """
    canonical = config.canonical()
    artifacts = {"config.yaml": to_yaml(canonical)}
    metrics, own_tags = [], {KIND: "run"}
    if arrays is not None:
        metrics = aggregate(arrays)
        artifacts |= {"nets.npz": to_npz(arrays), "nets.csv": to_csv(arrays)}
        if np.any(arrays["final/diverged"]):
            own_tags["scratchml.diverged"] = "true"
    return RunRecord(
        name=shorten(config.name(), "name"),
        params={knob: shorten(text(value), "params") for knob, value in canonical.items()},
        metrics=metrics,
        tags=own_tags | {key: shorten(value, "tags") for key, value in (tags or {}).items()},
        artifacts=artifacts,
        dataset=_dataset(data_info, arrays) if data_info else None,
        start_ms=now_ms() if start_ms is None else start_ms,
        end_ms=end_ms,
        status=status,
        fingerprint=config.fingerprint(),
    )


def failure(config, error, start_ms=None):
    """The record of a run that failed with `error`: why, and the traceback."""
    said = {"scratchml.error": reason(error)}
    failed = record(config, None, None, start_ms, now_ms(), said, status="FAILED")
    where = getattr(error, "traceback", None) or "".join(traceback.format_exception(error))
    return replace(failed, artifacts=failed.artifacts | {"traceback.txt": where.encode()})


@by_repr
def text(value):
    """A knob as a param: a word as it is, all else as JSON: `tanh`, `0.1`, `true`, `[1, 2]`."""
    return value if isinstance(value, str) else json.dumps(value)


def shorten(value, what):
    """`value` within MLflow's limit; what is cut off is marked (config.yaml has all of it)."""
    longest = LONGEST[what]
    return value if len(value) <= longest else value[: longest - 1] + "…"


# --- metrics --------------------------------------------------------------------------------------


def aggregate(arrays):
    """[(key, value, step)]: the median over nets along each curve, and how the run ended.

    Losses have a band too, `/low` and `/high`, their 5 % and 95 % quantiles over nets (when there
    is more than one net). A value that is not finite is left out: MLflow would store 1.8e308 or 0.
    """
    epochs = arrays["epoch"].tolist()
    last = epochs[-1]
    metrics = []
    for name in CURVES:
        curve = arrays.get(f"curve/{name}")
        if curve is None:
            continue
        ranked = np.sort(curve, axis=0)  # (R, T)
        levels = {name: 0.5}
        if name in BANDED and len(ranked) > 1:
            levels |= {f"{name}/low": 0.05, f"{name}/high": 0.95}
        for key, level in levels.items():
            metrics += zip(repeat(key), quantile(ranked, level).tolist(), epochs)
    metrics += [(key, value, last) for key, value in _ends(arrays)]
    return [metric for metric in metrics if math.isfinite(metric[1])]


def _ends(arrays):
    yield "diverged", float(np.sum(arrays["final/diverged"]))
    if "final/lr" in arrays:  # a number, so that MLflow's table sorts by it as it cannot by a param
        yield "lr", float(quantile(np.sort(arrays["final/lr"]), 0.5))
    if "final/solved" in arrays:
        solved = arrays["final/solved"]
        yield "solved", float(np.mean(solved))
        if np.any(solved):
            taken = np.sort(arrays["final/epochs_to_solve"][solved])
            yield "epochs_to_solve", float(quantile(taken, 0.5))


def quantile(ranked, level):
    """(...): the quantile over the leading axis of values sorted along it, interpolated linearly.

    `np.quantile` does the same and takes ten times as long for a few dozen nets.
    """
    place = level * (len(ranked) - 1)
    below = int(place)
    weight = place - below
    if weight == 0.0:
        return ranked[below]
    with np.errstate(all="ignore"):  # infinite values make no quantile, tiny ones a zero
        return ranked[below] * (1.0 - weight) + ranked[below + 1] * weight


def data_digest(digests):
    """One hexadecimal digest for the data of all nets, from the (R, 32) bytes of each."""
    digests = np.ascontiguousarray(digests)
    same = (digests == digests[0]).all()
    return (digests[0] if same else _sha256(digests)).tobytes().hex()


def _dataset(info, arrays):
    digest = info.get("digest") or data_digest(arrays["digest"])
    return {
        "name": info["name"],
        "digest": digest[:32],
        "source_type": "code",
        "source": json.dumps(info.get("source", {"tags": {"function": "scratchml.datasets"}})),
        "schema": None,
        "profile": json.dumps(info.get("profile", {})),
    }


def _sha256(array):
    return np.frombuffer(hashlib.sha256(array.tobytes()).digest(), dtype=np.uint8)


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


def to_npz(arrays):
    """bytes of `nets.npz`: the same arrays give the same bytes, whenever they are written.

    An .npz is a ZIP of .npy files, here not compressed: zlib makes them 7 % smaller and takes 30
    times as long. `np.savez` writes the same but takes 0.35 ms for a small run, and this 0.07.

    Raises:
        ValueError: For arrays of Python objects, which nobody should have to unpickle.
    """
    files, directory, offset = [], [], 0
    for name, array in arrays.items():
        if array.dtype.hasobject:
            raise ValueError(f"{name} must be an array of numbers; got dtype {array.dtype}")
        path, data = f"{name}.npy".encode(), _head(array.dtype, array.shape) + array.tobytes()
        crc, size = zlib.crc32(data), len(data)
        # version 2.0, no flags, stored, 1980-01-01 00:00
        header = struct.pack("<5H3I2H", 20, 0, 0, 0, 33, crc, size, size, len(path), 0)
        files += [b"PK\x03\x04", header, path, data]
        where = struct.pack("<3H2I", 0, 0, 0, 0o644 << 16, offset)
        directory += [b"PK\x01\x02", struct.pack("<H", 20), header, where, path]
        offset += 4 + len(header) + len(path) + size
    length = sum(map(len, directory))
    end = struct.pack("<4H2IH", 0, 0, len(arrays), len(arrays), length, offset, 0)
    return b"".join([*files, *directory, b"PK\x05\x06", end])


@lru_cache(maxsize=4096)
def _head(dtype, shape):
    """What an .npy file begins with."""
    descr = np.lib.format.dtype_to_descr(dtype)
    header = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"  # magic, length and header: whole 64 bytes
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
