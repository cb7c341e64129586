"""Code of the user's own: a file that the command line names, and never one named elsewhere.

`Code` is a file that was read. `NAMED` holds the files that this process's command has named, by
their file names. A file is executed once, when `module` is asked for it. Its module has a private
name in `sys.modules`, so that functions can be pickled, and tracebacks show its lines.
"""

import hashlib
import linecache
import re
import sys
import traceback
import types
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from experiments import code_file
from experiments.errors import ConfigError
from experiments.limits import TookTooLong, limited

LONGEST = 600.0  # seconds in which a file must have been executed


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


class Fault(Exception):
    """Something that code of the user's own does, and must not; the message names file and line."""


NAMED: dict[str, Code] = {}  # by file name
_modules: dict[Code, types.ModuleType] = {}  # those that were executed


# --- naming ---------------------------------------------------------------------------------------


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


# --- executing ------------------------------------------------------------------------------------


def module(name: str) -> types.ModuleType:
    """The module of a file in `NAMED`, executed once in this process.

    Raises:
        ConfigError: It raises an error; the sentence names the line.
    """
    code = NAMED[name]
    if code not in _modules:
        _modules[code] = executed(code)
    sys.modules[code.module] = found = _modules[code]
    _show_lines(code)
    return found


def forget(code: Code) -> None:
    """Lets a file be executed again when its module is asked for."""
    _modules.pop(code, None)


def executed(code: Code) -> types.ModuleType:
    """The module of a file, executed anew, whether the file is in `NAMED` or not.

    Raises:
        ConfigError: It raises an error; the sentence names the line.
    """
    compiled = code_file.compiled(code.name, code.text)
    found = types.ModuleType(code.module)
    found.__file__ = code.filename
    before = sys.modules.get(code.module)
    sys.modules[code.module] = found  # dataclasses look for their module while it is executed
    _show_lines(code)
    try:
        with limited(LONGEST, TookTooLong, code.name):
            exec(compiled, found.__dict__)
    except (Exception, SystemExit, TookTooLong) as error:
        if before is None:
            del sys.modules[code.module]
        else:
            sys.modules[code.module] = before
        if isinstance(error, TookTooLong):
            said = f"{at(error)}{code.name} is not executed within {LONGEST:,.0f} s"
        else:
            said = where(error) or f"{code.name}: {error}"
        raise ConfigError(said) from error
    return found


def _show_lines(code):
    """Lets tracebacks and `inspect` find the lines of a file that may be on another machine."""
    lines = code.text.splitlines(keepends=True)
    linecache.cache[code.filename] = (len(code.text), None, lines, code.filename)


def code_of(module: str) -> Code | None:
    """The Code in `NAMED` whose module has this name; None for any other module."""
    return next((code for code in NAMED.values() if code.module == module), None)


def attributes(thing: object) -> dict:
    """{name: value} of what an object holds, in its `__slots__` too."""
    slots = [vars(cls).get("__slots__", ()) for cls in type(thing).__mro__]
    names = [name for own in slots for name in ((own,) if isinstance(own, str) else own)]
    plain = [name for name in names if name not in ("__dict__", "__weakref__")]
    held = {name: getattr(thing, name) for name in plain if hasattr(thing, name)}
    return held | getattr(thing, "__dict__", {})


# --- in words -------------------------------------------------------------------------------------


def where(error: BaseException) -> str:
    """`mine.py, line 12: ValueError: ...`: the innermost line of the user's code, in one sentence.

    "" for an error that did not pass through code of the user's own.
    """
    if isinstance(error, Fault):
        return str(error)
    places = [
        f"{frame.filename[1:-1]}, line {frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if _is_own(frame.filename)
    ]
    if not places:
        return where(error.__cause__) if error.__cause__ is not None else ""
    said = str(error).strip().partition("\n")[0]
    return f"{places[-1]}: {type(error).__name__}" + (f": {said}" if said else "")


def at(error: BaseException) -> str:
    """`mine.py, line 12: `, the beginning of a sentence about an error; "" for any other code."""
    found, colon, _ = where(error).partition(": ")
    return found + colon


def place(function: Callable) -> str:
    """`mine.py, line 12`: where a function of the user's own begins; otherwise its name."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    if code is None or not _is_own(code.co_filename):
        return getattr(function, "__name__", type(function).__name__)
    return f"{code.co_filename[1:-1]}, line {code.co_firstlineno}"


def line_of(code: Code, *names: str) -> str:
    """`mine.py, line 40`: the first line that has all these words; `mine.py` if none has."""
    for number, line in enumerate(code.text.splitlines(), start=1):
        if all(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", line) for word in names):
            return f"{code.name}, line {number}"
    return code.name


def _is_own(filename):
    return filename.startswith("<") and code_file.NAME.fullmatch(filename[1:-1]) is not None
