"""A file of code as text, and what is wrong with it before it is executed.

A file stands alone: it may import Python's own modules, installed packages and this project, but no
file beside it, whose lines would be in no run's identity.
"""

import ast
import importlib.util
import re
import sys
import warnings
from pathlib import Path
from types import CodeType

from experiments.errors import ConfigError

LARGEST = 2**20  # bytes
LONGEST = 100  # letters of a file's name
NAME = re.compile(r"[A-Za-z_][\w-]*\.py", re.ASCII)  # one that words of a command line can hold
OURS = ("scratchml", "experiments", "analysis", "hydra_plugins")


def text(file: Path) -> str:
    """The text of a file of code.

    Raises:
        ConfigError: It is not there, is no file of Python, or imports a file beside it; one
            sentence that names the file, and the line if there is one.
    """
    if not NAME.fullmatch(file.name) or len(file.name) > LONGEST:
        raise ConfigError(
            f"a file of code must be NAME.py, of letters, digits, _ and -; got {str(file)!r}"
        )
    if file.is_dir():
        raise ConfigError(f"{file} is a folder; name the file of Python in it")
    if not file.is_file():
        raise ConfigError(f"{file}: there is no such file in {Path.cwd()}")
    found = _read(file)
    compiled(file.name, found)
    parsed = ast.parse(found)
    if not parsed.body:
        raise ConfigError(f"{file} is empty")
    _refuse_neighbours(parsed, file.name, file.resolve().parent)
    return found


def _read(file):
    try:
        if file.stat().st_size > LARGEST:
            raise ConfigError(f"{file} has more than {LARGEST:,} bytes, too many for code")
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise ConfigError(f"{file} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigError(f"{file}, line {line}: it is no text in UTF-8") from None


def compiled(name: str, text: str) -> CodeType:
    """The code of a file, to be executed; tracebacks call the file `<NAME>`.

    Raises:
        ConfigError: It is no Python.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return compile(text, f"<{name}>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConfigError(_about_syntax(name, error)) from None


def _about_syntax(name, error):
    if isinstance(error, SyntaxError):
        return f"{name}, line {error.lineno}: {type(error).__name__}: {error.msg}"
    return f"{name} is no Python: {error}"


def exists(package: str) -> bool:
    """Whether a package of this name is installed."""
    try:
        return importlib.util.find_spec(package) is not None
    except ValueError:  # the main module
        return False


def _refuse_neighbours(tree, name, folder):
    """Raises ConfigError for an import of a file that lies beside this one, or of no package."""
    for node in ast.walk(tree):
        paths = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            paths = ["." * node.level + (node.module or "")]
            if node.names[0].name == "*":
                raise ConfigError(f"{name}, line {node.lineno}: name what is imported, and not *")
        for first in (path.partition(".")[0] for path in paths):
            if first in (*OURS, *sys.stdlib_module_names):
                continue
            beside = (folder / f"{first}.py").is_file() or (folder / first).is_dir()
            if not first or beside:
                raise ConfigError(
                    f"{name}, line {node.lineno}: a file of code stands alone, and imports no file "
                    "beside it; copy what it needs into it"
                )
            if not exists(first):
                raise ConfigError(f"{name}, line {node.lineno}: there is no package {first} here")
