"""The perceptron: a weighted sum and a threshold (Rosenblatt 1958).

Shown one example at a time it changes only after a mistake, w <- w + lr (y - a) x. With the
perceptron's loss that is gradient descent: the gradient of a wrong example is (a - y) x, of a right
one zero.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scratchml.parameters import layer_shapes


@dataclass(frozen=True)
class Perceptron:
    """A stack of perceptrons with D inputs and one output, 1 where Z = X W1 + b1 > 0, else 0."""

    n_inputs: int
    bias: bool = True
    output = "step"
    losses = ("perceptron",)

    @cached_property
    def shapes(self):
        return layer_shapes([self.n_inputs, 1], self.bias)

    def forward(self, net, X):
        """Z = X W1 + b1, (R, N, 1), and what `backward` needs."""
        Z = X @ net["W1"]
        return (Z + net["b1"] if self.bias else Z), X

    def backward(self, net, X, dZ, gradient):
        """Fills gradient with dL/dW1 = X' dZ and dL/db1 = sum_n dZ_n."""
        np.matmul(X.mT, dZ, out=gradient["W1"])
        if self.bias:
            dZ.sum(axis=1, keepdims=True, out=gradient["b1"])
