"""The schema of conf/: every knob's type and limits, and a configuration's identity.

`conf/config.yaml` holds the defaults and the meaning of each knob; what is allowed stands here, in
most cases as a table of the library, so that a new activation is allowed by existing.
"""

import dataclasses
import difflib
import hashlib
import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import scratchml
from experiments.data import REAL
from experiments.errors import ConfigError
from scratchml.activations import ACTIVATIONS
from scratchml.datasets import DATASETS, TABLES, is_drawn, truth_table
from scratchml.diagnostics import DIAGNOSTICS
from scratchml.initializers import INITIALIZERS
from scratchml.losses import LOSSES
from scratchml.models import MODELS, OUTPUT_OF_TASK
from scratchml.optimizers import OPTIMIZERS
from scratchml.training import STOPS

ALIASES = {"random": "uniform"}
MEMORY_LIMIT = 8 * 2**30  # bytes that one net may ask for


# --- kinds of values ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """One of some words."""

    options: tuple
    optional: bool = False

    def __str__(self):
        return f"one of {list(self.options)}" + (" or null" if self.optional else "")

    def parse(self, value):
        if isinstance(value, str) and value in self.options:
            return ALIASES.get(value, value)
        raise ValueError


@dataclass(frozen=True)
class Number:
    """A number, whole or not, within limits; a limit that is `open` is not itself allowed."""

    low: float
    high: float = math.inf
    whole: bool = False
    open: bool = False
    optional: bool = False

    def __str__(self):
        what = "a whole number" if self.whole else "a number"
        if self.high < math.inf:
            limits = f"from {self.low:g} to {self.high:g}"
            limits += ", without the ends" if self.open else ""
        elif self.low == -math.inf:
            limits = ""
        else:
            limits = f"{'>' if self.open else '>='} {self.low:g}"
        return f"{what} {limits}".strip() + (" or null" if self.optional else "")

    def parse(self, value):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError
        if not math.isfinite(value) or (self.whole and value != int(value)):
            raise ValueError
        inside = self.low < value < self.high if self.open else self.low <= value <= self.high
        if not inside:
            raise ValueError
        return int(value) if self.whole else float(value)


@dataclass(frozen=True)
class Flag:
    """true or false."""

    optional: bool = False

    def __str__(self):
        return "true or false"

    def parse(self, value):
        if isinstance(value, bool):
            return value
        raise ValueError


@dataclass(frozen=True)
class Many:
    """A list, each of one kind."""

    each: object
    optional: bool = False

    def __str__(self):
        return f"a list, each {self.each}" + (" or null" if self.optional else "")

    def parse(self, value):
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise ValueError
        return tuple(self.each.parse(one) for one in value)


@dataclass(frozen=True)
class Text:
    """Any text that is not empty."""

    optional: bool = False

    def __str__(self):
        return "a text" + (" or null" if self.optional else "")

    def parse(self, value):
        if isinstance(value, str) and value.strip():
            return value
        raise ValueError


def knob(kind):
    return dataclasses.field(metadata={"kind": kind})


def count(low, optional=False, high=math.inf):
    return knob(Number(low, high, whole=True, optional=optional))


# --- the knobs ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Config:
    """One configuration: all knobs that a run's numbers depend on. See `conf/config.yaml`."""

    dataset: str = knob(Choice((*DATASETS, *REAL)))
    n_samples: int | None = count(1, optional=True)
    noise: float | None = knob(Number(0, optional=True))
    label_noise: float = knob(Number(0, 1))
    test_fraction: float = knob(Number(0, 0.99))
    scaling: str = knob(Choice(("none", "centred", "standard")))
    inputs: int | None = knob(Number(min(TABLES), max(TABLES), whole=True, optional=True))
    table: int | None = count(0, high=255, optional=True)
    coding: str | None = knob(Choice(("binary", "bipolar"), optional=True))
    order: str | None = knob(Choice(("given", "seed"), optional=True))
    n_features: int | None = count(1, optional=True)
    n_classes: int | None = count(2, optional=True)
    condition: float | None = knob(Number(1, optional=True))
    degree: int | None = count(1, optional=True)
    model: str = knob(Choice(tuple(MODELS)))
    width: int | None = count(1, optional=True)
    depth: int | None = count(0, optional=True)
    activation: str | None = knob(Choice(tuple(ACTIVATIONS), optional=True))
    bias: bool = knob(Flag())
    init: str = knob(Choice((*INITIALIZERS, "given", *ALIASES)))
    init_scale: float = knob(Number(0))
    start: tuple | None = knob(Many(Number(-math.inf), optional=True))
    loss: str = knob(Choice(tuple(dict.fromkeys(name for _, name in LOSSES)), optional=True))
    optimizer: str = knob(Choice(tuple(OPTIMIZERS)))
    lr: float = knob(Number(0, open=True))
    lr_unit: str = knob(Choice(("absolute", "critical")))
    momentum: float = knob(Number(0, 1))
    batch_size: int | None = count(1, optional=True)
    shuffle: bool = knob(Flag())
    l2: float = knob(Number(0))
    epochs: int = count(0)
    stop: str = knob(Choice(STOPS))
    stop_at: float | None = knob(Number(0, open=True, optional=True))
    seed: int = count(0)
    seeds: int = count(1)
    records: int = count(2)
    measure: tuple = knob(Many(Choice(tuple(DIAGNOSTICS))))
    paths: bool = knob(Flag())

    @classmethod
    def from_mapping(cls, mapping):
        """The configuration that a composed mapping describes.

        Raises:
            ConfigError: With every problem: unknown keys, values that are not allowed, knobs that do
                not go together, and a size that no machine has.
        """
        knobs = {name: value for name, value in mapping.items() if name not in SETTINGS}
        config = cls(**_parse(KNOBS, knobs))
        if mapping.get("most_seeds"):
            config = dataclasses.replace(config, seeds=min(config.seeds, mapping["most_seeds"]))
        if config.loss is None:
            config = dataclasses.replace(config, loss=_usual_loss(config))
        problems = list(_clashes(config))
        if problems:
            raise ConfigError("\n".join(problems))
        return config

    def knobs(self):
        """All knobs as a mapping."""
        return dict(vars(self))

    def canonical(self):
        """The knobs that matter for this run: those without a meaning here are left out."""
        drop = {name for name, value in vars(self).items() if value is None}
        if self.optimizer not in ("momentum", "nesterov"):
            drop.add("momentum")
        if self.batch_size is None:
            drop.add("shuffle")
        if self.init in ("zero", "given", "sawtooth"):
            drop.add("init_scale")
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in vars(self).items()
            if name not in drop
        }

    def fingerprint(self):
        """SHA-256 over what the run's numbers depend on: its knobs and the mathematics."""
        text = json.dumps(self.canonical(), sort_keys=True)
        return hashlib.sha256((source_digest() + text).encode()).hexdigest()

    def name(self):
        """A readable name, such as `xor mlp tanh w=4 lr=0.1 he x100`; not every knob is in it."""
        words = [self.dataset, self.model]
        if self.table is not None:
            words[0] = f"{self.dataset}-{self.table}"
        if self.model == "mlp":
            words += [self.activation, f"w={self.width}"]
            words += [f"d={self.depth}"] if self.depth != 1 else []
        words += [self.optimizer] if self.optimizer != "sgd" else []
        words += [f"lr={self.lr:g}" + ("c" if self.lr_unit == "critical" else "")]
        scaled = self.init_scale != 1.0 and "init_scale" in self.canonical()
        words += [f"{self.init}*{self.init_scale:g}" if scaled else self.init]
        words += [self.loss] if self.loss != _usual_loss(self) else []
        usual = {"label_noise": 0.0, "test_fraction": 0.0, "scaling": "none", "coding": "binary"}
        usual |= {"order": "given", "batch_size": None, "l2": 0.0, "bias": True, "inputs": 2}
        usual |= {"n_samples": None, "noise": 0.0, "condition": None, "degree": None}
        for name, value in usual.items():
            given = getattr(self, name)
            if given is not None and given != value:
                words.append(f"{name}={given:g}" if isinstance(given, float) else f"{name}={given}")
        return " ".join([*words, f"x{self.seeds}"])


KNOBS = {field.name: field.metadata["kind"] for field in dataclasses.fields(Config)}

# Keys of conf/ that say where and how to run; no number depends on them.
SETTINGS = {
    "experiment": Text(),
    "objective": Text(),
    "resume": Flag(),
    "only": Choice(("all", "failed")),
    "most_seeds": Number(1, whole=True, optional=True),
    "tracking": {"uri": Text(optional=True)},
    "executor": {
        "name": Choice(("serial", "local", "dask")),
        "workers": Number(1, whole=True, optional=True),
        "address": Text(optional=True),
    },
}


def parse_settings(mapping):
    """The settings of a composed mapping, checked; raises ConfigError like Config.from_mapping."""
    settings = {}
    problems = []
    for name, kind in SETTINGS.items():
        try:
            if isinstance(kind, dict):
                nested = {f"{name}.{key}": value for key, value in dict(mapping[name]).items()}
                parsed = _parse({f"{name}.{key}": value for key, value in kind.items()}, nested)
                settings[name] = {key.partition(".")[2]: value for key, value in parsed.items()}
            else:
                settings |= _parse({name: kind}, {name: mapping[name]})
        except ConfigError as error:
            problems.append(str(error))
    if problems:
        raise ConfigError("\n".join(problems))
    return settings


def _parse(kinds, values):
    problems, parsed = [], {}
    for name in values:
        if name not in kinds:
            close = difflib.get_close_matches(name, kinds, 1)
            problems.append(
                f"{name} is not a knob; "
                + (f"did you mean {close[0]}?" if close else f"knobs are {list(kinds)}")
            )
    for name, kind in kinds.items():
        value = values.get(name)
        if value is None and kind.optional:
            parsed[name] = None
            continue
        try:
            parsed[name] = kind.parse(value)
        except (ValueError, TypeError, OverflowError):
            problems.append(f"{name} must be {kind}; got {value!r}")
    if problems:
        raise ConfigError("\n".join(problems))
    return parsed


# --- what does not go together --------------------------------------------------------------------


def task(config):
    """binary, multiclass or regression: what the data's targets are."""
    if config.dataset in REAL:
        n_classes = REAL[config.dataset].n_classes
    elif DATASETS[config.dataset].regression:
        return "regression"
    else:
        n_classes = config.n_classes or 2
    return "binary" if n_classes == 2 else "multiclass"


def _usual_loss(config):
    if config.model == "perceptron":
        return "perceptron"
    linear = config.model == "linear" or task(config) == "regression"
    return "squared_error" if linear else "cross_entropy"


def _clashes(config):
    """Yields a sentence for each pair of knobs that do not go together."""
    real = REAL.get(config.dataset)
    takes = () if real else DATASETS[config.dataset].knobs
    specific = {name for dataset in DATASETS.values() for name in dataset.knobs}
    for name in KNOBS:
        if name in specific and name not in takes and getattr(config, name) is not None:
            yield f"{name} has no meaning for dataset {config.dataset}; leave it out"
        if name in takes and getattr(config, name) is None:
            yield f"{name} must be {KNOBS[name]} for dataset {config.dataset}; got None"
    for name in ("width", "depth", "activation"):
        value = getattr(config, name)
        if config.model == "mlp" and value is None:
            yield f"{name} must be {KNOBS[name]} for model mlp; got None"
        if config.model != "mlp" and value is not None:
            yield f"{name} has no meaning for model {config.model}; leave it out"
    kind = task(config)
    if config.model == "perceptron" and kind != "binary":
        yield f"model perceptron needs two classes; dataset {config.dataset} is {kind}"
    elif config.model == "logistic" and kind == "regression":
        yield f"model logistic needs classes; dataset {config.dataset} is a regression"
    else:
        output = {"perceptron": "step", "linear": "identity"}.get(
            config.model, OUTPUT_OF_TASK[kind]
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
    if not config.bias and config.model == "mlp":
        yield "bias must be true for model mlp; got False"
    if config.table is not None and config.inputs is not None:
        if config.table >= 2 ** 2**config.inputs:
            yield (
                f"table must be a whole number from 0 to {2 ** 2**config.inputs - 1} "
                f"for inputs={config.inputs}; got {config.table}"
            )
    if real and config.n_samples:
        most = real.n_samples - round(real.n_samples * config.test_fraction)
        if config.n_samples > most:
            yield (
                f"n_samples must be at most {most} for dataset {config.dataset} with "
                f"test_fraction={config.test_fraction:g}; got {config.n_samples}"
            )
    if not real and config.n_samples is None and not _has_own_size(config.dataset):
        yield f"n_samples must be {Number(1, whole=True)} for dataset {config.dataset}; got None"
    if not real and config.n_samples == 1 and config.dataset == "sawtooth":
        yield "n_samples must be a whole number >= 2 for dataset sawtooth; got 1"
    if config.dataset == "quadratic" and config.n_samples is not None:
        yield "n_samples has no meaning for dataset quadratic, which has one a feature; leave it out"
    if config.dataset == "blobs" and (config.n_classes or 0) > 2 and config.n_features == 1:
        yield f"n_features must be >= 2 for blobs of n_classes={config.n_classes}; got 1"
    fixed = not real and not DATASETS[config.dataset].drawn
    if config.test_fraction and fixed and not config.noise:
        yield (
            f"test_fraction must be 0 for dataset {config.dataset} without noise, where held-out "
            f"examples would be those trained on; got {config.test_fraction:g}"
        )
    if (config.start is not None) != (config.init == "given"):
        yield f"init=given and start go together; got init={config.init}, start={config.start}"
    if config.init == "sawtooth":
        if (config.model, config.width, config.activation) != ("mlp", 2, "relu") or (
            config.dataset not in ("sawtooth", "chebyshev") or config.depth == 0
        ):
            yield "init=sawtooth needs model=mlp, width=2, activation=relu and one input"
    if config.init == "integer" and config.init_scale != int(config.init_scale):
        yield f"init_scale must be a whole number for init=integer; got {config.init_scale:g}"
    convex = config.model in ("logistic", "linear") and config.loss == _usual_loss(config)
    if config.optimizer == "newton" and not convex:
        yield "optimizer=newton needs a convex loss: model logistic or linear with its usual loss"
    if config.optimizer == "newton" and config.batch_size is not None:
        yield f"batch_size must be null for optimizer=newton; got {config.batch_size}"
    if config.lr_unit == "critical" and not convex:
        yield "lr_unit=critical needs a convex loss: model logistic or linear with its usual loss"
    if config.stop in ("loss", "gradient", "no_progress"):
        if config.stop_at is None:
            yield f"stop_at must be {Number(0, open=True)} for stop={config.stop}; got None"
        elif config.stop == "no_progress" and config.stop_at != int(config.stop_at):
            yield f"stop_at must be a whole number for stop=no_progress; got {config.stop_at:g}"
    elif config.stop_at is not None:
        yield f"stop_at has no meaning for stop={config.stop}; leave it out"
    for name in config.measure:
        if config.model != "mlp" and name in LAYERED:
            yield f"measure={name} needs hidden layers; model {config.model} has none"
        if config.model == "mlp" and config.depth == 0 and name in LAYERED:
            yield f"measure={name} needs hidden layers; got depth=0"
    n_inputs = shape(config)[1]
    if "linear_regions" in config.measure and (n_inputs != 1 or config.activation != "relu"):
        yield "measure=linear_regions needs one input and activation=relu"
    if config.start is not None and len(config.start) != n_parameters(config):
        yield (
            f"start must be a list of {n_parameters(config)} numbers for this model; "
            f"got {len(config.start)}"
        )
    size = memory(config)
    if size > MEMORY_LIMIT:
        yield (
            f"one net needs about {size / 2**30:,.0f} GiB; the limit is "
            f"{MEMORY_LIMIT / 2**30:.0f} GiB (n_samples, width, depth, records and paths decide)"
        )


LAYERED = ("dead_units", "born_dead", "distinct_units", "linear_regions", "signal_norm_by_layer")


def _has_own_size(dataset):
    return dataset in ("quadratic", "point") or DATASETS[dataset].make is truth_table


def shape(config):
    """(N, D, K): training examples, inputs and outputs."""
    kind = task(config)
    if config.dataset in REAL:
        real = REAL[config.dataset]
        n = config.n_samples or real.n_samples - round(real.n_samples * config.test_fraction)
        return n, real.n_features, real.n_classes if kind == "multiclass" else 1
    if DATASETS[config.dataset].make is truth_table:
        inputs = config.inputs or 2
        return config.n_samples or 2**inputs, inputs, 1
    if config.dataset == "quadratic":
        return config.n_features or 1, config.n_features or 1, 1
    plane = config.dataset in ("moons", "circles", "spirals", "rings")
    features = config.n_features or (2 if plane else 1)
    return config.n_samples or 1, features, config.n_classes if kind == "multiclass" else 1


def layer_sizes(config):
    """[D, H, ..., K]"""
    _, d, k = shape(config)
    return [d, *[config.width or 1] * (config.depth or 0), k]


def n_parameters(config):
    """P, the number of weights and biases of one net."""
    sizes = layer_sizes(config)
    pairs = zip(sizes, sizes[1:], strict=False)
    return sum(d * h + (h if config.bias else 0) for d, h in pairs)


def activations(config):
    """How many numbers one net holds between forward and backward, with one batch of data."""
    n = min(shape(config)[0], config.batch_size or math.inf)
    return int(n) * sum(layer_sizes(config))


def memory(config):
    """Bytes that one net needs: its data, activations, weights and what is recorded."""
    n, d, k = shape(config)
    parameters = n_parameters(config)
    kept = min(config.records, config.epochs + 1) * (parameters if config.paths else 8)
    if config.optimizer == "newton" or config.lr_unit == "critical":
        kept += 3 * parameters**2
    total = n * (d + k) / (1.0 - config.test_fraction) + 3 * activations(config)
    return 8.0 * (total + 8 * parameters + kept)


def has_own_data(config):
    """Whether nets of different seeds see different data."""
    return is_drawn(config.knobs())


@cache
def source_digest():
    """SHA-256 over the source of `scratchml`: the mathematics that the numbers come from."""
    digest = hashlib.sha256()
    for path in sorted(Path(scratchml.__file__).parent.glob("*.py")):
        if path.name != "plain.py":  # for reading; no run uses it
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
