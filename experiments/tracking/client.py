"""Runs through MLflow's public client: for servers, and for tables that `rows` does not know.

`Client` has the same methods as `rows.Rows`. A run takes several requests here: it is RUNNING until
all of it is stored, and deleted when that fails.
"""

import logging
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from experiments.tracking import locations
from experiments.tracking.heartbeat import process_name
from experiments.tracking.layout import DESCRIPTION, FINGERPRINT, IDENTITY, PROCESS
from experiments.tracking.record import RunRecord

if TYPE_CHECKING:
    from mlflow import MlflowClient

PAGE = 1000  # runs a request


def import_mlflow() -> ModuleType:
    """The module mlflow, which takes two seconds to import; without telemetry and chatter."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    # Waits of 1, 2, 4, 8, 16 and 32 s for a server that is lost, instead of four minutes.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "6")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "1")
    import mlflow

    for name in ("mlflow.store.db.utils", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return mlflow


class Client:
    """Writes the runs of one experiment with an MlflowClient."""

    TOGETHER = 1  # rows in one transaction: each run alone

    def __init__(self, client: "MlflowClient", experiment_id: str):
        self.client = client
        self.experiment_id = experiment_id

    def write(self, runs: Mapping[str, RunRecord]) -> list[str]:
        """Stores records, each of them whole or not at all; returns their run ids.

        Args:
            runs: {name: record}; MLflow chooses other run ids.
        """
        return [self._write(record) for record in runs.values()]

    def _write(self, record):
        tags = {**record.tags, PROCESS: process_name()}
        fingerprint = {k: tags.pop(k) for k in [FINGERPRINT] if k in tags}
        run = self.client.create_run(
            self.experiment_id, start_time=record.start_ms, tags=tags, run_name=record.name
        )
        run_id = run.info.run_id
        try:
            if record.dataset is not None:
                self._log_dataset(run_id, record.dataset)
            timed = zip(record.metrics, record.timestamps(), strict=True)
            metrics = [(*metric, when) for metric, when in timed]
            self.update(run_id, metrics, record.params, fingerprint, record.artifacts)
            if record.status != "RUNNING":
                self.client.set_terminated(run_id, record.status, record.end_ms)
                if PROCESS not in record.tags:
                    self._forget_process(run_id)
        except BaseException:
            with suppress(Exception):
                self.client.delete_run(run_id)
            raise
        return run_id

    def describe(self, text: str) -> None:
        """Replaces the description of the experiment."""
        self.client.set_experiment_tag(self.experiment_id, DESCRIPTION, text)

    def update(
        self,
        run_id: str,
        metrics: Iterable[tuple[str, float, int, int]] = (),
        params: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        artifacts: Mapping[str, bytes] | None = None,
    ) -> None:
        """Adds to a run; metrics are (key, value, step, timestamp)."""
        entities = import_mlflow().entities
        if artifacts:
            with tempfile.TemporaryDirectory() as folder:
                for name, data in artifacts.items():
                    file = Path(folder, name)
                    file.parent.mkdir(exist_ok=True)
                    file.write_bytes(data)
                place = self.client.get_run(run_id).info.artifact_uri
                locations.repository(self.client, place, f"run {run_id}").log_artifacts(folder)
        self.client.log_batch(
            run_id,
            [entities.Metric(key, value, when, step) for key, value, step, when in metrics],
            [entities.Param(*item) for item in (params or {}).items()],
            [entities.RunTag(*item) for item in (tags or {}).items()],
        )

    def finish(self, run_id: str, status: str, end_ms: int) -> None:
        """Sets how and when a run ended."""
        self.client.set_terminated(run_id, status, end_ms)
        if status == "FINISHED":
            self._forget_process(run_id)

    def metrics(self, run_id: str) -> dict[str, float]:
        """{key: value} of the newest metrics of a run."""
        return self.client.get_run(run_id).data.metrics

    def values(self, key: str) -> dict[str, float]:
        """{run id: value} of the newest value of a metric, for all runs that finished."""
        metrics = {r.info.run_id: r.data.metrics for r in self._tagged(FINGERPRINT, "FINISHED")}
        return {run_id: values[key] for run_id, values in metrics.items() if key in values}

    def fingerprints(self, status: str) -> dict[str, str]:
        """{fingerprint: run id} of all runs of a status; the newest of several."""
        runs = self._tagged(FINGERPRINT, status)
        return {run.data.tags[FINGERPRINT]: run.info.run_id for run in runs}

    def identities(self) -> dict[str, str]:
        """{run id: identity} of all runs that finished, oldest first."""
        runs = self._tagged(IDENTITY, "FINISHED")
        return {run.info.run_id: run.data.tags[IDENTITY] for run in runs}

    def running(self) -> list[tuple[str, str]]:
        """[(run id, process)] of the runs that say they are running."""
        runs = self._tagged(PROCESS, "RUNNING")
        return [(run.info.run_id, run.data.tags[PROCESS]) for run in runs]

    def close(self) -> None:
        """There is nothing to close."""

    def _forget_process(self, run_id):
        try:
            self.client.delete_tag(run_id, PROCESS)
        except import_mlflow().MlflowException as error:
            # MLflow's client asks again when an answer is lost, and then the tag is gone already.
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise

    def _tagged(self, key, status):
        wanted = f"attributes.status = '{status}' AND tags.`{key}` != ''"
        token = None
        while True:
            page = self.client.search_runs(
                [self.experiment_id],
                wanted,
                max_results=PAGE,
                order_by=["attributes.start_time ASC"],
                page_token=token,
            )
            yield from page
            token = page.token
            if not token:
                return

    def _log_dataset(self, run_id, dataset):
        entities = import_mlflow().entities
        tag = entities.InputTag("mlflow.data.context", "training")
        self.client.log_inputs(run_id, [entities.DatasetInput(entities.Dataset(**dataset), [tag])])
