"""Runs from an archive: their records are made again from what can be checked.

Params are those of config.yaml, metrics and nets.csv those of the arrays, and the fingerprint is
that of the identity, which has to fit the knobs. Only words are taken as they are: name, commit,
command, versions.
"""

import tempfile
from pathlib import Path

from experiments.running.results import aggregate, data_digest
from experiments.schema.fingerprint import fingerprint, from_text, of_knobs, seeds
from experiments.tracking import documents
from experiments.tracking.archive import Archive, Packed
from experiments.tracking.descriptions import CONFIG_SIZE
from experiments.tracking.layout import (
    COMMAND,
    CONFIG_FILE,
    DATA_FILE,
    DIGEST,
    DIVERGED,
    EPOCH,
    FINAL,
    GIT_DIRTY,
    IDENTITY,
    KIND,
    LOSS,
    MISSING_CLASSES,
    NETS_FILE,
    RUN,
    SEED,
    TABLE_FILE,
    UNITS,
    VERSIONS,
)
from experiments.tracking.npz import read_npz
from experiments.tracking.record import RunRecord, shorten, text, to_csv

COMMIT = "mlflow.source.git.commit"
TAGS = (IDENTITY, DIVERGED, UNITS, MISSING_CLASSES, COMMAND, VERSIONS, GIT_DIRTY, COMMIT)
DATA_SIZE = 2**20  # bytes of data.json
NEEDED = (SEED, EPOCH, DIGEST, FINAL + LOSS, f"{FINAL}diverged")


def record_of(archive: Archive, run: Packed) -> RunRecord:
    """The record of a run of an archive.

    Raises:
        Damaged: Its files are not those of a run, or do not go together.
    """
    with archive.explained():
        config, nets = archive.file(run, CONFIG_FILE), archive.file(run, NETS_FILE)
        described = archive.file(run, DATA_FILE)
        if config is None or nets is None:
            raise ValueError(f"run {run.name!r} has not all of its files")
        if len(config) > CONFIG_SIZE + 4 * len(nets) or len(described or b"") > DATA_SIZE:
            raise ValueError(f"{CONFIG_FILE} or {DATA_FILE} of run {run.name!r} is too large")
        knobs = documents.read_plain(config)
        if not isinstance(knobs, dict) or not all(isinstance(k, str) for k in knobs):
            raise ValueError(f"{CONFIG_FILE} must be a mapping")
        identity = from_text(run.tags[IDENTITY])
        if (
            fingerprint(identity) != run.fingerprint
            or not of_knobs(knobs).items() <= identity.items()
        ):
            raise ValueError(f"the fingerprint of run {run.name!r} is not that of its knobs")
        arrays, own = _arrays(nets, run), seeds(identity)
        if own.stop - own.start != len(arrays[SEED]) or arrays[SEED].tolist() != [*own]:
            raise ValueError(f"run {run.name!r} has other nets than its identity")
        files = {CONFIG_FILE: config, NETS_FILE: nets, TABLE_FILE: to_csv(arrays)}
        files |= {} if described is None else {DATA_FILE: described}
        return RunRecord(
            name=run.name,
            params={knob: shorten(text(value), "params") for knob, value in knobs.items()},
            metrics=aggregate(arrays),
            tags={KIND: RUN} | {key: run.tags[key] for key in TAGS if key in run.tags},
            artifacts=files,
            dataset=_dataset(knobs, arrays),
            start_ms=run.start_ms,
            end_ms=run.end_ms,
            fingerprint=run.fingerprint,
        )


def _arrays(nets, run):
    """The arrays of a file of nets; ValueError where they are not those of a run."""
    with tempfile.TemporaryDirectory(prefix="scratchml-") as folder:
        path = Path(folder, NETS_FILE)
        path.write_bytes(nets)
        arrays, _ = read_npz(path, f"run {run.name!r}")
    for name in NEEDED:
        if name not in arrays:
            raise ValueError(f"run {run.name!r} has no {name}")
    if arrays[DIGEST].dtype != "uint8" or arrays[DIGEST].shape[1:] != (32,):
        raise ValueError(f"run {run.name!r} has no digests")
    if any(arrays[name].ndim != 1 for name in NEEDED if name != DIGEST):
        raise ValueError(f"run {run.name!r} has not one final value a net")
    if arrays[f"{FINAL}diverged"].dtype != bool or not len(arrays[EPOCH]):
        raise ValueError(f"run {run.name!r} has no points, or does not say which nets diverged")
    return arrays


def _dataset(knobs, arrays):
    return {
        "name": text(knobs["dataset"])[:500],
        "digest": data_digest(arrays[DIGEST])[:32],
        "source_type": "code",
        "source": '{"tags": {"function": "scratchml.datasets"}}',
        "schema": None,
        "profile": None,
    }
