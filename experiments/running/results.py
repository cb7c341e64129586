"""What training made of a run: arrays of its nets, and the record of them that is stored."""

import hashlib
import json
import math
import traceback
from dataclasses import replace
from itertools import repeat

import numpy as np

from experiments.errors import reason
from experiments.schema.sizes import shape
from experiments.tracking.layout import KIND
from experiments.tracking.npz import to_npz
from experiments.tracking.record import RunRecord, now_ms, shorten, text, to_csv, to_yaml

# The curves that become metric histories, and those among them that get a band.
CURVES = ("train/loss", "train/accuracy", "test/loss", "test/accuracy", "gradient_norm")
BANDED = ("train/loss", "test/loss")


def lineage(config):
    """What MLflow is told of a configuration's data, beside their digest."""
    n, d, _ = shape(config)
    return {"name": config.dataset, "profile": {"n_samples": n, "n_features": d}}


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
