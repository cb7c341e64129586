"""Mistakes that Hydra would ignore in silence or report late, reported in time."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from hydra._internal.config_repository import IConfigRepository
from hydra.core.config_loader import ConfigLoader
from hydra.core.default_element import GroupDefault
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.config_source import ConfigResult
from omegaconf import DictConfig, OmegaConf

from experiments import console
from experiments.errors import EXPLAINED, ConfigError, RunsFailed
from experiments.schema.hydra_errors import in_words
from hydra_plugins.scratchml_stacked._compose import Composer

COUNTS = ("n_trials", "n_jobs")  # settings of optimizing sweepers
MAX_SHOWN = 20  # jobs that cannot be composed; more of them tell nothing new


def refuse_ignored_choices(config: DictConfig, loader: ConfigLoader) -> None:
    """A chosen file cannot choose a launcher or sweeper when the main file chooses one already.

    Hydra lets the main file win and says nothing (hydra#2946).
    """
    choices = config.hydra.runtime.choices
    overrides = OmegaConf.to_container(config.hydra.overrides.hydra)  # as written, unresolved
    given = {override.partition("=")[0] for override in overrides}
    repository = _repository(config, loader)
    for group, options in choices.items():
        for path, file in _files(group, options, repository):
            for plugin, wanted in _overridden(file):
                if plugin in given or plugin not in ("hydra/launcher", "hydra/sweeper"):
                    continue
                if choices[plugin] != wanted:
                    raise ConfigError(
                        f"{path} says `override /{plugin}: {wanted}`, but Hydra ignores it, as the "
                        f"main configuration chooses {choices[plugin]} and comes first; "
                        f"say {plugin}={wanted} on the command line instead"
                    )


def refuse_senseless_counts(config: DictConfig) -> None:
    """An optimizing sweeper of others fails late, or never ends, with no trials or no jobs."""
    for name in COUNTS:
        value = OmegaConf.select(config, f"hydra.sweeper.{name}")
        if isinstance(value, int) and value < 1:
            raise ConfigError(f"hydra.sweeper.{name} must be at least 1; got {value}")


def refuse_ignored_settings(
    jobs: Sequence[Sequence[str]], config: DictConfig, loader: ConfigLoader
) -> None:
    """Files that configure Hydra itself cannot be swept over: Hydra reads them once for a sweep."""
    repository = _repository(config, loader)
    is_group = lru_cache(lambda key: bool(repository.get_group_options(key.lstrip("+"))))
    swept = dict.fromkeys(text for job in jobs for text in job if is_group(text.partition("=")[0]))
    for override in OverridesParser.create().parse_overrides(list(swept)):
        group, option = override.key_or_group, override.value()
        if config.hydra.runtime.choices.get(group) == option:
            continue  # it is not swept over, and Hydra has read it
        for path, file in _files(group, option, repository):
            own = "hydra" in file.config or any(
                key.startswith("hydra/") and config.hydra.runtime.choices.get(key) != wanted
                for key, wanted in _overridden(file)
            )
            if own:
                raise ConfigError(
                    f"{path} has settings for Hydra itself, which has one configuration for a "
                    f"whole sweep and would ignore them; launch {override.input_line} by itself"
                )


def refuse_uncomposable(jobs: Sequence[Sequence[str]], composer: Composer) -> None:
    """Every job must be composable before the first one is launched."""
    problems = {}  # message -> a job that has it
    failed = 0
    for number, job in enumerate(jobs):
        if error := composer.refuses(job, number):
            problems.setdefault(in_words(error), job)
            failed += 1
            if failed == MAX_SHOWN:
                break
    if problems:
        raise ConfigError("\n".join(problems))


def refuse_failed(batches: Sequence[Sequence[JobReturn]], announced: bool) -> None:
    """A sweep with failed jobs ends as failed; `announced`, if the user has seen their errors."""
    jobs = [job for batch in batches for job in batch]
    failed = [job for job in jobs if job.status is not JobStatus.COMPLETED]
    for job in () if announced else failed:
        try:
            _ = job.return_value
        except Exception as error:
            explained = isinstance(error, EXPLAINED)
            console.complain(str(error) if explained else f"{type(error).__name__}: {error}")
    if failed:
        raise RunsFailed(f"{len(failed):,} of {len(jobs):,} jobs failed")


def _repository(config: DictConfig, loader: ConfigLoader) -> IConfigRepository:
    """All files that Hydra composes a sweep from, with those of hydra.searchpath."""
    overrides = OmegaConf.to_container(config.hydra.overrides.hydra)
    name = config.hydra.job.config_name
    return loader._parse_overrides_and_create_caching_repo(name, overrides)[1]


def _files(
    group: str, options: object, repository: IConfigRepository
) -> Iterator[tuple[str, ConfigResult]]:
    """(path, file) of the application, for each option that is chosen from a group."""
    group = group.partition("@")[0]
    for option in options if isinstance(options, list) else [options]:
        if isinstance(option, str) and not group.startswith("hydra/"):
            path = f"{group}/{option}"
            file = repository.load_config(path)
            if file is not None:
                yield path, file


def _overridden(file: ConfigResult) -> Iterator[tuple[str, object]]:
    """(group, option) for each `override` in a file's defaults list."""
    for default in file.defaults_list or ():
        if isinstance(default, GroupDefault) and default.is_override():
            yield default.group.lstrip("/"), default.value
