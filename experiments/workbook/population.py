"""Trains many nets on XOR: with the reader's code, or with the right formulas and one mistake.

A net counts as solved when, at one of the looks, all four answers are within 0.3 of their targets.
"""

import os
import queue
import time
from functools import partial
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from experiments.workbook import process, reference
from experiments.workbook.reference import XOR_X, XOR_Y, Net

LR, EPOCHS, EVERY, TOLERANCE = 3.0, 1000, 10, 0.3  # a look at every tenth epoch
SECONDS = 90.0  # then the nets that are trained so far must do


class Count(NamedTuple):
    """How many nets of a population solve XOR.

    Attributes:
        error: of the reader's code, in a net of those counted; None if there was none.
        failed: nets in which it happened. They count as not solved.
    """

    solved: int
    nets: int
    failed: int = 0
    error: dict | None = None

    @property
    def share(self):
        return self.solved / self.nets

    def interval(self, level=0.95):
        """The interval of the share (Wilson 1927)."""
        z = NormalDist().inv_cdf(0.5 + level / 2)
        p, n = self.share, self.nets
        centre, width = p + z**2 / (2 * n), z * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5
        return tuple((centre + sign * width) / (1 + z**2 / n) for sign in (-1, 1))


def of_reader(folder, file, nets, width, arrays, tell, seconds=SECONDS):
    """The Count of nets that the reader's code trains, in two processes.

    Args:
        arrays: whether `train_step` takes NumPy arrays and no lists.
        tell: called with the number of nets that are done.
    """
    job = {"X": XOR_X, "Y": XOR_Y, "width": width, "arrays": arrays, "lr": LR, "epochs": EPOCHS,
           "every": EVERY, "tolerance": TOLERANCE}  # fmt: skip
    workers = min(2, os.cpu_count() or 1, nets)
    seeds = [list(range(first, nets, workers)) for first in range(workers)]
    runners = [process.Runner(folder, file, **job, seeds=share) for share in seeds]
    done, end = [], time.monotonic() + seconds
    try:
        for answer in answers(runners, end):
            done += [answer] if "seed" in answer else []
            tell(len(done))
    finally:
        for runner in runners:
            runner.__exit__()
    errors = [answer["error"] for answer in done if "error" in answer]
    solved = sum(answer["epochs"] is not None for answer in done)
    return Count(solved, len(done), len(errors), errors[0] if errors else None)


def answers(runners, end):
    """What all processes answer, until each has ended or the time is over."""
    running = list(runners)
    while running and time.monotonic() < end:
        for runner in list(running):
            try:
                answer = runner.answers.get(timeout=0.1)
            except queue.Empty:
                continue
            if answer is None:
                running.remove(runner)
            else:
                yield answer


def of_formulas(nets, width, gap="", formula=None):
    """The Count of nets with the right formulas, or with another formula for one gap.

    All nets are trained at once: each weight is an array with a leading axis of nets.
    """
    net = Net(**{gap: formula}) if gap in Net._fields else Net()
    step = formula if gap == "train_step" else partial(reference.train_step, net=net)
    rng = np.random.default_rng(0)
    shapes = (2, width), (width,), (width,), ()
    weights = [rng.uniform(-1, 1, (nets, *shape)) for shape in shapes]
    X, Y = np.array(XOR_X), np.array(XOR_Y)
    solved = np.zeros(nets, dtype=bool)
    with np.errstate(all="ignore"):
        for epoch in range(1, EPOCHS + 1):
            weights = step(*weights, X, Y, LR)
            if epoch % EVERY == 0:
                answers = np.stack([net.forward(*weights, x)[1] for x in X], axis=-1)
                solved |= (abs(answers - Y) < TOLERANCE).all(axis=-1)
    return Count(int(solved.sum()), nets)
