"""A run's readable name, such as `xor mlp tanh w=4 lr=0.1 he x100`.

A name says which knobs differ from the defaults of conf/. It leaves out knobs of the bookkeeping,
such as `records`, so two runs may share a name; fingerprints tell them apart.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from experiments.models import MODELS
from experiments.models.interface import usual_loss
from experiments.schema.defaults import defaults
from experiments.schema.sources import problem

if TYPE_CHECKING:
    from experiments.schema.config import Config

# Knobs that a name shows, in this order, where they have a meaning and differ from the default.
SHOWN = (
    *(
        "label_noise",
        "class_weight",
        "weights",
        "missing",
        "features",
        "split",
        "split_by",
        "test_fraction",
        "scaling",
        "target_scaling",
    ),
    *("coding", "order", "batch_size", "l2", "bias", "inputs", "n_samples", "noise", "condition"),
    *("degree", "n_features", "n_classes", "backprop", "stop", "seed", "momentum"),
)
# Two inputs and two classes go without saying, whatever a data set's own file has.
PLAIN = {"n_features": 2, "n_classes": 2}


def name(config: "Config") -> str:
    """The name of a configuration's run."""
    entry = MODELS[config.model]
    usual = {**defaults(), **PLAIN, "loss": usual_loss(entry, problem(config))}
    meaningful = config.canonical()
    table = meaningful.get("table")
    dataset = config.dataset if table is None else f"{config.dataset}-{table}"
    if config.path is not None:
        dataset = f"{Path(config.path).name}:{','.join(config.target)}"
    words = [dataset, config.model.rpartition(":")[2]]
    if config.width is not None:
        words += [config.activation] if config.activation else []
        words += [f"w={config.width}"]
        words += [f"d={config.depth}"] if config.depth not in (None, usual["depth"]) else []
    words += entry.words(config, usual)
    for knob in SHOWN:
        value = meaningful.get(knob, usual[knob])
        if value != usual[knob]:
            words.append(f"{knob}={_written(value)}")
    return " ".join([*words, f"x{config.seeds}"])


def _written(value):
    if isinstance(value, list):
        return ",".join(value)
    return f"{value:g}" if isinstance(value, float) else value
