"""Lessons in a folder of the user's own: `./mine/parity` is `mine/parity.yaml` and `.py`.

The Python of such a lesson runs because the user has named it to the command that decides lessons.
"""

import functools
import shlex
from dataclasses import replace

from analysis import lessons
from analysis.lessons import Lesson
from experiments import own
from experiments.errors import ConfigError
from experiments.own import code_file
from experiments.schema.own_lessons import is_path, stem

PARTS = ("cells", "claims", "answer", "draw", "animate")  # the functions of a lesson


def name_of(word):
    """The name of the lesson that a word of a command means, by its name or by its place."""
    return stem(word).name if is_path(word) else word


def some(words=None):
    """The lessons of these words, names or places, or all of ours, in the order of reading.

    A broken file does not stop the others.

    Raises:
        LookupError: There is no lesson of a name.
    """
    words = list(words or ())
    ours = [word for word in words if not is_path(word)]
    found = lessons.some(ours) if ours or not words else []
    theirs = {stem(word).resolve(): word for word in words if is_path(word)}
    found += map(read, theirs.values())
    return sorted(found, key=lambda lesson: (lesson.chapter, lesson.name))


def file_of(word):
    """The path of the Python of a lesson of the user's own, which is executed to decide it."""
    return stem(word).with_name(f"{stem(word).name}.py")


def read(word):
    """The lesson of a place; one that is broken has a `problem`."""
    name, file = name_of(word), file_of(word)
    about = {"file": file, "command": _command(word)}
    try:
        if name in lessons.names():
            raise ConfigError(f"{name} is a lesson of scratchml; give yours another name")
        module = own.executed(own.of_text(file.name, code_file.text(file)))
        found = lessons.of_module(name, module)
    except Exception as error:  # a part of it may be of any kind
        said = str(error) if isinstance(error, ConfigError) else f"{type(error).__name__}: {error}"
        return Lesson.broken(name, said, **about)
    functions = {part: _told(getattr(found, part)) for part in PARTS}
    return replace(found, **functions, **about)


def _command(word):
    place = stem(word)
    text = str(place) if place.is_absolute() else f"./{place}"
    return shlex.join(["scratchml", "train", "-m", f"+lesson={text}"])


def _told(function):
    """The function, whose errors name the line of the lesson."""
    if function is None:
        return None

    @functools.wraps(function)
    def told(cells):
        try:
            return function(cells)
        except (Exception, SystemExit) as error:
            raise LookupError(own.where(error) or f"{type(error).__name__}: {error}") from error

    return told
