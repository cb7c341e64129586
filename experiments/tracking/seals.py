"""Seals: what a lesson asks and by which rules, stored before its nets of new seeds are trained.

A seal is a run of its own in the experiment `registered`. MLflow's times say which was first, the
seal or the nets.
"""

from typing import NamedTuple

from experiments.tracking.errors import Missing
from experiments.tracking.layout import KIND, LESSON, REGISTERED, RUN, SEAL, SEAL_FILE, SEED_SET
from experiments.tracking.layout import SEALED as DIGEST
from experiments.tracking.queries import Wanted, of_kind
from experiments.tracking.reader import Reader
from experiments.tracking.record import RunRecord
from experiments.tracking.store import open_store


class Seal(NamedTuple):
    """What was sealed: of which lesson, for which set of seeds, as which digest, and when (ms)."""

    lesson: str
    seed_set: int
    digest: str
    at_ms: int


class Trained(NamedTuple):
    """The seed of a run's first net, and when the run was begun (ms)."""

    seed: int
    at_ms: int


def write(seal: Seal, text: str, uri: str | None = None) -> None:
    """Stores a seal with the text that was sealed; its time is that of the store."""
    record = RunRecord(
        name=f"{seal.lesson}, set {seal.seed_set} of seeds",
        tags={KIND: SEAL, LESSON: seal.lesson, SEED_SET: str(seal.seed_set), DIGEST: seal.digest},
        artifacts={SEAL_FILE: text.encode()},
    )
    with open_store(uri, REGISTERED) as store:
        store.write(record)


def seals(reader: Reader, lesson: str) -> list[Seal]:
    """The seals of a lesson, the newest first; none where nothing was ever sealed."""
    queries = reader.queries
    try:
        experiment = queries.experiment(REGISTERED)
    except Missing:
        return []
    found = queries.all(experiment, Wanted({KIND: SEAL, LESSON: lesson}), newest_first=True)
    return [
        Seal(lesson, int(run.tags[SEED_SET]), run.tags[DIGEST], run.end_ms or run.start_ms)
        for run in found
        if run.tags.get(SEED_SET, "").isdecimal() and DIGEST in run.tags
    ]


def trained(reader: Reader, experiment: str) -> list[Trained]:
    """When each run of an experiment was begun, whatever became of it; none without experiment."""
    queries = reader.queries
    try:
        runs = queries.all(queries.experiment(experiment), of_kind(RUN))
    except Missing:
        return []
    return [
        Trained(int(run.params["seed"]), run.start_ms)
        for run in runs
        if run.params.get("seed", "").isdecimal()
    ]
