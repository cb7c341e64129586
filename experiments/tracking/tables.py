"""MLflow's tables, and statements that change them: a home for what makes them fast.

The tables are as in the schemas of TESTED_REVISIONS. MLflow's own migration of file stores writes
the same tables; a test compares them with MLflow's models.
"""

import os
import sqlite3
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain
from operator import itemgetter

import sqlalchemy as sa

from experiments.tracking.errors import StoreError
from experiments.tracking.record import RunRecord

TESTED_REVISIONS = ("dc11669786a5",)  # MLflow 3.17
VALUES = 30000 if sqlite3.sqlite_version_info >= (3, 32) else 900  # the most in one statement


def are_known(revision: str | None) -> bool:
    """Whether the tables of a database are those of this module, and all rows are of one user."""
    workspaces = os.environ.get("MLFLOW_ENABLE_WORKSPACES", "").lower() in ("true", "1")
    return revision in TESTED_REVISIONS and not workspaces


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


def rows_of(
    runs: Mapping[str, RunRecord], experiment_id: int, location: str
) -> dict[sa.TableClause, list[tuple]]:
    """{table: rows} of runs, without their data sets.

    Args:
        runs: {run id: record}.
        location: the URI below which the experiment keeps its files.
    """
    rows = defaultdict(list)
    for run_id, record in runs.items():
        tags = {**record.tags, "mlflow.runName": record.name}
        user = tags.get("mlflow.user", "unknown")
        # As MLflow's client writes it, which knows neither source nor version.
        run = [run_id, record.name, "UNKNOWN", "", "", user, record.status, record.start_ms]
        run += [record.end_ms, "", "active", f"{location}/{run_id}/artifacts"]
        rows[RUNS].append((*run, experiment_id))
        rows[TAGS] += [(k, v, run_id) for k, v in tags.items()]
        rows[PARAMS] += [(k, v, run_id) for k, v in record.params.items()]
        timed = zip(record.metrics, record.timestamps(), strict=True)
        metrics = [(key, value, when, step, False, run_id) for (key, value, step), when in timed]
        rows[METRICS] += metrics
        rows[LATEST] += latest(metrics)
    return rows


def latest(rows: Iterable[tuple]) -> list[tuple]:
    """Of rows of METRICS, the newest of each key: MLflow's order is step, timestamp, value."""
    return list({row[0]: row for row in sorted(rows, key=AGE)}.values())


def insert(connection: sa.Connection, table: sa.TableClause, rows: list[tuple]) -> None:
    """Inserts rows, tuples in the order of the table's columns."""
    dialect = connection.dialect
    if dialect.positional:  # without SQLAlchemy's handling of values, which takes as long as SQLite
        # Few statements, because SQLite keeps the changes of each to undo them, and each gives the
        # thread that writes files a turn. Few sizes, powers of two: each is prepared once.
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


def insert_datasets(
    connection: sa.Connection,
    runs: Mapping[str, RunRecord],
    experiment_id: int,
    known: dict[tuple[str, str], str],
) -> None:
    """Inserts the data sets of runs, each once an experiment, and says which run has which.

    Args:
        runs: {run id: record}.
        known: {(name, digest): uuid} of stored data sets; new ones are added.
    """
    inputs, input_tags = [], []
    for run_id, record in runs.items():
        if record.dataset is None:
            continue
        key = record.dataset["name"], record.dataset["digest"]
        if key not in known:
            known[key] = _dataset(connection, record.dataset, experiment_id)
        number = uuid.uuid4().hex
        inputs.append((number, "DATASET", known[key], "RUN", run_id, 0))
        input_tags.append((number, "mlflow.data.context", "training"))
    insert(connection, INPUTS, inputs)
    insert(connection, INPUT_TAGS, input_tags)


def _dataset(connection, dataset, experiment_id):
    """The uuid of a data set, which is inserted if the experiment does not have it."""
    table, key = DATASETS.c, (dataset["name"], dataset["digest"])
    query = sa.select(table.dataset_uuid).where(
        table.experiment_id == experiment_id, table.name == key[0], table.digest == key[1]
    )
    found = connection.scalar(query)
    if found is None:
        found = uuid.uuid4().hex
        rest = [dataset[name] for name in ("source_type", "source", "schema", "profile")]
        insert(connection, DATASETS, [(found, experiment_id, *key, *rest)])
    return found


def change(connection: sa.Connection, run_id: str, **values: object) -> None:
    """Sets columns of a run.

    Raises:
        StoreError: The run is not there or has been deleted.
    """
    mine = (RUNS.c.run_uuid == run_id, RUNS.c.lifecycle_stage == "active")
    if not connection.execute(sa.update(RUNS).where(*mine).values(**values)).rowcount:
        raise StoreError(f"run {run_id} is not in the store any more; give the same command again")


def delete(
    connection: sa.Connection, table: sa.TableClause, run_id: str, keys: Iterable[str]
) -> None:
    """Deletes the rows of a run with these keys."""
    if keys:
        connection.execute(
            sa.delete(table).where(table.c.run_uuid == run_id, table.c.key.in_(list(keys)))
        )
