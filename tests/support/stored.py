"""Sweeps to read: trained, and stored by the real writer, for the tests of who reads them."""

import json

from support import configurations

from experiments.running.results import record
from experiments.tracking import record as records
from experiments.tracking.layout import KIND
from experiments.tracking.store import open_store

HOUR = 3_600_000  # milliseconds between one sweep and the next


def sweep(
    uri, experiment, configs, *, hour=1, failed=(), status="FINISHED", command=None, results=None
):
    """Trains `configs` and stores them as a sweep of so many runs.

    Args:
        results: what training would return, the arrays of each configuration, in its place.
        hour: when; what was stored in a later hour is newer.
        failed: names of runs that the sweep lists as FAILED.

    Returns:
        The run ids: of the sweep, and of its runs in order.
    """
    results = configurations.train(*configs) if results is None else results
    results = [results] if isinstance(results, dict) else results
    start = hour * HOUR
    command = command or f"python -m experiments.train -m +lesson={experiment} tracking.uri={uri}"
    with open_store(uri, experiment) as store:
        known = store.finished([config.fingerprint() for config in configs])
        opening = records.RunRecord(name="sweep", tags={KIND: "sweep"}, start_ms=start)
        parent = store.start(opening)
        runs = [
            record(config, arrays, start + i, start + i + 1)
            for i, (config, arrays) in enumerate(zip(configs, results, strict=True))
            if config.fingerprint() not in known
        ]
        new = dict(zip([r.fingerprint for r in runs], store.write_many(runs, parent), strict=True))
        ids = [(known | new)[config.fingerprint()] for config in configs]
        listed = [
            {"run_id": run_id, "name": config.name(), "status": "FINISHED"}
            for run_id, config in zip(ids, configs, strict=True)
        ]
        listed += [{"run_id": None, "name": name, "status": "FAILED"} for name in failed]
        summary = {"command": command, "runs": listed}
        store.update(parent, artifacts={"sweep.json": json.dumps(summary).encode()})
        store.finish(parent, status, start + HOUR // 2)
    return parent, ids
