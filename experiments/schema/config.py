"""A configuration: all knobs that a run's numbers depend on, checked.

`conf/config.yaml` holds the meaning and the default of each knob. The values that a knob may have
stand here; where a table of the library lists them, a new row of the table is allowed at once.
"""

import dataclasses
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from experiments.errors import ConfigError
from experiments.models import MODELS
from experiments.models.interface import usual_loss
from experiments.schema import fingerprint, naming
from experiments.schema.constraints import GIVEN, constraints
from experiments.schema.defaults import defaults
from experiments.schema.fields import Choice, Field, Flag, Many, Number, Options, Rows, Text
from experiments.schema.named_code import CODE, NOT_HERE
from experiments.schema.parsing import parse
from experiments.schema.settings import SET, SETTINGS
from experiments.schema.sources import names, problem, source
from experiments.schema.synonyms import KNOBS as KNOB_SYNONYMS
from experiments.schema.synonyms import SYNONYMS
from scratchml import tables
from scratchml.activations import ACTIVATIONS
from scratchml.backprop import BACKPROP
from scratchml.diagnostics import DIAGNOSTICS
from scratchml.initializers import INITIALIZERS
from scratchml.losses import LOSSES
from scratchml.optimizers import OPTIMIZERS
from scratchml.problems import PROBLEMS
from scratchml.scaling import FILLS
from scratchml.splitting import SPLITS
from scratchml.stopping import STOPS
from scratchml.times import SPACINGS


def knob(field: Field) -> Any:
    return dataclasses.field(metadata={"field": field})


def count(low: int, high: float = math.inf, optional: bool = False) -> Any:
    return knob(Number(low, high, whole=True, optional=optional))


@dataclass(frozen=True, kw_only=True)
class Config:
    """One configuration: all knobs that a run's numbers depend on. See `conf/config.yaml`."""

    dataset: str = knob(Choice(names, synonyms=SYNONYMS["dataset"]))
    n_samples: int | None = count(1, optional=True)
    noise: float | None = knob(Number(0, optional=True))
    label_noise: float = knob(Number(0, 1))
    path: str | None = knob(Text(optional=True))
    target: tuple | None = knob(Many(Text(), optional=True, single=True))
    features: tuple | None = knob(Many(Text(), optional=True))
    problem: str | None = knob(Choice(PROBLEMS, optional=True))
    weights: str | None = knob(Text(optional=True))
    missing: str | None = knob(Choice(("drop", *FILLS), optional=True))
    split: str | None = knob(Choice(SPLITS, optional=True))
    split_by: str | None = knob(Text(optional=True))
    class_weight: str | None = knob(Choice(("balanced",), optional=True))
    test_fraction: float = knob(Number(0, 0.99))
    scaling: str = knob(Choice(("none", "centred", "standard")))
    target_scaling: str = knob(Choice(("none", "standard")))
    inputs: int | None = count(2, 1000, optional=True)
    table: int | str | None = knob(Rows(optional=True))
    coding: str | None = knob(Choice(("binary", "bipolar"), optional=True))
    order: str | None = knob(Choice(("given", "seed", "random"), optional=True))
    n_features: int | None = count(1, optional=True)
    n_classes: int | None = count(2, optional=True)
    condition: float | None = knob(Number(1, optional=True))
    degree: int | None = count(1, optional=True)
    model: str = knob(Choice(MODELS, synonyms=SYNONYMS["model"]))
    width: int | None = count(1, optional=True)
    depth: int | None = count(0, optional=True)
    activation: str | None = knob(Choice(ACTIVATIONS, optional=True))
    bias: bool = knob(Flag())
    options: dict | None = knob(Options(optional=True))
    init: str = knob(Choice(lambda: (*INITIALIZERS, GIVEN), synonyms=SYNONYMS["init"]))
    init_scale: float = knob(Number(0))
    start: tuple | None = knob(Many(Number(-math.inf), optional=True))
    loss: str = knob(Choice(lambda: dict.fromkeys(name for _, name in LOSSES), optional=True))
    backprop: str = knob(Choice(BACKPROP))
    optimizer: str = knob(Choice(OPTIMIZERS))
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
    spacing: str = knob(Choice(SPACINGS))
    measure: tuple = knob(Many(Choice(DIAGNOSTICS)))
    paths: bool = knob(Flag())

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> "Config":
        """The configuration that a composed mapping describes; settings in it are left alone.

        Raises:
            ConfigError: With every problem: unknown keys, values that are not allowed, knobs that
                do not go together, and sizes that no machine has.
        """
        if CODE in mapping:
            raise ConfigError(NOT_HERE)
        limit = {name: SETTINGS[name] for name in (MOST, WHICH)}
        given = {
            KNOB_SYNONYMS.get(k, k): v
            for k, v in mapping.items()
            if k in limit or k not in SETTINGS
        }
        values = parse(KNOBS | limit, given)
        values["seeds"] = min(values["seeds"], values.pop(MOST) or math.inf)
        values["seed"] += SET * (values.pop(WHICH) or 0)
        config = cls(**values)
        if settled := source(config.dataset).settled(vars(config)):
            config = dataclasses.replace(config, **settled)
        if config.loss is None:
            usual = usual_loss(MODELS[config.model], problem(config))
            config = dataclasses.replace(config, loss=usual)
        problems = list(constraints(config, KNOBS))
        if problems:
            raise ConfigError("\n".join(problems))
        return config

    @classmethod
    def from_stored(cls, mapping: Mapping[str, Any]) -> "Config":
        """The configuration that `canonical` returned when a run was stored.

        Raises:
            ConfigError: As from_mapping.
        """
        chosen = (mapping.get("dataset"), mapping.get("model"))
        dataset, model = (name if isinstance(name, str) else None for name in chosen)
        ignored = MODELS[model].ignores if model in MODELS else ()
        usual = defaults(dataset, model)
        return cls.from_mapping({k: usual[k] for k in (*SOMETIMES, *ignored)} | dict(mapping))

    def knobs(self) -> dict[str, Any]:
        """All knobs as a mapping."""
        return dict(vars(self))

    def canonical(self) -> dict[str, Any]:
        """The knobs that have a meaning for this run, as values that JSON has."""
        entry = MODELS[self.model]
        without = {*entry.ignores}
        if not OPTIMIZERS[self.optimizer].uses_momentum:
            without.add("momentum")
        if self.batch_size is None:
            without.add("shuffle")
        without -= {*entry.obeys}
        if self.split == "random":  # the same as null
            without.add("split")
        if self.init == GIVEN or not INITIALIZERS[self.init].scaled:
            without.add("init_scale")
        for name in LATER:  # runs of before it was a knob have no other
            if getattr(self, name) == defaults()[name]:
                without.add(name)
        own = vars(self)
        if self.table is not None:
            own = own | {"table": tables.written(self.table, self.inputs)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in own.items()
            if value is not None and name not in without
        }

    def fingerprint(self) -> str:
        """SHA-256 of the identity."""
        return fingerprint.fingerprint(self.identity())

    def identity(self) -> dict[str, str]:
        """All that the run's numbers depend on, part by part; see `schema.fingerprint`."""
        return fingerprint.identity(self)

    def name(self, varied: Collection[str] = ()) -> str:
        """A readable name, such as `xor mlp tanh w=4 lr=0.1 he x100`; see `schema.naming`."""
        return naming.name(self, varied)


KNOBS = {field.name: field.metadata["field"] for field in dataclasses.fields(Config)}
MOST, WHICH = "most_seeds", "seed_set"  # the settings that numbers depend on
LATER = (
    "spacing",
    "target_scaling",
    "backprop",
)  # knobs that were added, with a default that says nothing
SOMETIMES = ("momentum", "shuffle", "init_scale", *LATER)  # knobs that `canonical` may leave out
