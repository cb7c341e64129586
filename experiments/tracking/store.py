"""The one writer: opens a store, knows the finished runs, writes runs.

A store is a local SQLite file unless its URI names another database or a server. Runs are written
as rows where that is known to work, otherwise through MLflow's client. MLflow itself, whose import
takes two seconds, is imported only by the client and to make a database.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from experiments.tracking import database, opening
from experiments.tracking.causes import patiently
from experiments.tracking.client import Client
from experiments.tracking.errors import StoreError
from experiments.tracking.heartbeat import is_dead, process_name
from experiments.tracking.layout import FINGERPRINT, PROCESS
from experiments.tracking.places import default_uri
from experiments.tracking.presence import Presence
from experiments.tracking.provenance import provenance
from experiments.tracking.record import RunRecord, now_ms
from experiments.tracking.rows import Rows
from experiments.tracking.stored_nets import StoredNets
from experiments.tracking.transactions import groups, new_id
from experiments.tracking.uris import DATABASES, absolute, scheme

Metrics = Iterable[tuple[str, float, int]]  # key, value, step


def open_store(
    uri: str | None = None, experiment: str = "scratchml", artifacts: str | None = None
) -> "Store":
    """The Store of an experiment; database and experiment are made where they are missing.

    Runs of processes of this machine that are gone are marked as KILLED.

    Args:
        uri: an MLflow tracking URI, a database or a server; None is `default_uri()`.
        artifacts: URI below which a new experiment keeps its files; None is
            MLFLOW_DEFAULT_ARTIFACT_ROOT, otherwise `mlartifacts` beside an SQLite file, and the
            same in the project for other databases. A server chooses by itself.

    Raises:
        StoreError: It cannot be opened.
    """
    uri = uri or default_uri()
    if scheme(uri) in DATABASES:
        uri = absolute(uri)
        artifacts = artifacts or database.artifacts_of(uri)
    store = Store(uri, experiment, patiently(uri, opening.writer, uri, experiment, artifacts))
    store.mark_dead()
    return store


class Store:
    """One experiment of one store, open for writing. Use it in a `with`, or close() it.

    Every method raises StoreError when the store cannot be used. Written runs are whole.
    """

    def __init__(self, uri: str, experiment: str, writer: Rows | Client):
        self.uri = uri
        self.experiment = experiment
        self._writer = writer
        self._presence = Presence(uri, scheme(uri) in DATABASES)
        self.nets = StoredNets(uri, experiment, writer)
        self._live = {}  # run id -> {(key, step)} written while it runs

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def experiment_id(self) -> str:
        """MLflow's id of the experiment."""
        return str(self._writer.experiment_id)

    @property
    def writes_rows(self) -> bool:
        """Whether runs are written as rows, and not through MLflow's client."""
        return isinstance(self._writer, Rows)

    def describe(self, text: str) -> None:
        """Makes a text, Markdown, the description of the experiment in MLflow's pages."""
        self._do(self._writer.describe, text)

    def finished(self, fingerprints: Iterable[str]) -> dict[str, str]:
        """{fingerprint: run id} of the configurations with a FINISHED run that is not deleted."""
        known = self._do(self._writer.fingerprints, "FINISHED")
        return {one: known[one] for one in fingerprints if one in known}

    def failed(self, fingerprints: Iterable[str]) -> set[str]:
        """Those of the fingerprints that have a FAILED run."""
        return set(fingerprints) & self._do(self._writer.fingerprints, "FAILED").keys()

    def identities(self) -> dict[str, str]:
        """{run id: identity} of the FINISHED runs that are not deleted, oldest first."""
        return self._do(self._writer.identities)

    def metrics(self, run_id: str) -> dict[str, float]:
        """{key: value}: the newest value of each metric of a run."""
        return self._do(self._writer.metrics, run_id)

    def values(self, key: str) -> dict[str, float]:
        """{run id: newest value} of one metric, for all finished runs of the experiment."""
        return self._do(self._writer.values, key)

    def write(self, record: RunRecord, parent_id: str | None = None) -> str:
        """Stores one record, whole or not at all; returns its run id."""
        return self.write_many([record], parent_id)[0]

    def write_many(self, records: Iterable[RunRecord], parent_id: str | None = None) -> list[str]:
        """Stores records, each whole or not at all; returns their run ids, in order."""
        whole = [self._complete(record, parent_id) for record in records]
        ids = []
        for group in groups(whole, self._writer.TOGETHER):
            # Named before they are stored: a second attempt, after the database was lost in the
            # middle of a commit, stores under the same names the runs that are not there yet.
            named = {new_id(): one for one in group}
            ids += self._do(self._writer.write, named)
        return ids

    def start(self, record: RunRecord, parent_id: str | None = None) -> str:
        """Begins a run that can be watched while it trains; returns its run id."""
        tags = {**record.tags, PROCESS: process_name()}
        live = replace(record, status="RUNNING", end_ms=None, tags=tags)
        run_id = self.write(live, parent_id)
        self._live[run_id] = {(key, step) for key, _, step in record.metrics}
        return run_id

    def update(
        self,
        run_id: str,
        metrics: Metrics = (),
        params: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        artifacts: Mapping[str, bytes] | None = None,
    ) -> None:
        """Adds to a live run. Metrics are (key, value, step).

        Values that are not finite are left out, and so are pairs of key and step that the run has
        already: the caller may give the whole curve each time.
        """
        self._add(run_id, [(*metric, now_ms()) for metric in metrics], params, tags, artifacts)

    def finish(
        self,
        run_id: str,
        status: str = "FINISHED",
        end_ms: int | None = None,
        record: RunRecord | None = None,
    ) -> None:
        """Ends a live run, after adding all of `record` that the run does not have yet.

        Name, params and data set stay those of the start.
        """
        end_ms = end_ms or (record and record.end_ms) or now_ms()
        if record is not None:
            whole = self._complete(replace(record, status=status, end_ms=end_ms))
            timed = zip(whole.metrics, whole.timestamps(), strict=True)
            metrics = [(*metric, when) for metric, when in timed]
            self._add(run_id, metrics, None, whole.tags, whole.artifacts)
        self._do(self._writer.finish, run_id, status, end_ms)
        self._live.pop(run_id, None)

    def mark_dead(self) -> list[str]:
        """Marks the runs of this machine whose process is gone as KILLED; returns their run ids."""
        dead = [run_id for run_id, name in self._do(self._writer.running) if is_dead(name)]
        for run_id in dead:
            self._do(self._writer.finish, run_id, "KILLED", now_ms())
        return dead

    def close(self) -> None:
        """Closes the connections to the store."""
        self._writer.close()

    def _complete(self, record, parent_id=None):
        """The record with an end, and with the tags that the store knows; its own tags win."""
        tags = {**provenance(), **record.tags}
        if parent_id is not None:
            tags["mlflow.parentRunId"] = parent_id
        if record.status in ("FINISHED", "FAILED") and record.fingerprint is not None:
            tags[FINGERPRINT] = record.fingerprint
        ended = record.status != "RUNNING"
        end_ms = now_ms() if ended and record.end_ms is None else record.end_ms
        return replace(record, tags=tags, end_ms=end_ms)

    def _add(self, run_id, metrics, *rest):
        written = self._live.setdefault(run_id, set())
        new = [m for m in metrics if math.isfinite(m[1]) and (m[0], m[2]) not in written]
        self._do(self._writer.update, run_id, new, *rest)
        written.update((key, step) for key, _, step, _ in new)

    def _do(self, action, *arguments):
        try:
            result = patiently(self.uri, action, *arguments, opened=True)
        except StoreError:
            self._presence.check()  # a store that vanished is the reason of what failed
            raise
        self._presence.check()
        return result
