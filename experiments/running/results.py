"""The record of a run: what is stored of its nets, made from their arrays."""

import hashlib
import json
import math
import traceback
from dataclasses import replace
from itertools import repeat

import numpy as np

from experiments.errors import reason
from experiments.process.clock import Stopwatch, milliseconds
from experiments.running.bits import promise
from experiments.schema.fingerprint import fingerprint, own_code, to_text
from experiments.schema.sources import shape, source
from experiments.tracking.layout import (
    BITS,
    CODE_FOLDER,
    CONFIG_FILE,
    CURVE,
    CURVE_METRICS,
    DATA_FILE,
    DIGEST,
    DIVERGED,
    EPOCH,
    ERROR,
    FINAL,
    IDENTITY,
    KIND,
    MISSING_CLASSES,
    NETS_FILE,
    RUN,
    TABLE_FILE,
    TRACEBACK_FILE,
    UNITS,
)
from experiments.tracking.npz import to_npz
from experiments.tracking.record import RunRecord, now_ms, shorten, text, to_csv, to_yaml

BANDED = ("train/loss", "test/loss")  # metrics that have a band over nets


def record(
    config, arrays=None, start_ms=None, end_ms=None, *, status="FINISHED", tags=None, varied=(),
    identity=None,
):  # fmt: skip
    """The record of one configuration's nets: knobs, metrics, files, and where its data come from.

    Args:
        config: a Config.
        arrays: what training returned, `{name: (R, ...)}`; of a run that has only begun, `digest`
            alone; None for a run that failed before.
        tags: further tags.
        varied: knobs that the sweep varies, for the run's name.
        identity: that of the Config, if it is known.
    """
    canonical, arrays = config.canonical(), arrays or {}
    artifacts, metrics = {CONFIG_FILE: to_yaml(canonical)}, []
    described = source(config.dataset).description(vars(config))
    if described is not None:
        artifacts[DATA_FILE] = json.dumps(described, indent=1).encode()
    artifacts |= {f"{CODE_FOLDER}/{code.name}": code.text.encode() for code in own_code(config)}
    identity = identity or config.identity()
    own_tags = {KIND: RUN, IDENTITY: to_text(identity), BITS: promise(config)}
    if EPOCH in arrays:
        metrics = aggregate(arrays)
        artifacts |= {NETS_FILE: to_npz(arrays), TABLE_FILE: to_csv(arrays)}
        if np.any(arrays["final/diverged"]):
            own_tags[DIVERGED] = "true"
        if config.target_scaling != "none":
            own_tags[UNITS] = "losses: variances of the training targets; rmse: the targets' own"
        if left_out := "; ".join(_left_out(arrays)):
            own_tags[MISSING_CLASSES] = left_out
    return RunRecord(
        name=shorten(config.name(varied), "name"),
        params={knob: shorten(text(value), "params") for knob, value in canonical.items()},
        metrics=metrics,
        tags=own_tags | {key: shorten(value, "tags") for key, value in (tags or {}).items()},
        artifacts=artifacts,
        dataset=lineage(config, arrays[DIGEST]) if DIGEST in arrays else None,
        start_ms=now_ms() if start_ms is None else start_ms,
        end_ms=end_ms,
        status=status,
        fingerprint=fingerprint(identity),
    )


def failure(config, error, watch=None, varied=()):
    """The record of a run that failed with `error`: the reason, and the traceback.

    Args:
        watch: the Stopwatch of the run; None for a run that took no time.
    """
    said = {ERROR: reason(error)}
    watch = watch or Stopwatch()
    start_ms, end_ms = milliseconds(watch.start), milliseconds(watch.end)
    failed = record(config, None, start_ms, end_ms, status="FAILED", tags=said, varied=varied)
    where = getattr(error, "traceback", None) or "".join(traceback.format_exception(error))
    return replace(failed, artifacts=failed.artifacts | {TRACEBACK_FILE: where.encode()})


def _left_out(arrays):
    """Yields a sentence for each part of the data in which some nets miss a class."""
    for part, name in (("train", "training"), ("test", "held-out")):
        missing = arrays.get(f"{FINAL}{part}/missing_classes", np.zeros(0))
        if np.any(missing):
            nets = f"{np.count_nonzero(missing):,} of {len(missing):,}"
            yield f"the {name} examples of {nets} nets have none of some class"


def lineage(config, digests):
    """The data of a run's nets as an MLflow dataset: their name, size, digest and source."""
    n, d, _ = shape(config)
    return {
        "name": config.dataset,
        "digest": data_digest(digests)[:32],
        "source_type": "code",
        "source": json.dumps({"tags": {"function": "scratchml.datasets"}}),
        "schema": None,
        "profile": json.dumps({"n_samples": n, "n_features": d}),
    }


def data_digest(digests):
    """One hexadecimal digest for the data of all nets, from the (R, 32) bytes of each."""
    digests = np.ascontiguousarray(digests)
    if (digests == digests[0]).all():
        return digests[0].tobytes().hex()
    return hashlib.sha256(digests.tobytes()).hexdigest()


# --- metrics --------------------------------------------------------------------------------------


def aggregate(arrays):
    """[(key, value, step)]: the median over nets along each curve, and how the nets ended.

    Losses of more than one net have a band too: `/low` and `/high`, the 5 % and 95 % quantiles over
    nets. A value that is not finite is left out, because MLflow would store 1.8e308 or 0.
    """
    epochs = arrays[EPOCH].tolist()
    last = epochs[-1]
    metrics = []
    for name in CURVE_METRICS:
        curve = arrays.get(CURVE + name)
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
    if "final/lr" in arrays:  # a number: MLflow's table sorts by metrics, not by params
        yield "lr", float(quantile(np.sort(arrays["final/lr"]), 0.5))
    if "final/solved" in arrays:
        solved = arrays["final/solved"]
        yield "solved", float(np.mean(solved))
        if np.any(solved):
            taken = np.sort(arrays["final/epochs_to_solve"][solved])
            yield "epochs_to_solve", float(quantile(taken, 0.5))


def quantile(ranked, level):
    """(...): the quantile over the leading axis of values sorted along it, interpolated linearly.

    `np.quantile` gives the same and takes ten times as long for a few dozen nets.
    """
    place = level * (len(ranked) - 1)
    below = int(place)
    weight = place - below
    if weight == 0.0:
        return ranked[below]
    with np.errstate(all="ignore"):  # infinite values make no quantile, tiny ones a zero
        return ranked[below] * (1.0 - weight) + ranked[below + 1] * weight
