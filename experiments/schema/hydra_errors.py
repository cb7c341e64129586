"""Errors that Hydra raises about a configuration, in words."""

import re
import sys
import traceback
from types import FrameType

from experiments.schema.typos import said

LIBRARIES = ("hydra", "omegaconf", "yaml")
# What OmegaConf appends: the place of a value, and its class.
OMEGACONFS = re.compile(r"\n +full_key: *(.*)(?:\n +(?:reference|object)_type=.*)*")


def is_about_configuration(error: BaseException) -> bool:
    """Whether an error is about the composed configuration, or about a folder of Hydra's.

    Hydra and OmegaConf have classes for such errors. A file that is no YAML, a file that names
    itself, a folder that cannot be made, or a strange value of one of Hydra's own keys raises an
    error of another class, in code that Hydra's modules call.
    """
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    if isinstance(error, HydraException | OmegaConfBaseException):
        return True
    package = _raised_in(error)
    return package in LIBRARIES or (package == "hydra_plugins" and isinstance(error, OSError))


def _raised_in(error: BaseException) -> str:
    """The package whose code raised an error, apart from Python's own library."""
    frames = traceback.walk_tb(error.__traceback__)
    packages = [_module(frame).partition(".")[0] for frame, _ in frames]
    others = [package for package in packages if package not in sys.stdlib_module_names]
    return others[-1] if others else ""


def in_words(error: BaseException) -> str:
    """The message of an error of Hydra's, without the search path that Hydra appends."""
    if isinstance(error, RecursionError):
        return _in_a_circle(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"cannot use {error.filename}: {error.strerror}"
    if type(error) is ValueError:  # Python's own
        return said(error)
    message = str(error).partition("\nConfig search path:")[0] or type(error).__name__
    message = OMEGACONFS.sub(lambda found: f" ({found[1]})" if found[1] else "", message)
    cause = error.__cause__
    return message if cause is None else f"{message}\n{in_words(cause)}".strip()


def _in_a_circle(error: RecursionError) -> str:
    """The files that name each other without end; their names are known while Hydra reads them."""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    read = [frame.f_locals.get("path") for frame in frames if "hydra" in _module(frame)]
    again = sorted({path for path in read if isinstance(path, str) and read.count(path) > 1})
    if not again:
        return "the configuration is nested too deeply"
    files = " and ".join(again)
    return f"{files}: the defaults list names its own file, or files name each other in a circle"


def _module(frame: FrameType) -> str:
    return frame.f_globals.get("__name__", "")
