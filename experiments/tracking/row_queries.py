"""Questions about the runs of an experiment, answered from the rows of MLflow's tables."""

import sqlalchemy as sa

from experiments.tracking.tables import LATEST, RUNS, TAGS


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
