"""The schema of conf/: every knob's type and limits, and a configuration's identity.

`conf/config.yaml` holds the defaults and the meaning of each knob; what is allowed stands here, in
most cases as a table of the library, so that a new activation is allowed by existing.
"""

import ast
import dataclasses
import hashlib
import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import scratchml
from experiments.errors import ConfigError
from experiments.schema.constraints import clashes, usual_loss
from experiments.schema.fields import Choice, Flag, Many, Number, Options, Text, parse, shown
from experiments.schema.sklearn_models import MEANINGLESS, PEERS, version
from experiments.schema.sources import REAL
from scratchml.activations import ACTIVATIONS
from scratchml.datasets import DATASETS, TABLES
from scratchml.diagnostics import DIAGNOSTICS
from scratchml.initializers import INITIALIZERS
from scratchml.losses import LOSSES
from scratchml.models import MODELS
from scratchml.optimizers import OPTIMIZERS
from scratchml.training import STOPS

ALIASES = {"random": "uniform"}  # names of an initializer beside its own


def knob(kind):
    return dataclasses.field(metadata={"kind": kind})


def count(low, optional=False, high=math.inf):
    return knob(Number(low, high, whole=True, optional=optional))


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
    model: str = knob(Choice((*MODELS, *PEERS)))
    width: int | None = count(1, optional=True)
    depth: int | None = count(0, optional=True)
    activation: str | None = knob(Choice(tuple(ACTIVATIONS), optional=True))
    bias: bool = knob(Flag())
    sklearn: dict | None = knob(Options(optional=True))
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
            ConfigError: With every problem: unknown keys, values that are not allowed, knobs that
                do not go together, and a size that no machine has.
        """
        most = {"most_seeds": SETTINGS["most_seeds"]}  # the one setting that numbers depend on
        given = {k: v for k, v in mapping.items() if k in most or k not in SETTINGS}
        values = parse(KNOBS | most, given)
        most = values.pop("most_seeds") or math.inf
        values["init"] = ALIASES.get(values["init"], values["init"])
        values["seeds"] = min(values["seeds"], most)
        config = cls(**values)
        if config.loss is None:
            config = dataclasses.replace(config, loss=usual_loss(config))
        problems = list(clashes(config, KNOBS))
        if problems:
            raise ConfigError("\n".join(problems))
        return config

    def knobs(self):
        """All knobs as a mapping."""
        return dict(vars(self))

    def canonical(self):
        """The knobs that matter for this run: those without a meaning here are left out."""
        drop = self._meaningless()
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in vars(self).items()
            if name not in drop
        }

    def _meaningless(self):
        drop = {name for name, value in vars(self).items() if value is None}
        if self.model in PEERS:
            drop |= MEANINGLESS.keys()
        if self.optimizer not in ("momentum", "nesterov"):
            drop.add("momentum")
        if self.batch_size is None:
            drop.add("shuffle")
        if self.init in ("zero", "given", "sawtooth"):
            drop.add("init_scale")
        return drop

    def fingerprint(self):
        """SHA-256 over what the run's numbers depend on: its knobs and the mathematics."""
        text = json.dumps(self.canonical(), sort_keys=True)
        if self.model in PEERS:
            text += version()
        return hashlib.sha256((source_digest() + text).encode()).hexdigest()

    def name(self):
        """A readable name, such as `xor mlp tanh w=4 lr=0.1 he x100`; not every knob is in it."""
        words = [self.dataset, self.model]
        if self.table is not None:
            words[0] = f"{self.dataset}-{self.table}"
        if self.width is not None:
            words += [self.activation, f"w={self.width}"]
            words += [f"d={self.depth}"] if self.depth != 1 else []
        if self.model in PEERS:
            words += [f"{name}={value}" for name, value in (self.sklearn or {}).items()]
        else:
            words += self._how_it_is_trained()
        usual = {"label_noise": 0.0, "test_fraction": 0.0, "scaling": "none", "coding": "binary"}
        usual |= {"order": "given", "batch_size": None, "l2": 0.0, "bias": True, "inputs": 2}
        usual |= {"n_samples": None, "noise": 0.0, "condition": None, "degree": None}
        usual |= {"n_features": 2, "n_classes": 2, "stop": "never", "seed": 0, "momentum": 0.9}
        meaningless = self._meaningless()
        for name, value in usual.items():
            given = getattr(self, name)
            if given != value and name not in meaningless:
                words.append(f"{name}={given:g}" if isinstance(given, float) else f"{name}={given}")
        return " ".join([*words, f"x{self.seeds}"])

    def _how_it_is_trained(self):
        words = [self.optimizer] if self.optimizer != "sgd" else []
        words += [f"lr={self.lr:g}" + ("c" if self.lr_unit == "critical" else "")]
        scaled = self.init_scale != 1.0 and "init_scale" not in self._meaningless()
        words += [f"{self.init}*{self.init_scale:g}" if scaled else self.init]
        return words + ([self.loss] if self.loss != usual_loss(self) else [])


KNOBS = {field.name: field.metadata["kind"] for field in dataclasses.fields(Config)}

OBJECTIVES = (
    *("train/loss", "train/accuracy", "test/loss", "test/accuracy", "gradient_norm"),
    *("solved", "epochs_to_solve", "diverged"),
)

# Keys of conf/ that say where and how to run; no number depends on them.
SETTINGS = {
    "experiment": Text(),
    "objective": Choice(OBJECTIVES),
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
                nested = Options().parse(mapping.get(name))
                nested = {f"{name}.{key}": value for key, value in nested.items()}
                parsed = parse({f"{name}.{key}": value for key, value in kind.items()}, nested)
                settings[name] = {key.partition(".")[2]: value for key, value in parsed.items()}
            else:
                settings |= parse({name: kind}, {name: mapping.get(name)})
        except ConfigError as error:
            problems.append(str(error))
        except ValueError:
            problems.append(f"{name} must be {Options()}; got {shown(mapping.get(name))}")
    executor = settings.get("executor")
    if executor and (executor["address"] is None) == (executor["name"] == "dask"):
        problems.append(
            "executor=dask needs executor.address, its scheduler's, such as tcp://127.0.0.1:8786"
            if executor["name"] == "dask"
            else f"executor.address has no meaning for executor={executor['name']}; leave it out"
        )
    if problems:
        raise ConfigError("\n".join(problems))
    return settings


# Files of scratchml that no run uses.
UNUSED = ("__init__.py", "estimators.py", "plain.py", "portable.py")


@cache
def source_digest():
    """SHA-256 over the code of `scratchml`: the mathematics that the numbers come from.

    Comments, docstrings and layout do not count, nor do the files that no run uses.
    """
    digest = hashlib.sha256()
    for path in sorted(Path(scratchml.__file__).parent.glob("*.py")):
        if path.name not in UNUSED:
            tree = ast.parse(path.read_text())
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                    if ast.get_docstring(node, clean=False) is not None:
                        node.body[0] = ast.Pass()
            digest.update(f"{path.name}\0{ast.unparse(tree)}\0".encode())
    return digest.hexdigest()
