"""The entries of tables that a configuration reaches, as the objects that compute."""

from typing import TYPE_CHECKING, Any

from experiments.models import MODELS
from experiments.models.interface import row
from experiments.schema import sources
from scratchml.activations import ACTIVATIONS
from scratchml.backprop import BACKPROP
from scratchml.datasets import DATASETS
from scratchml.diagnostics import DIAGNOSTICS
from scratchml.initializers import INITIALIZERS
from scratchml.losses import LOSSES
from scratchml.optimizers import OPTIMIZERS
from scratchml.problems import PROBLEMS
from scratchml.stopping import STOPS

if TYPE_CHECKING:
    from experiments.schema.config import Config


def of(config: "Config") -> dict[str, Any]:
    """{part: objects that compute} of the entries of tables that a configuration reaches."""
    entry, optimizer, stop = MODELS[config.model], OPTIMIZERS[config.optimizer], STOPS[config.stop]
    problem, ignored = sources.problem(config), entry.ignores
    output = row(entry).outputs.get(problem)
    found = {
        f"model {config.model}": _model(entry, output),
        f"problem {problem}": PROBLEMS[problem],
        f"loss {config.loss}": LOSSES.get((output, config.loss)),
    }
    if "optimizer" not in ignored:
        step = optimizer.step, optimizer.slots, optimizer.direction
        found[f"optimizer {config.optimizer}"] = step
    if "stop" not in ignored:
        found[f"stop {config.stop}"] = stop.f, stop.at_points, stop.memory, stop.held_out
    if config.dataset in DATASETS:
        found[f"dataset {config.dataset}"] = _dataset(DATASETS[config.dataset])
    if config.activation is not None:
        found[f"activation {config.activation}"] = ACTIVATIONS[config.activation]
    if config.init in INITIALIZERS and "init" not in ignored:
        found[f"init {config.init}"] = INITIALIZERS[config.init].f
    if row(entry).layered and "backprop" not in ignored:
        rule = BACKPROP[config.backprop]
        found[f"backprop {config.backprop}"] = rule.back, rule.slope, rule.change, rule.random
    for name in config.measure:
        found[f"measure {name}"] = DIAGNOSTICS[name].f
    return found


def _model(entry, output):
    return entry.trainer, row(entry).build, output


def _dataset(made):
    return (
        made.make,
        made.knobs,
        made.n_features,
        made.problem,
        made.size,
        made.drawn,
        made.n_outputs,
    )


def evaluated(knob: str, name: str) -> list:
    """What may compute of an entry that stored runs are evaluated with; a model has its outputs."""
    if knob == "activation":
        return [ACTIVATIONS[name]]
    if knob == "dataset":
        return [_dataset(DATASETS[name])]
    entry = MODELS[name]
    return [_model(entry, output) for output in set(row(entry).outputs.values())]
