"""Composes the jobs of a sweep: Hydra composes their common part, values are put into a copy.

Stock Hydra reads and merges every file again for every job, about 50 ms, and does it twice. But a
sweep has few choices of groups and many values, and a value that replaces another commutes with
all overrides of other keys. So the overrides of a job are divided into plain ones, `key=value`, and
the others. The others are composed once, by Hydra itself, and a job is then one of:

    a copy of a dict           no interpolations: nearly always                           ~0.01 ms
    a copy of a configuration  interpolations that stay within the application's own part   ~1 ms
    Hydra's own                any other: `${hydra:...}`, a key that two overrides touch   ~10 ms

Each gives the result of Hydra, or raises the error of Hydra (tests/test_compose.py).
"""

import copy
import os
import re
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from hydra._internal.config_loader_impl import ConfigLoaderImpl, get_overrides_dirname
from hydra._internal.config_repository import IConfigRepository
from hydra.core.config_loader import ConfigLoader
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import Override
from hydra.core.utils import env_override
from hydra.errors import HydraException
from hydra.plugins.config_source import ConfigResult
from omegaconf import DictConfig, OmegaConf, open_dict, read_write
from omegaconf.errors import OmegaConfBaseException

from hydra_plugins.scratchml_stacked._base import Base, base_of, plain_values, remove_hydra
from hydra_plugins.scratchml_stacked._parse import Parser


class Files:
    """A repository of Hydra's in which each file is read once, and from then on copied.

    Hydra itself reads the files of a job anew.
    """

    def __init__(self, repository: IConfigRepository, read: dict | None = None):
        self._repository = repository
        self._read = {} if read is None else read

    def load_config(self, config_path: str) -> ConfigResult | None:
        key = config_path, *(source.path for source in self._repository.get_sources())
        if key not in self._read:
            self._read[key] = self._repository.load_config(config_path)
        return copy.deepcopy(self._read[key])

    def __deepcopy__(self, memo):  # Hydra asks for it before it gives a copy other sources
        return Files(copy.copy(self._repository), self._read)

    def __getattr__(self, name):
        return getattr(self._repository, name)


class Composer:
    """Composes jobs under one master configuration, the one that Hydra gives to its launchers.

    Args:
        loader: Hydra's configuration loader.
        master: the configuration of the sweep itself.
        strict: compose every job as stock Hydra does.
    """

    def __init__(self, loader: ConfigLoader, master: DictConfig, strict: bool = False):
        self.loader = copy.copy(loader)
        self.loader.repository = Files(loader.repository)
        self.master = master
        self.strict = strict
        self.seconds = 0.0  # spent in `attempt` and `refuses`
        self.parser = Parser(loader, lru_cache(maxsize=None)(self._is_group))
        self._compose_groups = lru_cache(maxsize=256)(self._compose_groups)
        self._base = lru_cache(maxsize=256)(self._base)
        self._alone = lru_cache(maxsize=4096)(self._alone)

    def compose(self, overrides: Sequence[str], number: int = 0) -> dict[str, Any]:
        """The application's configuration for a job: plain values, resolved, without `hydra`.

        Raises:
            HydraException, OmegaConfBaseException: as Hydra raises them for the same job.
        """
        base, changes = self._divide(overrides)
        if base is not None:
            return base.with_values(changes)
        return copy.deepcopy(self._alone(tuple(overrides), number))

    def attempt(self, overrides: Sequence[str], number: int) -> dict[str, Any] | Exception:
        """As `compose`, but an error is returned: the other jobs of a sweep go on."""
        return self._attempt(self.compose, overrides, number)

    def refuses(self, overrides: Sequence[str], number: int) -> Exception | None:
        """The error that `compose` would raise, if any; most often known without composing."""
        return self._attempt(self._check, overrides, number)

    def job(self, overrides: Sequence[str], number: int) -> DictConfig:
        """The whole configuration of job `number`, with its `hydra` node, as Hydra runs it."""
        parsed = [self.parser.parse(text) for text in overrides]
        if self.strict or any(p.stock for p in parsed):
            config = self.loader.load_sweep_config(self.master, list(overrides))
        else:
            choices = tuple(p.override.input_line for p in parsed if p.chooses)
            config = copy.deepcopy(self._compose_groups(choices))
            _apply([p.override for p in parsed if not p.chooses], config)
            _record([p.override for p in parsed], config)
        with open_dict(config):
            config.hydra.job.id = number
            config.hydra.job.num = number
        with current(config), read_write(config.hydra.runtime), open_dict(config.hydra.runtime):
            parts = (str(OmegaConf.select(config, f"hydra.sweep.{k}")) for k in ("dir", "subdir"))
            config.hydra.runtime.output_dir = os.path.abspath(os.path.join(*parts))
        return config

    def _attempt(self, action: Callable, overrides: Sequence[str], number: int) -> Any:
        """The value that `action` returns or the error that it raises; its time is composing."""
        began = time.perf_counter()
        try:
            return action(overrides, number)
        except Exception as error:
            return error
        finally:
            self.seconds += time.perf_counter() - began

    def _check(self, overrides: Sequence[str], number: int) -> None:
        base, _ = self._divide(overrides)
        if base is None or base.late is not None:  # otherwise plain values replace plain values
            self.compose(overrides, number)

    def _divide(self, overrides: Sequence[str]) -> tuple[Base | None, list[Override]]:
        """The Base of such a job, if there is one, and the overrides that are put into it."""
        if self.strict:
            return None, []
        parsed = [self.parser.parse(text) for text in overrides]
        changes = [p.override for p in parsed if p.plain]
        base = self._base(tuple(p.override.input_line for p in parsed if not p.plain))
        fits = base is not None and all(o.key_or_group in base.open for o in changes)
        return (base, changes) if fits else (None, [])

    def _is_group(self, name: str) -> bool:
        """Whether files can be chosen by NAME=file, in hydra.searchpath too."""
        overrides = OmegaConf.to_container(self.master.hydra.overrides.hydra)
        config_name = self.master.hydra.job.config_name
        return bool(self.loader.get_group_options(name, None, config_name, overrides))

    def _alone(self, overrides: tuple[str, ...], number: int) -> dict[str, Any]:
        return resolve(self.job(overrides, number))

    def _compose_groups(self, choices: tuple[str, ...]) -> DictConfig:
        return self.loader.load_sweep_config(self.master, list(choices))

    def _base(self, overrides: tuple[str, ...]) -> Base | None:
        """The Base of the jobs that have these overrides and plain ones; None if there is none."""
        keys = (self.parser.parse(text).override.key_or_group for text in overrides)
        try:
            return base_of(self.job(overrides, 0), {re.split(r"[.\[]", key)[0] for key in keys})
        except (HydraException, OmegaConfBaseException, ValueError):
            return None  # jobs with these overrides fail, and each must give its own reason


def resolve(config: DictConfig) -> dict[str, Any]:
    """A job's view of its configuration: no `hydra` node, `${hydra:...}` answered by its own."""
    with current(config), env_override(config.hydra.job.env_set):
        return plain_values(without_hydra(config))


@contextmanager
def current(config: DictConfig):
    """Inside, HydraConfig and the `${hydra:...}` resolver speak of `config`."""
    singleton = HydraConfig.instance()
    before = singleton.cfg
    singleton.set_config(config)
    try:
        yield
    finally:
        singleton.cfg = before


def without_hydra(config: DictConfig) -> DictConfig:
    """A copy without its `hydra` node: the configuration that Hydra gives to an application."""
    app = copy.deepcopy(config)
    remove_hydra(app)
    return app


def _apply(overrides: Sequence[Override], config: DictConfig) -> None:
    ConfigLoaderImpl._apply_overrides_to_config(list(overrides), config)


def _record(overrides: Sequence[Override], config: DictConfig) -> None:
    """Notes a job's overrides where Hydra notes them."""
    config.hydra.overrides.task = [override.input_line for override in overrides]
    job = config.hydra.job
    job.override_dirname = get_overrides_dirname(overrides, **job.config.override_dirname)
