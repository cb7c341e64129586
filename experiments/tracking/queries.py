"""Questions to MLflow's client, and its answers as plain rows, page by page."""

import gc
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from experiments.tracking.causes import patiently
from experiments.tracking.errors import Missing
from experiments.tracking.files import Run
from experiments.tracking.uris import shown

if TYPE_CHECKING:
    from mlflow import MlflowClient

PAGE = 1000  # runs, or experiments, in one request
MANY = 20 * PAGE  # run ids that are looked up page by page
FINISHED = "attributes.status = 'FINISHED'"
OLDEST_FIRST, NEWEST_FIRST = (f"attributes.start_time {order}" for order in ("ASC", "DESC"))


class Queries:
    """Questions to one store. Every method raises StoreError when the store cannot be used."""

    def __init__(self, uri: str, client: "MlflowClient"):
        self.uri, self.client = uri, client

    def experiment(self, name: str) -> str:
        """The id of an experiment.

        Raises:
            Missing: There is none of this name, or it has been deleted.
        """
        found = self.ask(self.client.get_experiment_by_name, name)
        if found is None or found.lifecycle_stage != "active":
            names = sorted(each.name for each in self._pages(self.client.search_experiments))
            raise Missing(f"{shown(self.uri)} has no experiment {name!r}; it has {names}")
        return found.experiment_id

    def experiments(self) -> list[str]:
        """The ids of all experiments."""
        return [each.experiment_id for each in self._pages(self.client.search_experiments)]

    def first(self, experiments: list[str], condition: str, most: int) -> list[Run]:
        """At most so many of the runs that a condition holds for."""
        search = partial(self.client.search_runs, experiments, condition, max_results=most)
        return [*map(_row, self.ask(search))]

    def all(self, experiment: str, condition: str, order: str = OLDEST_FIRST) -> list[Run]:
        """All runs of an experiment that a condition holds for."""
        search = partial(self.client.search_runs, [experiment], condition, order_by=[order])
        with without_collection():
            return [*map(_row, self._pages(search))]

    def finished(self, experiment: str, ids: Iterable[str]) -> dict[str, Run]:
        """{id: run} of the runs with these ids that are FINISHED."""
        ids, found = list(ids), {}
        if len(ids) > MANY:  # a list may be longer than the store, which is then read once
            wanted = set(ids)
            return {run.id: run for run in self.all(experiment, FINISHED) if run.id in wanted}
        for start in range(0, len(ids), PAGE):
            some = ", ".join(f"'{checked(run_id)}'" for run_id in ids[start : start + PAGE])
            runs = self.all(experiment, f"attributes.run_id IN ({some}) AND {FINISHED}")
            found |= {run.id: run for run in runs}
        return found

    def ask(self, action: Callable, *arguments: Any) -> Any:
        """The result of a function of the store, which is waited for while it is locked."""
        return patiently(self.uri, action, *arguments, opened=True)

    def _pages(self, search):
        found, token = [], None
        while True:
            page = self.ask(partial(search, max_results=PAGE, page_token=token))
            found += page
            token = page.token
            if not token:
                return found


def quoted(text: str) -> str:
    """A text as MLflow's filters accept it.

    Raises:
        ValueError: It cannot be quoted.
    """
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text and "\\" not in text:
        return f'"{text}"'
    raise ValueError(f"a name with both quotes cannot be looked for; name its id; got {text!r}")


def checked(run_id: object) -> str:
    """A run id that may stand in a filter.

    Raises:
        ValueError: It has letters that no run id has.
    """
    if not isinstance(run_id, str) or not re.fullmatch(r"[0-9A-Za-z_-]{1,64}", run_id):
        raise ValueError(f"not a run id: {run_id!r}")
    return run_id


@contextmanager
def without_collection() -> Iterator[None]:
    """Without Python's garbage collection, which doubles the time in which MLflow makes its rows.

    The collector looks through all objects again and again while they are made: 1,200 runs take
    1.9 s with it and 0.8 s without.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _row(run):
    info, data = run.info, run.data
    return Run(
        *(info.run_id, info.run_name, info.status, info.experiment_id),
        *(data.params, data.metrics, data.tags, info.artifact_uri),
        *(info.start_time, info.end_time),
    )
