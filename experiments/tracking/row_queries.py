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
    *(RUNS.c.run_uuid, RUNS.c.name, RUNS.c.status, RUNS.c.experiment_id),
    *(RUNS.c.artifact_uri, RUNS.c.start_time, RUNS.c.end_time),
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
        newest = _ids(experiments, wanted).order_by(RUNS.c.start_time.desc(), RUNS.c.run_uuid)
        return self.ask(self._runs, newest.limit(most), True)

    def all(self, experiment: str, wanted: Wanted, newest_first: bool = False) -> list[Run]:
        return self.ask(self._runs, _ids([experiment], wanted), newest_first)

    def _runs(self, ids, newest_first):
        """The runs that a query names by their ids."""
        start = RUNS.c.start_time
        order = (start.desc() if newest_first else start.asc(), RUNS.c.run_uuid)
        with without_collection():
            runs = self._rows(sa.select(*OF_A_RUN).where(RUNS.c.run_uuid.in_(ids)).order_by(*order))
            params, metrics, tags = (self._by_run(table, ids) for table in (PARAMS, LATEST, TAGS))
            return [_run(*row, *(of[row[0]] for of in (params, metrics, tags))) for row in runs]

    def _by_run(self, table, ids):
        """{run id: {key: value}} of the runs that a query names."""
        value, found = table.c.value, defaultdict(dict)
        if table is LATEST:  # NaN has no place in a column of numbers
            value = sa.case((table.c.is_nan, None), else_=value)
        query = sa.select(table.c.run_uuid, table.c.key, value).where(table.c.run_uuid.in_(ids))
        for run_id, key, value in self._rows(query):
            found[run_id][key] = math.nan if value is None and table is LATEST else value
        return found

    def _rows(self, query):
        return _rows(self.engine, query)


def _rows(engine, query):
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def _ids(experiments, wanted):
    """The query of the ids of runs that a condition holds for."""
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
    return query


def _run(run_id, name, status, experiment, folder, start, end, params, metrics, tags):
    start = start or 0
    return Run(
        *(run_id, name, status, str(experiment), dict(params), dict(metrics), dict(tags)),
        *(folder, start, end or start),
    )


# --- of the writer --------------------------------------------------------------------------------


def values(engine: sa.Engine, experiment_id: int, key: str) -> dict[str, float]:
    """{run id: value} of the newest value of a metric, for all runs that finished."""
    return dict(_rows(engine, _with_key(LATEST, key, experiment_id, "FINISHED")))


def metrics(engine: sa.Engine, run_id: str) -> dict[str, float]:
    """{key: value} of the newest metrics of a run."""
    query = sa.select(LATEST.c.key, LATEST.c.value).where(LATEST.c.run_uuid == run_id)
    return dict(_rows(engine, query))


def tagged(engine: sa.Engine, experiment_id: int, key: str, status: str) -> list[tuple[str, str]]:
    """[(value of a tag, run id)] of the runs of a status that are not deleted, oldest first."""
    query = _with_key(TAGS, key, experiment_id, status)
    query = query.where(RUNS.c.lifecycle_stage == "active").order_by(RUNS.c.start_time)
    return [(value, run_id) for run_id, value in _rows(engine, query)]


def _with_key(table, key, experiment_id, status):
    """The query of (run id, value) of a key, for the runs of a status."""
    return (
        sa.select(RUNS.c.run_uuid, table.c.value)
        .join_from(table, RUNS, table.c.run_uuid == RUNS.c.run_uuid)
        .where(table.c.key == key, RUNS.c.experiment_id == experiment_id, RUNS.c.status == status)
    )
