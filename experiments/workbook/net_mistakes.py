"""The usual mistakes of step 4, a net with a hidden layer. They also work on R nets at once.

So the teacher can train a population of nets with one of these mistakes.
"""

import numpy as np

from experiments.workbook import reference as right
from experiments.workbook.mistakes import BIAS, Mistake
from experiments.workbook.reference import sigmoid, step

DERIVATIVE = "Write f' as a function of z, and then use a1 = f(z). Which argument does your f' get?"


def of_forward(f):
    """A mistake in the hidden sums: z1 = f(W1, b1, x), and the rest is right."""

    def forward(W1, b1, W2, b2, x):
        a1 = f(W1, b1, x)
        return a1, sigmoid((a1 * W2).sum(-1) + b2)

    return forward


def inputs(W1, x):
    return np.einsum("d,...dh->...h", x, W1)


def of_output(f):
    """A mistake in the output: p = f(a1, W2, b2), and the hidden layer is right."""

    def forward(W1, b1, W2, b2, x):
        a1 = right.forward(W1, b1, W2, b2, x)[0]
        return a1, f(a1, W2, b2)

    return forward


FORWARD = (
    Mistake("the hidden biases b1 are left out",
            of_forward(lambda W1, b1, x: sigmoid(inputs(W1, x))), BIAS),
    Mistake("the bias b2 of the output is left out",
            of_output(lambda a1, W2, b2: sigmoid((a1 * W2).sum(-1))), BIAS),
    Mistake("W1 is transposed: W1[h][d] where W1[d][h] belongs",
            of_forward(lambda W1, b1, x: sigmoid(inputs(np.swapaxes(W1, -1, -2), x) + b1)),
            "The first index of W1 counts inputs. Which index does your sum run over?"),
    Mistake("the hidden units have no sigmoid",
            of_forward(lambda W1, b1, x: inputs(W1, x) + b1),
            "Two linear layers in a row are one linear layer. What is between them?"),
    Mistake("the hidden units have the step in place of the sigmoid",
            of_forward(lambda W1, b1, x: step(inputs(W1, x) + b1)),
            "Which of the two functions has a slope?"),
    Mistake("the output has no sigmoid",
            of_output(lambda a1, W2, b2: (a1 * W2).sum(-1) + b2), "Is a sum a probability?"),
    Mistake("the output takes the sigmoid twice",
            of_output(lambda a1, W2, b2: sigmoid(sigmoid((a1 * W2).sum(-1) + b2))),
            "How often does a sum pass through the sigmoid?"),
    Mistake("the hidden units are added without their weights W2",
            of_output(lambda a1, W2, b2: sigmoid(a1.sum(-1) + b2)),
            "What does each hidden unit meet on its way to the output?"),
    Mistake("the hidden sums have the biases subtracted",
            of_forward(lambda W1, b1, x: sigmoid(inputs(W1, x) - b1)), BIAS),
)  # fmt: skip

OUTPUT_DELTA = (
    Mistake("the sign is turned (y - p in place of p - y)", lambda p, y: y - p,
            "If p is too large, the loss rises with z2. Which sign has its derivative?"),
    Mistake("there is one more derivative of the sigmoid, p (1 - p)",
            lambda p, y: (p - y) * p * (1 - p),
            "That is the derivative of the squared error. With the cross-entropy, what cancels?"),
    Mistake("inputs and targets are swapped, and the derivative of the sigmoid is there",
            lambda p, y: (y - p) * p * (1 - p),
            "With the cross-entropy, what cancels? And which sign is left?"),
    Mistake("it is the squared error itself, not a derivative", lambda p, y: (p - y) ** 2,
            "A derivative has a sign."),
    Mistake("it is the absolute error", lambda p, y: abs(p - y), "A derivative has a sign."),
    Mistake("it is twice as large", lambda p, y: 2 * (p - y), "Where does the 2 come from?"),
)  # fmt: skip

HIDDEN_DELTA = (
    Mistake("the derivative of the activation is left out",
            lambda dz2, W2, a1: dz2[..., None] * W2,
            "Three factors are between z1[h] and the loss. Which one is missing?"),
    Mistake("the derivative is taken at a1, f'(a1), where f'(z1) belongs",
            lambda dz2, W2, a1: dz2[..., None] * W2 * sigmoid(a1) * (1 - sigmoid(a1)), DERIVATIVE),
    Mistake("the sign is turned", lambda dz2, W2, a1: -right.hidden_delta(dz2, W2, a1),
            "All three factors are multiplied. Where does the minus come from?"),
    Mistake("the derivative is that of tanh, 1 - a1^2",
            lambda dz2, W2, a1: dz2[..., None] * W2 * (1 - a1**2), DERIVATIVE),
    Mistake("the derivative is a1, without the factor 1 - a1",
            lambda dz2, W2, a1: dz2[..., None] * W2 * a1, DERIVATIVE),
    Mistake("the derivative is 1 - a1, without the factor a1",
            lambda dz2, W2, a1: dz2[..., None] * W2 * (1 - a1), DERIVATIVE),
    Mistake("the weights W2 are left out",
            lambda dz2, W2, a1: dz2[..., None] * a1 * (1 - a1),
            "A unit with a large weight to the output has more influence. Where is its weight?"),
    Mistake("only the sign of W2 counts, not its size",
            lambda dz2, W2, a1: dz2[..., None] * np.sign(W2) * a1 * (1 - a1),
            "Where is the size of W2?"),
    Mistake("dz2 is left out",
            lambda dz2, W2, a1: 0 * dz2[..., None] + W2 * a1 * (1 - a1),
            "The chain rule starts at the loss. Where does its derivative come in?"),
)  # fmt: skip


def changed(**parts):
    """The right gradients with some of them replaced: each part is f(x, a1, dz1, dz2, right)."""
    names = "dW1", "db1", "dW2", "db2"

    def gradients(x, a1, dz1, dz2):
        truth = dict(zip(names, right.gradients(x, a1, dz1, dz2), strict=True))
        return tuple(
            parts[name](x, a1, dz1, dz2, truth[name]) if name in parts else truth[name]
            for name in names
        )

    return gradients


def zero(x, a1, dz1, dz2, truth):
    return 0.0 * truth


def turned(x, a1, dz1, dz2, truth):
    return -truth


GRADIENTS = (
    Mistake("the gradient of W1 is transposed",
            changed(dW1=lambda x, a1, dz1, dz2, truth: np.swapaxes(truth, -1, -2)),
            "dW1 has the shape of W1. Is its first index the input, or the hidden unit?"),
    Mistake("the hidden biases b1 have no gradient (0)", changed(db1=zero),
            "A bias is a weight whose input is always 1. Is its derivative 0?"),
    Mistake("the output bias b2 has no gradient (0)", changed(db2=zero),
            "A bias is a weight whose input is always 1. Is its derivative 0?"),
    Mistake("W1 has no gradient (0)", changed(dW1=zero), "Where is dW1 filled?"),
    Mistake("the signs are turned", changed(dW1=turned, db1=turned, dW2=turned, db2=turned),
            "The minus of gradient descent belongs into train_step."),
    Mistake("the inputs x are left out of dW1",
            changed(dW1=lambda x, a1, dz1, dz2, truth: 0 * truth + dz1[..., None, :]),
            "A derivative by a weight is what comes in, times the derivative at its end."),
    Mistake("the outputs a1 of the hidden units are left out of dW2",
            changed(dW2=lambda x, a1, dz1, dz2, truth: 0 * truth + dz2[..., None]),
            "A derivative by a weight is what comes in, times the derivative at its end."),
    Mistake("inputs and targets are swapped: x where a1 belongs, in dW2",
            changed(dW2=lambda x, a1, dz1, dz2, truth: dz2[..., None] * x),
            "What comes into the weights W2?"),
    Mistake("the derivative of the output, dz2, is in dW1 where dz1 belongs",
            changed(dW1=lambda x, a1, dz1, dz2, truth: 0 * truth
                    + x[:, None] * dz2[..., None, None]),
            "Which unit is at the end of a weight of W1?"),
    Mistake("a1 is in dW1 where dz1 belongs",
            changed(dW1=lambda x, a1, dz1, dz2, truth: x[:, None] * a1[..., None, :]),
            "Which derivative is at the end of a weight of W1?"),
)  # fmt: skip
