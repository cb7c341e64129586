"""Knobs that do not go together: each value is allowed, the combination is not.

One generator of sentences for each topic. The facts stand in the tables of `scratchml`, in
`sources` and in `experiments.models`; this module asks them.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from experiments.models import MODELS
from experiments.models.interface import row, usual_loss
from experiments.schema.defaults import defaults
from experiments.schema.fields import LARGEST, Field, Number
from experiments.schema.hints import shown
from experiments.schema.sentences import meaningless, must_be, needs
from experiments.schema.sizes import hidden, memory, n_parameters, results
from experiments.schema.sources import names, problem, shape, source
from scratchml import models
from scratchml.activations import ACTIVATIONS
from scratchml.backprop import BACKPROP
from scratchml.diagnostics import DIAGNOSTICS
from scratchml.initializers import INITIALIZERS
from scratchml.losses import losses_of
from scratchml.optimizers import OPTIMIZERS
from scratchml.problems import PROBLEMS
from scratchml.stopping import STOPS

if TYPE_CHECKING:
    from experiments.schema.config import Config

GIB = 2**30
MEMORY_LIMIT = 8 * GIB  # bytes that one net may need, or that the results of a run may need
GIVEN = "given"  # the value of init that takes the weights from the knob start

Fields = Mapping[str, Field]


def constraints(config: "Config", fields: Fields) -> Iterator[str]:
    """Yields a sentence for each pair of knobs that do not go together.

    Args:
        config: the Config.
        fields: what each knob allows by itself, {knob: Field}.
    """
    for topic in (data, model, loss, start, optimizer, stop, measure, size):
        yield from topic(config, fields)


def data(config: "Config", fields: Fields) -> Iterator[str]:
    """The knobs of one data set, and what its examples allow."""
    name, own = config.dataset, source(config.dataset)
    every = [source(each) for each in names()]
    for knob in dict.fromkeys(knob for each in every for knob in (*each.knobs, *each.takes)):
        value = getattr(config, knob)
        if knob in own.knobs and value is None:
            yield must_be(knob, fields[knob], f"for dataset {name}", None)
        if knob not in (*own.knobs, *own.takes) and value is not None:
            yield meaningless(knob, f"dataset {name}")
    yield from own.constraints(vars(config))
    facts = PROBLEMS[problem(config)]
    if config.label_noise and not facts.classes:
        yield needs("label_noise", "classes", f"dataset {name} {facts.says}")
    if config.target_scaling != "none" and facts.classes:
        yield needs("target_scaling", "a regression", f"dataset {name} {facts.says}")
    if config.class_weight and not facts.exclusive:
        yield needs("class_weight", "classes", f"dataset {name} {facts.says}")


def model(config: "Config", fields: Fields) -> Iterator[str]:
    """The knobs of one model, and the problems that it can learn."""
    name, entry = f"model {config.model}", MODELS[config.model]
    form = row(entry).knobs
    for knob in dict.fromkeys(k for each in models.MODELS.values() for k in each.knobs):
        value = getattr(config, knob)
        if knob in form and value is None:
            yield must_be(knob, fields[knob], f"for {name}", None)
        allowed = (*form, *entry.takes)
        if knob not in allowed and value is not None and fields[knob].optional:
            yield meaningless(knob, name)
    if config.backprop != defaults()["backprop"]:
        if not hidden(config)[1]:
            yield needs(f"backprop={config.backprop}", "hidden layers", f"{name} has none")
        yield from BACKPROP[config.backprop].constraints(vars(config), shape(config))
    if not config.bias and "bias" not in form:
        yield must_be("bias", "true", f"for {name}", False)
    for knob in dict.fromkeys(knob for each in MODELS.values() for knob in each.takes):
        if getattr(config, knob) is not None and knob not in (*entry.takes, *form):
            yield meaningless(knob, name)
    for knob in entry.ignores:
        if getattr(config, knob) != _untouched(config, knob, fields[knob]):
            yield meaningless(knob, f"{name}, {entry.instead}")
    yield from entry.constraints(config)
    kind = problem(config)
    if kind not in entry.problems:
        wanted = "two classes" if entry.problems == ("binary",) else "classes"
        other = next(model for model, each in MODELS.items() if kind in each.problems)
        because = f"dataset {config.dataset} {PROBLEMS[kind].says}; model={other} can learn that"
        yield needs(name, wanted, because)


def _untouched(config, knob, field):
    """A knob's value where nobody has set it."""
    value = defaults(config.dataset, config.model).get(knob)
    if knob == "loss" and value is None:
        return usual_loss(MODELS[config.model], problem(config))
    return None if value is None else field.parse(value)


def loss(config: "Config", fields: Fields) -> Iterator[str]:
    """Losses go with what the output units do."""
    entry, kind = MODELS[config.model], problem(config)
    if kind in entry.problems and "loss" not in entry.ignores:
        allowed = losses_of(row(entry).outputs[kind])
        if config.loss not in allowed:
            where = f"for model {config.model} on dataset {config.dataset}"
            yield must_be("loss", f"one of {allowed}", where, config.loss)


def start(config: "Config", fields: Fields) -> Iterator[str]:
    """The initial weights."""
    if (config.start is not None) != (config.init == GIVEN):
        given = shown(None if config.start is None else list(config.start))
        yield f"init={GIVEN} and start go together; got init={config.init}, start={given}"
    elif config.start is not None and len(config.start) != n_parameters(config):
        numbers = f"a list of {n_parameters(config)} numbers"
        yield f"start must be {numbers} for this model; got {len(config.start)}"
    if config.init != GIVEN:
        yield from INITIALIZERS[config.init].constraints(vars(config), shape(config))


def optimizer(config: "Config", fields: Fields) -> Iterator[str]:
    """Steps that need second derivatives, or all examples."""
    facts = OPTIMIZERS[config.optimizer]
    convex = row(MODELS[config.model]).convex
    if not convex or config.loss != usual_loss(MODELS[config.model], problem(config)):
        able = " or ".join(name for name, each in models.MODELS.items() if each.convex)
        because = f"model {able} with its usual loss"
        if facts.needs_convex:
            yield f"optimizer={config.optimizer} needs a convex loss: {because}"
        if config.lr_unit == "critical":
            yield f"lr_unit=critical needs a convex loss: {because}"
    if facts.full_batch and config.batch_size is not None:
        yield must_be("batch_size", "null", f"for optimizer={config.optimizer}", config.batch_size)


def stop(config: "Config", fields: Fields) -> Iterator[str]:
    """The rule by which a net stops, and its threshold."""
    facts, at, where = STOPS[config.stop], config.stop_at, f"for stop={config.stop}"
    kind = PROBLEMS[problem(config)]
    if facts.needs_classes and not kind.classes:
        because = f"dataset {config.dataset} {kind.says}"
        yield needs(f"stop={config.stop}", "classes", because)
    if facts.held_out and not (config.test_fraction or config.split == "column"):
        yield needs(f"stop={config.stop}", "held-out examples", "got test_fraction=0")
    if facts.needs_stop_at and at is None:
        yield must_be("stop_at", Number(0, open=True), where, None)
    elif facts.whole and at is not None and at != int(at):
        yield f"stop_at must be a whole number {where}; got {at:g}"
    elif not facts.needs_stop_at and at is not None:
        yield meaningless("stop_at", f"stop={config.stop}")


def measure(config: "Config", fields: Fields) -> Iterator[str]:
    """Diagnostics that need a certain net."""
    layered, one_input = row(MODELS[config.model]).layered, shape(config)[1] == 1
    for name in config.measure:
        required = DIAGNOSTICS[name].needs
        if "hidden" in required and not (layered and config.depth):
            because = "got depth=0" if layered else f"model {config.model} has none"
            yield needs(f"measure={name}", "hidden layers", because)
        activations = [need for need in required if need in ACTIVATIONS]
        missing = "one_input" in required and not one_input
        if missing or any(config.activation != each for each in activations):
            words = ["one input"] * ("one_input" in required)
            words += [f"activation={each}" for each in activations]
            yield f"measure={name} needs {' and '.join(words)}"


def size(config: "Config", fields: Fields) -> Iterator[str]:
    """What one net and one run may need of a machine."""
    if config.seed + config.seeds - 1 > LARGEST:
        yield f"the last seed, seed + seeds - 1, must be at most {LARGEST}"
    net, run, limit = memory(config), results(config), f"the limit is {MEMORY_LIMIT / GIB:.0f} GiB"
    if net > MEMORY_LIMIT:
        yield (
            f"one net needs about {net / GIB:,.0f} GiB; {limit} "
            "(n_samples, width, depth, records and paths decide)"
        )
    elif run > MEMORY_LIMIT:
        yield (
            f"the results of {config.seeds:,} nets need about {run / GIB:,.0f} GiB; {limit} "
            "(seeds, records and paths decide)"
        )
