"""The parent run of a sweep in MLflow: its grid at the beginning, its account at the end."""

import json

from experiments.errors import reason
from experiments.process.clock import Stopwatch, milliseconds
from experiments.running.saving import metrics
from experiments.running.summary import ranking
from experiments.tracking.layout import (
    COMMAND,
    KIND,
    PATCH_FILE,
    RANKED,
    SWEEP,
    SWEEP_FILE,
    SWEEP_TABLE,
)
from experiments.tracking.provenance import patch, provenance
from experiments.tracking.record import RunRecord


def opening(ledger, objective):
    """The record of the parent run when the sweep begins."""
    ranked_by, *_ = ranking(ledger.configs.values(), objective)
    return RunRecord(
        name=f"sweep of {ledger.total():,}: {', '.join(ledger.grid) or 'one configuration'}"[:250],
        params={key: ", ".join(values)[:500] for key, values in ledger.grid.items()},
        tags={KIND: SWEEP, RANKED: ranked_by},
        artifacts={PATCH_FILE: changes} if (changes := patch()) else {},
        start_ms=milliseconds(ledger.watch.start),
    )


def close(store, ledger, experiment, status):
    """Ends the parent run: its last counts, and sweep.json, the account of all its runs."""
    if status != "FINISHED":
        ledger.find_stored(store)
    watch = Stopwatch()
    table = ledger.tabled.parquet(ledger, store) if status == "FINISHED" else None
    ledger.seconds["storing"] += watch.seconds
    ledger.seconds["all"] = ledger.watch.seconds
    account = {
        "command": provenance()[COMMAND],
        "experiment": experiment,
        "grid": ledger.grid,
        "runs": [_outcome(ledger, fingerprint, job) for fingerprint, job in ledger.first.items()],
        "seconds": {name: round(value, 3) for name, value in ledger.seconds.items()},
    }
    seconds = ("seconds", ledger.seconds["all"], len(ledger.overrides))
    files = {SWEEP_FILE: json.dumps(account, indent=1).encode()}
    files |= {} if table is None else {SWEEP_TABLE: table}
    store.update(ledger.parent, metrics=[*metrics(ledger), seconds], artifacts=files)
    store.finish(ledger.parent, status, milliseconds(ledger.watch.end))


def _outcome(ledger, fingerprint, job):
    run_id, error = ledger.runs.get(fingerprint), ledger.errors.get(job)
    return {
        "name": ledger.name(job),
        "fingerprint": fingerprint,
        "run_id": run_id,
        "status": "FINISHED" if run_id else "FAILED" if error else "NOT TRAINED",
        "new": fingerprint not in ledger.known,
        "error": error and reason(error),
    }
