"""The promise of a run's bits: on which processors its nets have the same, from the same examples.

`scratchml.arithmetic` says why. The digest of a run's data tells whether examples are the same.
"""

from experiments.models import MODELS
from experiments.running.machine_code import without_formula
from experiments.schema.sizes import layers
from scratchml.arithmetic import SMALL, is_small

EVERYWHERE = "the same on every processor"


def promise(config):
    """The promise of a configuration, in words."""
    reason = _why_not_everywhere(config)
    return f"of one kind of processor: {reason}" if reason else EVERYWHERE


def _why_not_everywhere(config):
    if "optimizer" in MODELS[config.model].ignores:
        return f"{config.model} trains by its own code"
    if not is_small(layers(config)):
        return f"BLAS computes layers of more than {SMALL:,} weights"
    if config.lr_unit == "critical":
        return "LAPACK computes the critical learning rate"
    return without_formula(config)
