"""Files of code as modules, and what their objects hold.

A file is executed once, when `module` is asked for it. Its module has a private name in
`sys.modules`, so that functions can be pickled, and tracebacks show its lines.
"""

import linecache
import sys
import types

from experiments.errors import ConfigError
from experiments.own import code_file
from experiments.own.naming import NAMED, Code
from experiments.own.places import at, where
from experiments.process.limits import TookTooLong, limited

LONGEST = 600.0  # seconds in which a file must have been executed
_modules: dict[Code, types.ModuleType] = {}  # those that were executed


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


def attributes(thing: object) -> dict:
    """{name: value} of what an object holds, in its `__slots__` too."""
    slots = [vars(cls).get("__slots__", ()) for cls in type(thing).__mro__]
    names = [name for own in slots for name in ((own,) if isinstance(own, str) else own)]
    plain = [name for name in names if name not in ("__dict__", "__weakref__")]
    held = {name: getattr(thing, name) for name in plain if hasattr(thing, name)}
    return held | getattr(thing, "__dict__", {})
