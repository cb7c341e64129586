"""Knobs that do not go together: each value is allowed, the combination is not."""

from dataclasses import replace

from experiments.schema.fields import Number
from experiments.schema.sizes import (
    ONE_A_FEATURE,
    has_own_size,
    kept,
    memory,
    n_parameters,
    problem,
    shape,
)
from experiments.schema.sklearn_models import PEERS, like
from experiments.schema.sklearn_models import clashes as clashes_of_peers
from experiments.schema.sources import REAL
from scratchml.datasets import DATASETS
from scratchml.losses import LOSSES
from scratchml.models import OUTPUT_OF_PROBLEM

MEMORY_LIMIT = 8 * 2**30  # bytes that one net may ask for, or what a run keeps of all its nets
LAYERED = ("dead_units", "born_dead", "distinct_units", "linear_regions", "signal_norm_by_layer")


def usual_loss(config):
    """The loss that is meant where none is named."""
    if config.model == "perceptron":
        return "perceptron"
    if config.model in PEERS:
        return "cross_entropy"
    linear = config.model == "linear" or problem(config) == "regression"
    return "squared_error" if linear else "cross_entropy"


def clashes(config, kinds):
    """Yields a sentence for each pair of knobs that do not go together."""
    real = REAL.get(config.dataset)
    takes = () if real else DATASETS[config.dataset].knobs
    specific = {name for dataset in DATASETS.values() for name in dataset.knobs}
    for name in kinds:
        if name in specific and name not in takes and getattr(config, name) is not None:
            yield f"{name} has no meaning for dataset {config.dataset}; leave it out"
        if name in takes and getattr(config, name) is None:
            needed = replace(kinds[name], optional=False)
            yield f"{name} must be {needed} for dataset {config.dataset}; got null"
    model = like(config.model)
    for name in ("width", "depth", "activation"):
        value, needed = getattr(config, name), replace(kinds[name], optional=False)
        if model == "mlp" and value is None:
            yield f"{name} must be {needed} for model {config.model}; got null"
        if model != "mlp" and value is not None:
            yield f"{name} has no meaning for model {config.model}; leave it out"
    if config.model in PEERS:
        yield from clashes_of_peers(config)
    elif config.sklearn is not None:
        yield f"sklearn has no meaning for model {config.model}; leave it out"
    kind = problem(config)
    if config.model == "perceptron" and kind != "binary":
        has = "is a regression" if kind == "regression" else "has more"
        yield f"model perceptron needs two classes; dataset {config.dataset} {has}"
    elif (model == "logistic" or config.model in PEERS) and kind == "regression":
        yield f"model {config.model} needs classes; dataset {config.dataset} is a regression"
    else:
        output = {"perceptron": "step", "linear": "identity"}.get(
            config.model, OUTPUT_OF_PROBLEM[kind]
        )
        if (output, config.loss) not in LOSSES:
            allowed = [name for o, name in LOSSES if o == output]
            yield (
                f"loss must be one of {allowed} for model {config.model} on dataset "
                f"{config.dataset}; got {config.loss!r}"
            )
    if kind == "regression" and config.label_noise:
        yield f"label_noise needs classes; dataset {config.dataset} is a regression"
    if kind == "regression" and config.stop == "solved":
        yield f"stop=solved needs classes; dataset {config.dataset} is a regression"
    if not config.bias and model == "mlp":
        yield f"bias must be true for model {config.model}; got false"
    if config.table is not None and config.inputs is not None:
        if config.table >= 2**2**config.inputs:
            yield (
                f"table must be {Number(0, 2**2**config.inputs - 1, whole=True)} "
                f"for inputs={config.inputs}; got {config.table}"
            )
    if real and config.n_samples:
        most = real.n_samples - round(real.n_samples * config.test_fraction)
        if config.n_samples > most:
            yield (
                f"n_samples must be at most {most} for dataset {config.dataset} with "
                f"test_fraction={config.test_fraction:g}; got {config.n_samples}"
            )
    if not real and config.n_samples is None and not has_own_size(config.dataset):
        yield f"n_samples must be {Number(1, whole=True)} for dataset {config.dataset}; got null"
    if not real and config.n_samples == 1 and config.dataset == "sawtooth":
        yield "n_samples must be a whole number >= 2 for dataset sawtooth; got 1"
    if config.dataset in ONE_A_FEATURE and config.n_samples is not None:
        yield f"n_samples has no meaning for dataset {config.dataset} (one a feature); leave it out"
    if config.dataset == "blobs" and (config.n_classes or 0) > 2 and config.n_features == 1:
        yield f"n_features must be >= 2 for blobs of n_classes={config.n_classes}; got 1"
    fixed = not real and not DATASETS[config.dataset].drawn or config.dataset in ONE_A_FEATURE
    if config.test_fraction and fixed and not config.noise:
        yield (
            f"test_fraction must be 0 for dataset {config.dataset} without noise, where held-out "
            f"examples would be those trained on; got {config.test_fraction:g}"
        )
    if (config.start is not None) != (config.init == "given"):
        start = "null" if config.start is None else list(config.start)
        yield f"init=given and start go together; got init={config.init}, start={start}"
    if config.init == "sawtooth":
        if (config.model, config.width, config.activation) != ("mlp", 2, "relu") or (
            config.dataset not in ("sawtooth", "chebyshev") or config.depth == 0
        ):
            yield "init=sawtooth needs model=mlp, width=2, activation=relu and one input"
    if config.init == "integer" and config.init_scale != int(config.init_scale):
        yield f"init_scale must be a whole number for init=integer; got {config.init_scale:g}"
    convex = config.model in ("logistic", "linear") and config.loss == usual_loss(config)
    if config.optimizer == "newton" and not convex:
        yield "optimizer=newton needs a convex loss: model logistic or linear with its usual loss"
    if config.optimizer == "newton" and config.batch_size is not None:
        yield f"batch_size must be null for optimizer=newton; got {config.batch_size}"
    if config.lr_unit == "critical" and not convex:
        yield "lr_unit=critical needs a convex loss: model logistic or linear with its usual loss"
    if config.stop in ("loss", "gradient", "no_progress"):
        if config.stop_at is None:
            yield f"stop_at must be {Number(0, open=True)} for stop={config.stop}; got null"
        elif config.stop == "no_progress" and config.stop_at != int(config.stop_at):
            yield f"stop_at must be a whole number for stop=no_progress; got {config.stop_at:g}"
    elif config.stop_at is not None:
        yield f"stop_at has no meaning for stop={config.stop}; leave it out"
    for name in config.measure:
        if model != "mlp" and name in LAYERED:
            yield f"measure={name} needs hidden layers; model {config.model} has none"
        if model == "mlp" and config.depth == 0 and name in LAYERED:
            yield f"measure={name} needs hidden layers; got depth=0"
    n_inputs = shape(config)[1]
    if "linear_regions" in config.measure and (n_inputs != 1 or config.activation != "relu"):
        yield "measure=linear_regions needs one input and activation=relu"
    if config.start is not None and len(config.start) != n_parameters(config):
        yield (
            f"start must be a list of {n_parameters(config)} numbers for this model; "
            f"got {len(config.start)}"
        )
    size, stored = memory(config), kept(config)
    limit = f"the limit is {MEMORY_LIMIT / 2**30:.0f} GiB"
    if size > MEMORY_LIMIT:
        yield (
            f"one net needs about {size / 2**30:,.0f} GiB; {limit} "
            "(n_samples, width, depth, records and paths decide)"
        )
    elif stored > MEMORY_LIMIT:
        yield (
            f"what is kept of {config.seeds:,} nets needs about {stored / 2**30:,.0f} GiB; {limit} "
            "(seeds, records and paths decide)"
        )
