"""A lesson's own sweep, from its file in conf/lesson/, small enough for a test."""

from itertools import product

from omegaconf import OmegaConf
from support import configurations, stored, stores

from analysis.data import load

SELF = {"experiment", "defaults", "hydra"}


def configs(name, keep=lambda knobs: True, **changes):
    """The configurations of a lesson's grids, with the knobs of `changes` on top.

    Args:
        keep: of a configuration's knobs, whether it takes part.
    """
    lesson = OmegaConf.to_container(OmegaConf.load(configurations.CONF / "lesson" / f"{name}.yaml"))
    groups = [default for default in lesson.get("defaults", []) if isinstance(default, dict)]
    chosen = {key.rpartition("/")[2]: value for one in groups for key, value in one.items()}
    common = chosen | {key: value for key, value in lesson.items() if key not in SELF}
    jobs = []
    for grid in lesson["hydra"]["sweeper"]["grids"]:
        for values in product(*map(_axis, grid.values())):
            knobs = common | dict(zip(grid, values, strict=True))
            if keep(knobs):
                jobs.append(configurations.config(**knobs | changes))
    return jobs


def _axis(value):
    """The values of an axis: a list, a range written as in Hydra, or one value."""
    if isinstance(value, str) and value.startswith("range("):
        return range(*map(int, value[6:-1].split(",")))
    return value if isinstance(value, list) else [value]


def sweep(tmp_path_factory, name, jobs, results=None):
    """The lesson's data: `jobs` trained (or `results` in place of training), stored and read."""
    uri = stores.empty_store(tmp_path_factory, tmp_path_factory.mktemp(name))
    stored.sweep(uri, name, jobs, results=results)
    return load(name, uri)


def verdicts(claims):
    """{sentence: whether it holds}"""
    return {claim.sentence: claim.holds for claim in claims}
