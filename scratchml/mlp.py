"""The multilayer perceptron: layers of units, and backpropagation by hand.

    A0 = X,   Zl = A(l-1) Wl + bl,   Al = f(Zl),   and the last Z are the logits.

Backwards, with dZl for dL/dZl (Rumelhart, Hinton & Williams 1986):

    dWl = A(l-1)' dZl,   dbl = sum_n dZl_n,   dA(l-1) = dZl Wl',   dZ(l-1) = dA(l-1) * f'(Z(l-1))

`backprop.py` has this way back, and wrong ones to compare with.
"""

from dataclasses import dataclass
from functools import cached_property

from scratchml.activations import ACTIVATIONS
from scratchml.arithmetic import fitting
from scratchml.backprop import BACKPROP
from scratchml.parameters import layer_shapes


@dataclass(frozen=True)
class MLP:
    """A stack of nets with `sizes` [D, H, ..., K] units and one activation in all hidden layers."""

    sizes: tuple
    activation: str
    output: str  # the output units: identity, step, sigmoid or softmax
    backprop: str = "exact"  # a key of `BACKPROP`
    bias: bool = True

    @cached_property
    def arithmetic(self):
        return fitting(self.sizes)

    @cached_property
    def shapes(self):
        """{"W1": (D, H), "b1": (1, H), ...}: the parameters of a net, in their order in theta."""
        shapes = layer_shapes(self.sizes, self.bias)
        if BACKPROP[self.backprop].random:
            last = len(self.sizes) - 1
            shapes |= {f"F{layer}": shapes[f"W{layer}"] for layer in range(2, last + 1)}
        return shapes

    def forward(self, net, X):
        """The logits (R, N, K), and for `backward` the input A and the sum Z of each layer."""
        product, f = self.arithmetic.product, ACTIVATIONS[self.activation].f
        A, cache, last = X, [], len(self.sizes) - 1
        for layer in range(1, last + 1):
            Z = product(A, net[f"W{layer}"])
            if self.bias:
                Z += net[f"b{layer}"]
            cache.append((A, Z))
            if layer < last:
                A = f(Z)
        return Z, cache

    def signals(self, net, cache, dZ):
        """[dL/dZ1, ..., dL/dZl], each (R, N, H), from dL/dlogits: backpropagation."""
        product, rule = self.arithmetic.product, BACKPROP[self.backprop]
        activation, signals = ACTIVATIONS[self.activation], [dZ]
        for layer in range(len(cache) - 1, 0, -1):
            (A, _), (_, Z_below) = cache[layer], cache[layer - 1]
            dZ = product(dZ, rule.back(net, layer + 1))
            dZ *= rule.slope(activation, Z_below, A)
            signals.append(dZ)
        return signals[::-1]

    def backward(self, net, cache, dZ, gradient):
        """Fills gradient, named arrays like those of `net`, from dL/dlogits."""
        product, sum_examples = self.arithmetic.product, self.arithmetic.sum_examples
        for layer, signal in enumerate(self.signals(net, cache, dZ), start=1):
            A, _ = cache[layer - 1]
            product(A.mT, signal, out=gradient[f"W{layer}"])
            if self.bias:
                sum_examples(signal, out=gradient[f"b{layer}"])
        if change := BACKPROP[self.backprop].change:
            change(gradient, len(cache))

    def hidden(self, cache):
        """The activations of the hidden layers, [(R, N, H), ...], from the cache of `forward`."""
        return [A for A, _ in cache[1:]]
