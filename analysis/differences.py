"""Gradients by differences of the loss, and how wrong they are, step by step.

    forward     (L(theta + h) - L(theta)) / h              wrong by O(h), and by rounding, O(1/h)
    central     (L(theta + h) - L(theta - h)) / 2h         wrong by O(h^2), and by rounding, O(1/h)
    complex     Im L(theta + ih) / h                       no difference is taken, so h may be tiny

The complex step is Squire & Trapp's (1998).
"""

import numpy as np

from scratchml.evaluation import Evaluation
from scratchml.losses import LOSSES
from scratchml.mlp import MLP
from scratchml.parameters import views

STEPS = 10.0 ** np.arange(-15.0, -0.25, 0.25)
TINY = 1e-20  # of a complex step


def errors(run):
    """{kind: (S, R)}: relative errors of gradients, for each of STEPS and each net.

    Args:
        run: the runs of one configuration, tanh nets of one hidden layer, as `Data`.
    """
    arrays, (_, X, Y, *_) = run.arrays(), run.examples()
    model = MLP((1, arrays["weights/W1"].shape[-1], 1), "tanh", "identity")
    parts = [arrays[f"weights/{name}"].reshape(len(arrays["seed"]), -1) for name in model.shapes]
    theta = np.concatenate(parts, axis=1)
    loss = LOSSES["identity", "squared_error"]
    nets = Evaluation(model, loss, theta, X, Y, np.zeros((len(theta), 1)))

    def after(step, loss):
        """(R, P): the loss of each net after a step along each of its parameters."""
        return np.stack([loss(theta + one) for one in step * np.eye(theta.shape[1])], axis=1)

    def losses(step):
        return after(step, lambda theta: nets.at(theta).value)

    def complex_loss(theta):
        """The same loss of complex weights, with NumPy's tanh: ours knows real numbers only."""
        net = views(theta, model.shapes)
        Z = np.tanh(X @ net["W1"] + net["b1"]) @ net["W2"] + net["b2"]
        return 0.5 * np.sum((Z - Y) ** 2, axis=-1).mean(axis=-1)

    def error(slope):
        return np.linalg.norm(slope - nets.gradient, axis=1) / np.linalg.norm(nets.gradient, axis=1)

    return {
        "forward": np.array([error((losses(h) - losses(0.0)) / h) for h in STEPS]),
        "central": np.array([error((losses(h) - losses(-h)) / (2.0 * h)) for h in STEPS]),
        "complex": np.array([error(after(1j * TINY, complex_loss).imag / TINY)]),
    }


def order(errors, low, high):
    """The power of h with which the median error grows between two steps."""
    inside = (low <= STEPS * 1.001) & (STEPS <= high * 1.001)
    medians = np.median(errors[inside], axis=1)
    return np.polyfit(np.log(STEPS[inside]), np.log(medians), 1)[0]


def best(errors):
    """The step with the least median error, and this error."""
    medians = np.median(errors, axis=1)
    return STEPS[medians.argmin()], medians.min()
