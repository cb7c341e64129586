"""The ledger of a sweep: which runs were asked for, stored before, trained now, or failed."""

import math
from collections import Counter, defaultdict
from typing import NamedTuple

from experiments.console import plural
from experiments.errors import reason
from experiments.process.clock import Stopwatch
from experiments.running.tabled import Tabled
from experiments.schema.config import Config
from experiments.schema.fingerprint import fingerprint as digest
from experiments.tracking.layout import MISSING_CLASSES
from experiments.tracking.text import without_passwords

NEVER = {"epochs_to_solve": math.inf}  # objectives of finished runs that lack the metric


class Outcome(NamedTuple):
    """How one job ended: its stored run and objective, or the error that it failed with."""

    run_id: str | None
    objective: float | None
    error: Exception | None


class Counts(NamedTuple):
    """How much a sweep did: runs stored before, runs and nets trained now, runs that failed."""

    known: int
    trained: int
    nets: int
    failed: int


def grid(overrides):
    """{key: values}: the overrides that differ between jobs, in order of appearance."""
    values = defaultdict(Counter)
    for job in overrides:
        for override in job:
            key, _, value = override.partition("=")
            values[key.lstrip("+~")][value] += 1
    jobs = len(overrides)
    return {k: list(v) for k, v in values.items() if len(v) > 1 or v.total() < jobs}


class Ledger:
    """All that one sweep knows of its runs; it holds no store and trains nothing.

    An optimizing sweeper launches many times; all its launches are one sweep and have one ledger.
    A job is a number, in the order of the launches. A run is named by the fingerprint of its
    configuration: jobs that differ only in knobs without a meaning are one run.
    """

    def __init__(self):
        self.watch = Stopwatch()
        self.parent = None  # run id of the sweep in MLflow
        self.launches = 0
        self.overrides = []  # of each job
        self.grid = {}  # key -> values, of the overrides that vary
        self.configs = {}  # job -> Config
        self.identities = {}  # job -> identity
        self.fingerprints = {}  # job -> fingerprint, that of the identity
        self.first = {}  # fingerprint -> the first job that has it
        self.runs = {}  # fingerprint -> run id of every run that is finished and stored
        self.known = set()  # fingerprints that were stored before this sweep
        self.finals = {}  # fingerprint -> final metrics of a run that was trained now
        self.errors = {}  # job -> exception
        self.failures_by_reason = Counter()
        self.unsaved = []  # (job, record) of runs that are finished and not stored yet
        self.nets = self.diverged = 0
        self.tabled = Tabled()
        self.remarks = {}  # name -> sentence, of the sweep as a whole
        self.left_out = []  # sentences about runs whose splits left a class out
        self.seconds = Counter()

    # --- what there is to do ----------------------------------------------------------------------

    def add(self, checked, overrides):
        """{job: Config or exception} of a launch, under the numbers of its jobs."""
        first = len(self.overrides)
        self.launches += 1
        self.overrides += overrides
        self.grid = grid(self.overrides)
        return dict(enumerate(checked, first))

    def ask(self, jobs, store, resume=True, only="all"):
        """{job: Config} of the runs to train, each run once: those that the store does not hold."""
        asked = []
        for job, config in jobs.items():
            if isinstance(config, Config):
                self.configs[job] = config
                identity = self.identities[job] = config.identity()
                fingerprint = self.fingerprints[job] = digest(identity)
                if self.first.setdefault(fingerprint, job) == job:
                    asked.append(fingerprint)
        stored = store.finished(asked) if resume else {}
        self.runs |= stored
        self.known |= stored.keys()
        wanted = [f for f in asked if f not in stored]
        if only == "failed":
            failed = store.failed(wanted)
            wanted = [f for f in wanted if f in failed]
        return {self.first[f]: self.configs[self.first[f]] for f in wanted}

    def plan(self, jobs, todo):
        """The sentence that tells what a launch will do."""
        composed = [job for job in jobs if job in self.configs]
        asked = [job for job in composed if self.first[self.fingerprints[job]] == job]
        stored = sum(job not in todo and self.fingerprints[job] in self.runs for job in asked)
        done = f"{stored:,} done already, " if stored else ""
        twins = len(composed) - len(asked)
        note = f" ({plural(twins, 'job')} more would be the same as others)" if twins else ""
        return f"{plural(len(asked), 'run')}: {done}{len(todo):,} to train{note}"

    # --- what has been done -----------------------------------------------------------------------

    def fail(self, job, error):
        """Notes that a job has failed."""
        self.errors[job] = error
        self.failures_by_reason[reason(error)] += 1

    def saved(self, ids):
        """Notes that all `unsaved` runs are stored under these run ids."""
        for (job, record), run_id in zip(self.unsaved, ids, strict=True):
            fingerprint = self.fingerprints[job]
            self.runs[fingerprint] = run_id
            final = self.finals[fingerprint] = record.summary()
            self.diverged += final["diverged"] > 0
            if left_out := record.tags.get(MISSING_CLASSES):
                self.left_out.append(f"{record.name}: {left_out}")
        self.unsaved.clear()

    def find_stored(self, store):
        """Notes runs that were being stored when the sweep was stopped, if they are there."""
        self.runs |= store.finished([f for f in self.first if f not in self.runs])

    # --- what can be asked ------------------------------------------------------------------------

    def name(self, job):
        """The readable name of a job; its overrides where it has no configuration."""
        if job in self.configs:
            return self.configs[job].name(self.grid)
        return without_passwords(" ".join(self.overrides[job]))

    def total(self):
        """How many runs there are to be: different configurations, and jobs without one."""
        return len(self.first) + len(self.overrides) - len(self.configs)

    def counts(self):
        return Counts(len(self.known), len(self.finals), self.nets, len(self.errors))

    def trouble(self):
        """`, 1 failed, 2 with diverged nets`; empty where all went well."""
        failed = f", {len(self.errors):,} failed" if self.errors else ""
        return failed + (f", {self.diverged:,} with diverged nets" if self.diverged else "")

    def stored_so_far(self):
        total = plural(len(self.first), "run")
        return f"{len(self.runs):,} of {total} are stored, and the same command goes on from there"

    def values(self, key, fingerprints, store):
        """{fingerprint: final metric} of finished runs, trained now or before."""
        trained = {f: final[key] for f, final in self.finals.items() if key in final}
        if self.known.isdisjoint(fingerprints):
            return trained
        stored = store.values(key)
        return {f: stored[self.runs[f]] for f in self.known if self.runs[f] in stored} | trained

    def outcomes(self, jobs, objective, store):
        """One Outcome for each of `jobs`, in order."""
        values = self.values(objective, set(self.fingerprints.values()), store)
        outcomes = []
        for job in jobs:
            fingerprint = self.fingerprints.get(job)
            error = self.errors.get(self.first.get(fingerprint, job))
            run_id = self.runs.get(fingerprint)
            value = values.get(fingerprint, NEVER.get(objective) if run_id else None)
            outcomes.append(Outcome(run_id, value, error))
        return outcomes
