"""The perceptron: a weighted sum and a threshold (Rosenblatt 1958).

A perceptron sees one example at a time and changes only after a mistake, w <- w + lr (y - a) x.
That is gradient descent on the perceptron criterion: the gradient of a wrong example is (a - y) x,
and the gradient of a right example is zero.
"""

from dataclasses import dataclass
from functools import cached_property

from scratchml.arithmetic import PLAIN
from scratchml.parameters import layer_shapes


@dataclass(frozen=True)
class Perceptron:
    """A stack of perceptrons with D inputs. Their output is 1 if Z = X W1 + b1 > 0, otherwise 0."""

    n_inputs: int
    bias: bool = True
    output = "step"
    arithmetic = PLAIN

    @cached_property
    def shapes(self):
        return layer_shapes([self.n_inputs, 1], self.bias)

    def forward(self, net, X):
        """Z = X W1 + b1, (R, N, 1), and the values that `backward` needs."""
        Z = self.arithmetic.product(X, net["W1"])
        return (Z + net["b1"] if self.bias else Z), X

    def backward(self, net, X, dZ, gradient):
        """Fills gradient with dL/dW1 = X' dZ and dL/db1 = sum_n dZ_n."""
        self.arithmetic.product(X.mT, dZ, out=gradient["W1"])
        if self.bias:
            self.arithmetic.sum_examples(dZ, out=gradient["b1"])
