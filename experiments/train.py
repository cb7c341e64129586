"""The application: one run, or a sweep with -m.

    python -m experiments.train
    python -m experiments.train -m lr=0.01,0.1,1 init=zero,random activation=sigmoid,tanh seeds=20
    python -m experiments.train -m +lesson=initialization
"""

import sys

from experiments import commandline


def job(cfg):
    """One job: trains one configuration in this process, and returns the objective.

    Hydra calls this for a single run, and for each job of the launchers that come with it. Our own
    launcher trains all jobs of a sweep together instead (see `experiments.sweep`).
    """
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode
    from omegaconf import OmegaConf

    from experiments import console, single

    mapping = OmegaConf.to_container(cfg, resolve=True)
    if HydraConfig.get().mode == RunMode.MULTIRUN:
        return single.train(mapping)
    with console.clean_exit():
        return single.train(mapping)


def main():
    """Checks the command line before Hydra sees it, then hands over to Hydra."""
    arguments = sys.argv[1:]
    if commandline.asks_for_help(arguments):
        print(commandline.help_text())
        return 0
    problems = commandline.problems(arguments)
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 2
    import hydra

    hydra.main(config_path="../conf", config_name="config", version_base="1.3")(job)()
    return 0


if __name__ == "__main__":
    sys.exit(main())
