"""Files of one's own among the words of a command line.

They are `code=mine.py`, `model=mine.py:TinyNet` and `+lesson=./mine/parity`. A word such as
`model=sklearn.svm:SVC` names a class of an installed package. A file of code is read because it is
a word of the command line. Files of configuration are never searched for such words.
"""

import re
from collections.abc import Sequence

from experiments import own
from experiments.errors import ConfigError
from experiments.schema import own_lessons
from experiments.schema.hints import shown

CODE, MODEL = "code", "model"
FILE = re.compile(r"((?:[A-Za-z]:)?[^,:=(){}'\"\s\[\]]*\.py):[A-Za-z_]\w*")  # `mine.py:TinyNet`
IN_PACKAGE = re.compile(r"(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*:[A-Za-z_]\w*")
SWEPT = re.compile(r"\s*\w*[(\[](.*)[)\]]\s*")  # choice(...), shuffle(...), [...]
NOT_HERE = (
    f"{CODE} is named on the command line only, without a plus: {CODE}=mine.py; a file of "
    "configuration names no code"
)


def is_class(model: str | None) -> bool:
    """Whether a model's name is that of a class: `mine.py:TinyNet` or `sklearn.svm:SVC`."""
    return isinstance(model, str) and ":" in model


def is_of_package(model: str | None) -> bool:
    """Whether a model's name is that of a class of a package, such as `sklearn.svm:SVC`."""
    return is_class(model) and not model.partition(":")[0].endswith(".py")


def named(arguments: Sequence[str]) -> list[str]:
    """The arguments without `code=...`, and with names alone of files of models and of a lesson.

    Files of code are entered in `own.NAMED`; nothing is executed. A lesson's file is read.

    Raises:
        ConfigError: A line for each file that cannot be read, see `own.name`.
    """
    words, problems = [], []
    for word in arguments:
        try:
            words += _named(word)
        except ConfigError as error:
            problems.append(str(error))
    if problems:
        raise ConfigError("\n".join(dict.fromkeys(problems)))
    return words


def files(words: Sequence[str]) -> list[str]:
    """The paths of the files of code among words that `named` has not read yet."""
    values = [word.partition("=")[2] for word in words if word.startswith(f"{CODE}=")]
    return [path for value in values for path in value.split(",")]


def _named(word):
    """The words in place of one; its files are read."""
    key, equals, value = word.partition("=")
    if key == CODE and equals:
        for path in value.split(","):
            own.name(path)
        return []
    if key.lstrip("+") == MODEL and equals:
        return [f"{key}={_models(value)}"]
    if key.lstrip("+") == own_lessons.GROUP and own_lessons.is_path(value):
        return [f"{key}={own_lessons.add(value)}"]
    return [word]


def _models(value):
    """The value of the word model, with the names alone of its files, which are read."""
    inside = value
    while found := SWEPT.fullmatch(inside):
        inside = found[1]
    for element in (part.strip().strip("'\"") for part in inside.split(",")):
        if found := FILE.fullmatch(element):
            own.name(found[1])
            value = value.replace(element, re.split(r"[/\\]", element)[-1])
        elif IN_PACKAGE.fullmatch(element):
            own.class_of_package(element)
        elif element.endswith(".py"):
            raise ConfigError(f"model={element} must name a class, too: model={element}:NAME")
        elif ".py:" in element:
            raise ConfigError(
                f"model={shown(value)}: a file of code is named PATH.py:CLASS, and its path has no "
                "blank, no comma, quote, bracket, colon or ="
            )
    return value
