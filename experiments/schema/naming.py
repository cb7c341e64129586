"""A run's readable name, such as `xor mlp tanh w=4 lr=0.1 he x100`.

A name says which knobs differ from the defaults of conf/. It leaves out knobs of the bookkeeping,
such as `records`, so two runs may share a name; fingerprints tell them apart. In a sweep a name
begins with the knobs that vary.
"""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.models import MODELS
from experiments.models.interface import Word, usual_loss
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
UNUSUAL = object()  # equal to no value


def name(config: "Config", varied: Collection[str] = ()) -> str:
    """The name of a configuration's run.

    Args:
        varied: knobs that the run's sweep varies. Their words come first, and are there also where
            the value is the default: MLflow's charts show the beginning of a name only.
    """
    varied = {knob.partition(".")[0] for knob in varied}
    entry, meaningful = MODELS[config.model], config.canonical()
    usual = {**defaults(), **PLAIN, "loss": usual_loss(entry, problem(config))}
    usual |= dict.fromkeys(varied, UNUSUAL)
    words = [*_of_net(config, meaningful, usual), *entry.words(config, usual)]
    said = {"seeds", *(knob for word in words for knob in word.knobs)}
    words += [
        Word(f"{knob}={_written(meaningful[knob])}", knob)
        for knob in dict.fromkeys((*SHOWN, *sorted(varied - said)))
        if knob in meaningful and meaningful[knob] != usual[knob]
    ]
    words.append(Word(f"x{config.seeds}", "seeds"))
    words.sort(key=lambda word: varied.isdisjoint(word.knobs))
    return " ".join(word.text for word in words)


def _of_net(config, meaningful, usual):
    """Yields words for the data set, the model and the size of the net."""
    table = meaningful.get("table")
    dataset = config.dataset if table is None else f"{config.dataset}-{table}"
    if config.path is not None:
        dataset = f"{Path(config.path).name}:{','.join(config.target)}"
    yield Word(dataset, "dataset", "table", "path", "target")
    yield Word(config.model.rpartition(":")[2], "model")
    if config.width is not None:
        if config.activation:
            yield Word(config.activation, "activation")
        yield Word(f"w={config.width}", "width")
        if config.depth not in (None, usual["depth"]):
            yield Word(f"d={config.depth}", "depth")


def _written(value):
    if isinstance(value, list):
        return ",".join(map(_written, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
