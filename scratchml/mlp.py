"""The multilayer perceptron: layers of units, and backpropagation by hand.

    A0 = X,   Zl = A(l-1) Wl + bl,   Al = f(Zl),   and the last Z are the logits.

Going back, with dZl for dL/dZl (Rumelhart, Hinton & Williams 1986):

    dWl = A(l-1)' dZl,   dbl = sum_n dZl_n,   dA(l-1) = dZl Wl',   dZ(l-1) = dA(l-1) * f'(Z(l-1))
"""

from dataclasses import dataclass

import numpy as np

from scratchml.activations import ACTIVATIONS
from scratchml.parameters import layer_shapes


@dataclass(frozen=True)
class MLP:
    """A stack of nets with `sizes` [D, H, ..., K] units and one activation in all hidden layers."""

    sizes: tuple
    activation: str
    output: str  # what is made of the logits: identity, sigmoid or softmax
    losses = ("cross_entropy", "squared_error")

    @property
    def shapes(self):
        return layer_shapes(self.sizes)

    @property
    def n_layers(self):
        return len(self.sizes) - 1

    def forward(self, net, X):
        """The logits (R, N, K), and what `backward` needs: each layer's input A and sum Z."""
        f = ACTIVATIONS[self.activation].f
        A, cache = X, []
        for layer in range(1, self.n_layers):
            Z = A @ net[f"W{layer}"]
            Z += net[f"b{layer}"]
            cache.append((A, Z))
            A = f(Z)
        Z = A @ net[f"W{self.n_layers}"]
        Z += net[f"b{self.n_layers}"]
        cache.append((A, Z))
        return Z, cache

    def signals(self, net, cache, dZ):
        """[dL/dZ1, ..., dL/dZl], each (R, N, H), from dL/dlogits: the way back."""
        df = ACTIVATIONS[self.activation].df
        signals = [dZ]
        for layer in range(self.n_layers, 1, -1):
            (A, _), (_, Z_below) = cache[layer - 1], cache[layer - 2]
            dZ = dZ @ net[f"W{layer}"].mT
            dZ *= df(Z_below, A)
            signals.append(dZ)
        return signals[::-1]

    def backward(self, net, cache, dZ, gradient):
        """Fills gradient, named arrays like those of `net`, from dL/dlogits."""
        ones = np.ones((1, dZ.shape[1]))  # ones @ dZ sums over examples, faster than dZ.sum(1)
        for layer, signal in enumerate(self.signals(net, cache, dZ), start=1):
            A, _ = cache[layer - 1]
            np.matmul(A.mT, signal, out=gradient[f"W{layer}"])
            np.matmul(ones, signal, out=gradient[f"b{layer}"])

    def hidden(self, net, X):
        """The hidden layers' activations, a list of (R, N, H)."""
        _, cache = self.forward(net, X)
        return [A for A, _ in cache[1:]]
