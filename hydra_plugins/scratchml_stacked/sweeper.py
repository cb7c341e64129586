"""The sweeper: jobs from grids and from the command line, checked before the first is launched."""

from collections.abc import Sequence
from typing import Any

from hydra.core.utils import JobReturn
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from hydra_plugins.scratchml_stacked.launcher import StackedLauncher


class StackedSweeper(Sweeper):
    """Hydra's basic sweeper, and `grids`: products of values, one product after the other."""

    def __init__(
        self,
        max_batch_size: int | None = None,
        params: dict[str, str] | None = None,
        grids: list[dict[str, Any]] | None = None,
    ):
        self.max_batch_size = max_batch_size
        self.params = params
        self.grids = grids

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        from hydra.core.plugins import Plugins

        from experiments import console

        from ._checks import refuse_ignored_choices

        self.hydra_context = hydra_context
        self.config = config
        with console.clean_exit():
            refuse_ignored_choices(config, hydra_context.config_loader)
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    def sweep(self, arguments: list[str]) -> list[Sequence[JobReturn]]:
        """Launches all jobs; nothing is launched unless every one of them can be composed."""
        from experiments import console

        from ._checks import refuse_failed, refuse_ignored_settings, refuse_uncomposable
        from ._compose import Composer
        from ._grids import expand

        loader = self.hydra_context.config_loader
        composer = getattr(self.launcher, "composer", None) or Composer(loader, self.config)
        with console.clean_exit():
            jobs = expand(self.grids, self.params, arguments, loader)
            refuse_ignored_settings(jobs, self.config, composer.loader)
            refuse_uncomposable(jobs, composer)
        size = self.max_batch_size or len(jobs)
        batches = [
            self.launcher.launch(jobs[first : first + size], initial_job_idx=first)
            for first in range(0, len(jobs), size)
        ]
        with console.clean_exit():
            refuse_failed(batches, announced=isinstance(self.launcher, StackedLauncher))
        return batches
