"""Composes the jobs of a sweep: Hydra composes what they have in common, values go on a copy.

Stock Hydra reads and merges every file again for every job, about 50 ms, and does it twice. But a
sweep has few choices of groups and many values, and a value that replaces another commutes with
all overrides of other keys. So the overrides of a job are parted into plain ones, `key=value`, and
the rest; the rest is composed once, by Hydra itself, and a job is then one of:

    a copy of a dict           no interpolations: nearly always                           ~0.01 ms
    a copy of a configuration  interpolations that stay within the application's own part   ~1 ms
    Hydra's own                any other: `${hydra:...}`, a key that two overrides touch   ~10 ms

Each gives what Hydra gives, or raises what Hydra raises (tests/test_compose.py).
"""

import copy
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from hydra._internal.config_loader_impl import ConfigLoaderImpl, get_overrides_dirname
from hydra._internal.config_repository import IConfigRepository
from hydra.core.config_loader import ConfigLoader
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from hydra.core.utils import env_override
from hydra.errors import HydraException
from hydra.plugins.config_source import ConfigResult
from omegaconf import AnyNode, DictConfig, ListConfig, Node, OmegaConf, open_dict, read_write
from omegaconf.errors import OmegaConfBaseException

# A key and a number, as Hydra's grammar has them; its parser takes half a millisecond for one.
NUMBER = re.compile(r"([A-Za-z_]\w*)=([+-]?(?:0|[1-9]\d{0,15})(\.\d{1,20})?)", re.ASCII)


class Parsed(NamedTuple):
    override: Override
    stock: bool  # only Hydra itself can handle it
    chooses: bool  # chooses a file of a group, rather than a value
    plain: bool  # `key=value`, of scalars or lists of them, no interpolation


class Base(NamedTuple):
    """What the jobs have in common whose overrides differ in plain ones only."""

    values: dict[str, Any]  # resolved, if `late` is None
    late: DictConfig | None  # what is to be resolved for each job, its values known
    nested: tuple[str, ...]  # the keys that hold lists or dicts
    open: frozenset[str]  # the keys that a plain override replaces, and nothing else touches

    def with_values(self, overrides: Sequence[Override]) -> dict[str, Any]:
        changes = {override.key_or_group: override.value() for override in overrides}
        if self.late is not None:
            app = copy.deepcopy(self.late)
            for key, value in changes.items():
                app[key] = value
            return _plain_values(app)
        own = {key: copy.deepcopy(self.values[key]) for key in self.nested}
        return {**self.values, **own, **changes}


class Files:
    """A repository of Hydra's in which each file is read once, and from then on copied.

    Hydra itself forgets what it has read after each job.
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
        strict: compose every job the stock way.
    """

    def __init__(self, loader: ConfigLoader, master: DictConfig, strict: bool = False):
        self.loader = copy.copy(loader)
        self.loader.repository = Files(loader.repository)
        self.master = master
        self.strict = strict
        self.seconds = 0.0  # spent in `attempt` and `refuses`
        self._parser = OverridesParser.create(config_loader=loader)
        self._parse = lru_cache(maxsize=1 << 16)(self._parse)
        self._parse_in_full = lru_cache(maxsize=1 << 16)(self._parse_in_full)
        self._is_group = lru_cache(maxsize=None)(self._is_group)
        self._compose_groups = lru_cache(maxsize=256)(self._compose_groups)
        self._base = lru_cache(maxsize=256)(self._base)
        self._alone = lru_cache(maxsize=4096)(self._alone)

    def compose(self, overrides: Sequence[str], number: int = 0) -> dict[str, Any]:
        """The application's configuration for a job: plain values, resolved, without `hydra`.

        Raises:
            HydraException, OmegaConfBaseException: as Hydra raises them for the same job.
        """
        base, changes = self._taken_apart(overrides)
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
        parsed = [self._parse(text) for text in overrides]
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
        """What `action` returns or raises; the time it takes is composing."""
        began = time.perf_counter()
        try:
            return action(overrides, number)
        except Exception as error:
            return error
        finally:
            self.seconds += time.perf_counter() - began

    def _check(self, overrides: Sequence[str], number: int) -> None:
        base, _ = self._taken_apart(overrides)
        if base is None or base.late is not None:  # else plain values replace plain values
            self.compose(overrides, number)

    def _taken_apart(self, overrides: Sequence[str]) -> tuple[Base | None, list[Override]]:
        """A Base, if there is one for such a job, and the overrides that are to be put into it."""
        if self.strict:
            return None, []
        parsed = [self._parse(text) for text in overrides]
        changes = [p.override for p in parsed if p.plain]
        base = self._base(tuple(p.override.input_line for p in parsed if not p.plain))
        fits = base is not None and all(o.key_or_group in base.open for o in changes)
        return (base, changes) if fits else (None, [])

    def _parse(self, text: str) -> Parsed:
        found = NUMBER.fullmatch(text)
        if not found:
            return self._parse_in_full(text)
        key, number, fraction = found.groups()
        try:
            like = self._parse_in_full(f"{key}=1")  # all that is to be known but the number
        except HydraException:
            return self._parse_in_full(text)
        value = float(number) if fraction else int(number)
        return like._replace(override=replace(like.override, _value=value, input_line=text))

    def _parse_in_full(self, text: str) -> Parsed:
        [override] = self._parser.parse_overrides([text])
        value = override.value()
        name = override.key_or_group
        stock = override.is_sweep_override() or override.is_hydra_override() or name == "hydra"
        chooses = not stock and not isinstance(value, dict) and self._is_group(name)
        changes = override.type is OverrideType.CHANGE and override.package is None
        plain = not stock and not chooses and changes and "." not in name and _is_plain(value)
        return Parsed(override, stock, chooses, plain)

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
        """The base of the jobs that have these overrides and plain ones; None if there is none."""
        try:
            app = self.job(overrides, 0)
            sets_environment = bool(app.hydra.job.env_set)
            _remove_hydra(app)
            values = OmegaConf.to_container(app)
            texts = [text for text in _texts(values) if "${" in text]
            if sets_environment or not all(map(_stays_within, texts)):
                return None
            late = any(text.count("${") != text.count("${oc.env:") for text in texts)
            if not late:
                values = _plain_values(app)
        except (HydraException, OmegaConfBaseException, ValueError):
            return None  # jobs with these overrides fail, and each shall say why itself
        nested = tuple(key for key, value in values.items() if isinstance(value, (dict, list)))
        touched = {re.split(r"[.\[]", self._parse(o).override.key_or_group)[0] for o in overrides}
        open_ = {key for key in values if _takes_anything(app._get_node(key))} - touched
        return Base(values, app if late else None, nested, frozenset(open_))


def resolve(config: DictConfig) -> dict[str, Any]:
    """What a job sees of its configuration: no `hydra` node, `${hydra:...}` answered by its own."""
    with current(config), env_override(config.hydra.job.env_set):
        return _plain_values(without_hydra(config))


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
    """A copy, without its `hydra` node: what Hydra gives to an application."""
    app = copy.deepcopy(config)
    _remove_hydra(app)
    return app


def _remove_hydra(config: DictConfig) -> None:
    with read_write(config), open_dict(config):
        del config["hydra"]


def _plain_values(app: DictConfig) -> dict[str, Any]:
    return OmegaConf.to_container(app, resolve=True, throw_on_missing=True)


def _apply(overrides: Sequence[Override], config: DictConfig) -> None:
    ConfigLoaderImpl._apply_overrides_to_config(list(overrides), config)


def _record(overrides: Sequence[Override], config: DictConfig) -> None:
    """Notes a job's overrides where Hydra notes them."""
    config.hydra.overrides.task = [override.input_line for override in overrides]
    job = config.hydra.job
    job.override_dirname = get_overrides_dirname(overrides, **job.config.override_dirname)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, str):
        return value != "???" and "${" not in value
    return value is None or isinstance(value, (bool, int, float))


def _takes_anything(node: Node) -> bool:
    """Whether an override may put any scalar or list there, and it replaces what was there."""
    if isinstance(node, ListConfig):
        untyped = node._metadata.ref_type is Any and node._metadata.element_type is Any
    else:
        untyped = type(node) is AnyNode
    return untyped and not node._get_flag("readonly")


def _stays_within(text: str) -> bool:
    """Whether its interpolations see only the application's own keys and the environment."""
    return ":" not in re.sub(r"\$\{oc\.[a-z.]+:", "", text)


def _texts(value: Any) -> Iterator[str]:
    """Every string in nested plain values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
