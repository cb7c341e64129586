"""The gaps of the workbook, in their order, each with all that the teacher knows about it.

A case is a tuple of arguments. The first case is small; a later one has other numbers of inputs and
hidden units. The values are such that no two mistakes give the same numbers (a test holds that).
"""

from collections.abc import Callable
from typing import NamedTuple

from experiments.workbook import mistakes, net_mistakes, properties, reference, step_mistakes
from experiments.workbook.reference import XOR_X

SQUARE = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
W = [0.5, -1.0]
X3 = [[1.0, -2.0, 0.5], [0.25, 3.0, -1.0], [-1.5, 0.75, 2.0]]  # three inputs
NET = ([[0.5, -0.75], [-0.25, 1.0]], [0.1, -0.3], [0.8, -0.6], 0.2)
WIDE = ([[0.5, -0.75, 0.3], [-0.25, 1.0, 0.6]], [0.1, -0.3, 0.7], [0.8, -0.6, 0.4], 0.2)
NARROW = ([[0.4, 0.9], [-0.7, 0.2], [0.3, -0.5]], [0.2, -0.1], [-0.9, 0.5], -0.3)


class Gap(NamedTuple):
    """A function that the reader writes."""

    name: str
    arguments: tuple  # their names
    answers: tuple  # the names of what comes out
    cases: tuple
    reference: Callable | None = None
    mistakes: tuple = ()
    factors: tuple = ()  # a second mistake on top: (name, f(arguments, answers) -> answers)
    judge: Callable | None = None  # in place of a reference: looks at the answers to all cases
    may_change: tuple = ()  # arguments that the function may change in place
    extreme: tuple = ()  # a case that is no reason to blame anybody
    remark: str = ""  # about an extreme case that brings no finite number
    shapes: Callable | None = None  # arguments -> the shapes of the answers, where judge needs them
    optional: bool = False  # whether a file without this function is right, too


class Step(NamedTuple):
    """A file of the workbook."""

    number: int
    title: str
    file: str
    gaps: tuple


NEGATIVE = ("the sign is turned", lambda arguments, answers: [-one for one in answers])
SUMMED = (
    "there is a sum where the mean belongs",
    lambda arguments, answers: [one * len(arguments[1]) for one in answers],
)


def moved(factor):
    """Steps that go `factor` times as far; a factor of 0 stands for the number of examples."""

    def move(arguments, answers):
        by, old = factor or len(arguments[5]), arguments[:4]
        return [o + by * (a - o) for o, a in zip(old, answers, strict=True)]

    return move


STEP1 = (
    Gap("step", ("z",), ("the answer",), ((2.0,), (-0.5,), (0.25,), (0.0,)),
        reference.step, mistakes.STEP),
    Gap("predict", ("w", "b", "x"), ("the answer",),
        ((W, 0.75, [1.0, 1.0]), (W, 1.0, [1.0, 0.0]), (W, -0.75, [1.0, 0.0]),
         (W, 0.25, [1.0, 2.0]), ([-1.0, -1.0], -0.5, [1.0, 1.0]), ([0.5, 1.0, -2.0], 0.5, X3[0])),
        reference.predict, mistakes.PREDICT),
    Gap("update", ("w", "b", "x", "y", "lr"), ("w", "b"),
        ((W, 0.25, [1.0, 2.0], 1, 0.5), (W, 0.75, [1.0, 0.5], 0, 0.5),
         (W, 0.75, [1.0, 0.5], 1, 0.5), ([0.5, 1.0, -2.0], 0.25, X3[1], 0, 0.25)),
        reference.update, mistakes.UPDATE, may_change=("w",)),
    Gap("train", ("w", "b", "X", "Y", "lr", "epochs"), ("w", "b", "mistakes"),
        (([0.0, 0.0], 0.0, SQUARE, [0, 0, 0, 1], 1.0, 20),
         ([2.0, -1.0], 0.5, SQUARE, [0, 1, 1, 1], 0.5, 20),
         ([0.0, 0.0], 0.0, SQUARE, [0, 1, 1, 0], 1.0, 5)),
        reference.train, mistakes.TRAIN, may_change=("w",)),
)  # fmt: skip

STEP2 = (
    Gap("three_units", (), ("the first unit", "the second unit", "the third unit"), ((),),
        judge=properties.solves_xor),
)  # fmt: skip

SIGMOID = Gap(
    *("sigmoid", ("z",), ("the answer",), ((2.0,), (-0.5,), (0.0,), (0.75,))),
    *(reference.sigmoid, mistakes.SIGMOID),
    extreme=(-1000.0,),
    remark="Below z = -709, exp(-z) is too large for a number of Python. Nets with large weights "
    "may meet such a z. Can you write the sigmoid of a negative z with exp(z)?",
)
P3, Y3 = [0.7, 0.2, 0.4], [1, 0, 1]
STEP3 = (
    SIGMOID,
    Gap("probabilities", ("w", "b", "X"), ("P",),
        ((W, 0.25, SQUARE[1:]), ([0.5, 1.0, -2.0], -0.5, X3[:2])),
        reference.probabilities, mistakes.PROBABILITIES),
    Gap("loss", ("P", "Y"), ("the loss",), ((P3, Y3), ([0.9, 0.6, 0.3, 0.2], [1, 0, 0, 1])),
        reference.loss, mistakes.LOSS),
    Gap("gradient", ("P", "X", "Y"), ("dw", "db"),
        ((P3, [[1.0, 2.0], [0.5, -1.0], [3.0, 0.25]], Y3), ([0.9, 0.6, 0.3], X3, [0, 0, 1])),
        reference.gradient, mistakes.GRADIENT, factors=(NEGATIVE, SUMMED)),
)  # fmt: skip

NET_NAMES = ("W1", "b1", "W2", "b2")
STEP4 = (
    SIGMOID._replace(optional=True, extreme=()),  # that of step 3, on which all the rest depends
    Gap("initialize", ("D", "H", "rng"), NET_NAMES,
        tuple((D, H, {"rng": seed}) for D, H in ((3, 4), (2, 2)) for seed in range(8)),
        judge=lambda calls: properties.is_a_start(calls[:8]) or properties.is_a_start(calls[8:]),
        shapes=lambda D, H, rng: ((D, H), (H,), (H,), ())),
    Gap("forward", (*NET_NAMES, "x"), ("a1", "p"),
        ((*NET, [1.0, -2.0]), (*WIDE, [0.5, 1.5]), (*NARROW, X3[0])),
        reference.forward, net_mistakes.FORWARD),
    Gap("output_delta", ("p", "y"), ("dz2",), ((0.7, 1), (0.7, 0), (0.4, 1)),
        reference.output_delta, net_mistakes.OUTPUT_DELTA, factors=(NEGATIVE,)),
    Gap("hidden_delta", ("dz2", "W2", "a1"), ("dz1",),
        ((0.3, [0.8, -0.6], [0.6, 0.25]), (-0.4, [0.8, -0.6, 0.4], [0.6, 0.25, 0.9])),
        reference.hidden_delta, net_mistakes.HIDDEN_DELTA, factors=(NEGATIVE,)),
    Gap("gradients", ("x", "a1", "dz1", "dz2"), ("dW1", "db1", "dW2", "db2"),
        (([1.0, -2.0], [0.6, 0.25], [0.3, -0.1], -0.4),
         ([0.5, 1.5], [0.6, 0.25, 0.9], [0.3, -0.1, 0.2], 0.7),
         (X3[0], [0.6, 0.25], [0.3, -0.1], 0.2)),
        reference.gradients, net_mistakes.GRADIENTS, factors=(NEGATIVE,)),
    Gap("train_step", (*NET_NAMES, "X", "Y", "lr"), NET_NAMES,
        ((*NET, [list(x) for x in XOR_X], [0, 1, 1, 0], 0.5),
         (*WIDE, [[0.5, 1.5], [1.0, -0.5], [-1.0, 2.0]], [1, 0, 1], 2.0), (*NARROW, X3, Y3, 0.5)),
        reference.train_step, step_mistakes.TRAIN_STEP,
        factors=(("the sign is turned", moved(-1)), (SUMMED[0], moved(0))),
        may_change=NET_NAMES),
)  # fmt: skip

STEPS = (
    Step(1, "A perceptron", "step1_perceptron.py", STEP1),
    Step(2, "XOR: why one line is not enough", "step2_xor.py", STEP2),
    Step(3, "Logistic regression", "step3_logistic.py", STEP3),
    Step(4, "A net with a hidden layer", "step4_hidden_layer.py", STEP4),
)
