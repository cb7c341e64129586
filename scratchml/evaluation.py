"""The evaluation of a stack of nets: forward pass, loss, gradient, and whether they are right."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from scratchml.arithmetic import mean_of_each_output, norm
from scratchml.losses import OUTPUTS, Loss, weighted_gradient, weighted_value
from scratchml.parameters import is_weight, views
from scratchml.problems import PROBLEMS

TOLERANCE = 0.3  # an example is solved when every output is this close to its target


@dataclass(frozen=True)
class Evaluation:
    """A stack of nets with their data: everything that the loss and its derivatives need.

    Results are cached, so an Evaluation is valid only until theta changes.

    Attributes:
        model: Perceptron, Linear, Logistic or MLP.
        theta: (R, P), the parameters of the nets.
        X, Y: examples, shared by the nets or (R, N, D) and (R, N, K).
        l2: (R, 1), the factor of the penalty l2/2 |W|^2.
        weights: of the examples, (N, 1) or (R, N, 1), with a mean of 1; None for ones.
    """

    model: object
    loss: Loss
    theta: np.ndarray
    X: np.ndarray
    Y: np.ndarray
    l2: np.ndarray
    weights: np.ndarray | None = None
    compiled: object = None  # the Compiled of the model, or None: NumPy has the same bits

    @cached_property
    def net(self):
        """{"W1": (R, D, H), "b1": (R, 1, H), ...}: named views of theta."""
        return views(self.theta, self.model.shapes)

    @cached_property
    def forward(self):
        """The logits (R, N, K), and the values that `backward` needs."""
        if self.compiled:
            return self.compiled.forward(self.theta, self.X, self.Y, self.weights)
        return self.model.forward(self.net, self.X)

    @cached_property
    def value(self):
        """(R,): the loss without penalty."""
        return weighted_value(self.loss, self.forward[0], self.Y, self.weights)

    @cached_property
    def objective(self):
        """(R,): loss + l2/2 |W|^2, the number that training minimizes."""
        if not np.any(self.l2):
            return self.value
        length = norm(is_weight(self.model.shapes) * self.theta)
        return self.value + 0.5 * self.l2[:, 0] * length**2

    @cached_property
    def gradient(self):
        """(R, P): dL/dtheta of loss + l2/2 |W|^2."""
        shapes = self.model.shapes
        if self.compiled:
            gradient = self.compiled.gradient(self.theta, self.X, self.Y, self.weights)
        else:
            gradient = np.empty_like(self.theta)
            Z, cache = self.forward
            dZ = weighted_gradient(self.loss, Z, self.Y, self.weights)
            self.model.backward(self.net, cache, dZ, views(gradient, shapes))
        return gradient + self.l2 * is_weight(shapes) * self.theta

    @cached_property
    def solved(self):
        """(R,): whether all outputs of a net are within `TOLERANCE` of their targets."""
        if self.compiled and "forward" not in vars(self):
            return self.compiled.solved(self.theta, self.X, self.Y, self.weights, TOLERANCE)
        return are_solved(self)

    def at(self, theta):
        """The Evaluation of the same data by nets with other parameters, theta (R, P)."""
        return replace(self, theta=theta)

    def twice(self):
        """The Evaluation of all nets and of all nets again."""
        per_net = {"theta": self.theta, "l2": self.l2}
        examples = {"X": self.X, "Y": self.Y, "weights": self.weights}
        per_net |= {name: A for name, A in examples.items() if A is not None and A.ndim == 3}
        return replace(self, **{name: np.concatenate([A, A]) for name, A in per_net.items()})

    def hessian(self):
        """(R, P, P): the second derivatives of loss + l2/2 |W|^2, for models that have them."""
        hessian = self.model.hessian(self.net, self.X, self.weights)
        penalty = (self.l2 * is_weight(self.model.shapes))[..., None]
        return hessian + penalty * np.eye(self.theta.shape[1])


def are_solved(evaluation, few=16):
    """(R,): whether all outputs of a net are within `TOLERANCE` of their targets.

    The first `few` examples show of most unsolved nets that they are unsolved.
    """
    output = OUTPUTS[evaluation.model.output]
    Z, Y = evaluation.forward[0], evaluation.Y

    def near(some):
        return (np.abs(output(Z[:, some]) - Y[..., some, :]) < TOLERANCE).all(axis=(1, 2))

    solved = near(slice(few))
    if Z.shape[1] > few and solved.any():
        solved &= near(slice(few, None))
    return solved


def rmse(A, Y, std):
    """(R,): the root mean square of the errors of outputs A, (R, N, K), in the targets' own units.

        1/K sum_k std_k sqrt(1/N sum_n (a_nk - y_nk)^2)

    Args:
        std: (R, K), what targets were divided by before training; 1 for targets as they are.
    """
    squares = mean_of_each_output((A - Y) ** 2)
    return (std * np.sqrt(squares)).mean(axis=-1)


def accuracy(A, Y, problem):
    """(R,): the share of examples whose outputs A, (R, N, K), are right.

    An output above 1/2 means class 1 of two; the largest of several outputs names its class. An
    example with several labels is right if all of them are (subset accuracy).
    """
    return PROBLEMS[problem].right(A, Y).mean(axis=-1)
