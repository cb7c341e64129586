"""Configurations as `scratchml train` composes them: by Hydra, with the project's own plugins."""

from functools import cache
from pathlib import Path

from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode

from hydra_plugins.scratchml_stacked._compose import Composer
from hydra_plugins.scratchml_stacked._grids import expand

CONF = Path(__file__).parents[2] / "conf"


@cache
def composer(*arguments):
    """The Composer of the sweep that `scratchml train -m ...` launches with these arguments."""
    with initialize_config_dir(str(CONF), job_name="train", version_base="1.3"):
        hydra = GlobalHydra.instance().hydra
        overrides = ["hydra.mode=MULTIRUN", *arguments]
        master = hydra.compose_config("config", overrides, RunMode.MULTIRUN)
    return Composer(hydra.config_loader, master)


@cache
def jobs(*arguments):
    """[(overrides, mapping)] of the jobs of that sweep."""
    composing = composer(*arguments)
    grids = composing.master.hydra.sweeper.grids
    found = expand(grids, None, arguments, composing.loader)
    return [(job, composing.compose(job)) for job in found]
