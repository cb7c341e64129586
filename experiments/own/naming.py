"""Files of code that the command line names, as text; nothing is executed here.

`Code` is a file that was read. `NAMED` holds the files that this process's command has named, by
their file names.
"""

import hashlib
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from experiments.errors import ConfigError
from experiments.own import code_file


class Code(NamedTuple):
    """A file of code: its name without a folder, its text, and the SHA-256 of the text.

    The digest tells files apart. The identity of a run has the statements that it reaches instead
    (`experiments.schema.reach`), so that a comment, or another function, trains nothing again.
    """

    name: str
    text: str
    digest: str

    @property
    def imports(self) -> str | None:
        """The class of a package that this stands for, see `class_of_package`; None for a file."""
        return None if code_file.NAME.fullmatch(self.name) else self.name.rpartition(":")[2]

    @property
    def module(self) -> str:
        """The name of its module in `sys.modules`."""
        return "own_code_" + self.name.removesuffix(".py")

    @property
    def filename(self) -> str:
        """What tracebacks call it; it is no path, because another machine may execute it."""
        return f"<{self.name}>"


NAMED: dict[str, Code] = {}  # by file name


def name(path: str | Path) -> Code:
    """Reads a file that the user has named, and enters it in `NAMED`. Nothing is executed.

    Raises:
        ConfigError: It is not there, is no file of Python, imports a file beside it, or another
            file of the same name is named already; one sentence.
    """
    code = read(path)
    _refuse_another(NAMED.setdefault(code.name, code), code)
    return code


def _refuse_another(code, other):
    if other != code:
        raise ConfigError(f"two different files are named {code.name}; give one another name")


def class_of_package(name: str) -> Code:
    """Enters a class of an installed package in `NAMED`, such as `sklearn.svm:SVC`.

    It stands for a file of one line, which imports the class.

    Raises:
        ConfigError: There is no such package.
    """
    module, _, cls = name.partition(":")
    if not code_file.exists(module.partition(".")[0]):
        raise ConfigError(f"model {name}: there is no package {module.partition('.')[0]} here")
    return NAMED.setdefault(name, of_text(name, f"from {module} import {cls}\n"))


def read(path: str | Path) -> Code:
    """The Code of a file.

    Raises:
        ConfigError: As `name`.
    """
    file = Path(path)
    with suppress(RuntimeError):  # `~nobody`
        file = file.expanduser()
    return of_text(file.name, code_file.text(file))


def read_all(paths: str | Path | Iterable[str | Path] | None) -> tuple[Code, ...]:
    """The Codes of one file or of several, which have different names; none for None.

    Raises:
        ConfigError: As `name`.
    """
    paths = () if paths is None else (paths,) if isinstance(paths, str | Path) else paths
    codes = {}
    for code in map(read, paths):
        _refuse_another(codes.setdefault(code.name, code), code)
    return tuple(codes.values())


def of_text(name: str, text: str) -> Code:
    """The Code of a text."""
    return Code(name, text, hashlib.sha256(text.encode()).hexdigest())


def name_only(codes: Iterable[Code]) -> None:
    """Enters these files in `NAMED`, and no others."""
    for code in NAMED.values():
        sys.modules.pop(code.module, None)
    NAMED.clear()
    NAMED.update({code.name: code for code in codes})


def code_of(module: str) -> Code | None:
    """The Code in `NAMED` whose module has this name; None for any other module."""
    return next((code for code in NAMED.values() if code.module == module), None)
