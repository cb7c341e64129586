"""Models without a hidden layer: linear regression, and logistic regression for classes or labels.

Both compute Z = X W1 + b1. They differ in the function that turns Z into outputs. Their usual
losses are convex, so they have one minimum, and their Hessian is simple.
"""

import numpy as np

from scratchml.elementary import sigmoid
from scratchml.losses import softmax
from scratchml.mlp import MLP


class Linear(MLP):
    """A stack of linear regressions: the outputs are Z."""

    def __init__(self, n_inputs, n_outputs=1, bias=True, output="identity"):
        super().__init__((n_inputs, n_outputs), "identity", output, bias=bias)

    def curvature(self, Z):
        """d2L_n/dz_n dz_n', (R, N, K, K): the curvature of each example's loss in its logits."""
        return np.broadcast_to(np.eye(Z.shape[-1]), (*Z.shape, Z.shape[-1]))

    def hessian(self, net, X, weights=None):
        """The Hessian of the mean loss, (R, P, P): 1/N sum_n w_n x_n x_n' (x) curvature_n."""
        Z, _ = self.forward(net, X)
        X = np.broadcast_to(X, (*Z.shape[:2], X.shape[-1]))
        if self.bias:
            X = np.concatenate([X, np.ones_like(X[..., :1])], axis=-1)
        X = np.ascontiguousarray(X)  # net after net: BLAS may add in another order else
        R, N, D = X.shape
        K = Z.shape[-1]
        H = np.empty((R, D, K, D, K))
        C = self.curvature(Z) if weights is None else self.curvature(Z) * weights[..., None]
        for k in range(K):
            for j in range(K):
                H[:, :, k, :, j] = X.mT @ (X * C[:, :, k, j, None]) / N
        return H.reshape(R, D * K, D * K)


class Logistic(Linear):
    """A stack of logistic regressions: sigmoid(Z) for two classes, softmax(Z) for K > 2.

    Cox (1958). With squared error the model is a single sigmoid unit, and not convex. With
    `multilabel` it is sigmoid(Z) for any K: as K regressions that share their inputs.
    """

    def __init__(self, n_inputs, n_outputs=1, bias=True, multilabel=False):
        output = "sigmoid" if n_outputs == 1 or multilabel else "softmax"
        super().__init__(n_inputs, n_outputs, bias, output)

    def curvature(self, Z):
        """The curvature of cross-entropy: p (1 - p) on the diagonal, or diag(p) - p p'."""
        if self.output == "sigmoid":
            p = sigmoid(Z)
            return (p * (1.0 - p))[..., None] * np.eye(Z.shape[-1])
        p = softmax(Z)
        return p[..., None] * np.eye(Z.shape[-1]) - p[..., None] * p[..., None, :]
