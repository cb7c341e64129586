"""Launching: many configurations as a sweep, or one as a run that can be watched.

The way of a number: configurations -> stacks -> tasks -> workers train -> a run's nets come
together -> one transaction into MLflow. Both launches take this way; a single run has a watcher in
place of workers, and no parent.
"""

import traceback

from experiments import as_json, console, own
from experiments.console import plural
from experiments.errors import Interrupted, RunsFailed, TrainingError, UserError, reason
from experiments.process import interrupts
from experiments.running import costs, machine_code, parent, stacks, summary
from experiments.running.carried import carrying
from experiments.running.checks import check, refuse_too_large
from experiments.running.held import Held, Reuse, reuse
from experiments.running.ledger import Ledger
from experiments.running.progress import Progress, Stop, announce_failure
from experiments.running.saving import Saver
from experiments.running.watcher import Watcher
from experiments.schema.sources import load
from experiments.tracking.errors import StoreError
from experiments.tracking.places import ui_command
from experiments.tracking.store import open_store


def launch(configs, overrides, ledger, session):
    """Trains the runs that the store does not hold yet, in stacks, and stores each when it is done.

    Args:
        configs: one composed mapping a job, or the exception that composing it raised.
        overrides: the jobs' own overrides, lists of `key=value`; they name the grid.
        ledger: the Ledger of the sweep that this launch belongs to.
        session: a Session, whose workers train.

    Returns:
        One Outcome a job, in order.

    Raises:
        ConfigError: Some configuration is not allowed; nothing has been trained.
        UserError: The executor cannot be used.
        StoreError: The store cannot be used; runs that were stored before are kept.
        Interrupted: After Ctrl-C.
    """
    checked, settings = check(configs)
    jobs = ledger.add(checked, overrides)
    machine_code.prepare(checked, console.say)
    if settings["executor"]["name"] == "local":
        # Workers of this machine import while the store is asked for its runs.
        workers = session.workers(settings["executor"])
        workers.open(len(jobs), costs.are_worth_workers(checked))
    with _open(settings) as store, interrupts.counted(limit=2) as counter:
        todo = ledger.ask(jobs, store, settings["resume"], settings["only"])
        console.say(ledger.plan(jobs, todo))
        stored = _stored_nets(todo, ledger, store, settings)
        tasks = _tasks(todo, stored.seeds, session, settings) if todo else []
        ledger.parent = ledger.parent or store.start(parent.opening(ledger, settings["objective"]))
        _execute_and_close(
            jobs, tasks, stored.parts, store, ledger, session, counter, settings["experiment"]
        )
        summary.report(
            ledger, store, settings["experiment"], settings["objective"], settings["mute"] or ()
        )
        return ledger.outcomes(jobs, settings["objective"], store)


def _execute_and_close(jobs, tasks, stored, store, ledger, session, counter, experiment):
    """Executes all tasks, then ends the parent run, whatever happens in between."""
    try:
        _execute(jobs, tasks, stored, store, ledger, session, Stop(counter))
    except StoreError:  # it would not take the end of the parent run either
        session.kill()
        raise
    except KeyboardInterrupt:
        pass  # this process trained, and was asked twice
    except BaseException as error:
        session.kill()
        parent.close(store, ledger, experiment, "FAILED")
        if isinstance(error, UserError):
            raise UserError(f"{error}; {ledger.stored_so_far()}") from error
        raise
    if counter.times:
        session.kill()
        parent.close(store, ledger, experiment, "KILLED")
        raise Interrupted(f"stopped; {ledger.stored_so_far()}")
    parent.close(store, ledger, experiment, "FINISHED")


def _open(settings):
    return open_store(settings["tracking"]["uri"], settings["experiment"])


def _stored_nets(todo, ledger, store, settings):
    """The nets of {job: Config} that the store holds; says what is trained again, and why."""
    if not (todo and settings["resume"]):
        return Reuse({}, {})
    identities = {job: ledger.identities[job] for job in todo}
    held = Held(store.identities(), identities.values())
    for sentence in held.reasons(identities.values()):
        console.say(sentence)
    stored = reuse(identities, held, store)
    if stored.nets:
        total = sum(config.seeds for config in todo.values())
        console.say(
            f"{stored.nets:,} of {plural(total, 'net')} are stored, in runs with other seeds"
        )
    return stored


def _tasks(todo, seeds, session, settings):
    """The tasks of {job: Config}; workers for them start while the parent run is stored."""
    workers = session.workers(settings["executor"])
    tasks = stacks.cut(todo, workers=workers.size, real=load, seeds=seeds)
    workers.open(len(tasks), sum(task.cost for task in tasks) > costs.INLINE_COST)
    return tasks


def _execute(jobs, tasks, stored, store, ledger, session, stop):
    """Trains all tasks; stores and announces what becomes of their runs."""
    saver = Saver(store, ledger, announce_failure)
    saver.expect(tasks, stored)
    for job, config in jobs.items():
        if isinstance(config, Exception):
            saver.fail(job, config)
    slots = session.pool.size if tasks else 0
    with Progress(ledger, tasks, slots, session.title) as progress:
        for task, result in session.pool.run(carrying(stacks.train), tasks, stop) if tasks else ():
            saver.receive(task, result)
            progress.update(task)
        saver.flush()


# --- a single run ---------------------------------------------------------------------------------


def launch_one(mapping):
    """Trains one composed configuration in this process, as a run that can be watched.

    Returns:
        The objective: the run's final `objective` metric.

    Raises:
        ConfigError: The configuration is not allowed; nothing has been trained.
        StoreError: The store cannot be used.
        RunsFailed: Training raised an error; the run is FAILED.
        Interrupted: After Ctrl-C; the run is KILLED.
    """
    [config], settings = check([mapping])
    refuse_too_large(config)
    ledger = Ledger()
    jobs = ledger.add([config], [[]])
    with _open(settings) as store:
        todo = ledger.ask(jobs, store, settings["resume"])
        if todo:
            stored = _stored_nets(todo, ledger, store, settings)
            with interrupts.counted(limit=1) as counter:
                _watch(config, stored, store, ledger, counter)
        [fingerprint] = ledger.fingerprints.values()
        run_id = ledger.runs[fingerprint]
        final = store.metrics(run_id)
    as_json.tell(
        lambda: {"experiment": settings["experiment"], "run": summary.facts(config, run_id, final)}
    )
    note = plural(config.seeds, "net") if todo else "done already; resume=false trains it anew"
    title = f"{config.name()}: {note}"
    console.table(title, ["at the end, median over nets", ""], list(final.items()))
    summary.beside([config])
    summary.splits(ledger)
    console.say(f"run {run_id} of experiment {settings['experiment']}")
    console.say(f"look: {ui_command(store.uri)}")
    return final.get(settings["objective"])


def _watch(config, stored, store, ledger, counter):
    """Trains the run of a ledger with one job, under the eyes of a Watcher.

    If some of its nets are stored, there is no whole curve to watch before the end.
    """
    watcher = Watcher(store, config, growing=not stored.parts)
    saver = Saver(store, ledger, watched=watcher)
    try:
        tasks = stacks.cut({0: config}, size=config.seeds, real=load, seeds=stored.seeds)
        saver.expect(tasks, stored.parts)
        for task in tasks:
            saver.receive(task, watcher.run(task, counter))
        saver.flush()
    except KeyboardInterrupt:
        watcher.kill()
        said = "stopped; the run is marked KILLED, and the same command starts it anew"
        raise Interrupted(said) from None
    except StoreError:
        raise
    except (Exception, SystemExit) as error:
        if said := own.where(error):
            error = TrainingError(said, "".join(traceback.format_exception(error)))
        saver.fail(0, error, watcher.watch)
        raise RunsFailed(f"failed: {config.name()}: {reason(error)}") from error
