"""Runs as rows: MLflow's own tables, written with SQLAlchemy, a whole run in one transaction.

MLflow's client needs 30 to 90 ms for a run, this writer 2 to 3, and no `import mlflow` (two
seconds). The tables must be as `tables` has them; a test compares the results of both writers
through MLflow's client.
"""

import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sqlalchemy as sa

from experiments.tracking import experiment, row_queries, staging
from experiments.tracking.errors import Lost
from experiments.tracking.layout import FINGERPRINT, IDENTITY, KIND, PROCESS, SWEEP
from experiments.tracking.locations import local_folder
from experiments.tracking.record import RunRecord
from experiments.tracking.tables import (
    EXPERIMENTS,
    LATEST,
    METRICS,
    PARAMS,
    RUNS,
    TAGS,
    change,
    delete,
    insert,
    insert_datasets,
    latest,
    rows_of,
)


class Rows:
    """Writes the runs of one experiment into the tables of an SQL database."""

    # Rows in one transaction: half as many take a twentieth longer, one run five times as long.
    TOGETHER = 25_000

    def __init__(self, engine: sa.Engine, experiment_id: int, location: str):
        self.engine = engine
        self.experiment_id = experiment_id
        self.location = location
        self.root = local_folder(location)
        self.datasets = {}  # (name, digest) -> uuid, of those known to be stored
        self.name = self._name()
        staging.clear_away(self.root, self.name, self._ask_stored)
        staging.clear_away(self.root, staging.FILES, lambda _: ())
        staging.clear_unowned(self.root)

    def write(self, runs: Mapping[str, RunRecord]) -> list[str]:
        """Stores records, all or none of them; returns their run ids.

        Args:
            runs: {run id: record}. Records that are there already, of an attempt whose commit went
                through while its answer was lost, stay as they are.
        """
        staged = staging.begin(self.root, self.name, runs)
        try:
            # Disk and database wait for the system most of their time, so both at once.
            with ThreadPoolExecutor(1) as other, self.engine.begin() as connection:
                files = other.submit(staging.write_files, staged, runs)
                if not self._stored(connection, runs):
                    self._insert_runs(connection, runs)
                files.result()
                for run_id in runs:
                    staging.move(staged, self.root, run_id)
        except BaseException:
            self.datasets.clear()
            self._discard(staged, runs)
            raise
        shutil.rmtree(staged, ignore_errors=True)
        return list(runs)

    def describe(self, text: str) -> None:
        """Replaces the description of the experiment."""
        experiment.describe(self.engine, self.experiment_id, text)

    def update(
        self,
        run_id: str,
        metrics: Iterable[tuple[str, float, int, int]] = (),
        params: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        artifacts: Mapping[str, bytes] | None = None,
    ) -> None:
        """Adds to a run; metrics are (key, value, step, timestamp)."""
        folder = self.root / run_id / "artifacts"
        for name, data in (artifacts or {}).items():
            staging.replace_file(self.root, folder / name, data)
        tags = tags or {}
        with self.engine.begin() as connection:
            change(connection, run_id, lifecycle_stage="active")
            delete(connection, TAGS, run_id, tags)
            insert(connection, TAGS, [(k, v, run_id) for k, v in tags.items()])
            insert(connection, PARAMS, [(k, v, run_id) for k, v in (params or {}).items()])
            rows = [(key, value, when, step, False, run_id) for key, value, step, when in metrics]
            insert(connection, METRICS, self._unknown(connection, run_id, rows))
            newest = sa.select(LATEST).where(
                LATEST.c.run_uuid == run_id, LATEST.c.key.in_({row[0] for row in rows})
            )
            rows = latest([*map(tuple, connection.execute(newest)), *rows])
            delete(connection, LATEST, run_id, [row[0] for row in rows])
            insert(connection, LATEST, rows)

    def _unknown(self, connection, run_id, rows):
        """The rows of METRICS whose key and step an earlier, lost attempt has not stored."""
        query = sa.select(METRICS.c.key, METRICS.c.step).where(
            METRICS.c.run_uuid == run_id, METRICS.c.step.in_({row[3] for row in rows})
        )
        known = {tuple(row) for row in connection.execute(query)}
        return [row for row in rows if (row[0], row[3]) not in known]

    def values(self, key: str) -> dict[str, float]:
        """{run id: value} of the newest value of a metric, for all runs that finished."""
        return row_queries.values(self.engine, self.experiment_id, key)

    def finish(self, run_id: str, status: str, end_ms: int) -> None:
        """Sets how and when a run ended."""
        with self.engine.begin() as connection:
            change(connection, run_id, status=status, end_time=end_ms)
            if status == "FINISHED":
                delete(connection, TAGS, run_id, [PROCESS])

    def fingerprints(self, status: str) -> dict[str, str]:
        """{fingerprint: run id} of all runs of a status; the newest of several."""
        return dict(self._tagged(FINGERPRINT, status))

    def identities(self) -> dict[str, str]:
        """{run id: identity} of all runs that finished, oldest first."""
        return {run_id: text for text, run_id in self._tagged(IDENTITY, "FINISHED")}

    def sweeps(self) -> list[str]:
        """The run ids of the sweeps that finished, oldest first."""
        return [run_id for kind, run_id in self._tagged(KIND, "FINISHED") if kind == SWEEP]

    def path(self, run_id: str, name: str) -> Path:
        """The path of a run's file.

        Raises:
            Lost: There is no such file in the folder of the experiment.
        """
        path = (self.root / run_id / "artifacts" / name).resolve()
        if not path.is_relative_to(self.root.resolve()) or not path.is_file():
            raise Lost(f"run {run_id} has lost its {name}")
        return path

    def metrics(self, run_id: str) -> dict[str, float]:
        """{key: value} of the newest metrics of a run."""
        return row_queries.metrics(self.engine, run_id)

    def running(self) -> list[tuple[str, str]]:
        """[(run id, process)] of the runs that say they are running."""
        return [(run_id, process) for process, run_id in self._tagged(PROCESS, "RUNNING")]

    def close(self) -> None:
        """Closes the connections to the database."""
        self.engine.dispose()

    def _tagged(self, key, status):
        return row_queries.tagged(self.engine, self.experiment_id, key, status)

    def _insert_runs(self, connection, runs):
        rows = rows_of(runs, self.experiment_id, self.location)
        insert(connection, RUNS, rows.pop(RUNS))  # the others refer to it
        for table, values in rows.items():
            insert(connection, table, values)
        insert_datasets(connection, runs, self.experiment_id, self.datasets)

    def _discard(self, staged, runs):
        """Removes the files of runs that were not stored.

        Ctrl-C may come after the commit, and a server may be lost during it. So the database is
        asked. When it does not answer, all files stay, and `staging.clear_away` asks again later.
        """
        try:
            stored = self._ask_stored(runs)
        except sa.exc.SQLAlchemyError:
            return
        for folder in (staged, *(self.root / run_id for run_id in runs.keys() - stored)):
            shutil.rmtree(folder, ignore_errors=True)

    def _name(self):
        """A name of this experiment that no other one has, nor a later store in the same place."""
        query = sa.select(EXPERIMENTS.c.creation_time)
        query = query.where(EXPERIMENTS.c.experiment_id == self.experiment_id)
        with self.engine.connect() as connection:
            made = connection.scalar(query)
        return f"{self.engine.url.render_as_string(hide_password=True)} {self.experiment_id} {made}"

    def _ask_stored(self, runs):
        with self.engine.connect() as connection:
            return self._stored(connection, runs)

    def _stored(self, connection, runs):
        """Those of the run ids that the database has."""
        query = sa.select(RUNS.c.run_uuid).where(RUNS.c.run_uuid.in_(list(runs)))
        return set(connection.scalars(query))
