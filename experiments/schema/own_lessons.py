"""A lesson in a folder of the user's own: `+lesson=./mine/parity` is `mine/parity.yaml`.

The file is a file of configuration like any other: it is read within limits, and names no code.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from experiments.errors import ConfigError
from experiments.schema import defaults
from experiments.schema.config_limits import MOST_BYTES, MOST_VALUES

GROUP = "lesson"
ENDINGS = (".yaml", ".py")
LONGEST = 100  # letters of a name
CHOSEN = ("dataset", "model", "executor")  # groups from which a lesson may choose a file
OF_HYDRA = {"sweeper": ("params", "grids")}  # what a lesson may say below `hydra`


def is_path(word: str) -> bool:
    """Whether a word means a lesson by the place of its files, and not by its name."""
    return "/" in word or "\\" in word or word.endswith(ENDINGS)


def stem(word: str) -> Path:
    """The path of a lesson's files without an ending: `mine/parity` of `./mine/parity.yaml`."""
    path = Path(word)
    with suppress(RuntimeError):  # `~nobody`
        path = path.expanduser()
    return path.with_suffix("") if path.suffix in ENDINGS else path


def add(word: str) -> str:
    """Adds the lesson of a path to the choices of its group; returns its name.

    Raises:
        ConfigError: There is no such file, or it is not a lesson; one sentence.
    """
    path = stem(word)
    name = path.name
    if not name.isidentifier() or len(name) > LONGEST:
        raise ConfigError(f"a lesson must be NAME.yaml, of letters, digits and _; got {word!r}")
    file = path.with_name(f"{name}.yaml")
    if not file.is_file():
        raise ConfigError(f"there is no lesson {file} in {Path.cwd()}")
    if name in defaults.options(GROUP) and (GROUP, name) not in defaults.OWN:
        raise ConfigError(f"{name} is a lesson of scratchml; give yours another name")
    knobs = _read(file)
    if knobs.setdefault("experiment", name) != name:
        raise ConfigError(
            f"{file}: experiment must be {name}, the name of the file, or be left out; "
            f"got {knobs['experiment']!r}"
        )
    if defaults.OWN.get((GROUP, name), knobs) != knobs:
        raise ConfigError(f"two different lessons are named {name}; give one another name")
    defaults.add_own(GROUP, name, knobs)
    return name


def _read(file) -> dict[str, Any]:
    import yaml  # a worker needs none

    from experiments.tracking import documents

    try:
        data = documents.limited(file, MOST_BYTES, "a configuration has")
        documents.check_values(data, MOST_VALUES)
        knobs = documents.read(data)
    except (ValueError, OSError, yaml.YAMLError) as error:
        said = str(error).partition("\n")[0]
        raise ConfigError(f"{file} is refused: {said}") from None
    if not isinstance(knobs, dict):
        raise ConfigError(f"{file} is no lesson: it must be knobs, NAME: VALUE")
    refused = next(_refused(knobs), None)
    if refused:
        raise ConfigError(f"{file}: {refused} is not for a lesson of your own")
    return knobs


def _refused(knobs) -> Iterator[str]:
    """Keys that are not knobs, nor the grid of a sweep: Hydra would write files, or import code."""
    for entry in knobs.get("defaults") or ():
        for group in entry if isinstance(entry, dict) else ():
            if str(group).removeprefix("override ").strip(" /") not in CHOSEN:
                yield f"defaults: {group}"
    hydra = knobs.get("hydra") or {}
    for key, below in hydra.items() if isinstance(hydra, dict) else [("", None)]:
        allowed = OF_HYDRA.get(key)
        if allowed is None or not isinstance(below, dict):
            yield f"hydra.{key}"
        else:
            yield from (f"hydra.{key}.{name}" for name in below if name not in allowed)
    yield from (key for key in knobs if "/" in str(key) or "@" in str(key))
