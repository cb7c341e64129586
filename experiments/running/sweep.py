"""A sweep: many configurations, trained as stacks, each stored as a run of its own when finished.

The launcher plugin hands its jobs to `Sweep.launch`. The way of a number: configurations -> stacks
-> tasks -> workers train -> a run's nets come together -> one transaction into MLflow.
"""

import json
import math
import time
from collections import Counter, defaultdict
from typing import NamedTuple

from experiments import console, interrupts
from experiments.console import plural
from experiments.errors import ConfigError, Interrupted, UserError, reason
from experiments.executors.pool import SOON, Pool
from experiments.running import stacks, summary
from experiments.running.arrays import join
from experiments.running.results import failure, lineage, record
from experiments.schema.config import SETTINGS, Config, parse_settings
from experiments.schema.sources import load
from experiments.tracking.errors import StoreError, without_passwords
from experiments.tracking.layout import KIND
from experiments.tracking.provenance import provenance
from experiments.tracking.record import RunRecord
from experiments.tracking.store import open_store

NEVER = {"epochs_to_solve": math.inf}  # objectives of runs that lack the metric
FLUSH = 0.5  # seconds: finished runs wait at most so long before they are stored together
ALIKE = 3  # failures for one reason that are shown as they happen; further ones are counted


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
        for name in SETTINGS:
            if own[name] != settings[name]:
                values = f"{settings[name]!r} and {own[name]!r}"
                one = f"{name} must be the same for all runs of a sweep; got {values}"
                problems[one] = len(configs)
        try:
            checked.append(Config.from_mapping(config))
        except ConfigError as error:
            problems.update(str(error).splitlines())
    try:
        settings = parse_settings(settings)
    except ConfigError as error:
        problems.update(dict.fromkeys(str(error).splitlines(), len(configs)))
    if problems:
        some = {n: f"  ({n:,} of {len(configs):,} runs)" for n in problems.values()}
        some[len(configs)] = ""
        raise ConfigError("\n".join(f"{line}{some[n]}" for line, n in problems.items()))
    return checked, settings


class Sweep:
    """One parent run in MLflow, and a child for each configuration that is launched under it.

    A sweeper that optimizes launches again and again; all of it is one sweep.
    """

    pool = None  # workers outlive a sweep
    last = None  # the sweep that was made last in this process, for who launched it through Hydra

    def __init__(self):
        type(self).last = self
        self.began = time.time()
        self.parent = None
        self.launches = 0
        self.overrides = []  # of each job
        self.jobs = {}  # job -> Config
        self.errors = {}  # job -> exception
        self.fingerprints = {}  # job -> fingerprint
        self.first = {}  # fingerprint -> job; jobs that differ only in what has no meaning are one
        self.runs = {}  # fingerprint -> run id of every run that is finished and stored
        self.known = set()  # fingerprints that were stored before this sweep
        self.summaries = {}  # fingerprint -> final metrics, of those trained now
        self.parts = defaultdict(list)  # job -> what has come in of its nets
        self.waiting = []  # (job, record) of runs that are finished and not stored yet
        self.alike = Counter()  # reason -> how many runs failed for it
        self.nets = self.diverged = 0
        self.told = False  # that it is going to stop
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
            UserError: The executor cannot be used; nothing has been trained.
            StoreError: The store cannot be used; what was stored by then is kept.
            Interrupted: After Ctrl-C.
        """
        checked, self.settings = check(configs)
        self.launches += 1
        jobs = range(len(self.overrides), len(self.overrides) + len(configs))
        self.overrides += overrides
        uri, experiment = self.settings["tracking"]["uri"], self.settings["experiment"]
        if self.settings["executor"]["name"] == "local":
            # Those of this machine import while the store is asked what it has.
            self._workers().open(len(configs), _least(checked))
        with open_store(uri, experiment) as self.store, interrupts.counted(limit=2) as self.asked:
            self.store.mark_dead()
            todo = self._todo(dict(zip(jobs, checked, strict=True)))
            tasks = self._tasks(todo) if todo else []
            self.parent = self.parent or self.store.start(self._opening())
            try:
                for job, config in zip(jobs, checked, strict=True):
                    if isinstance(config, Exception):
                        self._fail(job, config)
                self._train(tasks)
            except StoreError:  # it would not take the parent's last words either
                self._kill_workers()
                raise
            except KeyboardInterrupt:
                pass  # this process trained, and has been asked twice
            except BaseException as error:
                self._kill_workers()
                self._finish("FAILED")
                if isinstance(error, UserError):
                    raise UserError(f"{error}; {self._stored()}") from error
                raise
            if self.asked.times:
                self._kill_workers()
                self._finish("KILLED")
                raise Interrupted(f"stopped; {self._stored()}")
            self._finish("FINISHED")
            self._report()
            return self._outcomes(jobs)

    # --- what there is to do ----------------------------------------------------------------------

    def _todo(self, checked):
        """{job: Config} of what is to be trained, each fingerprint once."""
        asked = []
        for job, config in checked.items():
            if isinstance(config, Config):
                self.jobs[job] = config
                fingerprint = self.fingerprints[job] = config.fingerprint()
                if self.first.setdefault(fingerprint, job) == job:
                    asked.append(fingerprint)
        stored = self.store.finished(asked) if self.settings["resume"] else {}
        self.runs |= stored
        self.known |= stored.keys()
        wanted = [f for f in asked if f not in stored]
        if self.settings["only"] == "failed":
            failed = self.store.failed(wanted)
            wanted = [f for f in wanted if f in failed]
        done = f"{len(stored):,} done already, " if stored else ""
        twins = len(checked.keys() & self.jobs.keys()) - len(asked)
        note = f" ({plural(twins, 'job')} more would be the same as others)" if twins else ""
        console.say(f"{plural(len(asked), 'run')}: {done}{len(wanted):,} to train{note}")
        return {self.first[f]: self.jobs[self.first[f]] for f in wanted}

    def _workers(self):
        """The Pool that the settings ask for: the one there is, or a new one in its place."""
        cls = type(self)
        if cls.pool is not None and cls.pool.settings != self.settings["executor"]:
            cls.pool.close()
            cls.pool = None
        cls.pool = cls.pool or Pool(self.settings["executor"])
        return cls.pool

    def _tasks(self, todo):
        """The tasks of `todo`, and workers for them that start while the parent run is stored."""
        pool = self._workers()
        tasks = stacks.cut(todo, workers=pool.size, real=load)
        pool.open(len(tasks), sum(task.cost for task in tasks))
        return tasks

    def _kill_workers(self):
        if self.pool is not None:
            self.pool.kill()

    def _stop(self):
        """How often the user has asked to stop, who is told once what that means."""
        if self.asked.times == 1 and not self.told:
            self.told = True
            console.complain("stopping when what runs now is stored; Ctrl-C again stops at once")
        return self.asked.times

    def _stored(self):
        total = plural(len(self.first), "run")
        return f"{len(self.runs):,} of {total} are stored, and the same command goes on from there"

    # --- training and storing ---------------------------------------------------------------------

    def _train(self, tasks):
        missing = Counter(part.job for task in tasks for part in task.parts)
        starts, began = {}, time.time()
        flushed, cost, nets = began, 0, self.nets
        with console.Bar(sum(task.cost for task in tasks), self._progress()) as bar:
            for task, result in self.pool.run(tasks, self._stop) if tasks else ():
                if isinstance(result, BaseException):
                    now = time.time()
                    result = [(part.job, part.first, result) for part in task.parts], now, now
                results, start, end = result
                self.seconds["training"] += end - start
                for (job, first_seed, arrays), part in zip(results, task.parts, strict=True):
                    if job in self.errors:
                        continue
                    if isinstance(arrays, BaseException):
                        self._fail(job, arrays)
                    else:
                        self.nets += part.nets
                        self.parts[job].append((first_seed, arrays))
                        starts[job] = min(start, starts.get(job, start))
                        missing[job] -= 1
                        if not missing[job]:
                            self._complete(job, starts[job], end)
                    if time.time() - flushed > FLUSH:  # of tiny nets a task alone has thousands
                        self._flush()
                        flushed = time.time()
                cost += task.cost
                speed = (self.nets - nets) / (time.time() - began)
                bar.update(cost, f"{self._progress()} · {speed:,.0f} nets/s")
            self._flush()

    def _complete(self, job, start, end):
        """All nets of a run are trained: it waits to be stored."""
        config, arrays = self.jobs[job], join(self.parts.pop(job))
        done = record(config, arrays, lineage(config), _ms(start), _ms(end))
        self.waiting.append((job, done))

    def _fail(self, job, error):
        """A run that failed: said at once, stored as FAILED."""
        self.errors[job] = error
        self.parts.pop(job, None)
        why = reason(error)
        self.alike[why] += 1
        if self.alike[why] <= ALIKE:
            console.complain(f"failed: {self._called(job)}: {why}")
        elif self.alike[why] == ALIKE + 1:
            console.complain(f"failed: more, which are only counted from now on: {why}")
        if job in self.jobs:
            self.store.write(failure(self.jobs[job], error), self.parent)

    def _called(self, job):
        if job in self.jobs:
            return self.jobs[job].name()
        return without_passwords(" ".join(self.overrides[job]))

    def _flush(self):
        """Stores the runs that wait, and logs how far the sweep has come."""
        before = time.time()
        ids = self.store.write_many([done for _, done in self.waiting], self.parent)
        for (job, done), run_id in zip(self.waiting, ids, strict=True):
            self.runs[self.fingerprints[job]] = run_id
            final = self.summaries[self.fingerprints[job]] = done.summary()
            self.diverged += final["diverged"] > 0
        self.waiting.clear()
        self.store.update(self.parent, metrics=self._counts())
        self.seconds["storing"] += time.time() - before

    def _total(self):
        """How many runs there are to be: different configurations, and jobs that have none."""
        return len(self.first) + len(self.overrides) - len(self.jobs)

    def _progress(self):
        done = len(self.runs) + len(self.waiting) + len(self.errors)
        return f"{done:,} of {plural(self._total(), 'run')}{self._trouble()}"

    def _trouble(self):
        failed = f", {len(self.errors):,} failed" if self.errors else ""
        return failed + (f", {self.diverged:,} with diverged nets" if self.diverged else "")

    def _counts(self):
        step = len(self.runs) + len(self.errors)
        counts = {
            "runs": self._total(),
            "runs/done": len(self.runs),
            "runs/failed": len(self.errors),
            "runs/diverged": self.diverged,
        }
        return [(key, float(value), step) for key, value in counts.items()]

    # --- what the parent run says -----------------------------------------------------------------

    def _opening(self):
        """The parent run as it is when the sweep begins."""
        grid = summary.grid(self.overrides)
        return RunRecord(
            name=f"sweep of {self._total():,}: {', '.join(grid) or 'one configuration'}"[:250],
            params={key: ", ".join(values)[:500] for key, values in grid.items()},
            tags={KIND: "sweep"},
            start_ms=_ms(self.began),
        )

    def _finish(self, status):
        """The parent run's last words: what became of each configuration, and what it cost."""
        if status != "FINISHED":  # what was being stored when it was stopped may be there
            self.runs |= self.store.finished([f for f in self.first if f not in self.runs])
        self.seconds["all"] = time.time() - self.began
        words = {
            "command": provenance()["scratchml.command"],
            "experiment": self.settings["experiment"],
            "grid": summary.grid(self.overrides),
            "runs": [self._fate(fingerprint, job) for fingerprint, job in self.first.items()],
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
        }
        self.store.update(
            self.parent,
            metrics=[*self._counts(), ("seconds", self.seconds["all"], len(self.overrides))],
            artifacts={"sweep.json": json.dumps(words, indent=1).encode()},
        )
        self.store.finish(self.parent, status)

    def _fate(self, fingerprint, job):
        run_id, error = self.runs.get(fingerprint), self.errors.get(job)
        return {
            "name": self.jobs[job].name(),
            "fingerprint": fingerprint,
            "run_id": run_id,
            "status": "FINISHED" if run_id else "FAILED" if error else "NOT TRAINED",
            "new": fingerprint not in self.known,
            "error": error and reason(error),
        }

    def _values(self, key, fingerprints):
        """{fingerprint: final metric} of finished runs, whenever they were trained."""
        trained = {f: final[key] for f, final in self.summaries.items() if key in final}
        if self.known.isdisjoint(fingerprints):
            return trained
        stored = self.store.values(key)
        return {f: stored[self.runs[f]] for f in self.known if self.runs[f] in stored} | trained

    def _outcomes(self, jobs):
        name = self.settings["objective"]
        values = self._values(name, set(self.fingerprints.values()))
        outcomes = []
        for job in jobs:
            fingerprint = self.fingerprints.get(job)
            error = self.errors.get(self.first.get(fingerprint, job))
            run_id = self.runs.get(fingerprint)
            objective = values.get(fingerprint, NEVER.get(name) if run_id else None)
            outcomes.append(Outcome(run_id, objective, error))
        return outcomes

    def _report(self):
        """The best runs, what failed, what it cost and where to look."""
        finals = {key: self._values(key, self.runs.keys()) for key in summary.SHOWN}
        configs = {f: self.jobs[self.first[f]] for f in self.runs}
        grid = summary.grid(self.overrides)
        if self.launches > 1:  # of a sweeper that launches again and again
            console.say(summary.best_so_far(configs, finals, grid))
            return
        if len(self.runs) > 1:
            summary.best(configs, finals, grid)
        for why, n in self.alike.items():
            first = next(job for job, error in self.errors.items() if reason(error) == why)
            others = f" and {plural(n - 1, 'other')}" if n > 1 else ""
            console.complain(f"failed: {self._called(first)}{others}: {why}")
        if self.summaries or self.errors:
            trained = f"{plural(len(self.summaries), 'run')} of {plural(self.nets, 'net')} trained"
            console.say(
                f"{trained}{self._trouble()} in {console.span(self.seconds['all'])} "
                f"(composing {console.span(self.seconds['composing'])}, "
                f"training {console.span(self.seconds['training'])} of all workers, "
                f"storing {console.span(self.seconds['storing'])})"
            )
        console.say(f"look: python -m experiments.ui   (experiment {self.settings['experiment']})")


def _least(checked):
    """What training would cost at the least: its nets alone, or so many that they are enough."""
    least = 0
    for config in checked:
        if isinstance(config, Config) and least <= SOON:
            least += stacks.cost(config, config.seeds) - stacks.cost(config, 0)
    return least


def _ms(seconds):
    return int(seconds * 1000)
