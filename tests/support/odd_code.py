"""Right code for the workbook in a style that nobody teaches: the teacher must not blame it.

Lambdas, generators, fractions, a cache, numbers of 32 bits, matrices, rows and columns with two
axes, a class, arguments with defaults and with other names.
"""

HEAD = """import collections, itertools, math, operator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np


@dataclass
class Net:
    W1: list
    b1: list
    W2: list
    b2: float

    def learn(self, X, Y, lr):
        W1, b1, W2 = map(np.array, (self.W1, self.b1, self.W2))
        g = [np.zeros_like(W1), np.zeros_like(b1), np.zeros_like(W2), 0.0]
        for x, y in zip(X, Y):
            a1, p = forward(W1, b1, W2, self.b2, x)
            d = output_delta(float(p[0, 0]), y)
            for s, part in enumerate(gradients(x, a1, hidden_delta(d, W2, a1), d)):
                g[s] = g[s] + part
        self.W1, self.b1, self.W2, self.b2 = (
            w - lr * np.array(d) / len(X) for w, d in zip((W1, b1, W2, self.b2), g)
        )
"""

ODD = {
    "step": "def step(total): return (lambda v: int(v > 0))(total)",
    "predict": """
        *_, z = itertools.accumulate([b, *map(operator.mul, w, x)])
        return step(z)
    """,
    "update": """
def update(*args):
    w, b, x, y, lr = args
    e = Fraction(y - predict(w, b, x))
    new = (a + Fraction(lr) * e * Fraction(v) for a, v in zip(w, x))
    return collections.deque(map(float, new)), b + lr * float(e)
    """,
    "sigmoid": """
def sigmoid(z, cache={}):
    if z not in cache:
        cache[z] = 0.5 * (1 + math.tanh(z / 2))
    return cache[z]
    """,
    "probabilities": "return (sigmoid(sum(map(operator.mul, w, x), b)) for x in X)",
    "loss": """
def loss(P, Y, eps=1e-7):
    P = np.clip(np.array(P, dtype=np.float32), eps, 1 - eps)
    Y = np.array(Y)
    return np.mean(-Y * np.log(P) - (1 - Y) * np.log1p(-P))
    """,
    "gradient": """
        P, X, Y = np.matrix(P).T, np.matrix(X), np.matrix(Y).T
        return X.T @ (P - Y) / len(Y), float((P - Y).mean())
    """,
    "forward": """
        x = np.array(x).reshape(1, -1)
        a = 1 / (1 + np.exp(-(x @ np.array(W1) + np.array(b1))))
        z = a @ np.array(W2).reshape(-1, 1) + b2
        return a, 1 / (1 + np.exp(-z))
    """,
    "hidden_delta": """
        slopes = (np.array(a1) * (1 - np.array(a1))).reshape(-1, 1)
        return np.array(W2).reshape(-1, 1) * dz2 * slopes
    """,
    "gradients": """
        dW1 = np.array(x).reshape(-1, 1) @ np.array(dz1).reshape(1, -1)
        return dW1, np.ravel(dz1), np.ravel(a1) * dz2, dz2
    """,
    "train_step": """
        net = Net(W1, b1, W2, b2)
        net.learn(X, Y, lr)
        return net.W1, net.b1, net.W2, net.b2
    """,
}
