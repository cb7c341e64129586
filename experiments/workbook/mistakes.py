"""The usual mistakes, each as a formula that gives the numbers of a reader who makes it.

A mistake takes the arguments of the right function. Its name completes the sentence "The same
numbers come out if …"; the hint is a question to think about, and does not give the answer away.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from experiments.workbook import reference as right
from experiments.workbook.reference import predict, sigmoid, step


class Mistake(NamedTuple):
    """A usual mistake. `f` is None for mistakes that a property shows, not a number."""

    name: str
    f: Callable | None
    hint: str = ""


SIGN = "Write down the error of an example that is too small. Is the weight to rise or to fall?"
MEAN = "A mean is a sum, divided by the number of examples, and divided once."
BIAS = "Which number of the unit does not come from the inputs?"


# --- step 1 ---------------------------------------------------------------------------------------

STEP = (
    Mistake("the two answers are exchanged", lambda z: 1 - step(z), "Which side is z = 5 on?"),
    Mistake("the answer at z = 0 is 1", lambda z: 1.0 * (z >= 0), "What is > 0, and what is >= 0?"),
    Mistake("the answers are -1 and 1", lambda z: 2 * step(z) - 1, "Targets are 0 and 1 here."),
    Mistake("z itself is returned", lambda z: z, "An answer is 0 or 1."),
)

PREDICT = (
    Mistake("the bias is left out", lambda w, b, x: step(w @ x), BIAS),
    Mistake("the bias is subtracted", lambda w, b, x: step(w @ x - b), BIAS),
    Mistake("the sum is returned without the step", lambda w, b, x: w @ x + b,
            "Which function makes a decision out of a sum?"),
    Mistake("the inputs are added without their weights", lambda w, b, x: step(x.sum() + b),
            "What does each input meet before it is added?"),
    Mistake("the two answers are exchanged", lambda w, b, x: 1 - step(w @ x + b),
            "On which side of the line is the answer 1?"),
)  # fmt: skip


def bias_after_weights(w, b, x, y, lr):
    w = w + lr * (y - predict(w, b, x)) * x
    return w, b + lr * (y - predict(w, b, x))


UPDATE = (
    Mistake("the sign is turned (answer - y in place of y - answer, or - for +)",
            lambda w, b, x, y, lr: [2 * old - new for old, new in
                                    zip((w, b), right.update(w, b, x, y, lr), strict=True)], SIGN),
    Mistake("the bias is not changed",
            lambda w, b, x, y, lr: (right.update(w, b, x, y, lr)[0], b), BIAS),
    Mistake("only the bias is changed",
            lambda w, b, x, y, lr: (w, right.update(w, b, x, y, lr)[1]),
            "Are the new weights in what you return?"),
    Mistake("the weights change without their inputs (x[d] is left out)",
            lambda w, b, x, y, lr: (w + lr * (y - predict(w, b, x)),
                                    b + lr * (y - predict(w, b, x))),
            "Should the weight of an input that is 0 change?"),
    Mistake("the learning rate is left out",
            lambda w, b, x, y, lr: right.update(w, b, x, y, 1.0), "Where is lr in your code?"),
    Mistake("the target y is used in place of the error",
            lambda w, b, x, y, lr: (w + lr * y * x, b + lr * y),
            "What should happen after a right answer?"),
    Mistake("the weights are changed before the bias asks for the answer", bias_after_weights,
            "How many different answers does your code compute for one example?"),
)  # fmt: skip


def training(keep_on=False, at_first=False, restart=False, count_after=False, total=False):
    """The loop of the perceptron with one mistake in it."""

    def train(w, b, X, Y, lr, epochs):
        start, mistakes = (w, b), []
        while len(mistakes) < epochs and (keep_on or mistakes[-1:] != [0]):
            mistakes.append(mistakes[-1] if total and mistakes else 0)
            w, b = start if restart else (w, b)
            for x, y in zip(X, Y, strict=True):
                new = right.update(w, b, x, y, lr)
                mistakes[-1] += int(predict(*(new if count_after else (w, b)), x) != y)
                if at_first and predict(w, b, x) == y:
                    return w, b, mistakes
                w, b = new
        return w, b, mistakes

    return train


def one_epoch_more(w, b, X, Y, lr, epochs):
    w, b, mistakes = right.train(w, b, X, Y, lr, epochs)
    return w, b, mistakes + [0] * int(mistakes[-1] == 0 and len(mistakes) < epochs)


def one_epoch(w, b, X, Y, lr, epochs):
    return right.train(w, b, X, Y, lr, 1)


TRAIN = (
    Mistake("training goes on after an epoch without a mistake", training(keep_on=True),
            "When does nothing change any more?"),
    Mistake("training stops at the first right answer", training(at_first=True),
            "An epoch shows all examples. When do you know that none of them was a mistake?"),
    Mistake("training stops after one epoch", one_epoch,
            "Is your `return` inside the loop over epochs?"),
    Mistake("one epoch more is trained after the first one without a mistake", one_epoch_more,
            "When do you look at the number of mistakes: before the next epoch, or after it?"),
    Mistake("each epoch starts again from the first weights", training(restart=True),
            "Which weights does the second epoch start with?"),
    Mistake("a mistake is counted after the update", training(count_after=True),
            "Which answer counts: the one before the update, or the one after it?"),
    Mistake("mistakes are added up over all epochs", training(total=True, keep_on=True),
            "Where is your counter set to 0?"),
)  # fmt: skip


# --- step 3 ---------------------------------------------------------------------------------------

SIGMOID = (
    Mistake("the sign of z is turned", lambda z: sigmoid(-z), "Is the answer to z = 5 near 1?"),
    Mistake("brackets are missing: 1 / 1 + exp(-z)", lambda z: 1 + np.exp(-z),
            "What does Python compute first, / or +?"),
    Mistake("the 1 + below the line is missing", lambda z: np.exp(z), "What is sigmoid(0)?"),
    Mistake("it is the hyperbolic tangent", np.tanh, "Between which numbers is a probability?"),
    Mistake("it is the derivative of the sigmoid", lambda z: sigmoid(z) * (1 - sigmoid(z)),
            "The derivative comes later. What is the function itself?"),
)  # fmt: skip

PROBABILITIES = (
    Mistake("the bias is left out", lambda w, b, X: sigmoid(X @ w), BIAS),
    Mistake("the bias is subtracted", lambda w, b, X: sigmoid(X @ w - b), BIAS),
    Mistake("the sigmoid is left out", lambda w, b, X: X @ w + b, "Is a sum a probability?"),
    Mistake("the step is there in place of the sigmoid", lambda w, b, X: step(X @ w + b),
            "How sure is the model? The step does not say."),
    Mistake("the sigmoid is taken twice", lambda w, b, X: sigmoid(sigmoid(X @ w + b)),
            "How often does a sum pass through the sigmoid?"),
)  # fmt: skip

LOSS = (
    Mistake("the sign is turned (the minus is missing)", lambda P, Y: -right.loss(P, Y),
            "Is log(p) positive or negative if p is below 1?"),
    Mistake("there is a sum where the mean belongs", lambda P, Y: right.loss(P, Y) * len(Y), MEAN),
    Mistake("only the examples with y = 1 count", lambda P, Y: -np.mean(Y * np.log(P)),
            "What does an example with y = 0 cost?"),
    Mistake("only the examples with y = 0 count", lambda P, Y: -np.mean((1 - Y) * np.log(1 - P)),
            "What does an example with y = 1 cost?"),
    Mistake("the two cases are exchanged", lambda P, Y: right.loss(P, 1 - Y),
            "What should the loss be if p = 0.99 and y = 1?"),
    Mistake("inputs and targets are swapped: y where p belongs", lambda P, Y: right.loss(Y, P),
            "Which of the two is never exactly 0 or 1, so that it has a logarithm?"),
    Mistake("the logarithm is that of base 2", lambda P, Y: right.loss(P, Y) / np.log(2),
            "Which base has the natural logarithm?"),
    Mistake("the logarithm is that of base 10", lambda P, Y: right.loss(P, Y) / np.log(10),
            "Which base has the natural logarithm?"),
    Mistake("it is the mean squared error", lambda P, Y: np.mean((P - Y) ** 2),
            "That is another loss. Which one does the docstring give?"),
    Mistake("it is half the mean squared error", lambda P, Y: np.mean((P - Y) ** 2) / 2,
            "That is another loss. Which one does the docstring give?"),
)  # fmt: skip

GRADIENT = (
    Mistake("the sign is turned (y - p in place of p - y)",
            lambda P, X, Y: right.gradient(Y, X, P), SIGN),
    Mistake("there is a sum where the mean belongs",
            lambda P, X, Y: (X.T @ (P - Y), np.sum(P - Y)), MEAN),
    Mistake("dw is a sum where the mean belongs",
            lambda P, X, Y: (X.T @ (P - Y), np.mean(P - Y)), MEAN),
    Mistake("db is a sum where the mean belongs",
            lambda P, X, Y: (X.T @ (P - Y) / len(Y), np.sum(P - Y)), MEAN),
    Mistake("there is one more derivative of the sigmoid, p (1 - p)",
            lambda P, X, Y: right.gradient(Y + (P - Y) * P * (1 - P), X, Y),
            "With this loss the slope of the sigmoid cancels. Which loss keeps it?"),
    Mistake("the inputs x[d] are left out",
            lambda P, X, Y: (np.full(X.shape[1], np.mean(P - Y)), np.mean(P - Y)),
            "What does a weight multiply?"),
    Mistake("inputs and targets are swapped: y where x belongs",
            lambda P, X, Y: (np.full(X.shape[1], np.mean((P - Y) * Y)), np.mean(P - Y)),
            "What does a weight multiply?"),
    Mistake("p is used in place of the error p - y",
            lambda P, X, Y: right.gradient(P, X, 0 * Y), "Where are the targets in your code?"),
    Mistake("only the last example counts",
            lambda P, X, Y: ((P - Y)[-1] * X[-1], (P - Y)[-1]),
            "Is += there, or =? Where is the sum set to 0?"),
    Mistake("only the last example counts, divided by N",
            lambda P, X, Y: ((P - Y)[-1] * X[-1] / len(Y), (P - Y)[-1] / len(Y)),
            "Is += there, or =? Where is the sum set to 0?"),
    Mistake("the derivative by the bias is 0",
            lambda P, X, Y: (X.T @ (P - Y) / len(Y), 0.0), BIAS),
)  # fmt: skip
