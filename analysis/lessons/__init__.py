"""Lessons: a question, claims that stored runs decide, and a figure; one file a lesson.

Every file in this folder is a lesson; there is nothing to register. It has

    a docstring      whose first line is the question; the rest is the idea, with its source
    CAPTION          the contents of the figure, with its bands and bars named
    CAVEAT           the limits of the usual sentence, and all that was held fixed
    cells(data)      -> the numbers that claims and figure need, computed once
    claims(cells)    -> list of `analysis.claims.Claim`
    answer(cells)    -> one sentence of at most 25 words that answers the question with a number
    draw(cells)      -> a Matplotlib figure

and may have CHAPTER, its place among the lessons, SAYINGS, {what is usually said: whether it is
so}, for which its claims are the evidence, ASK, the number that a reader is to guess first (see
`analysis.asked`), and animate(cells), the frames of a moving picture, with FPS, their number a
second. `data` is the `Data` that `analysis.data.load` returns.
Without cells() the other functions are given `data`; without answer() a lesson counts its claims.

A lesson that asks about nets of another lesson trains none: NETS_OF names that lesson, NETS the
knobs by which runs of it are selected, and its file in conf/lesson/ is that lesson's sweep.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from analysis.asked import ASKED, Ask

LAST = 1000  # the chapter of a lesson without CHAPTER
MOST_WORDS = 25  # of an answer


@dataclass(frozen=True)
class Lesson:
    """A lesson as the report sees it. If its file is broken, it has a `problem` and little more."""

    name: str
    question: str
    idea: tuple = ()
    caption: str = ""
    caveat: str = ""
    cells: Callable = lambda data: data
    claims: Callable | None = None
    answer: Callable | None = None
    draw: Callable | None = None
    animate: Callable | None = None
    fps: int = 12
    chapter: int = LAST
    sayings: tuple = ()
    ask: Ask | None = None
    nets_of: str | None = None  # another lesson, which has trained the nets
    selected: tuple = ()  # the knobs of the runs that are read, all if there are none
    problem: str | None = None
    file: Path | None = None  # of a lesson that is not in this folder
    command: str | None = None  # that launches the sweep of such a lesson

    @property
    def experiment(self):
        """The experiment that holds the lesson's nets."""
        return self.nets_of or self.name

    @classmethod
    def broken(cls, name, problem, **about):
        """The lesson of a file that cannot be read; `about` are further attributes."""
        return cls(name, f"{name} cannot be read.", problem=problem, **about)


def names():
    """The names of all lessons, sorted."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))


def read(name):
    """The lesson of a name.

    Raises:
        TypeError: The file lacks a part of a lesson; the message names it.
    """
    return of_module(name, importlib.import_module(f"{__name__}.{name}"))


def of_module(name: str, module: ModuleType) -> Lesson:
    """The lesson that a module is.

    Raises:
        TypeError: It lacks a part of a lesson; the message names it.
        ValueError: Its ASK cannot be drawn.
    """
    lacking = [a for a in ("CAPTION", "CAVEAT", "claims", "draw") if not hasattr(module, a)]
    lacking += [] if module.__doc__ else ["a docstring"]
    if lacking:
        raise TypeError(f"lesson {name} lacks {', '.join(lacking)}")
    question, _, rest = inspect.cleandoc(module.__doc__).partition("\n")
    return Lesson(
        name=name,
        question=question,
        idea=tuple(_paragraphs(rest)),
        caption=_one_line(module.CAPTION),
        caveat=_one_line(module.CAVEAT),
        cells=getattr(module, "cells", Lesson.cells),
        claims=module.claims,
        answer=getattr(module, "answer", None),
        draw=module.draw,
        animate=getattr(module, "animate", None),
        fps=getattr(module, "FPS", Lesson.fps),
        chapter=getattr(module, "CHAPTER", Lesson.chapter),
        sayings=tuple(getattr(module, "SAYINGS", {}).items()),
        ask=_checked_ask(getattr(module, "ASK", ASKED.get(name))),
        nets_of=getattr(module, "NETS_OF", None),
        selected=tuple(getattr(module, "NETS", {}).items()),
    )


def checked_answer(sentence):
    """The answer of a lesson, which is one sentence of at most MOST_WORDS words with a number.

    Raises:
        ValueError: It is not.
    """
    sentence = str(sentence).strip()
    words = len(sentence.split())
    if not sentence.endswith((".", "!")) or words > MOST_WORDS or not re.search(r"\d", sentence):
        raise ValueError(
            f"an answer is one sentence of at most {MOST_WORDS} words, with its number and a full "
            f"stop; got {words} words: {sentence!r}"
        )
    return sentence


def some(wanted=None):
    """The lessons of these names, or all lessons, in the order of reading.

    A broken file does not stop the others.

    Raises:
        LookupError: There is no lesson of a name; the message lists the names there are.
    """
    known = names()
    unknown = [name for name in wanted or () if name not in known]
    if unknown:
        raise LookupError(f"no lesson {unknown[0]!r}; there are {known}")
    found = [_whole_or_broken(name) for name in dict.fromkeys(wanted or known)]
    return sorted(found, key=lambda lesson: (lesson.chapter, lesson.name))


def _whole_or_broken(name):
    try:
        return read(name)
    except Exception as error:  # importing a file may raise anything
        return Lesson.broken(name, f"{type(error).__name__}: {error}")


def _one_line(text):
    return " ".join(text.split())


def _checked_ask(ask):
    """What a lesson asks, or None: two marks or more that grow."""
    marks = getattr(ask, "marks", ())
    grows = len(marks) > 1 and all(a < b for a, b in zip(marks, marks[1:], strict=False))
    if ask is not None and not (isinstance(ask, Ask) and grows):
        raise ValueError(f"ASK is an Ask with marks that grow; got {ask!r}")
    return ask


def _paragraphs(text):
    """The paragraphs of a docstring, each in one line; a line that is set in stays a line."""
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        if block.startswith(" "):
            yield from (f"    {line.strip()}" for line in block.splitlines())
        elif block.strip():
            yield _one_line(block)
