"""Processes that decide the claims of lessons and draw their figures while other lessons train."""

import itertools
import os
from contextlib import contextmanager
from dataclasses import replace

from experiments.executors.process import Worker

# A lesson's functions are not sent between processes.
FUNCTIONS = dict.fromkeys(("cells", "claims", "answer", "draw", "animate"))


@contextmanager
def processes():
    """Yields a function that starts `decide` in another process and returns a future of its result.

    There is one process for every two cores: training needs the others.
    """
    workers = [Worker() for _ in range(max(1, (os.cpu_count() or 1) // 2))]
    turns = itertools.cycle(workers)
    for worker in workers:
        worker.submit(prepare)  # while the first lesson trains
    try:
        yield lambda *arguments: next(turns).submit(decide, *arguments)
    finally:
        for worker in workers:
            worker.kill()


def prepare():
    """Imports all that `decide` needs, which takes seconds."""
    from analysis import answers  # noqa: F401


def decide(name, uri, out, quick, code=None):
    """The Answer to a lesson, without the lesson's functions; None if the lesson has no file.

    Args:
        name: of the lesson, or its place.
        code: paths of files of the user's own, which the runs need.
    """
    from analysis import answers, lessons, own_lesson

    is_own = own_lesson.is_path(name)
    if not (own_lesson.file_of(name).is_file() if is_own else name in lessons.names()):
        return None
    (lesson,) = own_lesson.some([name])
    answer = answers.decide(lesson, uri, out, quick, code=code)
    return replace(answer, lesson=replace(lesson, **FUNCTIONS))
