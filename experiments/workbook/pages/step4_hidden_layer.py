"""Step 4 of 4: a net with one hidden layer, which solves XOR, and the chain rule by hand.

There are six gaps: initialize, forward, output_delta, hidden_delta, gradients, train_step. The net
uses the sigmoid that you wrote in step 3.

    x[0] ---+---- unit 0: a1[0] ---+
             \\/                    |
             /\\                    +--- output: p
    x[1] ---+---- unit 1: a1[1] ---+

Letters:  D inputs, H hidden units
    W1   D lists of H numbers: W1[d][h] is the weight from input d to hidden unit h
    b1   H numbers, the biases of the hidden units
    W2   H numbers: W2[h] is the weight from hidden unit h to the output
    b2   a number, the bias of the output
    z1, z2   the sums before the sigmoid         a1, p   what comes out of the sigmoid
    dz1, dz2 the derivatives of the loss by z1 and z2; dW1 is the derivative by W1, and so on
"""

import random

from step3_logistic import sigmoid


def initialize(D, H, rng):
    """Random weights and biases for a new net.

        each weight is drawn from the uniform distribution between -1 and 1

    In: D, H, whole numbers; rng, a random.Random, so that rng.uniform(-1, 1) is a random number.
    Out: W1, b1, W2, b2. Biases may start at 0 or be drawn, too.

    Why: two hidden units that start equal have equal gradients, so they stay equal for ever.
    Random weights make them different.
    """
    raise NotImplementedError


def forward(W1, b1, W2, b2, x):
    """What the hidden units and the output say to one example.

        z1[h] = x[0] W1[0][h] + x[1] W1[1][h] + ... + b1[h],    a1[h] = sigmoid(z1[h])
        z2    = a1[0] W2[0] + a1[1] W2[1] + ... + b2,           p     = sigmoid(z2)

    In: W1, b1, W2, b2; x, D inputs. Out: a1, a list of H numbers; p, a number.

    Why: each hidden unit is a logistic regression of its own, and the output is one more, with the
    hidden units as inputs. a1 is needed again on the way back.
    """
    raise NotImplementedError


def output_delta(p, y):
    """dz2, the derivative of the loss of one example by z2. The loss is that of step 3.

        dz2 = p - y

    In: p, a number; y, 0 or 1. Out: a number.

    Why: the chain rule starts at the end of the net. The sign tells whether the output was too
    large (+) or too small (-).
    """
    raise NotImplementedError


def hidden_delta(dz2, W2, a1):
    """dz1, the derivative of the loss of one example by each z1[h].

        dz1[h] = dz2 * W2[h] * f'(z1[h]),    where f is the sigmoid, and f'(z) = f(z) (1 - f(z))

    In: dz2, a number; W2, H numbers; a1, H numbers, the outputs of the hidden units. a1[h] is
    f(z1[h]), so z1 itself is not needed. Out: dz1, a list of H numbers.

    Why: z1[h] changes a1[h], a1[h] changes z2, and z2 changes the loss. The chain rule multiplies
    the three derivatives: f'(z1[h]), W2[h] and dz2.
    """
    raise NotImplementedError


def gradients(x, a1, dz1, dz2):
    """The derivatives of the loss of one example by all weights and biases.

        dW1[d][h] = x[d] dz1[h]      db1[h] = dz1[h]      dW2[h] = a1[h] dz2      db2 = dz2

    In: x, D inputs; a1, H numbers; dz1, H numbers; dz2, a number. Out: dW1, db1, dW2, db2, in the
    shapes of W1, b1, W2, b2.

    Why: a weight multiplies what comes in. So its derivative is what comes in times the derivative
    at its end. A bias is a weight whose input is always 1.
    """
    raise NotImplementedError


def train_step(W1, b1, W2, b2, X, Y, lr):
    """The weights and biases after one step of gradient descent on all examples.

        gradients of all examples, with the old weights; then their mean; then
        new weight = old weight - lr * mean gradient        for W1, b1, W2 and b2

    In: W1, b1, W2, b2; X, N lists of D inputs; Y, N targets; lr. Out: W1, b1, W2, b2.

    Why: the gradient points uphill, so the step has a minus. All derivatives belong to one point,
    so no weight may change before the last derivative is taken.
    """
    raise NotImplementedError


def main():
    """Trains five nets on XOR. Start it with `python step4_hidden_layer.py`."""
    X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    for seed in range(5):
        net = initialize(2, 2, random.Random(seed))
        for _ in range(1000):
            net = train_step(*net, X, Y, 3.0)
        answers = [round(float(forward(*net, x)[1]), 2) for x in X]
        print("seed", seed, "answers", answers, "targets", Y)


if __name__ == "__main__":
    main()
