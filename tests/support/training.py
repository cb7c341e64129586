"""Small stacks of nets, trained by `Trainer` alone: data and a short way to the arrays."""

import numpy as np

from scratchml.logistic import Linear
from scratchml.sampling import Data
from scratchml.training import Plan, Trainer

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
AND = Data("binary", X, np.array([[0.0], [0.0], [0.0], [1.0]]))
XOR = Data("binary", X, np.array([[0.0], [1.0], [1.0], [0.0]]))

# On x = 1, y = 0 without a bias, squared error is w^2/2 and a step is w <- (1 - lr) w.
PARABOLA = Data("regression", np.ones((1, 1)), np.zeros((1, 1)))


def trained(model, theta, data=AND, **plan):
    """The arrays of nets that start at theta, (R, P); by default plain gradient descent."""
    theta = np.array(theta, dtype=float)
    defaults = {"loss": "cross_entropy", "optimizer": "sgd", "lr": 1.0, "momentum": 0.0, "l2": 0.0}
    orders = [np.random.default_rng(i) for i in range(len(theta))]
    trainer = Trainer(model, theta, data, Plan(**defaults | plan), orders)
    list(trainer.run())
    return trainer.arrays()


def parabola(lr, **plan):
    """The arrays of nets on the parabola w^2/2, from w = 1, with these learning rates."""
    theta = np.ones((len(np.atleast_1d(lr)), 1))
    return trained(Linear(1, bias=False), theta, PARABOLA, loss="squared_error", lr=lr, **plan)
