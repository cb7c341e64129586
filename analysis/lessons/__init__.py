"""Lessons: a question, claims that stored runs decide, and a figure; one file a lesson.

Every file in this folder is a lesson; there is nothing to register. It has

    a docstring      whose first line is the question
    CAPTION          the contents of the figure, with its bands and bars named
    CAVEAT           the limits of the usual sentence, and all that was held fixed
    claims(data)     -> list of `analysis.claims.Claim`
    draw(data)       -> a Matplotlib figure

and may have CHAPTER, its place among the lessons, and animate(data), the frames of a moving
picture, with FPS, their number a second. `data` is the `Data` that `analysis.data.load` returns.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

LAST = 1000  # the chapter of a lesson without CHAPTER


@dataclass(frozen=True)
class Lesson:
    """A lesson as the report sees it. If its file is broken, it has a `problem` and little more."""

    name: str
    question: str
    caption: str = ""
    caveat: str = ""
    claims: Callable | None = None
    draw: Callable | None = None
    animate: Callable | None = None
    fps: int = 12
    chapter: int = LAST
    problem: str | None = None


def names():
    """The names of all lessons, sorted."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))


def read(name):
    """The lesson of a name.

    Raises:
        TypeError: The file lacks a part of a lesson; the message names it.
    """
    module = importlib.import_module(f"{__name__}.{name}")
    lacking = [a for a in ("CAPTION", "CAVEAT", "claims", "draw") if not hasattr(module, a)]
    lacking += [] if module.__doc__ else ["a docstring"]
    if lacking:
        raise TypeError(f"lesson {name} lacks {', '.join(lacking)}")
    return Lesson(
        name=name,
        question=inspect.cleandoc(module.__doc__).splitlines()[0],
        caption=_one_line(module.CAPTION),
        caveat=_one_line(module.CAVEAT),
        claims=module.claims,
        draw=module.draw,
        animate=getattr(module, "animate", None),
        fps=getattr(module, "FPS", Lesson.fps),
        chapter=getattr(module, "CHAPTER", Lesson.chapter),
    )


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
        return Lesson(name, f"{name} cannot be read.", problem=f"{type(error).__name__}: {error}")


def _one_line(text):
    return " ".join(text.split())
