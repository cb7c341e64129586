"""A lesson's own sweep, from its file in conf/lesson/, small enough for a test."""

import copy

from omegaconf import OmegaConf
from support import composing, stored, stores

from analysis.data import load
from experiments.schema.config import Config


def configs(name, keep=lambda knobs: True, **changes):
    """The configurations of a lesson's grids, with the knobs of `changes` on top.

    Args:
        keep: whether a configuration takes part, by the knobs that the lesson's file gives it.
    """
    common = OmegaConf.load(composing.CONF / "lesson" / f"{name}.yaml").keys()
    found = []
    for overrides, mapping in composing.jobs(f"+lesson={name}"):
        written = {*common, *(override.partition("=")[0] for override in overrides)}
        if keep({knob: mapping[knob] for knob in written & mapping.keys()}):
            found.append(Config.from_mapping(copy.deepcopy(mapping) | changes))
    return found


def sweep(tmp_path_factory, name, jobs, results=None):
    """The lesson's data: `jobs` trained (or `results` in place of training), stored and read."""
    uri = stores.empty_store(tmp_path_factory, tmp_path_factory.mktemp(name))
    stored.sweep(uri, name, jobs, results=results)
    return load(name, uri)


def verdicts(claims):
    """{sentence: whether it holds}"""
    return {claim.sentence: claim.holds for claim in claims}
