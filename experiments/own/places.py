"""Errors of code of the user's own in words, with the file and the line that they are from."""

import re
import traceback
from collections.abc import Callable

from experiments.own import code_file
from experiments.own.naming import Code


class Fault(Exception):
    """Something that code of the user's own does, and must not; the message names file and line."""


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
