"""The only writer to MLflow: opens a store, knows what is finished, writes runs.

A store is a local SQLite file unless `tracking.uri` names another database or a server. Runs go in
as rows (`bulk`) where that is known to work, else through MLflow's client (`client`). MLflow itself
is imported only by the client and to make a database: that takes two seconds.
"""

import math
import os
import secrets
import time
import urllib.error
import urllib.request
from dataclasses import replace

from experiments.running.results import record
from experiments.tracking import client, database
from experiments.tracking import rows as bulk
from experiments.tracking.causes import patiently, shown
from experiments.tracking.errors import StoreError
from experiments.tracking.layout import FINGERPRINT, PROCESS
from experiments.tracking.provenance import is_dead, process, project_root, provenance
from experiments.tracking.record import RunRecord, now_ms

__all__ = ["RunRecord", "Store", "StoreError", "default_uri", "open_store", "record"]

DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
SERVERS = ("http", "https", "databricks")
# With this tag MLflow's pages show an experiment as runs to compare, and do not ask what it is.
EXPERIMENT_TAGS = {"mlflow.experimentKind": "custom_model_development"}


def default_uri():
    """MLFLOW_TRACKING_URI, else `mlflow.db` beside pyproject.toml, wherever one stands."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{project_root() / 'mlflow.db'}"


def open_store(uri=None, experiment="scratchml", artifacts=None):
    """The Store of an experiment; database and experiment are made where they are missing.

    Args:
        uri: an MLflow tracking URI, a database or a server; None is `default_uri()`.
        artifacts: URI below which a new experiment keeps its files; None is what
            MLFLOW_DEFAULT_ARTIFACT_ROOT says, else `mlartifacts` beside an SQLite file, the same in
            the project for other databases. A server chooses by itself.

    Raises:
        StoreError: It cannot be opened.
    """
    uri = uri or default_uri()
    kind = uri.partition(":")[0].partition("+")[0]
    if kind in SERVERS:
        return Store(uri, experiment, patiently(uri, _server, uri, experiment, artifacts))
    if kind not in DATABASES:
        raise StoreError(
            f"tracking.uri must start with one of {[*DATABASES, *SERVERS]}, as in "
            f"sqlite:///mlflow.db or http://localhost:5000; got {uri!r}"
        )
    uri = database.absolute(uri)
    artifacts = artifacts or database.artifacts_of(uri)
    return Store(uri, experiment, patiently(uri, _database, uri, experiment, artifacts))


class Store:
    """One experiment of one store, open for writing. Use it in a `with`, or close() it.

    Every method raises StoreError when the store cannot be used; what was written by then is whole.
    """

    def __init__(self, uri, experiment, writer):
        self.uri = uri
        self.experiment = experiment
        self._writer = writer
        self._live = {}  # run id -> {(key, step)} written while it runs

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def experiment_id(self):
        return str(self._writer.experiment_id)

    @property
    def bulk(self):
        """Whether runs are written as rows, or else through MLflow's client."""
        return isinstance(self._writer, bulk.Bulk)

    def finished(self, fingerprints):
        """{fingerprint: run id} of those whose run is FINISHED here and has not been deleted."""
        known = self._do(self._writer.fingerprints, "FINISHED")
        return {one: known[one] for one in fingerprints if one in known}

    def failed(self, fingerprints):
        """Those of `fingerprints` of which a run has FAILED here."""
        return set(fingerprints) & self._do(self._writer.fingerprints, "FAILED").keys()

    def metrics(self, run_id):
        """{key: value}: the newest value of each metric of a run."""
        return self._do(self._writer.metrics, run_id)

    def values(self, key):
        """{run id: newest value} of one metric, for all runs here that finished."""
        return self._do(self._writer.values, key)

    def write(self, record, parent_id=None):
        """Stores one record, whole or not at all; returns its run id."""
        return self.write_many([record], parent_id)[0]

    def write_many(self, records, parent_id=None):
        """Stores records, each whole or not at all; returns their run ids, in order."""
        whole = [self._complete(record, parent_id) for record in records]
        ids = []
        for group in _groups(whole, self._writer.TOGETHER):
            # Named before they are stored: a second try, after the database was lost in the middle
            # of a commit, stores under the same names what is not there yet.
            named = {_new_id(): one for one in group}
            ids += self._do(self._writer.write, named)
        return ids

    def start(self, record, parent_id=None):
        """Begins a run that can be watched while it trains; returns its run id."""
        tags = {**record.tags, PROCESS: process()}
        live = replace(record, status="RUNNING", end_ms=None, tags=tags)
        run_id = self.write(live, parent_id)
        self._live[run_id] = {(key, step) for key, _, step in record.metrics}
        return run_id

    def update(self, run_id, metrics=(), params=None, tags=None, artifacts=None):
        """Adds to a live run. Metrics are (key, value, step).

        Left out are values that are not finite, and pairs of key and step that the run has already:
        the whole curve may be given each time.
        """
        self._add(run_id, [(*metric, now_ms()) for metric in metrics], params, tags, artifacts)

    def finish(self, run_id, status="FINISHED", end_ms=None, record=None):
        """Ends a live run, after adding what `record` has and the run does not.

        Name, params and data set are those it was started with.
        """
        end_ms = end_ms or (record and record.end_ms) or now_ms()
        if record is not None:
            whole = self._complete(replace(record, status=status, end_ms=end_ms))
            timed = zip(whole.metrics, whole.timestamps(), strict=True)
            metrics = [(*metric, when) for metric, when in timed]
            self._add(run_id, metrics, None, whole.tags, whole.artifacts)
        self._do(self._writer.finish, run_id, status, end_ms)
        self._live.pop(run_id, None)

    def mark_dead(self):
        """Marks KILLED the runs of this machine whose process is gone; returns their run ids."""
        dead = [run_id for run_id, name in self._do(self._writer.running) if is_dead(name)]
        for run_id in dead:
            self._do(self._writer.finish, run_id, "KILLED", now_ms())
        return dead

    def close(self):
        self._writer.close()

    def _complete(self, record, parent_id=None):
        """The record with the tags that the store knows, its own going first, and with an end."""
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
        return patiently(self.uri, action, *arguments, opened=True)


def _groups(records, most):
    """Lists of records, each of one or of so many rows, its run's and its metrics', at the most."""
    group, rows = [], 0
    for one in records:
        own = 1 + len(one.metrics)
        if group and rows + own > most:
            yield group
            group, rows = [], 0
        group.append(one)
        rows += own
    if group:
        yield group


def _new_id():
    """32 hexadecimal digits that ascend in time, so that rows of one time lie together on disk."""
    return f"{time.time_ns():016x}{secrets.token_hex(8)}"


# --- opening --------------------------------------------------------------------------------------


def _server(uri, experiment, artifacts):
    """A Client of a server. Whether it answers is asked first, as MLflow would try for long.

    Then whether its database does, which takes some seconds when the server has just started.
    """
    if uri.startswith("http"):
        base = shown(uri).rstrip("/")
        for path, seconds in (("/", 5), ("/api/2.0/mlflow/experiments/get?experiment_id=0", 60)):
            try:
                urllib.request.urlopen(base + path, timeout=seconds).close()
            except urllib.error.HTTPError as error:
                if error.code >= 500:
                    raise StoreError(
                        f"{base} answers, and its own database does not answer it; see what its "
                        f"log says, or name another with tracking.uri ({error})"
                    ) from error
                # else MLflow's client, which logs in, will say what is wrong, if anything is
    return _client(uri, experiment, artifacts)


def _client(uri, experiment, artifacts):
    api = client.import_mlflow().MlflowClient(uri)
    number, _, stage = client.experiment(api, experiment, artifacts, EXPERIMENT_TAGS)
    _check(uri, experiment, number, stage)
    return client.Client(api, number)


def _database(uri, experiment, artifacts):
    """A Bulk where tables and files are within reach, else a Client."""
    database.create(uri, artifacts)
    engine = database.connect(uri)
    try:
        writer = _bulk(engine, uri, experiment, artifacts)
    except BaseException:
        engine.dispose()
        raise
    if writer is None:
        engine.dispose()
        return _client(uri, experiment, artifacts)
    return writer


def _bulk(engine, uri, experiment, artifacts):
    """A Bulk, or None where one cannot be used."""
    revision = database.revision(engine)
    if revision is None:
        raise StoreError(f"{shown(uri)} is not a store of MLflow; name another with tracking.uri")
    workspaces = os.environ.get("MLFLOW_ENABLE_WORKSPACES", "").lower() in ("true", "1")
    if revision not in bulk.TESTED_REVISIONS or workspaces:
        return None
    number, location, stage = bulk.experiment(engine, experiment, artifacts, EXPERIMENT_TAGS)
    _check(uri, experiment, number, stage)
    if location.startswith("mlflow-artifacts:"):
        raise StoreError(
            f"experiment {experiment} of {shown(uri)} keeps its files behind a server; name that "
            "server with tracking.uri, or another experiment"
        )
    return bulk.Bulk(engine, number, location) if bulk.local_folder(location) else None


def _check(uri, experiment, number, stage):
    if stage != "active":
        raise StoreError(
            f"experiment {experiment} of {shown(uri)} has been deleted; bring it back with `mlflow "
            f"experiments restore --experiment-id {number}`, or name another"
        )
