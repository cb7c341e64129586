"""Three classes in the style of a textbook: plain Python, one example after the other."""

import math
import random


class Perceptron:
    """One unit that steps (Rosenblatt 1958)."""

    def __init__(self, n_inputs, lr=0.1):
        self.w = [random.uniform(-0.5, 0.5) for _ in range(n_inputs)]
        self.b = 0.0
        self.lr = lr

    def predict(self, x):
        return 1 if sum(wi * xi for wi, xi in zip(self.w, x, strict=True)) + self.b >= 0 else 0

    def train(self, xs, ys, epochs=20):
        for _ in range(epochs):
            for x, y in zip(xs, ys, strict=True):
                error = y - self.predict(x)
                self.w = [wi + self.lr * error * xi for wi, xi in zip(self.w, x, strict=True)]
                self.b += self.lr * error


class LogReg:
    """One sigmoid unit, from zero, by gradient descent on all examples."""

    def __init__(self, n_inputs, lr=0.1):
        self.w = [0.0] * n_inputs
        self.b = 0.0
        self.lr = lr

    def predict_proba(self, x):
        return sigmoid(sum(wi * xi for wi, xi in zip(self.w, x, strict=True)) + self.b)

    def train(self, xs, ys, epochs=1000):
        for _ in range(epochs):
            dw, db = [0.0] * len(self.w), 0.0
            for x, y in zip(xs, ys, strict=True):
                error = self.predict_proba(x) - y
                dw = [d + error * xi for d, xi in zip(dw, x, strict=True)]
                db += error
            self.w = [wi - self.lr * d / len(xs) for wi, d in zip(self.w, dw, strict=True)]
            self.b -= self.lr * db / len(xs)


class TinyNet:
    """Two sigmoid units below one, and the chain rule, one example after the other."""

    def __init__(self, lr=0.5, start=None):
        if start is None:
            draw = random.uniform
            start = {
                "W1": [[draw(-1, 1), draw(-1, 1)] for _ in range(2)],
                "b1": [0.0, 0.0],
                "W2": [[draw(-1, 1)] for _ in range(2)],
                "b2": [0.0],
            }
        self.w1 = [[start["W1"][i][j] for i in range(2)] for j in range(2)]
        self.b1 = list(start["b1"])
        self.w2 = [row[0] for row in start["W2"]]
        self.b2 = start["b2"][0]
        self.lr = lr

    def forward(self, x):
        self.h = [
            sigmoid(x[0] * self.w1[j][0] + x[1] * self.w1[j][1] + self.b1[j]) for j in range(2)
        ]
        return sigmoid(self.h[0] * self.w2[0] + self.h[1] * self.w2[1] + self.b2)

    def train(self, xs, ys, epochs=10_000):
        for _ in range(epochs):
            for x, y in zip(xs, ys, strict=True):
                out = self.forward(x)
                d_out = (out - y) * out * (1 - out)
                d_h = [d_out * self.w2[j] * self.h[j] * (1 - self.h[j]) for j in range(2)]
                for j in range(2):
                    self.w2[j] -= self.lr * d_out * self.h[j]
                    self.b1[j] -= self.lr * d_h[j]
                    for i in range(2):
                        self.w1[j][i] -= self.lr * d_h[j] * x[i]
                self.b2 -= self.lr * d_out


def sigmoid(z):
    return 1 / (1 + math.exp(-z))
