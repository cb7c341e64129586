"""Questions about runs, answered from the rows of MLflow's tables.

MLflow itself takes two seconds to be imported, and makes six objects of each row.
"""

import math
import weakref
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import sqlalchemy as sa

from experiments.tracking.causes import patiently
from experiments.tracking.connection import connect
from experiments.tracking.files import Run
from experiments.tracking.queries import Queries, Wanted, without_collection
from experiments.tracking.tables import EXPERIMENTS, LATEST, PARAMS, RUNS, TAGS

if TYPE_CHECKING:
    from mlflow import MlflowClient

OF_A_RUN = [
    RUNS.c[name]
    for name in ("run_uuid", "name", "status", "experiment_id", "artifact_uri")
    + ("start_time", "end_time")
]


class RowQueries(Queries):
    """Questions to a database whose tables are known.

    Args:
        uri: the store, as the user knows it.
        engine: of its database, or of a copy.
        owner: of the copy, which goes with it.
    """

    def __init__(self, uri: str, engine: sa.Engine, owner: object = None):
        super().__init__(uri)
        self.engine, self.owner = engine, owner
        weakref.finalize(self, engine.dispose)

    @cached_property
    def client(self) -> "MlflowClient":
        """MLflow's client, made when it is needed."""
        return patiently(self.uri, connect, self.uri)

    def names(self) -> dict[str, str]:
        table = EXPERIMENTS.c
        query = sa.select(table.name, table.experiment_id).where(table.lifecycle_stage == "active")
        return {name: str(number) for name, number in self.ask(self._rows, query)}

    def location(self, experiment: str) -> str:
        own = EXPERIMENTS.c.experiment_id == int(experiment)
        [(location,)] = self._rows(sa.select(EXPERIMENTS.c.artifact_location).where(own))
        return location

    def first(self, experiments: Sequence[str], wanted: Wanted, most: int) -> list[Run]:
        return self.ask(self._runs, _ids(experiments, wanted).limit(most), True)

    def all(self, experiment: str, wanted: Wanted, newest_first: bool = False) -> list[Run]:
        return self.ask(self._runs, _ids([experiment], wanted), newest_first)

    def _runs(self, ids, newest_first):
        """The runs that a query names by their ids."""
        start = RUNS.c.start_time
        order = (start.desc() if newest_first else start.asc(), RUNS.c.run_uuid)
        of_run = {table: defaultdict(dict) for table in (PARAMS, LATEST, TAGS)}
        with without_collection():
            runs = self._rows(sa.select(*OF_A_RUN).where(RUNS.c.run_uuid.in_(ids)).order_by(*order))
            for table, found in of_run.items():
                value = table.c.value
                if table is LATEST:  # NaN has no place in a column of numbers
                    value = sa.case((table.c.is_nan, None), else_=value)
                query = sa.select(table.c.run_uuid, table.c.key, value)
                for run_id, key, value in self._rows(query.where(table.c.run_uuid.in_(ids))):
                    found[run_id][key] = math.nan if value is None else value
            return [_run(*row, *(found[row[0]] for found in of_run.values())) for row in runs]

    def _rows(self, query):
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(query)]


def _ids(experiments, wanted):
    """The query of the ids of runs that a condition holds for, the newest first."""
    table, numbers = RUNS.c, [*map(int, experiments)]
    query = sa.select(table.run_uuid).where(table.experiment_id.in_(numbers))
    query = query.where(table.lifecycle_stage == "active")
    for key, value in wanted.tags.items():
        tagged = sa.select(TAGS.c.run_uuid).where(TAGS.c.key == key, TAGS.c.value == value)
        query = query.where(table.run_uuid.in_(tagged))
    if wanted.status is not None:
        query = query.where(table.status == wanted.status)
    if wanted.ids is not None:
        query = query.where(table.run_uuid.in_(list(wanted.ids)))
    if wanted.begins is not None:
        query = query.where(table.run_uuid.startswith(wanted.begins))
    if wanted.name is not None:
        query = query.where(table.name == wanted.name)
    return query.order_by(table.start_time.desc(), table.run_uuid)


def _run(run_id, name, status, experiment, folder, start, end, params, metrics, tags):
    start = start or 0
    return Run(
        *(run_id, name, status, str(experiment), dict(params), dict(metrics), dict(tags)),
        *(folder, start, end or start),
    )


# --- of the writer --------------------------------------------------------------------------------


def values(engine: sa.Engine, experiment_id: int, key: str) -> dict[str, float]:
    """{run id: value} of the newest value of a metric, for all runs that finished."""
    query = (
        sa.select(LATEST.c.run_uuid, LATEST.c.value)
        .join_from(LATEST, RUNS, LATEST.c.run_uuid == RUNS.c.run_uuid)
        .where(
            LATEST.c.key == key,
            RUNS.c.experiment_id == experiment_id,
            RUNS.c.status == "FINISHED",
        )
    )
    with engine.connect() as connection:
        return {run_id: value for run_id, value in connection.execute(query)}


def metrics(engine: sa.Engine, run_id: str) -> dict[str, float]:
    """{key: value} of the newest metrics of a run."""
    query = sa.select(LATEST.c.key, LATEST.c.value).where(LATEST.c.run_uuid == run_id)
    with engine.connect() as connection:
        return {key: value for key, value in connection.execute(query)}


def tagged(engine: sa.Engine, experiment_id: int, key: str, status: str) -> list[tuple[str, str]]:
    """[(value of a tag, run id)] of the runs of a status that are not deleted, oldest first."""
    query = (
        sa.select(TAGS.c.value, RUNS.c.run_uuid)
        .join_from(TAGS, RUNS, TAGS.c.run_uuid == RUNS.c.run_uuid)
        .where(
            TAGS.c.key == key,
            RUNS.c.experiment_id == experiment_id,
            RUNS.c.status == status,
            RUNS.c.lifecycle_stage == "active",
        )
        .order_by(RUNS.c.start_time)
    )
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]
