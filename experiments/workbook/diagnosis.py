"""Which usual mistake gives the numbers of the reader."""

import math
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import numpy as np

from experiments.workbook.comparison import first_difference, split


class Diagnosis(NamedTuple):
    """One mistake, or two at once, that give the reader's numbers."""

    names: tuple
    hint: str
    formula: Callable  # takes the arguments of the gap
    answers: tuple = ()  # those that the mistake is about, if it is not about all


def evaluate(gap, formula, arguments):
    """What a formula gives for the arguments of a case: a list of arrays, or None if it cannot."""
    given = [np.asarray(value, dtype=float) for value in arguments]
    # A formula with a mistake may not fit other numbers of inputs and hidden units.
    with np.errstate(all="ignore"), suppress(ValueError, IndexError, TypeError):
        return listed(gap, formula(*given))
    return None


def listed(gap, found):
    return list(found) if len(gap.answers) > 1 else [found]


def find(gap, pairs):
    """The Diagnosis that explains answers to cases, or None.

    Each mistake is tried alone, then with a second one, then for the wrong answers only. Code with
    a size written in it goes wrong in another way at other sizes, so the size of the first case
    alone is tried at last.

    Args:
        pairs: (arguments, value) of each case to which the reader's function gave an answer.
    """
    of_first_size = [pair for pair in pairs if sizes(pair[0]) == sizes(pairs[0][0])]
    for some in (pairs, of_first_size):
        for diagnosis in (*candidates(gap), *for_some(gap, some)):
            if explains(gap, diagnosis.formula, some):
                return diagnosis
    return None


def sizes(arguments):
    return [np.shape(value) for value in arguments if not isinstance(value, dict)]


def candidates(gap):
    """A Diagnosis for each mistake, and for each two."""
    for mistake in gap.mistakes:
        yield Diagnosis((mistake.name,), mistake.hint, mistake.f)
    for name, factor in gap.factors:
        for mistake in gap.mistakes:
            yield Diagnosis((mistake.name, name), mistake.hint, both(gap, mistake.f, factor))


def for_some(gap, pairs):
    """A Diagnosis for each mistake that is made in some of the answers, where others are right."""
    wrong = wrong_answers(gap, pairs)
    if 0 < len(wrong) < len(gap.answers):
        for one in candidates(gap):
            yield one._replace(formula=partly(gap, one.formula, wrong), answers=wrong)


def wrong_answers(gap, pairs):
    """The names of the answers that are not right in all cases."""
    wrong = set()
    for arguments, value in pairs:
        parts, truth = split(gap.answers, value), evaluate(gap, gap.reference, arguments)
        if isinstance(parts, str):
            return gap.answers
        for name, part, one in zip(gap.answers, parts, truth, strict=True):
            wrong |= {name} if first_difference((name,), part, [one]) else set()
    return tuple(name for name in gap.answers if name in wrong)


def both(gap, formula, factor):
    """A formula with a second mistake on top of the first."""

    def composed(*arguments):
        found = factor(arguments, listed(gap, formula(*arguments)))
        return found if len(gap.answers) > 1 else found[0]

    return composed


def partly(gap, formula, wrong):
    """A formula for the answers `wrong`; the others are right."""

    def composed(*arguments):
        pairs = zip(gap.answers, formula(*arguments), gap.reference(*arguments), strict=True)
        return [mine if name in wrong else truth for name, mine, truth in pairs]

    return composed


def explains(gap, formula, pairs):
    """Whether a formula gives the reader's numbers in every case, a wrong one among them."""
    wrong = 0
    for arguments, value in pairs:
        found = evaluate(gap, formula, arguments)
        if found is None:
            continue
        if first_difference(gap.answers, value, found):
            return False
        truth = evaluate(gap, gap.reference, arguments)
        wrong += first_difference(gap.answers, value, truth) is not None
    return wrong > 0


def without_a_number(gap, arguments):
    """The mistake with which a case has no finite answer, so that Python may raise an error."""
    for mistake in gap.mistakes:
        found = evaluate(gap, mistake.f, arguments)
        if found and not all(math.isfinite(x) for one in found for x in np.ravel(one)):
            return mistake
    return None


def may_be_swapped(gap, error):
    """Whether code fails on a whole number in place of a list: a target where inputs belong."""
    both = {"x", "y"} <= {name.lower() for name in gap.arguments}
    said = error["said"].replace("object of type 'int'", "'int' object")
    return both and error["type"] == "TypeError" and said.startswith("'int' object")
