"""Classes with scikit-learn's interface, for pipelines and grid searches.

    from scratchml import MLP
    MLP(width=8, activation="tanh").fit(X, y).predict_proba(X)

`fit` makes many choices that the rest of the project studies one by one. So each class lists the
choices of its `fit`. `fitting.py` has what all of them share: weights of examples, `partial_fit`,
and one thread of BLAS for each fit, so that no thread setting of your process changes the weights.
"""

import numpy as np

from scratchml import logistic, mlp, perceptron
from scratchml.elementary import sigmoid
from scratchml.fitting import Classifier
from scratchml.losses import softmax
from scratchml.problems import PROBLEMS
from scratchml.training import Plan


class _Line:
    """The weights of a model without hidden layers, under scikit-learn's names."""

    @property
    def coef_(self):
        """The weights, (1, D) of two classes or (K, D)."""
        return self.net_["W1"][0].T

    @property
    def intercept_(self):
        """The biases, (1,) or (K,); 0 without bias."""
        return self.net_["b1"][0, 0] if self.bias else np.zeros(len(self.coef_))


class _Probabilities:
    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def predict_proba(self, X):
        """The probability of each class, (N, K), whose rows sum to 1; or of each label, (N, K)."""
        Z = self._logits(X)
        if self._has_labels(Z):
            return sigmoid(Z)
        if Z.shape[1] == 1:
            return sigmoid(np.hstack([-Z, Z]))
        return softmax(Z[None])[0]

    def predict_log_proba(self, X):
        """The logarithm of `predict_proba`, (N, K), finite for any logits."""
        Z = self._logits(X)
        if self._has_labels(Z):
            with np.errstate(under="ignore"):
                return -np.logaddexp(0.0, -Z)
        if Z.shape[1] == 1:
            Z = np.hstack([np.zeros_like(Z), Z])
        with np.errstate(under="ignore"):
            return Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)


class Perceptron(_Line, Classifier):
    """Rosenblatt's perceptron, for two classes.

    By default, `fit` starts at zero and shows the examples one by one in the order given, 100 times
    or until none is wrong. The learning rate is 1 (from zero, any rate gives the same answers).
    There is a bias and no penalty. Inputs are not scaled. The weight of an example is a factor of
    its steps.
    """

    def __init__(self, *, lr=1.0, epochs=100, shuffle=False, init="zero", init_scale=1.0,
                 bias=True, class_weight=None, random_state=0, warm_start=False):  # fmt: skip
        self.lr = lr
        self.epochs = epochs
        self.shuffle = shuffle
        self.init = init
        self.init_scale = init_scale
        self.bias = bias
        self.class_weight = class_weight
        self.random_state = random_state
        self.warm_start = warm_start

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.poor_score = True
        return tags

    def _model(self, shape, n_outputs, problem):
        return perceptron.Perceptron(shape[1], self.bias)

    def _plan(self):
        return Plan("perceptron", "sgd", self.epochs, self.lr, 0.0, 0.0, batch_size=1,
                    shuffle=self.shuffle, stop="solved")  # fmt: skip


class LogisticRegression(_Line, _Probabilities, Classifier):
    """Logistic regression, of two classes or more, or of several labels.

    By default, `fit` starts at zero and takes at most 100 Newton steps, until the gradient is
    shorter than 1e-8. There is a bias and *no penalty*. If a line separates the classes, no best
    answer exists, and the weights grow until the last epoch. scikit-learn's class of this name has
    C = 1, which is l2 = 1 / (C N) here, with the sum of the weights for N where examples have
    weights. Inputs are not scaled.
    """

    _convex = True

    def __init__(self, *, optimizer="newton", lr=1.0, momentum=0.9, l2=0.0, epochs=100,
                 tolerance=1e-8, init="zero", init_scale=1.0, bias=True, class_weight=None,
                 random_state=0, warm_start=False):  # fmt: skip
        self.optimizer = optimizer
        self.lr = lr
        self.momentum = momentum
        self.l2 = l2
        self.epochs = epochs
        self.tolerance = tolerance
        self.init = init
        self.init_scale = init_scale
        self.bias = bias
        self.class_weight = class_weight
        self.random_state = random_state
        self.warm_start = warm_start

    def _model(self, shape, n_outputs, problem):
        return logistic.Logistic(shape[1], n_outputs, self.bias, not PROBLEMS[problem].exclusive)

    def _plan(self):
        return Plan("cross_entropy", self.optimizer, self.epochs, self.lr, self.momentum, self.l2,
                    stop="gradient", stop_at=self.tolerance)  # fmt: skip


class MLP(_Probabilities, Classifier):
    """A net with hidden layers, for two classes or more, or several labels.

    By default, `fit` makes one hidden layer of 16 relu units, with weights as in He et al. (2015).
    It minimizes cross-entropy in 200 epochs of Adam steps with a learning rate of .01, on batches
    of 32 that are shuffled in each epoch. There is no penalty and no early stop. Inputs are not
    scaled.
    """

    def __init__(self, *, width=16, depth=1, activation="relu", init="he", init_scale=1.0,
                 loss="cross_entropy", optimizer="adam", lr=0.01, momentum=0.9, batch_size=32,
                 shuffle=True, l2=0.0, epochs=200, class_weight=None, random_state=0,
                 warm_start=False):  # fmt: skip
        self.width = width
        self.depth = depth
        self.activation = activation
        self.init = init
        self.init_scale = init_scale
        self.loss = loss
        self.optimizer = optimizer
        self.lr = lr
        self.momentum = momentum
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.l2 = l2
        self.epochs = epochs
        self.class_weight = class_weight
        self.random_state = random_state
        self.warm_start = warm_start

    @property
    def coefs_(self):
        """The weights of each layer, [(D, H), ..., (H, K)]."""
        return [array[0] for name, array in self.net_.items() if name.startswith("W")]

    @property
    def intercepts_(self):
        """The biases of each layer, [(H,), ..., (K,)]."""
        return [array[0, 0] for name, array in self.net_.items() if name.startswith("b")]

    def _model(self, shape, n_outputs, problem):
        sizes = (shape[1], *[self.width] * self.depth, n_outputs)
        return mlp.MLP(sizes, self.activation, PROBLEMS[problem].output)

    def _plan(self):
        return Plan(self.loss, self.optimizer, self.epochs, self.lr, self.momentum, self.l2,
                    batch_size=self.batch_size, shuffle=self.shuffle)  # fmt: skip
