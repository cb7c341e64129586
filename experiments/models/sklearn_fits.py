"""Estimators of scikit-learn as a Training: each fits itself and is then measured by our code.

The fitted weights are those of a net that is trained no further. The gradient that is recorded is
the gradient of the loss without a penalty.
"""

import warnings
from collections.abc import Callable

import numpy as np

from scratchml.parameters import count, views
from scratchml.problems import PROBLEMS, plain
from scratchml.sampling import Data
from scratchml.training import Plan, Trainer


class Fits:
    """A Training whose nets are estimators of scikit-learn.

    Args:
        make: (config, seed) -> an estimator, not yet fitted.
        configs: the Config of each net.
        seeds: the seed of each net.
        model: the model of ours that the estimators are like.
        data: Data, shared by the nets or stacked.
    """

    def __init__(self, make: Callable, configs, seeds, model, data: Data):
        self.nets = [make(config, seed) for config, seed in zip(configs, seeds, strict=True)]
        self.model, self.data, self.config = model, data, configs[0]

    def run(self):
        """Fits all nets; yields their largest number of iterations.

        Raises:
            ValueError: Some class has no example.
        """
        for r, net in enumerate(self.nets):
            X, Y = (A if A.ndim == 2 else A[r] for A in self.data[1:3])
            _fit(net, X, Y, PROBLEMS[self.data.problem])
        theta = np.stack([parameters(net, self.model.shapes) for net in self.nets])
        config = self.config
        plan = Plan(config.loss, config.optimizer, 0, 0.0, 0.0, 0.0, measure=config.measure)
        self.trainer = Trainer(self.model, theta, self.data, plan, [None] * len(theta))
        for _ in self.trainer.run():
            pass
        yield self.nets[0].max_iter

    def arrays(self) -> dict[str, np.ndarray]:
        """Those of a Trainer, with one point: the end."""
        arrays = self.trainer.arrays()
        iterations = np.array([int(np.max(net.n_iter_)) for net in self.nets])
        solved = arrays["final/solved"]
        del arrays["final/lr"]
        return arrays | {
            "epoch": np.array([self.nets[0].max_iter]),
            "final/epochs": iterations,
            "final/epochs_to_solve": np.where(solved, iterations, np.nan),  # at the latest
        }


def _fit(net, X, Y, problem):
    """Fits one estimator to X, (N, D), and targets Y, (N, K), of a Problem."""
    from sklearn.exceptions import ConvergenceWarning

    y = plain(Y, problem)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", ConvergenceWarning)  # final/epochs says as much
        net.fit(X, y)
    if problem.exclusive and len(net.classes_) != max(2, Y.shape[1]):
        raise ValueError(f"no example of some class among {len(y)}; use more n_samples")


def parameters(fitted, shapes) -> np.ndarray:
    """(P,): a fitted estimator's coefficients in our order."""
    layers = hasattr(fitted, "coefs_")
    weights = fitted.coefs_ if layers else [fitted.coef_.T]
    biases = fitted.intercepts_ if layers else [fitted.intercept_]
    theta = np.empty((1, count(shapes)))
    net = views(theta, shapes)
    for layer, (W, b) in enumerate(zip(weights, biases, strict=True), start=1):
        net[f"W{layer}"][0] = W
        if f"b{layer}" in net:
            net[f"b{layer}"][0] = b
    return theta[0]
