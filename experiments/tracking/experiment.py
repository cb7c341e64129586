"""The experiment of a store, by rows or through MLflow's client; it is made if need be."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from experiments.tracking.client import import_mlflow
from experiments.tracking.layout import DESCRIPTION
from experiments.tracking.record import now_ms
from experiments.tracking.tables import EXPERIMENT_TAGS, EXPERIMENTS, insert

if TYPE_CHECKING:
    from mlflow import MlflowClient

# With this tag MLflow's pages show an experiment as runs to compare, and do not ask for its kind.
TAGS = {"mlflow.experimentKind": "custom_model_development"}


class Experiment(NamedTuple):
    """An experiment's id, the URI below which its runs keep files, and `active` or `deleted`."""

    id: int | str
    location: str
    stage: str


def by_client(client: "MlflowClient", name: str, artifacts: str | None) -> Experiment:
    """The experiment as MLflow's client finds it.

    Args:
        artifacts: URI below which a new experiment keeps its files; None is for the server to say.
    """
    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            client.create_experiment(name, artifacts, TAGS)
        except import_mlflow().MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise  # otherwise another process has made it meanwhile
        found = client.get_experiment_by_name(name)
    return Experiment(found.experiment_id, found.artifact_location, found.lifecycle_stage)


def by_rows(engine: sa.Engine, name: str, artifacts: str) -> Experiment:
    """The experiment as its row in the database has it."""
    found = _find(engine, name)
    if found is None:
        try:
            _create(engine, name, artifacts, TAGS)
        except sa.exc.IntegrityError:
            if _find(engine, name) is None:
                raise  # otherwise another process has made it meanwhile
        found = _find(engine, name)
    return found


def describe(engine: sa.Engine, experiment_id: int, text: str) -> None:
    """Replaces the description of an experiment.

    MLflow's page of all experiments begins with the one that was changed last.
    """
    table = EXPERIMENT_TAGS.c
    old = (table.key == DESCRIPTION, table.experiment_id == experiment_id)
    changed = sa.update(EXPERIMENTS).where(EXPERIMENTS.c.experiment_id == experiment_id)
    with engine.begin() as connection:
        connection.execute(sa.delete(EXPERIMENT_TAGS).where(*old))
        insert(connection, EXPERIMENT_TAGS, [(DESCRIPTION, text, experiment_id)])
        connection.execute(changed.values(last_update_time=now_ms()))


def _find(engine, name):
    table = EXPERIMENTS.c
    query = sa.select(table.experiment_id, table.artifact_location, table.lifecycle_stage)
    query = query.where(table.name == name, table.workspace == "default")
    with engine.connect() as connection:
        row = connection.execute(query).one_or_none()
    return row and Experiment(*row)


def _create(engine, name, artifacts, tags: Mapping[str, str]):
    """As MLflow does: the id is known once the row is there, and the location ends with the id."""
    table, now = EXPERIMENTS.c, now_ms()
    row = {"name": name, "artifact_location": artifacts, "lifecycle_stage": "active"}
    row |= {"creation_time": now, "last_update_time": now, "workspace": "default"}
    own = (table.name == name, table.workspace == "default")
    with engine.begin() as connection:
        connection.execute(sa.insert(EXPERIMENTS).values(row))
        number = connection.scalar(sa.select(table.experiment_id).where(*own))
        location = {"artifact_location": f"{artifacts}/{number}"}
        connection.execute(sa.update(EXPERIMENTS).where(*own).values(location))
        insert(connection, EXPERIMENT_TAGS, [(k, v, number) for k, v in tags.items()])
