"""The launcher: all jobs of a sweep are composed, then trained together in stacks.

A task function of another application cannot be stacked: its jobs run one after the other, by
Hydra's basic launcher.
"""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from hydra.core.utils import (
    JobReturn,
    JobRuntime,
    JobStatus,
    configure_log,
    filter_overrides,
    run_job,
)
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf


def session_of(task_function: TaskFunction) -> Any:
    """The Session whose workers train; None if the task function is of another application."""
    return getattr(task_function, "scratchml_session", None)


class StackedLauncher(Launcher):
    """Composes all jobs, has them trained together in stacks, and returns them in order."""

    def __init__(self, strict: bool = False):
        self.strict = strict

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        self.session = session_of(task_function)
        if self.session is None:
            from hydra._internal.core_plugins.basic_launcher import BasicLauncher

            self.basic = BasicLauncher()
            self.basic.setup(
                hydra_context=hydra_context, task_function=task_function, config=config
            )
            return
        from experiments import console
        from experiments.running.ledger import Ledger

        from ._checks import refuse_ignored_choices, refuse_senseless_counts
        from ._compose import Composer

        self.hydra_context = hydra_context
        self.config = config
        with console.clean_exit():
            refuse_ignored_choices(config, hydra_context.config_loader)
            refuse_senseless_counts(config)
        self.ledger = self.session.ledger = Ledger()
        self.composer = Composer(hydra_context.config_loader, config, self.strict)

    def launch(
        self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int
    ) -> Sequence[JobReturn]:
        if self.session is None:
            return self.basic.launch(job_overrides, initial_job_idx)
        from experiments import console
        from experiments.running import sweep

        Path(self.config.hydra.sweep.dir).mkdir(parents=True, exist_ok=True)
        self.here = {"working_dir": os.getcwd(), "task_name": JobRuntime.instance().get("name")}
        jobs = [list(overrides) for overrides in job_overrides]
        configs = [self.composer.attempt(job, n) for n, job in enumerate(jobs, initial_job_idx)]
        self.ledger.seconds["composing"] = self.composer.seconds
        if all(isinstance(config, Exception) for config in configs):
            # Nothing is trained, and no configuration names a store.
            outcomes = [(None, error) for error in configs]
        else:
            with console.clean_exit():
                launched = sweep.launch(configs, jobs, self.ledger, self.session)
            outcomes = [(outcome.objective, outcome.error) for outcome in launched]
        end = self._run if self._is_watched() else self._return
        return [
            self._failed(job, config) if isinstance(config, Exception) else end(job, n, *outcome)
            for n, (job, config, outcome) in enumerate(
                zip(jobs, configs, outcomes, strict=True), initial_job_idx
            )
        ]

    def _is_watched(self) -> bool:
        """Whether Hydra has something to do for each job: a folder, files, or a callback."""
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
        """Hydra's own `run_job` on a known result: it makes folders and files, and calls callbacks.

        Jobs that are trained together have no start of their own, so `on_job_start` is called
        after the training, too.
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
    """The result of a job as Hydra expects it; configurations are composed when they are read."""

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
            raise self._return_value  # Hydra's own message says only that the job failed
        return self._return_value

    @return_value.setter
    def return_value(self, value: Any) -> None:
        self._return_value = value

    @cached_property
    def _config(self) -> DictConfig:
        return self._compose()

    @cached_property
    def cfg(self) -> DictConfig:
        from ._compose import without_hydra

        return without_hydra(self._config)

    @cached_property
    def hydra_cfg(self) -> DictConfig:
        return OmegaConf.masked_copy(self._config, "hydra")
