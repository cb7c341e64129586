"""Questions to MLflow's client, and its answers as plain rows, page by page."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from experiments.tracking.errors import Missing
from experiments.tracking.files import Run
from experiments.tracking.queries import PAGE, Queries, Wanted, without_collection

if TYPE_CHECKING:
    from mlflow import MlflowClient


class ClientQueries(Queries):
    """Questions to a store that MLflow's client knows."""

    def __init__(self, uri: str, client: "MlflowClient"):
        super().__init__(uri)
        self.client = client

    def names(self) -> dict[str, str]:
        found = self._pages(self.client.search_experiments)
        return {each.name: each.experiment_id for each in found}

    def location(self, experiment: str) -> str:
        return self.client.get_experiment(experiment).artifact_location

    def first(self, experiments: Sequence[str], wanted: Wanted, most: int) -> list[Run]:
        search = partial(self.client.search_runs, experiments, _filter(wanted), max_results=most)
        return [*map(_row, self.ask(search))]

    def all(self, experiment: str, wanted: Wanted, newest_first: bool = False) -> list[Run]:
        order = ["attributes.start_time DESC" if newest_first else "attributes.start_time ASC"]
        search = partial(self.client.search_runs, [experiment], _filter(wanted), order_by=order)
        with without_collection():
            return [*map(_row, self._pages(search))]

    def _pages(self, search):
        found, token = [], None
        while True:
            page = self.ask(partial(search, max_results=PAGE, page_token=token))
            found += page
            token = page.token
            if not token:
                return found


def _filter(wanted):
    """A condition in MLflow's language; ids have been checked."""
    parts = [f"tags.`{key}` = {_quoted(value)}" for key, value in wanted.tags.items()]
    if wanted.status is not None:
        parts.append(f"attributes.status = '{wanted.status}'")
    if wanted.ids is not None:
        ids = ", ".join(f"'{run_id}'" for run_id in wanted.ids)
        parts.append(f"attributes.run_id IN ({ids})")
    if wanted.begins is not None:
        parts.append(f"attributes.run_id LIKE '{wanted.begins}%'")
    if wanted.name is not None:
        parts.append(f"attributes.run_name = {_quoted(wanted.name)}")
    return " AND ".join(parts)


def _quoted(text):
    """A text as MLflow's filters accept it."""
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    raise Missing(f"a name with both quotes cannot be looked for; name its id; got {text!r}")


def _row(run):
    info, data = run.info, run.data
    return Run(
        *(info.run_id, info.run_name, info.status, info.experiment_id),
        *(data.params, data.metrics, data.tags, info.artifact_uri),
        *(info.start_time or 0, info.end_time or info.start_time or 0),
    )
