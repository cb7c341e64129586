"""Settings of the launcher and the sweeper: `hydra/launcher=stacked`, `hydra/sweeper=stacked`."""

from dataclasses import dataclass
from typing import Any

from hydra.core.config_store import ConfigStore


@dataclass
class StackedLauncherConf:
    _target_: str = "hydra_plugins.scratchml_stacked.launcher.StackedLauncher"
    strict: bool = False  # compose every job as stock Hydra does


@dataclass
class StackedSweeperConf:
    _target_: str = "hydra_plugins.scratchml_stacked.sweeper.StackedSweeper"
    max_batch_size: int | None = None  # how many jobs are launched together; null is all
    params: dict[str, str] | None = None  # as in Hydra's basic sweeper
    grids: list[dict[str, Any]] | None = None  # knob -> values; see _grids.py


ConfigStore.instance().store(
    group="hydra/launcher", name="stacked", node=StackedLauncherConf, provider="scratchml"
)
ConfigStore.instance().store(
    group="hydra/sweeper", name="stacked", node=StackedSweeperConf, provider="scratchml"
)
