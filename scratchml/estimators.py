"""Classes with scikit-learn's interface, for pipelines and grid searches.

    from scratchml import MLP
    MLP(width=8, activation="tanh").fit(X, y).predict_proba(X)

This is the only file of scratchml that needs scikit-learn. `fit` makes many choices that the rest
of the project studies one by one. So each class lists the choices of its `fit`.
"""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from scratchml import logistic, mlp, perceptron
from scratchml.arithmetic import fitting
from scratchml.datasets import Data
from scratchml.initializers import INITIALIZERS
from scratchml.losses import OUTPUTS
from scratchml.training import ORDER, START, Plan, Trainer, stream


class _Classifier(ClassifierMixin, BaseEstimator):
    """One net, a stack of R = 1, trained by `Trainer`."""

    def fit(self, X, y):
        """Trains one net on X, (N, D), and labels y, (N,).

        Raises:
            ValueError: scikit-learn does not accept X or y, or y has a single class.
        """
        X, y = validate_data(self, X, y, dtype=float)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        n_classes = len(self.classes_)
        if n_classes < 2:
            raise ValueError(f"y must have at least two classes; got {n_classes} class")
        binary = n_classes == 2
        Y = codes[:, None].astype(float) if binary else np.eye(n_classes)[codes]
        seed = self.random_state
        if not isinstance(seed, int | np.integer):
            seed = check_random_state(seed).randint(2**31)
        self.model_ = self._model(X.shape, Y.shape[1])
        shapes = self.model_.shapes
        theta = INITIALIZERS[self.init].f(stream(seed, START), shapes, self.init_scale)[None]
        data = Data("binary" if binary else "multiclass", X, Y)
        training = Trainer(self.model_, theta, data, self._plan(), [stream(seed, ORDER)])
        for _ in training.run():
            pass
        arrays = training.arrays()
        self.net_ = {n[8:]: a for n, a in arrays.items() if n.startswith("weights/")}
        self.epochs_, self.loss_curve_ = arrays["epoch"], arrays["curve/train/loss"][0]
        self.n_iter_ = max(1, int(arrays["final/epochs"][0]))
        return self

    def _outputs(self, X):
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        Z, _ = self.model_.forward(self.net_, X)
        return OUTPUTS[self.model_.output](Z)[0]

    def predict(self, X):
        """The more probable class of each example, (N,)."""
        A = self._outputs(X)
        winners = (A[:, 0] > 0.5).astype(int) if A.shape[1] == 1 else A.argmax(axis=1)
        return self.classes_[winners]


class _Probabilities:
    def predict_proba(self, X):
        """The probability of each class, (N, K); rows sum to 1."""
        A = self._outputs(X)
        return np.hstack([1.0 - A, A]) if A.shape[1] == 1 else A


class Perceptron(_Classifier):
    """Rosenblatt's perceptron, for two classes.

    By default, `fit` starts at zero and shows the examples one by one in the order given, 100 times
    or until none is wrong. The learning rate is 1 (from zero, any rate gives the same answers).
    There is a bias and no penalty. Inputs are not scaled.
    """

    def __init__(self, *, lr=1.0, epochs=100, shuffle=False, init="zero", init_scale=1.0,
                 bias=True, random_state=0):  # fmt: skip
        self.lr = lr
        self.epochs = epochs
        self.shuffle = shuffle
        self.init = init
        self.init_scale = init_scale
        self.bias = bias
        self.random_state = random_state

    def fit(self, X, y):
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if kind == "multiclass":
            raise ValueError(f"Only binary classification is supported. The type of the target "
                             f"is {kind}.")  # fmt: skip
        return super().fit(X, y)

    fit.__doc__ = _Classifier.fit.__doc__

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.poor_score = True
        return tags

    def _model(self, shape, n_outputs):
        return perceptron.Perceptron(shape[1], self.bias)

    def _plan(self):
        return Plan("perceptron", "sgd", self.epochs, self.lr, 0.0, 0.0, batch_size=1,
                    shuffle=self.shuffle, stop="solved")  # fmt: skip


class LogisticRegression(_Probabilities, _Classifier):
    """Logistic regression, of two classes or more.

    By default, `fit` starts at zero and takes at most 100 Newton steps, until the gradient is
    shorter than 1e-8. There is a bias and *no penalty*. If a line separates the classes, no best
    answer exists, and the weights grow until the last epoch. scikit-learn's class of this name has
    C = 1, which is l2 = 1 / (C N) here. Inputs are not scaled.
    """

    def __init__(self, *, optimizer="newton", lr=1.0, momentum=0.9, l2=0.0, epochs=100,
                 tolerance=1e-8, init="zero", init_scale=1.0, bias=True,
                 random_state=0):  # fmt: skip
        self.optimizer = optimizer
        self.lr = lr
        self.momentum = momentum
        self.l2 = l2
        self.epochs = epochs
        self.tolerance = tolerance
        self.init = init
        self.init_scale = init_scale
        self.bias = bias
        self.random_state = random_state

    def _model(self, shape, n_outputs):
        return logistic.Logistic(shape[1], n_outputs, self.bias)

    def _plan(self):
        return Plan("cross_entropy", self.optimizer, self.epochs, self.lr, self.momentum, self.l2,
                    stop="gradient", stop_at=self.tolerance)  # fmt: skip


class MLP(_Probabilities, _Classifier):
    """A net with hidden layers, for two classes or more.

    By default, `fit` makes one hidden layer of 16 relu units, with weights as in He et al. (2015).
    It minimizes cross-entropy in 200 epochs of Adam steps with a learning rate of .01, on batches
    of 32 that are shuffled in each epoch. There is no penalty and no early stop. Inputs are not
    scaled.
    """

    def __init__(self, *, width=16, depth=1, activation="relu", init="he", init_scale=1.0,
                 loss="cross_entropy", optimizer="adam", lr=0.01, momentum=0.9, batch_size=32,
                 shuffle=True, l2=0.0, epochs=200, random_state=0):  # fmt: skip
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
        self.random_state = random_state

    def _model(self, shape, n_outputs):
        sizes = (shape[1], *[self.width] * self.depth, n_outputs)
        examples = min(shape[0], self.batch_size or shape[0])
        output = "sigmoid" if n_outputs == 1 else "softmax"
        return mlp.MLP(sizes, self.activation, output, fitting(examples, sizes))

    def _plan(self):
        return Plan(self.loss, self.optimizer, self.epochs, self.lr, self.momentum, self.l2,
                    batch_size=self.batch_size, shuffle=self.shuffle)  # fmt: skip
