"""The application: one run, or a sweep with -m.

python -m experiments.train
python -m experiments.train -m lr=0.01,0.1,1 init=zero,random activation=sigmoid,tanh seeds=20
python -m experiments.train -m +lesson=initialization
"""

import gc
import os
import sys

from experiments import interrupts


def job(cfg):
    """One job: trains one configuration in this process, and returns the objective.

    Hydra calls this for a single run, and for each job of the launchers that come with it. Our own
    launcher trains all jobs of a sweep together instead (see `experiments.running.sweep`).
    """
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode
    from omegaconf import OmegaConf

    from experiments import console
    from experiments.running import single

    mapping = OmegaConf.to_container(cfg, resolve=True)
    if HydraConfig.get().mode == RunMode.MULTIRUN:
        return single.train(mapping)
    with console.clean_exit():
        return single.train(mapping)


def sweep(overrides):
    """Launches a sweep as `-m` does, in this process; returns the exit status."""
    return main(["-m", *overrides])


def main(arguments=None):
    """Checks the command line before Hydra sees it, then hands over to Hydra.

    Returns:
        The exit status: 0, or 1 where runs failed, 2 where the command is wrong, 3 where the store
        cannot be used, 130 after Ctrl-C.
    """
    try:
        return _main(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:  # where this is called by other code, which hears Ctrl-C itself
        print("stopped", file=sys.stderr)
        return interrupts.CODE


def _main(arguments):
    from experiments.schema import commandline

    arguments = commandline.in_order(arguments)
    if commandline.asks_for_help(arguments):
        print(commandline.help_text())
        return 0
    problems = commandline.problems(arguments)
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 2
    import hydra

    from experiments.errors import RunsFailed, TrainingError

    given, sys.argv = sys.argv, [sys.argv[0], *arguments]
    debugging = "HYDRA_FULL_ERROR" in os.environ
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra then raises what it else prints, with advice
    try:
        where = {"config_path": str(commandline.CONF), "config_name": "config"}
        hydra.main(**where, version_base="1.3")(job)()
    except (RunsFailed, TrainingError):  # a sweeper of others gave up; the user has been told why
        return 1
    except SystemExit as end:
        return end.code
    except Exception as error:
        if debugging or not commandline.is_about_configuration(error):
            raise
        print(commandline.in_words(error), file=sys.stderr)
        return 2
    finally:
        sys.argv = given
        if not debugging:
            del os.environ["HYDRA_FULL_ERROR"]
    return 0


if __name__ == "__main__":
    interrupts.at_once()
    gc.set_threshold(50_000, 20, 20)  # records of runs are many tuples, and none is in a cycle
    status = main()
    gc.freeze()  # what is left goes with the process; else Python takes it apart, for .2 s
    sys.exit(status)
