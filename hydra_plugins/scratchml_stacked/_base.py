"""The base of jobs whose overrides differ in plain values only: composed once, copied for each."""

import copy
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from hydra.core.override_parser.types import Override
from omegaconf import AnyNode, DictConfig, ListConfig, Node, OmegaConf, open_dict, read_write


class Base(NamedTuple):
    """The configuration that such jobs have in common."""

    values: dict[str, Any]  # resolved, if `late` is None
    late: DictConfig | None  # to be resolved for each job, when its values are known
    nested: tuple[str, ...]  # the keys that hold lists or dicts
    open: frozenset[str]  # the keys that a plain override replaces, and nothing else touches

    def with_values(self, overrides: Sequence[Override]) -> dict[str, Any]:
        """The configuration of a job, as plain values."""
        changes = {override.key_or_group: override.value() for override in overrides}
        if self.late is not None:
            app = copy.deepcopy(self.late)
            for key, value in changes.items():
                app[key] = value
            return plain_values(app)
        own = {key: copy.deepcopy(self.values[key]) for key in self.nested}
        return {**self.values, **own, **changes}


def base_of(job: DictConfig, touched: set[str]) -> Base | None:
    """The Base that a composed job gives; None if its interpolations reach too far.

    Args:
        job: a job's whole configuration, which loses its `hydra` node.
        touched: the top keys that its overrides change.
    """
    sets_environment = bool(job.hydra.job.env_set)
    remove_hydra(job)
    values = OmegaConf.to_container(job)
    texts = [text for text in _texts(values) if "${" in text]
    if sets_environment or not all(map(_stays_within, texts)):
        return None
    late = any(text.count("${") != text.count("${oc.env:") for text in texts)
    if not late:
        values = plain_values(job)
    nested = tuple(key for key, value in values.items() if isinstance(value, (dict, list)))
    replaceable = {key for key in values if _takes_anything(job._get_node(key))}
    return Base(values, job if late else None, nested, frozenset(replaceable - touched))


def plain_values(app: DictConfig) -> dict[str, Any]:
    """A configuration as dicts, lists and scalars; all interpolations are resolved."""
    return OmegaConf.to_container(app, resolve=True, throw_on_missing=True)


def remove_hydra(config: DictConfig) -> None:
    """Takes the `hydra` node out of a configuration."""
    with read_write(config), open_dict(config):
        del config["hydra"]


def _takes_anything(node: Node) -> bool:
    """Whether an override may put any scalar or list there, and it replaces the present value."""
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
