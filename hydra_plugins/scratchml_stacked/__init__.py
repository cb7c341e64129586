"""Hydra's way into scratchml: a launcher that trains all jobs together, a sweeper that has grids.

Hydra imports this module at every start, so it imports only what Hydra has imported anyway. The
work is done in `experiments`: `compose` makes configurations, `sweep` trains and stores them.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.utils import (
    JobReturn,
    JobRuntime,
    JobStatus,
    configure_log,
    filter_overrides,
    run_job,
)
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf


@dataclass
class StackedLauncherConf:
    _target_: str = "hydra_plugins.scratchml_stacked.StackedLauncher"
    strict: bool = False  # compose every job the stock way


@dataclass
class StackedSweeperConf:
    _target_: str = "hydra_plugins.scratchml_stacked.StackedSweeper"
    max_batch_size: int | None = None  # how many jobs are launched together; null is all
    params: dict[str, str] | None = None  # as in Hydra's basic sweeper
    grids: list[dict[str, Any]] | None = None  # knob -> values; see _grids.py


ConfigStore.instance().store(
    group="hydra/launcher", name="stacked", node=StackedLauncherConf, provider="scratchml"
)
ConfigStore.instance().store(
    group="hydra/sweeper", name="stacked", node=StackedSweeperConf, provider="scratchml"
)


class StackedLauncher(Launcher):
    """Composes all jobs, has them trained together in stacks, and returns them in order."""

    def __init__(self, strict: bool = False):
        self.strict = strict

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        from experiments import console
        from experiments.running.sweep import Sweep
        from hydra_plugins.scratchml_stacked._compose import Composer

        from ._checks import refuse_ignored_choices

        self.hydra_context = hydra_context
        self.config = config
        with console.clean_exit():
            refuse_ignored_choices(config, hydra_context.config_loader)
        self.sweep = Sweep()
        self.composer = Composer(hydra_context.config_loader, config, self.strict)

    def launch(
        self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int
    ) -> Sequence[JobReturn]:
        from experiments import console

        Path(self.config.hydra.sweep.dir).mkdir(parents=True, exist_ok=True)
        self.here = {"working_dir": os.getcwd(), "task_name": JobRuntime.instance().get("name")}
        jobs = [list(overrides) for overrides in job_overrides]
        configs = [self.composer.attempt(job, n) for n, job in enumerate(jobs, initial_job_idx)]
        self.sweep.seconds["composing"] = self.composer.seconds
        if all(isinstance(config, Exception) for config in configs):
            # Nothing to train, and nothing says where to store it.
            outcomes = [(None, error) for error in configs]
        else:
            with console.clean_exit():
                launched = self.sweep.launch(configs, jobs)
            outcomes = [(outcome.objective, outcome.error) for outcome in launched]
        end = self._run if self._is_watched() else self._return
        return [
            self._failed(job, config) if isinstance(config, Exception) else end(job, n, *outcome)
            for n, (job, config, outcome) in enumerate(
                zip(jobs, configs, outcomes, strict=True), initial_job_idx
            )
        ]

    def _is_watched(self) -> bool:
        """Whether something is to be done for each job by itself."""
        from hydra.experimental.callback import Callback

        hydra = self.config.hydra
        return bool(hydra.job.chdir or hydra.output_subdir is not None) or any(
            getattr(type(callback), name, None) not in (None, getattr(Callback, name))
            for callback in self.hydra_context.callbacks.callbacks
            for name in ("on_job_start", "on_job_end")
        )

    def _return(self, job: list[str], number: int, objective: Any, error: Any) -> JobReturn:
        return StackedReturn(self.composer, job, number, objective, error, self.here)

    def _failed(self, job: list[str], error: Exception) -> JobReturn:
        ret = JobReturn(filter_overrides(job), status=JobStatus.FAILED, **self.here)
        ret.return_value = error
        return ret

    def _run(self, job: list[str], number: int, objective: Any, error: Any) -> JobReturn:
        """Hydra's own `run_job` around what has come out: folders, files, callbacks in pairs.

        Jobs that are trained together have no start of their own, so `on_job_start` comes now too.
        """

        def task(_):
            if error is not None:
                raise error
            return objective

        ret = run_job(
            hydra_context=self.hydra_context,
            task_function=task,
            config=self.composer.job(job, number),
            job_dir_key="hydra.sweep.dir",
            job_subdir_key="hydra.sweep.subdir",
        )
        configure_log(self.config.hydra.hydra_logging, self.config.hydra.verbose)
        return ret


class StackedReturn(JobReturn):
    """What Hydra expects of a job; its configurations are composed when someone looks at them."""

    def __init__(
        self, composer, job: list[str], number: int, objective: Any, error: Any, here: dict
    ):
        status = JobStatus.COMPLETED if error is None else JobStatus.FAILED
        super().__init__(filter_overrides(job), status=status, **here)
        self.return_value = objective if error is None else error
        del self.cfg, self.hydra_cfg  # so that they are computed below
        self._compose = lambda: composer.job(job, number)

    @property
    def return_value(self) -> Any:
        if self.status is JobStatus.FAILED:
            raise self._return_value  # Hydra's own says first that it failed, which the user knows
        return self._return_value

    @return_value.setter
    def return_value(self, value: Any) -> None:
        self._return_value = value

    @cached_property
    def _config(self) -> DictConfig:
        return self._compose()

    @cached_property
    def cfg(self) -> DictConfig:
        from hydra_plugins.scratchml_stacked._compose import without_hydra

        return without_hydra(self._config)

    @cached_property
    def hydra_cfg(self) -> DictConfig:
        return OmegaConf.masked_copy(self._config, "hydra")


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
        from hydra_plugins.scratchml_stacked._compose import Composer

        from ._checks import refuse_failed, refuse_ignored_settings, refuse_uncomposable
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
            refuse_failed(batches, told=isinstance(self.launcher, StackedLauncher))
        return batches
