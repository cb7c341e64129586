"""The one run that a word means: an id, the beginning of an id, or a name."""

import re

from experiments.tracking.errors import Missing
from experiments.tracking.files import Run
from experiments.tracking.layout import KIND
from experiments.tracking.layout import RUN as RUN_KIND
from experiments.tracking.layout import SWEEP as SWEEP_KIND
from experiments.tracking.queries import Queries, Wanted
from experiments.tracking.uris import shown

MAX_SHOWN = 5  # runs that a message lists


def meant(queries: Queries, wanted: str, experiment: str | None = None) -> Run:
    """The one finished run that `wanted` means; see `Reader.run`."""
    inside = [queries.experiment(experiment)] if experiment else [*queries.names().values()]
    found = []
    if re.fullmatch(r"[0-9a-f]{1,32}", wanted):
        found = queries.first(inside, Wanted(begins=wanted), MAX_SHOWN + 1)
    if not found:
        found = queries.first(inside, Wanted(name=wanted), MAX_SHOWN + 1)
    if not found:
        where = f"experiment {experiment}" if experiment else shown(queries.uri)
        raise Missing(f"no run of {where} has the id or the name {wanted!r}")
    if len(found) > 1:
        ids = [run.id for run in found[:MAX_SHOWN]] + ["..."] * (len(found) > MAX_SHOWN)
        raise Missing(f"{wanted!r} means several runs; name one by its id: {', '.join(ids)}")
    _check_has_nets(found[0])
    return found[0]


def _check_has_nets(run):
    kind = run.tags.get(KIND)
    if kind == SWEEP_KIND:
        raise Missing(f"run {run.id} is a sweep; name one of its runs")
    if kind != RUN_KIND:
        raise Missing(f"run {run.id} was not made by `scratchml train`, so that it has no nets")
    if run.status != "FINISHED":
        raise Missing(f"run {run.id} is {run.status}; only a run that is FINISHED has nets")
