"""Compares what a function of the reader's returned with what it should return."""

import math
from typing import NamedTuple

import numpy as np

RELATIVE, ABSOLUTE = 1e-6, 1e-9  # sums in another order, and numbers of 32 bits, are right


class Difference(NamedTuple):
    """The first number that differs, or a sentence where the answer has not the right form."""

    name: str  # of the quantity, such as dW1[0][1]
    mine: str
    expected: str
    sentence: str = ""


def shape(value):
    """The shape of nested lists; None if it is not a table of numbers."""
    if isinstance(value, float | int):
        return ()
    if not isinstance(value, list):
        return None
    inner = {shape(one) for one in value}
    if len(inner) > 1 or None in inner:
        return None
    return (len(value), *(inner.pop() if inner else ()))


def first_difference(names, value, expected):
    """The first Difference between the answer `value`, nested lists, and arrays; None if equal.

    The shapes of NumPy's users are right, too: (1, H) or (H, 1) for H numbers, (1,) for a number.
    """
    problem = split(names, value)
    if isinstance(problem, str):
        return Difference("", "", "", problem)
    for name, mine, truth in zip(names, problem, expected, strict=True):
        truth = np.asarray(truth, dtype=float)
        found = shape(mine)
        if found is None:
            return Difference(
                "", "", "", f"{name} is {kind(mine)}; expected: {counted(truth.shape)}"
            )
        numbers = np.array(mine, dtype=float)
        if found != truth.shape:
            if truth.ndim > 1 or 1 not in found or numbers.size != truth.size or len(found) > 2:
                said = f"{name} has {counted(found)}; expected: {counted(truth.shape)}"
                if len(found) == truth.ndim == 1:
                    said += f". Yours: {row(numbers)}. Expected: {row(truth)}"
                return Difference("", "", "", said)
            numbers = numbers.reshape(truth.shape)
        for index in np.ndindex(truth.shape):
            if not close(numbers[index], truth[index]):
                where = name + "".join(f"[{i}]" for i in index)
                return Difference(where, number(numbers[index]), number(truth[index]))
    return None


def misshapen(names, value, shapes):
    """The sentence about an answer that has not these shapes; None if it has."""
    parts = split(names, value)
    if isinstance(parts, str):
        return parts
    for name, part, wanted in zip(names, parts, shapes, strict=True):
        if shape(part) != wanted:
            found = kind(part) if shape(part) is None else counted(shape(part))
            return f"{name} has {found}; expected: {counted(wanted)}"
    return None


def split(names, value):
    """The answers, one for each name, or a sentence about what is wrong with their number."""
    if len(names) == 1:
        alone = isinstance(value, list) and len(value) == 1 and isinstance(value[0], list)
        return [value[0]] if alone and shape(value) is None else [value]
    if isinstance(value, dict):
        return f"it returns {kind(value)}; {len(names)} values expected: {', '.join(names)}"
    if not isinstance(value, list) or len(value) != len(names):
        many = len(value) if isinstance(value, list) else 1
        return (
            f"it returns {many} value{'s' * (many != 1)}; {len(names)} expected: {', '.join(names)}"
        )
    return value


def close(a, b):
    if math.isfinite(a) and math.isfinite(b):
        return bool(abs(a - b) <= ABSOLUTE + RELATIVE * abs(b))
    return bool(a == b or math.isnan(a) and math.isnan(b))


def finite(value):
    """Whether all numbers of an answer are finite."""
    if isinstance(value, list):
        return all(map(finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def kind(value):
    """What an answer is, in words."""
    if isinstance(value, dict):
        return {"NoneType": "None", "text": "text"}.get(value["is"], f"an object ({value['is']})")
    return "a list of unequal lists" if isinstance(value, list) else "a number"


def counted(found):
    """A shape in words."""
    if not found:
        return "one number"
    return " x ".join(map(str, found)) + (" numbers" if found != (1,) else " number in a list")


def row(numbers):
    return f"[{', '.join(map(number, numbers))}]"


def number(value):
    return "NaN (not a number)" if math.isnan(value) else f"{value:.6g}"
