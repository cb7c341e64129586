"""Runs as rows: MLflow's own tables, written with SQLAlchemy, a whole run in one transaction.

MLflow's client needs 30 to 90 ms for a run, this 2 to 3, and no `import mlflow` (two seconds). It
counts on the tables being as in `TESTED_REVISIONS`, the same that MLflow's own migration of file
stores writes; a test compares what both writers leave, through MLflow's client.
"""

import os
import shutil
import sqlite3
import time
import uuid
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from itertools import chain
from operator import itemgetter
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import sqlalchemy as sa

from experiments.tracking.errors import StoreError
from experiments.tracking.layout import FINGERPRINT, PROCESS
from experiments.tracking.record import now_ms

TESTED_REVISIONS = ("dc11669786a5",)  # MLflow 3.17
WRITING = ".writing-"  # folders of files whose run is not there yet
VALUES = 30000 if sqlite3.sqlite_version_info >= (3, 32) else 900  # that one statement may have
STALE = 3600  # seconds after which such a folder was left by a process that was killed


def _table(name, columns):
    return sa.table(name, *map(sa.column, columns.split()))


EXPERIMENTS = _table(
    "experiments",
    "experiment_id name artifact_location lifecycle_stage creation_time last_update_time workspace",
)
EXPERIMENT_TAGS = _table("experiment_tags", "key value experiment_id")
RUNS = _table(
    "runs",
    "run_uuid name source_type source_name entry_point_name user_id status start_time end_time "
    "source_version lifecycle_stage artifact_uri experiment_id",
)
TAGS = _table("tags", "key value run_uuid")
PARAMS = _table("params", "key value run_uuid")
METRICS = _table("metrics", "key value timestamp step is_nan run_uuid")
AGE = itemgetter(*map(METRICS.columns.keys().index, ("step", "timestamp", "value")))
LATEST = _table("latest_metrics", "key value timestamp step is_nan run_uuid")
DATASETS = _table(
    "datasets",
    "dataset_uuid experiment_id name digest dataset_source_type dataset_source dataset_schema "
    "dataset_profile",
)
INPUTS = _table("inputs", "input_uuid source_type source_id destination_type destination_id step")
INPUT_TAGS = _table("input_tags", "input_uuid name value")
TABLES = (
    *(EXPERIMENTS, EXPERIMENT_TAGS, RUNS, TAGS, PARAMS, METRICS, LATEST),
    *(DATASETS, INPUTS, INPUT_TAGS),
)


def experiment(engine, name, artifacts, tags):
    """(id, artifact location, lifecycle stage) of the experiment, which is made if need be."""
    found = _find_experiment(engine, name)
    if found is None:
        try:
            _create_experiment(engine, name, artifacts, tags)
        except sa.exc.IntegrityError:
            if _find_experiment(engine, name) is None:
                raise  # else another process made it meanwhile
        found = _find_experiment(engine, name)
    return found


def _find_experiment(engine, name):
    table = EXPERIMENTS.c
    query = sa.select(table.experiment_id, table.artifact_location, table.lifecycle_stage)
    query = query.where(table.name == name, table.workspace == "default")
    with engine.connect() as connection:
        return connection.execute(query).one_or_none()


def _create_experiment(engine, name, artifacts, tags):
    """As MLflow does: the id is known once the row is there, and the location ends with it."""
    table = EXPERIMENTS.c
    now = now_ms()
    row = {"name": name, "artifact_location": artifacts, "lifecycle_stage": "active"}
    row |= {"creation_time": now, "last_update_time": now, "workspace": "default"}
    mine = (table.name == name, table.workspace == "default")
    with engine.begin() as connection:
        connection.execute(sa.insert(EXPERIMENTS).values(row))
        number = connection.scalar(sa.select(table.experiment_id).where(*mine))
        location = {"artifact_location": f"{artifacts}/{number}"}
        connection.execute(sa.update(EXPERIMENTS).where(*mine).values(location))
        _insert(connection, EXPERIMENT_TAGS, [(k, v, number) for k, v in tags.items()])


def local_folder(location):
    """The folder of an artifact location; None when it is not on this machine's file system."""
    parts = urlsplit(location)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return Path(url2pathname(parts.path))
    return Path(location) if os.path.isabs(location) else None


class Bulk:
    """Writes the runs of one experiment into the tables of an SQL database."""

    # Rows in one transaction: for half of them it takes a twentieth longer, run by run five times.
    TOGETHER = 25_000

    def __init__(self, engine, experiment_id, location):
        self.engine = engine
        self.experiment_id = experiment_id
        self.location = location
        self.root = local_folder(location)
        self.datasets = {}  # (name, digest) -> uuid, of those known to be stored
        self._clear_away()

    def write(self, runs):
        """Stores records, all or none of them; returns their run ids.

        Args:
            runs: {run id: record}. What is there already, of a try whose commit went through while
                its answer was lost, is left as it is.
        """
        staged = self.root / f"{WRITING}{uuid.uuid4().hex}"
        try:
            # Disk and database wait for the system most of their time, so both at once.
            with ThreadPoolExecutor(1) as other, self.engine.begin() as connection:
                files = other.submit(_write_files, staged, runs)
                if not self._stored(connection, runs):
                    self._insert_runs(connection, runs)
                files.result()
                for run_id in runs:
                    # Strings: making a Path takes longer than what the system does with it.
                    folder = os.path.join(self.root, run_id)
                    if not os.path.exists(folder):  # else it is a try's that was cut off
                        os.rename(os.path.join(staged, run_id), folder)
        except BaseException:
            self.datasets.clear()
            self._discard(runs)
            raise
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        return list(runs)

    def update(self, run_id, metrics=(), params=None, tags=None, artifacts=None):
        """Adds to a run; metrics are (key, value, step, timestamp)."""
        folder = self.root / run_id / "artifacts"
        for name, data in (artifacts or {}).items():
            new = folder / f"{WRITING}{name}"
            new.write_bytes(data)
            os.replace(new, folder / name)
        tags = tags or {}
        with self.engine.begin() as connection:
            _change(connection, run_id, lifecycle_stage="active")
            _delete(connection, TAGS, run_id, tags)
            _insert(connection, TAGS, [(k, v, run_id) for k, v in tags.items()])
            _insert(connection, PARAMS, [(k, v, run_id) for k, v in (params or {}).items()])
            rows = [(key, value, when, step, False, run_id) for key, value, step, when in metrics]
            _insert(connection, METRICS, self._unknown(connection, run_id, rows))
            newest = sa.select(LATEST).where(
                LATEST.c.run_uuid == run_id, LATEST.c.key.in_({row[0] for row in rows})
            )
            rows = latest([*map(tuple, connection.execute(newest)), *rows])
            _delete(connection, LATEST, run_id, [row[0] for row in rows])
            _insert(connection, LATEST, rows)

    def _unknown(self, connection, run_id, rows):
        """Of rows of METRICS those whose key and step are not there yet, of a try that was lost."""
        query = sa.select(METRICS.c.key, METRICS.c.step).where(
            METRICS.c.run_uuid == run_id, METRICS.c.step.in_({row[3] for row in rows})
        )
        known = {tuple(row) for row in connection.execute(query)}
        return [row for row in rows if (row[0], row[3]) not in known]

    def values(self, key):
        """{run id: value} of the newest value of a metric, for all runs that finished."""
        query = (
            sa.select(LATEST.c.run_uuid, LATEST.c.value)
            .join_from(LATEST, RUNS, LATEST.c.run_uuid == RUNS.c.run_uuid)
            .where(
                LATEST.c.key == key,
                RUNS.c.experiment_id == self.experiment_id,
                RUNS.c.status == "FINISHED",
            )
        )
        with self.engine.connect() as connection:
            return {run_id: value for run_id, value in connection.execute(query)}

    def finish(self, run_id, status, end_ms):
        """Sets how and when a run ended."""
        with self.engine.begin() as connection:
            _change(connection, run_id, status=status, end_time=end_ms)
            if status == "FINISHED":
                _delete(connection, TAGS, run_id, [PROCESS])

    def fingerprints(self, status):
        """{fingerprint: run id} of all runs that ended so; the newest where there are several."""
        return dict(self._tagged(FINGERPRINT, status))

    def metrics(self, run_id):
        """{key: value} of the newest metrics of a run."""
        query = sa.select(LATEST.c.key, LATEST.c.value).where(LATEST.c.run_uuid == run_id)
        with self.engine.connect() as connection:
            return {key: value for key, value in connection.execute(query)}

    def running(self):
        """[(run id, process)] of the runs that say they are running."""
        return [(run_id, process) for process, run_id in self._tagged(PROCESS, "RUNNING")]

    def close(self):
        self.engine.dispose()

    def _tagged(self, key, status):
        query = (
            sa.select(TAGS.c.value, RUNS.c.run_uuid)
            .join_from(TAGS, RUNS, TAGS.c.run_uuid == RUNS.c.run_uuid)
            .where(
                TAGS.c.key == key,
                RUNS.c.experiment_id == self.experiment_id,
                RUNS.c.status == status,
                RUNS.c.lifecycle_stage == "active",
            )
            .order_by(RUNS.c.start_time)
        )
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def _insert_runs(self, connection, runs):
        rows = defaultdict(list)
        for run_id, record in runs.items():
            tags = {**record.tags, "mlflow.runName": record.name}
            user = tags.get("mlflow.user", "unknown")
            # What the client's create_run writes, which knows neither source nor version.
            run = [run_id, record.name, "UNKNOWN", "", "", user, record.status, record.start_ms]
            run += [record.end_ms, "", "active", f"{self.location}/{run_id}/artifacts"]
            rows[RUNS].append((*run, self.experiment_id))
            rows[TAGS] += [(k, v, run_id) for k, v in tags.items()]
            rows[PARAMS] += [(k, v, run_id) for k, v in record.params.items()]
            metrics = [
                (key, value, when, step, False, run_id)
                for (key, value, step), when in zip(
                    record.metrics, record.timestamps(), strict=True
                )
            ]
            rows[METRICS] += metrics
            rows[LATEST] += latest(metrics)
        _insert(connection, RUNS, rows.pop(RUNS))  # the others refer to it
        for table, values in rows.items():
            _insert(connection, table, values)
        self._insert_datasets(connection, runs)

    def _insert_datasets(self, connection, runs):
        inputs, input_tags = [], []
        for run_id, record in runs.items():
            if record.dataset is None:
                continue
            number = uuid.uuid4().hex
            source = self._dataset(connection, record.dataset)
            inputs.append((number, "DATASET", source, "RUN", run_id, 0))
            input_tags.append((number, "mlflow.data.context", "training"))
        _insert(connection, INPUTS, inputs)
        _insert(connection, INPUT_TAGS, input_tags)

    def _dataset(self, connection, dataset):
        """The uuid of a data set, stored once an experiment."""
        key = dataset["name"], dataset["digest"]
        if key not in self.datasets:
            table = DATASETS.c
            known = connection.scalar(
                sa.select(table.dataset_uuid).where(
                    table.experiment_id == self.experiment_id,
                    table.name == key[0],
                    table.digest == key[1],
                )
            )
            if known is None:
                known = uuid.uuid4().hex
                rest = [dataset[name] for name in ("source_type", "source", "schema", "profile")]
                _insert(connection, DATASETS, [(known, self.experiment_id, *key, *rest)])
            self.datasets[key] = known
        return self.datasets[key]

    def _discard(self, runs):
        """Removes the files of runs that did not come about.

        Ctrl-C may come after the commit, and a server may be lost during it. So the database is
        asked; when it cannot tell, the files stay: a folder without a run only takes space.
        """
        try:
            with self.engine.connect() as connection:
                stored = self._stored(connection, runs)
        except sa.exc.SQLAlchemyError:
            return
        for run_id in runs.keys() - stored:
            shutil.rmtree(self.root / run_id, ignore_errors=True)

    def _stored(self, connection, runs):
        """Which of the run ids the database has."""
        query = sa.select(RUNS.c.run_uuid).where(RUNS.c.run_uuid.in_(list(runs)))
        return set(connection.scalars(query))

    def _clear_away(self):
        for folder in self.root.glob(f"{WRITING}*"):
            with suppress(FileNotFoundError):  # another process is writing, and has just finished
                if time.time() - folder.stat().st_mtime > STALE:
                    shutil.rmtree(folder, ignore_errors=True)


def _write_files(folder, runs):
    """folder/RUN/artifacts/NAME for every file of every run."""
    for run_id, record in runs.items():
        own = os.path.join(folder, run_id, "artifacts")
        os.makedirs(own)
        for name, data in record.artifacts.items():
            with open(os.path.join(own, name), "wb") as file:
                file.write(data)


def latest(rows):
    """Of rows of METRICS, the newest of each key: MLflow's order is step, timestamp, value."""
    return list({row[0]: row for row in sorted(rows, key=AGE)}.values())


def _insert(connection, table, rows):
    """Inserts rows, tuples in the order of the table's columns."""
    dialect = connection.dialect
    if dialect.positional:  # past SQLAlchemy's handling of values, which takes as long as SQLite
        # Few statements: SQLite keeps what each changes, to undo it, and the thread that writes
        # files is called upon at each. Of few sizes, powers of two: each has to be prepared once.
        most = VALUES // len(table.columns)
        while rows:
            together = min(most, 2 ** (len(rows).bit_length() - 1))
            values = tuple(chain.from_iterable(rows[:together]))
            connection.exec_driver_sql(_statement(table, dialect, together), values)
            rows = rows[together:]
    elif rows:
        names = table.columns.keys()
        connection.execute(sa.insert(table), [dict(zip(names, row, strict=True)) for row in rows])


@cache
def _statement(table, dialect, rows):
    head, marks = str(sa.insert(table).compile(dialect=dialect)).split("VALUES")
    return f"{head}VALUES{', '.join([marks] * rows)}"


def _change(connection, run_id, **values):
    """Sets columns of a run; raises StoreError when it is not there or has been deleted."""
    mine = (RUNS.c.run_uuid == run_id, RUNS.c.lifecycle_stage == "active")
    if not connection.execute(sa.update(RUNS).where(*mine).values(**values)).rowcount:
        raise StoreError(f"run {run_id} is not in the store any more; give the same command again")


def _delete(connection, table, run_id, keys):
    if keys:
        connection.execute(
            sa.delete(table).where(table.c.run_uuid == run_id, table.c.key.in_(list(keys)))
        )
