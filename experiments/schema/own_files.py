"""Choices of groups that have no file in conf/, for Hydra: data sets and models of one's own."""

from collections.abc import Iterator
from contextlib import contextmanager

from hydra.core.config_store import ConfigStore

from experiments.schema import defaults


@contextmanager
def in_hydra() -> Iterator[None]:
    """Inside, Hydra finds each choice of `defaults.OWN`, as it finds a file of conf/."""
    store, choices = ConfigStore.instance(), dict(defaults.OWN)
    try:
        for (group, name), knobs in choices.items():
            store.store(name, knobs, group, package="_global_", provider="scratchml")
        yield
    finally:
        for group, name in choices:
            store.repo.get(group, {}).pop(f"{name}.yaml", None)
            if not store.repo.get(group, True):  # an empty group is a group to Hydra
                del store.repo[group]
