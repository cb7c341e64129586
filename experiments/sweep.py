"""A sweep: many configurations, trained as stacks, each stored as a run of its own when finished.

The launcher plugin hands its jobs to `launch`. The way of a number: configurations -> stacks ->
tasks -> workers train -> a run's nets come together -> one transaction into MLflow.
"""

import json
import signal
import threading
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from typing import NamedTuple

from experiments import console, stacks
from experiments.config import Config, parse_settings
from experiments.data import load
from experiments.errors import ConfigError, Interrupted
from experiments.provenance import provenance
from experiments.records import KIND, RunRecord, record
from experiments.store import open_store
from experiments.workers import Pool

FLUSH = 0.5  # seconds: finished runs wait at most so long before they are stored together


class Outcome(NamedTuple):
    """How one job ended: its stored run and objective, or the error that it failed with."""

    run_id: str | None
    objective: float | None
    error: Exception | None


def launch(configs, overrides, settings):
    """Trains what the store does not hold yet and stores every run.

    Args:
        configs: one composed mapping a job, or the exception that composing it raised.
        overrides: the jobs' own overrides, lists of `key=value`; they name the grid.
        settings: the settings of the sweep, a composed mapping (see `config.SETTINGS`).

    Returns:
        One Outcome a job, in order.

    Raises:
        ConfigError: Some configuration is not allowed; nothing has been trained.
        StoreError: The store cannot be used.
        Interrupted: After Ctrl-C.
    """
    return Sweep(_check(configs), overrides, parse_settings(settings)).run()


def _check(configs):
    """The configurations; all that is wrong with any of them is said at once."""
    checked, problems = [], Counter()
    for config in configs:
        try:
            checked.append(config if isinstance(config, Exception) else Config.from_mapping(config))
        except ConfigError as error:
            problems.update(str(error).splitlines())
    if problems:
        some = len(configs) > 1
        raise ConfigError(
            "\n".join(
                f"{line}  ({n} of {len(configs)} runs)" if some else line
                for line, n in problems.items()
            )
        )
    return checked


def plural(n, word):
    return f"{n:,} {word}" + ("" if n == 1 else "s")


class Sweep:
    """One launch of many runs: one parent run in MLflow, one child for each configuration."""

    pool = None  # workers outlive a sweep: an optimizing sweeper launches many

    def __init__(self, configs, overrides, settings):
        self.overrides, self.settings = overrides, settings
        self.began = time.time()
        self.jobs = {i: c for i, c in enumerate(configs) if isinstance(c, Config)}
        self.errors = {}  # job -> exception
        self.fingerprints = {i: config.fingerprint() for i, config in self.jobs.items()}
        self.first = {}  # fingerprint -> job; jobs that differ only in what has no meaning are one
        for job, fingerprint in self.fingerprints.items():
            self.first.setdefault(fingerprint, job)
        self.uncomposed = {i: c for i, c in enumerate(configs) if i not in self.jobs}
        self.total = len(self.first) + len(self.uncomposed)
        self.runs = {}  # fingerprint -> run id of every run that is finished and stored
        self.known = set()  # fingerprints that were stored before this sweep
        self.parts = defaultdict(list)  # job -> what has come in of its nets
        self.waiting = []  # (job, record) of runs that are finished and not stored yet
        self.summaries = {}  # fingerprint -> final metrics, of those trained now
        self.diverged = self.nets = self.interrupts = 0
        self.seconds = Counter()

    def run(self):
        """Trains and stores; see `launch`."""
        tracking, experiment = self.settings["tracking"], self.settings["experiment"]
        self.store = open_store(tracking["uri"], experiment)
        self.store.mark_dead()
        todo = self._missing()
        if todo:
            self._open_pool()  # workers import while the parent run is stored
        self.parent = self.store.start(self._opening())
        status = "FAILED"
        try:
            with self._listening(), console.Bar(self.total, "runs") as self.bar:
                for job, error in self.uncomposed.items():
                    self._fail(job, error)
                if todo:
                    self._train(todo)
            status = "KILLED" if self.interrupts else "FINISHED"
        except BaseException:
            if self.pool is not None:
                self.pool.kill()
            raise
        finally:
            self._finish(status)
        if self.interrupts:
            raise Interrupted(
                f"stopped; {len(self.runs):,} of {plural(self.total, 'run')} are stored, "
                "and the same command goes on from there"
            )
        self._report()
        return [self._outcome(job) for job in range(len(self.overrides))]

    def _missing(self):
        """{job: Config} of what is to be trained, each fingerprint once."""
        if self.settings["resume"]:
            self.runs = self.store.finished(list(self.first))
            self.known = set(self.runs)
        wanted = self.first.keys() - self.known
        if self.settings["only"] == "failed":
            wanted &= self.store.failed(list(self.first))
        done = f"{len(self.known):,} done already, " if self.known else ""
        console.say(f"{plural(self.total, 'run')}: {done}{len(wanted):,} to train")
        return {job: self.jobs[job] for f, job in self.first.items() if f in wanted}

    def _open_pool(self):
        cls = type(self)
        if cls.pool is None or cls.pool.settings != self.settings["executor"]:
            if cls.pool is not None:
                cls.pool.close()
            cls.pool = Pool(self.settings["executor"])
        cls.pool.open()

    def _train(self, todo):
        tasks = stacks.cut(todo, workers=self.pool.size, real=load)
        missing = Counter(part.job for task in tasks for part in task.parts)
        began, flushed = {}, time.time()
        for task, result in self.pool.run(tasks, stop=lambda: self.interrupts > 0):
            if isinstance(result, Exception):
                for job in {part.job for part in task.parts} - self.errors.keys():
                    self._fail(job, result)
                continue
            results, start, end = result
            self.nets += task.nets
            self.seconds["training"] += end - start
            for job, first_seed, arrays in results:
                if job in self.errors:
                    continue
                if isinstance(arrays, Exception):
                    self._fail(job, arrays)
                    continue
                self.parts[job].append((first_seed, arrays))
                began[job] = min(start, began.get(job, start))
                missing[job] -= 1
                if not missing[job]:
                    self._complete(job, began[job], end)
            if time.time() - flushed > FLUSH:
                self._flush()
                flushed = time.time()
        self._flush()

    def _complete(self, job, start, end):
        """All nets of a run are trained: it waits to be stored."""
        arrays = stacks.join(self.parts.pop(job))
        done = record(
            self.jobs[job], arrays, stacks.lineage(self.jobs[job]), _ms(start), _ms(end)
        )
        self.waiting.append((job, done))

    def _fail(self, job, error):
        """A run that failed: said at once, stored as FAILED."""
        self.errors[job] = error
        self.parts.pop(job, None)
        console.complain(f"failed: {self._called(job)}: {_reason(error)}")
        if job in self.jobs:
            now, tags = _ms(time.time()), {"scratchml.error": _reason(error)}
            failed = record(self.jobs[job], None, None, now, now, tags, status="FAILED")
            self.store.write(failed, self.parent)

    def _called(self, job):
        return self.jobs[job].name() if job in self.jobs else " ".join(self.overrides[job])

    def _flush(self):
        """Stores the runs that wait, and shows and logs how far the sweep has come."""
        before = time.time()
        records = [done for _, done in self.waiting]
        ids = self.store.write_many(records, self.parent)
        for (job, done), run_id in zip(self.waiting, ids, strict=True):
            fingerprint = self.fingerprints[job]
            self.runs[fingerprint] = run_id
            self.summaries[fingerprint] = done.summary()
            self.diverged += self.summaries[fingerprint]["diverged"] > 0
        self.waiting.clear()
        self.store.update(self.parent, metrics=self._counts())
        self.seconds["storing"] += time.time() - before
        rate = self.nets / max(time.time() - self.began, 1e-9)
        notes = [f"{len(self.errors)} failed"] if self.errors else []
        notes += [f"{self.diverged} diverged"] if self.diverged else []
        self.bar.update(len(self.runs) + len(self.errors), ", ".join([*notes, f"{rate:,.0f} nets/s"]))

    def _counts(self):
        step = len(self.runs) + len(self.errors)
        counts = {
            "runs": self.total,
            "runs/done": len(self.runs),
            "runs/failed": len(self.errors),
            "runs/diverged": self.diverged,
        }
        return [(key, float(value), step) for key, value in counts.items()]

    @contextmanager
    def _listening(self):
        """Ctrl-C once: finish what runs, store it, stop. Twice: stop at once."""

        def interrupted(*_):
            self.interrupts += 1
            if self.interrupts == 1:
                console.complain("stopping: storing what is finished; Ctrl-C again stops at once")
                return
            raise KeyboardInterrupt

        if threading.current_thread() is not threading.main_thread():
            yield
            return
        previous = signal.signal(signal.SIGINT, interrupted)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, previous)

    # --- what the parent run says -----------------------------------------------------------------

    def _grid(self):
        """{key: values}: the overrides that differ between jobs, in order of appearance."""
        values = defaultdict(dict)
        for job in self.overrides:
            for override in job:
                key, _, value = override.partition("=")
                values[key].setdefault(value, 0)
                values[key][value] += 1
        jobs = len(self.overrides)
        return {k: list(v) for k, v in values.items() if len(v) > 1 or sum(v.values()) < jobs}

    def _opening(self):
        """The parent run as it is when the sweep begins."""
        grid = self._grid()
        return RunRecord(
            name=f"sweep of {self.total:,}: {', '.join(grid) or 'one configuration'}",
            params={key: ", ".join(values)[:500] for key, values in grid.items()},
            tags={KIND: "sweep"},
            start_ms=_ms(self.began),
        )

    def _finish(self, status):
        """The parent run's last words: what became of each configuration, and what it cost."""
        self.seconds["all"] = time.time() - self.began
        runs = []
        for fingerprint, job in self.first.items():
            run_id, error = self.runs.get(fingerprint), self.errors.get(job)
            runs.append(
                {
                    "name": self.jobs[job].name(),
                    "fingerprint": fingerprint,
                    "run_id": run_id,
                    "status": "FINISHED" if run_id else "FAILED" if error else "KILLED",
                    "new": fingerprint not in self.known,
                    "error": error and _reason(error),
                }
            )
        summary = {
            "command": provenance()["scratchml.command"],
            "experiment": self.settings["experiment"],
            "grid": self._grid(),
            "runs": runs,
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
        }
        self.store.update(
            self.parent,
            metrics=[*self._counts(), ("seconds", self.seconds["all"], 0)],
            artifacts={"sweep.json": json.dumps(summary, indent=1).encode()},
        )
        self.store.finish(self.parent, status)

    def _outcome(self, job):
        fingerprint = self.fingerprints.get(job)
        first = self.first.get(fingerprint, job)
        if first in self.errors:
            return Outcome(None, None, self.errors[first])
        run_id, name = self.runs.get(fingerprint), self.settings["objective"]
        if fingerprint in self.summaries:
            objective = self.summaries[fingerprint].get(name)
        else:
            objective = self.store.metrics(run_id).get(name) if run_id else None
        return Outcome(run_id, objective, None)

    # --- what the user sees at the end ------------------------------------------------------------

    def _report(self):
        """The best of what was trained now, what failed, and where to look."""
        grid = [key for key in self._grid() if key.isidentifier()]
        ranked = sorted(self.summaries, key=lambda f: self.summaries[f]["train/loss"])
        keys = [k for k in ("train/loss", "test/loss", "solved", "epochs_to_solve", "diverged")
                if any(k in s for s in self.summaries.values())]  # fmt: skip
        rows = []
        for fingerprint in ranked[:5]:
            knobs, summary = self.jobs[self.first[fingerprint]].canonical(), self.summaries
            rows.append(
                [str(knobs.get(key, "-")) for key in grid]
                + [summary[fingerprint].get(key, "-") for key in keys]
            )
        if len(ranked) > 1:
            console.table("best by train/loss (median over seeds)", [*grid, *keys], rows)
        for job, error in list(self.errors.items())[:10]:
            console.complain(f"failed: {self._called(job)}: {_reason(error)}")
        seconds = self.seconds
        spent = ", ".join(f"{name} {seconds[name]:.1f} s" for name in ("training", "storing"))
        failed = f", {len(self.errors)} failed" if self.errors else ""
        diverged = f", {self.diverged} with diverged nets" if self.diverged else ""
        console.say(
            f"{plural(len(self.summaries), 'run')} and {plural(self.nets, 'net')} trained"
            f"{failed}{diverged} in {seconds['all']:.1f} s ({spent})"
        )
        console.say(f"look: python -m experiments.ui   (experiment {self.settings['experiment']})")


def _reason(error):
    return f"{type(error).__name__}: {error}"


def _ms(seconds):
    return int(seconds * 1000)
