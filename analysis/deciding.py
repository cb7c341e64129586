"""Processes that decide the claims of lessons and draw their figures while other lessons train."""

import itertools
import os
from contextlib import contextmanager
from dataclasses import replace

from experiments.executors.process import Worker


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


def decide(name, uri, out, quick):
    """The Answer to a lesson, without the lesson's functions; None if the lesson has no file."""
    from analysis import answers, lessons

    if name not in lessons.names():
        return None
    (lesson,) = lessons.some([name])
    answer = answers.decide(lesson, uri, out, quick)
    return replace(answer, lesson=replace(lesson, claims=None, draw=None, animate=None))
