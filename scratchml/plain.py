"""The three models in plain Python, as short as possible. Read this file first.

Examples are a list of pairs (x, y): a tuple of inputs and a target, 0 or 1. The weights of a model
are public attributes. `predict(x)` returns its answer. `train` changes the weights; a second call
continues. `mlp.py` has the same models as NumPy arrays, for many nets at a time. `kernel.py` has
them as loops like these, compiled; `wide.py`, too, with the examples of a net side by side.

    python -m scratchml.plain
"""

import math
import random

AND = [((0, 0), 0), ((0, 1), 0), ((1, 0), 0), ((1, 1), 1)]
XOR = [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0)]


def dot(u, v):
    return sum(a * b for a, b in zip(u, v, strict=True))


def sigmoid(z):
    """1 / (1 + exp(-z)), written in two ways because exp(-z) overflows below z = -709."""
    return 1.0 / (1.0 + math.exp(-z)) if z > 0 else math.exp(z) / (1.0 + math.exp(z))


def cross_entropy(z, y):
    """-log(p) if y = 1, -log(1 - p) if y = 0, where p = sigmoid(z); stable for any z."""
    return max(z, 0.0) - y * z + math.log1p(math.exp(-abs(z)))


class Perceptron:
    """A weighted sum and a threshold: a line, 1 on one side, 0 on the other (Rosenblatt 1958)."""

    def __init__(self, w=(0.0, 0.0), b=0.0):
        self.w, self.b = list(w), b

    def predict(self, x):
        return 1 if dot(self.w, x) + self.b > 0 else 0

    def train(self, examples, lr=1.0, epochs=1):
        """Returns the number of mistakes in each epoch.

        The perceptron sees one example at a time. After a mistake, w <- w + lr (y - yhat) x. An
        epoch without a mistake is the last one, because the line does not move any more.
        """
        mistakes = []
        while len(mistakes) < epochs and mistakes[-1:] != [0]:
            mistakes.append(0)
            for x, y in examples:
                error = y - self.predict(x)  # 0 when right
                for d in range(len(x)):
                    self.w[d] += lr * error * x[d]
                self.b += lr * error
                mistakes[-1] += abs(error)
        return mistakes


class Logistic:
    """The same line, but with a probability p = sigmoid(w . x + b) instead of a threshold."""

    def __init__(self, w=(0.0, 0.0), b=0.0):
        self.w, self.b = list(w), b

    def predict(self, x):
        return sigmoid(dot(self.w, x) + self.b)

    def loss(self, examples):
        """The mean cross-entropy. It is ln 2 = 0.693 if all answers are 1/2."""
        return sum(cross_entropy(dot(self.w, x) + self.b, y) for x, y in examples) / len(examples)

    def gradient(self, examples):
        """dL/dw, dL/db of the mean loss. For one example dL/dz = p - y, and dz/dw = x."""
        dw, db = [0.0] * len(self.w), 0.0
        for x, y in examples:
            dz = (self.predict(x) - y) / len(examples)
            for d in range(len(x)):
                dw[d] += dz * x[d]
            db += dz
        return dw, db

    def train(self, examples, lr=1.0, epochs=1):
        """Gradient descent: one step in each epoch, on all examples at once."""
        for _ in range(epochs):
            dw, db = self.gradient(examples)
            for d in range(len(dw)):
                self.w[d] -= lr * dw[d]
            self.b -= lr * db


class Net:
    """A net with one hidden layer: D inputs, H sigmoid units, and one sigmoid unit as output.

    z1_h = sum_d x_d W1[d][h] + b1[h],  a1_h = sigmoid(z1_h)
    z2   = sum_h a1_h W2[h] + b2,       p    = sigmoid(z2)
    """

    def __init__(self, W1, b1, W2, b2):
        self.W1, self.b1, self.W2, self.b2 = [list(row) for row in W1], list(b1), list(W2), b2

    @classmethod
    def random(cls, rng, D=2, H=2):
        """A net with weights from U(-1, 1). Hidden units that start equal would stay equal."""
        W1 = [[rng.uniform(-1, 1) for _ in range(H)] for _ in range(D)]
        b1, W2 = ([rng.uniform(-1, 1) for _ in range(H)] for _ in range(2))
        return cls(W1, b1, W2, rng.uniform(-1, 1))

    def forward(self, x):
        """The outputs a1 of the hidden units, and z2."""
        columns = zip(*self.W1, strict=True)  # column h: the weights into hidden unit h
        a1 = [sigmoid(dot(x, column) + b) for column, b in zip(columns, self.b1, strict=True)]
        return a1, dot(a1, self.W2) + self.b2

    def predict(self, x):
        return sigmoid(self.forward(x)[1])

    def loss(self, examples, squared=False):
        """The mean cross-entropy, or half the mean squared error."""
        total = 0.0
        for x, y in examples:
            _, z2 = self.forward(x)
            total += 0.5 * (sigmoid(z2) - y) ** 2 if squared else cross_entropy(z2, y)
        return total / len(examples)

    def gradient(self, examples, squared=False):
        """dL/dW1, dL/db1, dL/dW2, dL/db2 by backpropagation: the chain rule, last layer first."""
        D, H = len(self.W1), len(self.W2)
        dW1, db1, dW2, db2 = [[0.0] * H for _ in range(D)], [0.0] * H, [0.0] * H, 0.0
        for x, y in examples:
            a1, z2 = self.forward(x)
            p = sigmoid(z2)
            dz2 = (p - y) / len(examples)
            if squared:
                dz2 *= p * (1 - p)  # the slope of the sigmoid; with cross-entropy it cancels
            for h in range(H):
                dz1 = dz2 * self.W2[h] * a1[h] * (1 - a1[h])
                for d in range(D):
                    dW1[d][h] += dz1 * x[d]
                db1[h] += dz1
                dW2[h] += dz2 * a1[h]
            db2 += dz2
        return dW1, db1, dW2, db2

    def train(self, examples, lr=1.0, epochs=1, online=False, squared=False):
        """Gradient descent, on all examples at once or (online) on one after the other."""
        batches = [[example] for example in examples] if online else [examples]
        for batch in batches * epochs:
            dW1, db1, dW2, db2 = self.gradient(batch, squared)
            for h in range(len(dW2)):
                for d in range(len(dW1)):
                    self.W1[d][h] -= lr * dW1[d][h]
                self.b1[h] -= lr * db1[h]
                self.W2[h] -= lr * dW2[h]
            self.b2 -= lr * db2


def main():
    def show(what, model):
        print(f"  {what:<40}", *(f"{round(model.predict(x), 3):>6}" for x, _ in XOR))

    for name, examples in {"AND": AND, "XOR": XOR}.items():
        print(f"{name:<42}", *(f"{a:>4} {b}" for (a, b), _ in examples))
        perceptron, logistic = Perceptron(), Logistic((2.0, -1.0))
        mistakes = perceptron.train(examples, epochs=1000)
        verdict = f"{mistakes[-1]} mistakes an epoch" if mistakes[-1] else "learned"
        show(f"perceptron: {verdict}", perceptron)
        logistic.train(examples, epochs=1000)
        show(f"logistic regression: loss {logistic.loss(examples):.4f}", logistic)
    for seed in (1, 0):  # the second start ends in a local minimum, as two of five do
        net = Net.random(random.Random(seed))
        show(f"2-2-1 net, seed {seed}, before", net)
        net.train(XOR, lr=0.5, epochs=10_000, online=True)
        show(f"2-2-1 net, seed {seed}, after: loss {net.loss(XOR):.4f}", net)


if __name__ == "__main__":
    main()
