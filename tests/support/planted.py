"""Faults planted in stored runs: a claim that cannot fail claims nothing."""

import dataclasses
from types import SimpleNamespace

from support import readme

from analysis import essay, guesses, lessons
from analysis.answers import Answer


class FaultyArrays:
    """The arrays of runs as they are stored, changed by `fault(knobs, arrays)` when read."""

    def __init__(self, stored, runs, fault):
        self.stored, self.prepare, self.fault = stored, stored.prepare, fault
        self.knobs = {run.run_id: run for run in runs.itertuples()}

    def read(self, run_id, wanted=lambda name: True):
        arrays = self.stored.read(run_id)
        self.fault(self.knobs[run_id], arrays)
        return {name: array for name, array in arrays.items() if wanted(name)}


def plant(data, fault):
    """The same runs with arrays that `fault`, a function of knobs and arrays, changes in place."""
    return dataclasses.replace(data, _arrays=FaultyArrays(data._arrays, data.runs, fault))


def refuted(lesson, cells, fault=None):
    """The claims of a lesson that do not hold, once `fault` has changed a copy of its cells."""
    return [claim.sentence for claim in claims(lesson, cells, fault) if not claim.holds]


def claims(lesson, cells, fault=None):
    """The claims of a lesson on a copy of its cells, which `fault` may have changed."""
    cells = _copied(cells)
    if fault is not None:
        fault(cells)
    return lesson.claims(cells)


def check(lesson, cells, faults):
    """That each fault refutes exactly the claims it names, and that each claim can be refuted.

    README tells the lesson's answer, with the numbers of the whole sweep. What is usually said and
    what a reader is to guess rest on claims that are there.

    Args:
        faults: {fault, a function that changes cells in place: beginnings of sentences}.
    """
    assert refuted(lesson, cells) == []
    said = lesson.answer(_copied(cells))
    assert readme.without_numbers(said) == readme.without_numbers(readme.answer(lesson))
    told(lesson, claims(lesson, cells), said)
    upheld = set(range(len(claims(lesson, cells))))
    for fault, beginnings in faults.items():
        found = claims(lesson, cells, fault)
        wrong = [i for i, claim in enumerate(found) if not claim.holds]
        said = [found[i].sentence for i in wrong]
        assert len(said) == len(beginnings), (fault.__name__, said)
        pairs = zip(said, beginnings, strict=True)
        assert all(one.startswith(part) for one, part in pairs), (fault.__name__, said)
        upheld -= set(wrong)
    assert upheld == set(), "claims that no fault refutes"


def told(lesson, found, said):
    """Asserts that the page finds the claims that it names, and the number that it asks for."""
    name = lesson.__name__.rpartition(".")[2]
    for saying in essay.SAYINGS:
        if saying.lesson == name:
            assert None not in essay.evidence(saying, found), saying
    answer = Answer(lessons.of_module(name, lesson), tuple(found), sentence=said)
    assert answer.lesson.ask and guesses.guess(answer), name


def _copied(value):
    """A copy of cells in which arrays, frames and their containers are new, functions the same."""
    if isinstance(value, SimpleNamespace):
        return SimpleNamespace(**{name: _copied(part) for name, part in vars(value).items()})
    if isinstance(value, dict):
        return {key: _copied(part) for key, part in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(_copied, value))
    return value.copy() if hasattr(value, "copy") else value
