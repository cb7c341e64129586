"""A sweep: many configurations, trained as stacks, each stored as a run of its own when finished.

The launcher plugin hands its jobs to `Sweep.launch`. The way of a number: configurations -> stacks
-> tasks -> workers train -> a run's nets come together -> one transaction into MLflow.
"""

import json
import signal
import threading
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from typing import NamedTuple

from experiments import console, stacks
from experiments.config import SETTINGS, Config, parse_settings
from experiments.data import load
from experiments.errors import ConfigError, Interrupted
from experiments.provenance import provenance
from experiments.records import KIND, RunRecord, record
from experiments.store import open_store
from experiments.workers import Pool

FLUSH = 0.5  # seconds: finished runs wait at most so long before they are stored together
SHOWN = ("train/loss", "test/loss", "solved", "epochs_to_solve", "diverged")


class Outcome(NamedTuple):
    """How one job ended: its stored run and objective, or the error that it failed with."""

    run_id: str | None
    objective: float | None
    error: Exception | None


def check(configs):
    """[Config or Exception, ...] and the settings of composed mappings.

    Raises:
        ConfigError: All that is wrong with any of them, each problem once.
    """
    checked, problems, settings = [], Counter(), None
    for config in configs:
        if isinstance(config, Exception):
            checked.append(config)
            continue
        own = {name: config[name] for name in SETTINGS}
        settings = settings or own
        if own != settings:
            name = next(name for name in SETTINGS if own[name] != settings[name])
            problems[f"{name} must be the same for all runs of a sweep; got {own[name]!r} too"] += 1
        try:
            checked.append(Config.from_mapping(config))
        except ConfigError as error:
            problems.update(str(error).splitlines())
    if problems:
        lines = problems.items()
        raise ConfigError("\n".join(f"{line}  ({n} of {len(configs)} runs)" for line, n in lines))
    return checked, parse_settings(settings)


def plural(n, word):
    return f"{n:,} {word}" + ("" if n == 1 else "s")


class Sweep:
    """One parent run in MLflow, and a child for each configuration that is launched under it.

    A sweeper that optimizes launches again and again; all of it is one sweep.
    """

    pool = None  # workers outlive a sweep

    def __init__(self):
        self.began = time.time()
        self.parent = None
        self.overrides = []  # of each job
        self.jobs = {}  # job -> Config
        self.errors = {}  # job -> exception
        self.fingerprints = {}  # job -> fingerprint
        self.first = {}  # fingerprint -> job; jobs that differ only in what has no meaning are one
        self.runs = {}  # fingerprint -> run id of every run that is finished and stored
        self.known = set()  # fingerprints that were stored before this sweep
        self.parts = defaultdict(list)  # job -> what has come in of its nets
        self.waiting = []  # (job, record) of runs that are finished and not stored yet
        self.summaries = {}  # fingerprint -> final metrics, of those trained now
        self.diverged = self.nets = self.interrupts = 0
        self.seconds = Counter()

    def launch(self, configs, overrides):
        """Trains what the store does not hold yet and stores every run.

        Args:
            configs: one composed mapping a job, or the exception that composing it raised.
            overrides: the jobs' own overrides, lists of `key=value`; they name the grid.

        Returns:
            One Outcome a job, in order.

        Raises:
            ConfigError: Some configuration is not allowed; nothing has been trained.
            StoreError: The store cannot be used.
            Interrupted: After Ctrl-C.
        """
        checked, self.settings = check(configs)
        jobs = range(len(self.overrides), len(self.overrides) + len(configs))
        self.overrides += overrides
        for job, config in zip(jobs, checked, strict=True):
            if isinstance(config, Config):
                self.jobs[job] = config
                self.fingerprints[job] = config.fingerprint()
                self.first.setdefault(self.fingerprints[job], job)
        uri, experiment = self.settings["tracking"]["uri"], self.settings["experiment"]
        with open_store(uri, experiment) as self.store:
            self.store.mark_dead()
            todo = self._missing(jobs)
            if todo:
                self._open_pool()  # workers import while the parent run is stored
            self.parent = self.parent or self.store.start(self._opening())
            status = "FAILED"
            try:
                with self._listening(), console.Bar(self._total(), "runs") as self.bar:
                    for job, config in zip(jobs, checked, strict=True):
                        if isinstance(config, Exception):
                            self._fail(job, config)
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
                    f"stopped; {len(self.runs):,} of {plural(self._total(), 'run')} are stored, "
                    "and the same command goes on from there"
                )
            self._report()
            return self._outcomes(jobs)

    def _total(self):
        return len(self.first) + len(self.overrides) - len(self.jobs)

    def _missing(self, jobs):
        """{job: Config} of what is to be trained, each fingerprint once."""
        asked = [f for f, job in self.first.items() if job in jobs]
        stored = self.store.finished(asked) if self.settings["resume"] else {}
        self.runs |= stored
        self.known |= stored.keys()
        wanted = [f for f in asked if f not in stored]
        if self.settings["only"] == "failed":
            failed = self.store.failed(wanted)
            wanted = [f for f in wanted if f in failed]
        done = f"{len(stored):,} done already, " if stored else ""
        console.say(f"{plural(len(asked), 'run')}: {done}{len(wanted):,} to train")
        return {self.first[f]: self.jobs[self.first[f]] for f in wanted}

    def _open_pool(self):
        cls = type(self)
        if cls.pool is not None and cls.pool.settings != self.settings["executor"]:
            cls.pool.close()
            cls.pool = None
        cls.pool = (cls.pool or Pool(self.settings["executor"])).open()

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
        config, arrays = self.jobs[job], stacks.join(self.parts.pop(job))
        done = record(config, arrays, stacks.lineage(config), _ms(start), _ms(end))
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
        ids = self.store.write_many([done for _, done in self.waiting], self.parent)
        for (job, done), run_id in zip(self.waiting, ids, strict=True):
            fingerprint = self.fingerprints[job]
            self.runs[fingerprint] = run_id
            self.summaries[fingerprint] = done.summary()
            self.diverged += self.summaries[fingerprint]["diverged"] > 0
        self.waiting.clear()
        self.store.update(self.parent, metrics=self._counts())
        self.seconds["storing"] += time.time() - before
        notes = [f"{len(self.errors)} failed"] if self.errors else []
        notes += [f"{self.diverged} diverged"] if self.diverged else []
        notes += [f"{self.nets / (time.time() - self.began):,.0f} nets/s"]
        self.bar.update(len(self.runs) + len(self.errors), ", ".join(notes))

    def _counts(self):
        step = len(self.runs) + len(self.errors)
        counts = {
            "runs": self._total(),
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
            if self.interrupts > 1:
                raise KeyboardInterrupt
            console.complain("stopping: storing what is finished; Ctrl-C again stops at once")

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
        values = defaultdict(Counter)
        for job in self.overrides:
            for override in job:
                key, _, value = override.lstrip("+~").partition("=")
                values[key][value] += 1
        jobs = len(self.overrides)
        return {k: list(v) for k, v in values.items() if len(v) > 1 or v.total() < jobs}

    def _opening(self):
        """The parent run as it is when the sweep begins."""
        grid = self._grid()
        return RunRecord(
            name=f"sweep of {self._total():,}: {', '.join(grid) or 'one configuration'}",
            params={key: ", ".join(values)[:500] for key, values in grid.items()},
            tags={KIND: "sweep"},
            start_ms=_ms(self.began),
        )

    def _finish(self, status):
        """The parent run's last words: what became of each configuration, and what it cost."""
        self.seconds["all"] = time.time() - self.began
        summary = {
            "command": provenance()["scratchml.command"],
            "experiment": self.settings["experiment"],
            "grid": self._grid(),
            "runs": [self._fate(fingerprint, job) for fingerprint, job in self.first.items()],
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
        }
        self.store.update(
            self.parent,
            metrics=[*self._counts(), ("seconds", self.seconds["all"], len(self.overrides))],
            artifacts={"sweep.json": json.dumps(summary, indent=1).encode()},
        )
        self.store.finish(self.parent, status)

    def _fate(self, fingerprint, job):
        run_id, error = self.runs.get(fingerprint), self.errors.get(job)
        return {
            "name": self.jobs[job].name(),
            "fingerprint": fingerprint,
            "run_id": run_id,
            "status": "FINISHED" if run_id else "FAILED" if error else "KILLED",
            "new": fingerprint not in self.known,
            "error": error and _reason(error),
        }

    def _outcomes(self, jobs):
        name = self.settings["objective"]
        known = self.known & {self.fingerprints.get(job) for job in jobs}
        stored = self.store.values(name) if known else {}
        outcomes = []
        for job in jobs:
            fingerprint = self.fingerprints.get(job)
            run_id = self.runs.get(fingerprint)
            trained = self.summaries.get(fingerprint, {})
            objective = trained.get(name, stored.get(run_id))
            error = self.errors.get(self.first.get(fingerprint, job))
            outcomes.append(Outcome(run_id, objective, error))
        return outcomes

    # --- what the user sees at the end ------------------------------------------------------------

    def _report(self):
        """The best of what was trained now, what failed, and where to look."""
        grid = [key for key in self._grid() if key.isidentifier()]
        ranked = sorted(self.summaries, key=lambda f: self.summaries[f]["train/loss"])
        keys = [key for key in SHOWN if any(key in s for s in self.summaries.values())]
        rows = []
        for fingerprint in ranked[:5]:
            config, summary = self.jobs[self.first[fingerprint]], self.summaries[fingerprint]
            knobs = [getattr(config, k, "-") for k in grid] if len(grid) < 6 else [config.name()]
            rows.append(knobs + [summary.get(k, "-") for k in keys])
        if len(ranked) > 1:
            columns = grid if len(grid) < 6 else ["run"]
            console.table("best by train/loss (median over seeds)", [*columns, *keys], rows)
        for job, error in list(self.errors.items())[:10]:
            console.complain(f"failed: {self._called(job)}: {_reason(error)}")
        seconds = self.seconds
        notes = [f"{len(self.errors)} failed"] if self.errors else []
        notes += [f"{self.diverged} with diverged nets"] if self.diverged else []
        trained = f"{plural(len(self.summaries), 'run')} and {plural(self.nets, 'net')} trained"
        if self.summaries or self.errors:
            console.say(
                f"{', '.join([trained, *notes])} in {seconds['all']:.1f} s (all workers' training "
                f"{seconds['training']:.1f} s, storing {seconds['storing']:.1f} s)"
            )
        console.say(f"look: python -m experiments.ui   (experiment {self.settings['experiment']})")


def _reason(error):
    return f"{type(error).__name__}: {error}"


def _ms(seconds):
    return int(seconds * 1000)
