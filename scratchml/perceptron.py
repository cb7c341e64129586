"""The perceptron: a weighted sum and a threshold (Rosenblatt 1958).

A perceptron sees one example at a time and changes only after a mistake, w <- w + lr (y - a) x.
That is gradient descent on the perceptron criterion: the gradient of a wrong example is (a - y) x,
and the gradient of a right example is zero.
"""

from scratchml.mlp import MLP


class Perceptron(MLP):
    """A stack of perceptrons with D inputs. Their output is 1 if Z = X W1 + b1 > 0, otherwise 0."""

    def __init__(self, n_inputs, bias=True):
        super().__init__((n_inputs, 1), "identity", "step", bias=bias)
