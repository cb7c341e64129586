"""A run's readable name, such as `xor mlp tanh w=4 lr=0.1 he x100`.

A name says which knobs differ from the defaults of conf/. It leaves out knobs of the bookkeeping,
such as `records`, so two runs may share a name; fingerprints tell them apart.
"""

from typing import TYPE_CHECKING

from experiments.models import MODELS
from experiments.schema.defaults import defaults

if TYPE_CHECKING:
    from experiments.schema.config import Config

# Knobs that a name shows, in this order, where they have a meaning and differ from the default.
SHOWN = (
    *("label_noise", "test_fraction", "scaling", "coding", "order", "batch_size", "l2", "bias"),
    *("inputs", "n_samples", "noise", "condition", "degree", "n_features", "n_classes", "stop"),
    *("seed", "momentum"),
)
# Two inputs and two classes go without saying, whatever a data set's own file has.
PLAIN = {"n_features": 2, "n_classes": 2}


def name(config: "Config") -> str:
    """The name of a configuration's run."""
    usual = {**defaults(), **PLAIN}
    dataset = config.dataset if config.table is None else f"{config.dataset}-{config.table}"
    words = [dataset, config.model]
    if config.width is not None:
        words += [config.activation, f"w={config.width}"]
        words += [f"d={config.depth}"] if config.depth != usual["depth"] else []
    words += MODELS[config.model].words(config)
    meaningful = config.canonical()
    for knob in SHOWN:
        value = meaningful.get(knob, usual[knob])
        if value != usual[knob]:
            words.append(f"{knob}={value:g}" if isinstance(value, float) else f"{knob}={value}")
    return " ".join([*words, f"x{config.seeds}"])
