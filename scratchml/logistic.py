"""Models without a hidden layer: linear regression, and logistic regression for classes or labels.

Both compute Z = X W1 + b1. They differ in the function that turns Z into outputs. Their usual
losses are convex, so they have one minimum, and their Hessian is simple.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scratchml.arithmetic import PLAIN
from scratchml.elementary import sigmoid
from scratchml.losses import softmax
from scratchml.parameters import layer_shapes


@dataclass(frozen=True)
class Linear:
    """A stack of linear regressions: the outputs are Z."""

    n_inputs: int
    n_outputs: int = 1
    bias: bool = True
    arithmetic = PLAIN

    @property
    def output(self):
        return "identity"

    @cached_property
    def shapes(self):
        return layer_shapes([self.n_inputs, self.n_outputs], self.bias)

    def forward(self, net, X):
        """Z = X W1 + b1, (R, N, K), and the values that `backward` needs."""
        Z = self.arithmetic.product(X, net["W1"])
        return (Z + net["b1"] if self.bias else Z), X

    def backward(self, net, X, dZ, gradient):
        """Fills gradient with dL/dW1 = X' dZ and dL/db1 = sum_n dZ_n."""
        self.arithmetic.product(X.mT, dZ, out=gradient["W1"])
        if self.bias:
            self.arithmetic.sum_examples(dZ, out=gradient["b1"])

    def curvature(self, Z):
        """d2L_n/dz_n dz_n', (R, N, K, K): the curvature of each example's loss in its logits."""
        return np.broadcast_to(np.eye(self.n_outputs), (*Z.shape, self.n_outputs))

    def hessian(self, net, X, weights=None):
        """The Hessian of the mean loss, (R, P, P): 1/N sum_n w_n x_n x_n' (x) curvature_n."""
        Z, _ = self.forward(net, X)
        X = np.broadcast_to(X, (*Z.shape[:2], X.shape[-1]))
        if self.bias:
            X = np.concatenate([X, np.ones_like(X[..., :1])], axis=-1)
        R, N, D = X.shape
        K = self.n_outputs
        H = np.empty((R, D, K, D, K))
        C = self.curvature(Z) if weights is None else self.curvature(Z) * weights[..., None]
        for k in range(K):
            for j in range(K):
                H[:, :, k, :, j] = X.mT @ (X * C[:, :, k, j, None]) / N
        return H.reshape(R, D * K, D * K)


@dataclass(frozen=True)
class Logistic(Linear):
    """A stack of logistic regressions: sigmoid(Z) for two classes, softmax(Z) for K > 2.

    Cox (1958). With squared error the model is a single sigmoid unit, and not convex. With
    `multilabel` it is sigmoid(Z) for any K: as K regressions that share their inputs.
    """

    multilabel: bool = False

    @property
    def output(self):
        return "sigmoid" if self.n_outputs == 1 or self.multilabel else "softmax"

    def curvature(self, Z):
        """The curvature of cross-entropy: p (1 - p) on the diagonal, or diag(p) - p p'."""
        if self.output == "sigmoid":
            p = sigmoid(Z)
            return (p * (1.0 - p))[..., None] * np.eye(self.n_outputs)
        p = softmax(Z)
        return p[..., None] * np.eye(self.n_outputs) - p[..., None] * p[..., None, :]
