"""The usual mistakes in a step of gradient descent (the last gap of step 4).

As in net_mistakes, each formula also works on R nets at once. `net` is the net whose functions the
step uses; by default they are right.
"""

from experiments.workbook import reference as right
from experiments.workbook.mistakes import MEAN, Mistake
from experiments.workbook.reference import Net


def scaled(factor):
    """Steps whose gradient is multiplied by factor(N, lr)."""

    def train_step(W1, b1, W2, b2, X, Y, lr, net=None):
        return right.train_step(W1, b1, W2, b2, X, Y, lr * factor(len(Y), lr), net)

    return train_step


def frozen(*places):
    """Steps that leave some of W1, b1, W2, b2 as they are."""

    def train_step(W1, b1, W2, b2, X, Y, lr, net=None):
        old = W1, b1, W2, b2
        new = right.train_step(*old, X, Y, lr, net)
        return tuple(old[i] if i in places else new[i] for i in range(4))

    return train_step


def one_by_one(W1, b1, W2, b2, X, Y, lr, net=None):
    for x, y in zip(X, Y, strict=True):
        W1, b1, W2, b2 = right.train_step(W1, b1, W2, b2, [x], [y], lr, net)
    return W1, b1, W2, b2


def last_only(divide):
    """Steps with the gradient of the last example only."""

    def train_step(W1, b1, W2, b2, X, Y, lr, net=None):
        rate = lr / len(Y) if divide else lr
        return right.train_step(W1, b1, W2, b2, X[-1:], Y[-1:], rate, net)

    return train_step


def output_first(W1, b1, W2, b2, X, Y, lr, net=None):
    """W2 and b2 move first, and the hidden deltas are taken with the new W2."""
    net = net or Net()

    def late(x, a1, dz1, dz2):
        return net.gradients(x, a1, net.hidden_delta(dz2, new_W2, a1), dz2)

    _, _, new_W2, new_b2 = right.train_step(W1, b1, W2, b2, X, Y, lr, net)
    new_W1, new_b1, _, _ = right.train_step(W1, b1, W2, b2, X, Y, lr, net._replace(gradients=late))
    return new_W1, new_b1, new_W2, new_b2


def output_first_one_by_one(W1, b1, W2, b2, X, Y, lr, net=None):
    for x, y in zip(X, Y, strict=True):
        W1, b1, W2, b2 = output_first(W1, b1, W2, b2, [x], [y], lr, net)
    return W1, b1, W2, b2


def output_in_the_middle(own):
    """Steps that take each hidden delta with the W2 that the examples before have moved.

    Args:
        own: 1 if the example itself has moved W2 already, otherwise 0.
    """

    def train_step(W1, b1, W2, b2, X, Y, lr, net=None):
        net, rate, new_W1, new_b1 = net or Net(), lr / len(Y), W1, b1
        _, _, new_W2, new_b2 = right.train_step(W1, b1, W2, b2, X, Y, lr, net)
        for i in range(len(Y)):
            seen = i + own
            moved = (
                right.train_step(W1, b1, W2, b2, X[:seen], Y[:seen], rate * seen, net)[2]
                if seen
                else W2
            )

            def late(x, a1, dz1, dz2, moved=moved):
                return net.gradients(x, a1, net.hidden_delta(dz2, moved, a1), dz2)

            one = net._replace(gradients=late)
            step = right.train_step(W1, b1, W2, b2, X[i : i + 1], Y[i : i + 1], rate, one)
            new_W1, new_b1 = new_W1 + step[0] - W1, new_b1 + step[1] - b1
        return new_W1, new_b1, new_W2, new_b2

    return train_step


ORDER = "All derivatives belong to the old weights. Which weights has the last one seen?"
ONLINE = "How many steps does your code make? The docstring wants one, with the mean gradient."
RESET = "Where does the sum of the gradients start at 0, and what is added to it?"
TRAIN_STEP = (
    Mistake("the sign is turned: the step goes uphill", scaled(lambda N, lr: -1),
            "The gradient points to where the loss rises. Where do you want to go?"),
    Mistake("there is a sum where the mean belongs", scaled(lambda N, lr: N), MEAN),
    Mistake("the mean is divided by N once more", scaled(lambda N, lr: 1 / N), MEAN),
    Mistake("the learning rate is left out", scaled(lambda N, lr: 1 / lr),
            "Where is lr in your code?"),
    Mistake("the output weights are updated before the gradient below them was taken",
            output_first, ORDER),
    Mistake("W2 is updated after each example, before the gradient below it was taken",
            output_in_the_middle(1), ORDER),
    Mistake("the gradient of an example is taken with a W2 that the examples before have changed",
            output_in_the_middle(0), ORDER),
    Mistake("the weights are updated after each example, not once", one_by_one, ONLINE),
    Mistake("the weights are updated after each example, and W2 before the gradient below it "
            "was taken", output_first_one_by_one, ORDER),
    Mistake("the hidden biases b1 are not updated", frozen(1),
            "Are all four, W1, b1, W2 and b2, new in what you return?"),
    Mistake("the output bias b2 is not updated", frozen(3),
            "Are all four, W1, b1, W2 and b2, new in what you return?"),
    Mistake("both biases are not updated", frozen(1, 3),
            "Are all four, W1, b1, W2 and b2, new in what you return?"),
    Mistake("the hidden layer is not updated", frozen(0, 1),
            "Are all four, W1, b1, W2 and b2, new in what you return?"),
    Mistake("the output weights W2 are not updated", frozen(2),
            "Are all four, W1, b1, W2 and b2, new in what you return?"),
    Mistake("nothing is updated", frozen(0, 1, 2, 3), "Do you return the old weights?"),
    Mistake("only the last example counts", last_only(divide=False), RESET),
    Mistake("only the last example counts, divided by N", last_only(divide=True), RESET),
)  # fmt: skip
