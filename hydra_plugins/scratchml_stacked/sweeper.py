"""The sweeper: jobs from grids and from the command line, checked before the first is launched."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hydra.core.utils import JobReturn
from hydra.errors import CompactHydraException
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf

from hydra_plugins.scratchml_stacked.launcher import StackedLauncher, session_of


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

        self.hydra_context = hydra_context
        self.config = config
        self.ours = session_of(task_function) is not None
        if self.ours:
            from experiments import console

            from ._checks import refuse_ignored_choices

            with console.clean_exit():
                refuse_ignored_choices(config, hydra_context.config_loader)
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    def sweep(self, arguments: list[str]) -> list[Sequence[JobReturn]]:
        """Launches all jobs; nothing is launched unless every one of them can be composed.

        In another application a job that fails ends the sweep with its own error, as in Hydra's
        basic sweeper. In scratchml the other jobs go on.
        """
        jobs = self._our_jobs(arguments) if self.ours else self._jobs(arguments)
        self._save_configuration()
        size, batches = self.max_batch_size or len(jobs), []
        for first in range(0, len(jobs), size):
            batches.append(self.launcher.launch(jobs[first : first + size], initial_job_idx=first))
            if not self.ours:
                for job in batches[-1]:
                    _ = job.return_value  # raises the error of a job that failed
        if self.ours:
            from experiments import console

            from ._checks import refuse_failed

            with console.clean_exit():
                refuse_failed(batches, announced=isinstance(self.launcher, StackedLauncher))
        return batches

    def _our_jobs(self, arguments: list[str]) -> list[list[str]]:
        """The jobs of a sweep of scratchml, checked; a mistake ends with a sentence."""
        from experiments import console
        from experiments.schema.synonyms import in_use

        from ._checks import refuse_ignored_settings, refuse_uncomposable
        from ._compose import Composer

        loader = self.hydra_context.config_loader
        composer = getattr(self.launcher, "composer", None) or Composer(loader, self.config)
        with console.clean_exit():
            jobs = self._expand(arguments, in_use)
            refuse_ignored_settings(jobs, self.config, composer.loader)
            refuse_uncomposable(jobs, composer)
        return jobs

    def _jobs(self, arguments: list[str]) -> list[list[str]]:
        """The jobs of another application; a mistake is an error of Hydra's."""
        from experiments.errors import ConfigError

        try:
            jobs = self._expand(arguments, str)
        except ConfigError as error:
            raise CompactHydraException(str(error)) from None
        self.validate_batch_is_legal(jobs)
        return jobs

    def _expand(self, arguments: list[str], rename: Callable[[str], str]) -> list[list[str]]:
        from experiments.errors import ConfigError

        from ._grids import expand

        if self.max_batch_size is not None and self.max_batch_size < 1:
            raise ConfigError(
                f"hydra.sweeper.max_batch_size must be at least 1; got {self.max_batch_size}"
            )
        loader = self.hydra_context.config_loader
        return expand(self.grids, self.params, arguments, loader, rename)

    def _save_configuration(self) -> None:
        """Leaves multirun.yaml where Hydra does; where scratchml asks for no folders, no file."""
        if self.ours and self.config.hydra.output_subdir is None:
            return
        folder = Path(self.config.hydra.sweep.dir)
        folder.mkdir(parents=True, exist_ok=True)
        OmegaConf.save(self.config, folder / "multirun.yaml")
