"""The command that trains: one run, or a sweep with -m.

scratchml train
scratchml train -m lr=0.01,0.1,1 init=zero,random activation=sigmoid,tanh seeds=20
scratchml train -m +lesson=initialization
"""

import os
import sys
from contextlib import nullcontext
from typing import NamedTuple

from experiments.process import interrupts, startup, streams


class Swept(NamedTuple):
    """The end of a sweep: its exit status, and how much was done (Counts; None: no sweep began)."""

    status: int
    counts: tuple | None


def sweep(overrides, session):
    """Launches a sweep as `-m` does, in this process, with the workers of a Session.

    Returns:
        Swept.
    """
    session.ledger = None
    status = main(["-m", *overrides], session)
    return Swept(status, session.ledger and session.ledger.counts())


def main(arguments=None, session=None):
    """Checks the command line before Hydra sees it, then hands over to Hydra.

    Args:
        session: a Session whose workers train; by default this command has its own.

    Returns:
        The exit status: 0, or 1 where runs failed, 2 where the command is wrong, 3 where the store
        cannot be used, 130 after Ctrl-C.
    """
    startup.computing()
    try:
        return _main(sys.argv[1:] if arguments is None else arguments, session)
    except KeyboardInterrupt:  # another program has called this, and hears Ctrl-C itself
        print("stopped", file=sys.stderr)
        return interrupts.CODE


def _main(arguments, session):
    from experiments import as_json

    if as_json.OPTION in arguments:
        with as_json.output() as facts:
            facts["status"] = None
            facts["status"] = _run([a for a in arguments if a != as_json.OPTION], session)
        return facts["status"]
    return _run(arguments, session)


def _run(arguments, session):
    from experiments import own
    from experiments.errors import ConfigError
    from experiments.schema import commandline, named_code, own_entries

    with own_entries.command():
        try:
            arguments = named_code.named(commandline.prepared(arguments))
            own_entries.use(own.NAMED.values())
        except ConfigError as error:
            print(error, file=sys.stderr)
            return ConfigError.code
        if commandline.asks_for_help(arguments):
            from experiments.schema.help import help_text

            print(help_text())
            return 0
        problems = commandline.problems(arguments)
        if problems:
            print("\n".join(problems), file=sys.stderr)
            return ConfigError.code
        return _checked(arguments, session)


def _checked(arguments, session):
    """Hands a command line without mistakes over; returns the exit status."""
    from experiments.errors import RunsFailed, TrainingError
    from experiments.schema import hydra_errors

    debugging = "HYDRA_FULL_ERROR" in os.environ
    try:
        _hand_over(arguments, session)
    except (RunsFailed, TrainingError):  # another sweeper gave up; the user knows the reason
        return 1
    except SystemExit as end:
        return end.code
    except Exception as error:
        if debugging or not hydra_errors.is_about_configuration(error):
            raise
        print(hydra_errors.in_words(error), file=sys.stderr)
        return 2
    return 0


def _hand_over(arguments, session):
    """Runs Hydra on the arguments, as if they were this process's own."""
    import hydra

    from experiments.running.session import Session
    from experiments.schema.config_files import within_limits
    from experiments.schema.defaults import CONF
    from experiments.schema.own_files import in_hydra

    given, sys.argv = sys.argv, [sys.argv[0], *arguments]
    before = os.environ.get("HYDRA_FULL_ERROR")
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra then raises errors instead of printing advice
    where = {"config_path": str(CONF), "config_name": "config"}
    try:
        with (
            within_limits(),
            in_hydra(),
            nullcontext(session) if session else Session() as workers,
        ):
            hydra.main(**where, version_base="1.3")(_task(workers))()
    finally:
        sys.argv = given
        if before is None:
            del os.environ["HYDRA_FULL_ERROR"]
        else:
            os.environ["HYDRA_FULL_ERROR"] = before


def _task(session):
    """The function that Hydra calls for each job; by its session our launcher knows it as ours.

    Launchers that are not ours may call it in another process, so it takes the user's code along.
    """
    from experiments import own
    from experiments.running.carried import Carried

    carried = Carried(job, tuple(own.NAMED.values()))

    def task(cfg):
        return carried(cfg)

    task.scratchml_session = session
    return task


def job(cfg):
    """Trains one configuration in this process; returns the objective.

    Hydra calls it for a single run, and for each job of launchers that are not ours. Our launcher
    trains all jobs of a sweep together instead (see `experiments.running.sweep`).
    """
    startup.computing()
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    from experiments import console
    from experiments.running import sweep

    if HydraConfig.get().mode == RunMode.MULTIRUN:
        return sweep.launch_one(_resolved(cfg))
    with console.clean_exit():
        return sweep.launch_one(_resolved(cfg))


def _resolved(cfg):
    """A composed configuration as a mapping.

    Raises:
        ConfigError: It refers to what is not there, or to itself.
    """
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    from experiments.errors import ConfigError
    from experiments.schema import hydra_errors

    try:
        return OmegaConf.to_container(cfg, resolve=True)
    except OmegaConfBaseException as error:
        raise ConfigError(hydra_errors.in_words(error)) from None


if __name__ == "__main__":
    interrupts.at_once()
    streams.prepare()
    startup.command()
    startup.leave(streams.status(main()))
