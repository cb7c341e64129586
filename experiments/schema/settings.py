"""Settings: the keys of conf/ that say where and how to run. No result depends on them.

The exceptions are `most_seeds`, an upper limit of the knob `seeds`, and `seed_set`, which moves
`seed`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from experiments.errors import ConfigError
from experiments.schema.fields import Choice, Field, Flag, Many, Number, Options, Text
from experiments.schema.hints import shown
from experiments.schema.parsing import parse

OBJECTIVES = (
    *("train/loss", "train/accuracy", "test/loss", "test/accuracy", "gradient_norm"),
    *("train/rmse", "test/rmse"),
    *("solved", "epochs_to_solve", "diverged"),
)

REMARKS = ("guess", "diverged", "gap", "falling", "edge", "tie", "idle")  # after a sweep
SET = 10**6  # seeds of a set: those of set k begin with k * SET

SETTINGS = {
    "experiment": Text(longest=256),  # as MLflow's tables have it
    "objective": Choice(OBJECTIVES),
    "resume": Flag(),
    "only": Choice(("all", "failed")),
    "most_seeds": Number(1, whole=True, optional=True),
    "mute": Many(Choice(REMARKS), optional=True, single=True),
    "seed_set": Number(0, 10**6, whole=True, optional=True),
    "tracking": {"uri": Text(optional=True)},
    "executor": {
        "name": Choice(("serial", "local", "dask")),
        "workers": Number(1, 4096, whole=True, optional=True),
        "address": Text(optional=True),
    },
}


def flat(fields: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Field]]:
    """(dotted name, field) of every key that takes a value, such as `executor.workers`."""
    for name, field in fields.items():
        if isinstance(field, dict):
            yield from flat(field, f"{above}{name}.")
        else:
            yield above + name, field


def parse_settings(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a composed mapping, nested as in SETTINGS.

    Raises:
        ConfigError: One line for each setting that is not allowed.
    """
    settings, problems = {}, []
    for name, field in SETTINGS.items():
        try:
            if isinstance(field, dict):
                settings[name] = _parse_nested(name, field, mapping.get(name))
            else:
                settings |= parse({name: field}, {name: mapping.get(name)})
        except ConfigError as error:
            problems.append(str(error))
    if "executor" in settings:
        problems += _address(**settings["executor"])
    if problems:
        raise ConfigError("\n".join(problems))
    return settings


def _parse_nested(name, fields, given):
    try:
        given = Options().parse(given)
    except ValueError:
        raise ConfigError(f"{name} must be {Options()}; got {shown(given)}") from None
    dotted = {f"{name}.{key}": value for key, value in given.items()}
    parsed = parse(dict(flat(fields, f"{name}.")), dotted)
    return {key.partition(".")[2]: value for key, value in parsed.items()}


def _address(name, workers, address):
    """Yields a sentence if an executor lacks its address, or has one without a use."""
    remote = name == "dask"
    if remote and address is None:
        yield (
            "executor=dask needs executor.address, the address of its scheduler, "
            "such as tcp://127.0.0.1:8786"
        )
    if address is not None and not remote:
        yield f"executor.address has no meaning for executor={name}; leave it out"
