"""Classes with scikit-learn's interface, for pipelines and grid searches.

    from scratchml import MLP
    MLP(width=8, activation="tanh").fit(X, y).predict_proba(X)

This is the only file of scratchml that needs scikit-learn. `fit` makes many choices that the rest
of the project studies one by one. So each class lists the choices of its `fit`.
"""

import warnings

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from scratchml import arguments, logistic, mlp, perceptron
from scratchml.activations import sigmoid
from scratchml.arithmetic import fitting
from scratchml.datasets import Data
from scratchml.initializers import INITIALIZERS
from scratchml.losses import softmax
from scratchml.training import ORDER, START, Plan, Trainer, stream


class _Classifier(ClassifierMixin, BaseEstimator):
    """One net, a stack of R = 1, trained by `Trainer`."""

    def fit(self, X, y):
        """Trains one net on X, (N, D), and labels y, (N,).

        With `warm_start`, a second call starts at the weights of the first if they have its shapes.

        Warns:
            ConvergenceWarning: Training has diverged, or its last epoch came too early.

        Raises:
            ValueError: scikit-learn does not accept X or y, y has a single class, or an argument
                has a value that is not allowed.
        """
        X, y = validate_data(self, X, y, dtype=float)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        n_classes = len(self.classes_)
        if n_classes < 2:
            raise ValueError(f"y must have at least two classes; got {n_classes} class")
        binary = n_classes == 2
        Y = codes[:, None].astype(float) if binary else np.eye(n_classes)[codes]
        convex = isinstance(self, LogisticRegression)
        arguments.check(self.get_params(), (*X.shape, Y.shape[1]), convex)
        seed = self.random_state
        if not isinstance(seed, int | np.integer):
            seed = check_random_state(seed).randint(2**31)
        self.model_ = self._model(X.shape, Y.shape[1])
        plan = self._plan()
        data = Data("binary" if binary else "multiclass", X, Y)
        training = Trainer(self.model_, self._start(seed), data, plan, [stream(seed, ORDER)])
        for _ in training.run():
            pass
        arrays = training.arrays()
        self.net_ = {n[8:]: a for n, a in arrays.items() if n.startswith("weights/")}
        self.epochs_, self.loss_curve_ = arrays["epoch"], arrays["curve/train/loss"][0]
        self.n_iter_ = max(1, int(arrays["final/epochs"][0]))
        self._warn(plan, {name[6:]: a[0] for name, a in arrays.items() if name[:6] == "final/"})
        return self

    def _start(self, seed):
        """(1, P): the weights before the first step."""
        shapes = self.model_.shapes
        old = getattr(self, "net_", None) if self.warm_start else None
        if old and {name: array.shape[1:] for name, array in old.items()} == shapes:
            return np.concatenate([old[name].reshape(1, -1) for name in shapes], axis=1)
        return INITIALIZERS[self.init].f(stream(seed, START), shapes, self.init_scale)[None]

    def _warn(self, plan, final):
        """Warns of nets that did not end as they should; `final` has their last values."""
        reached = {"solved": final["solved"], "never": True}.get(plan.stop)
        if reached is None:
            reached = final["gradient_norm"] < plan.stop_at
        if final["diverged"]:
            said = f"training diverged in epoch {final['epochs']}; the last finite weights are kept"
            said += f" (a lower lr may help; it is {plan.lr:g})"
        elif not reached:
            said = f"training did not converge in {plan.epochs} epochs"
        else:
            return
        warnings.warn(said, ConvergenceWarning, stacklevel=3)

    def decision_function(self, X):
        """The logits: (N,), above 0 for the second of two classes, or (N, K) of several classes."""
        Z = self._logits(X)
        return Z[:, 0] if Z.shape[1] == 1 else Z

    def predict(self, X):
        """The more probable class of each example, (N,)."""
        Z = self._logits(X)
        return self.classes_[Z.argmax(axis=1) if Z.shape[1] > 1 else (Z[:, 0] > 0.0).astype(int)]

    def _logits(self, X):
        check_is_fitted(self)
        X = validate_data(self, X, dtype=float, reset=False)
        return self.model_.forward(self.net_, X)[0][0]


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
    def predict_proba(self, X):
        """The probability of each class, (N, K); rows sum to 1."""
        Z = self._logits(X)
        if Z.shape[1] == 1:
            return sigmoid(np.hstack([-Z, Z]))
        return softmax(Z[None])[0]

    def predict_log_proba(self, X):
        """The logarithm of the probability of each class, (N, K), finite for any logits."""
        Z = self._logits(X)
        if Z.shape[1] == 1:
            Z = np.hstack([np.zeros_like(Z), Z])
        with np.errstate(under="ignore"):
            return Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)


class Perceptron(_Line, _Classifier):
    """Rosenblatt's perceptron, for two classes.

    By default, `fit` starts at zero and shows the examples one by one in the order given, 100 times
    or until none is wrong. The learning rate is 1 (from zero, any rate gives the same answers).
    There is a bias and no penalty. Inputs are not scaled.
    """

    def __init__(self, *, lr=1.0, epochs=100, shuffle=False, init="zero", init_scale=1.0,
                 bias=True, random_state=0, warm_start=False):  # fmt: skip
        self.lr = lr
        self.epochs = epochs
        self.shuffle = shuffle
        self.init = init
        self.init_scale = init_scale
        self.bias = bias
        self.random_state = random_state
        self.warm_start = warm_start

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


class LogisticRegression(_Line, _Probabilities, _Classifier):
    """Logistic regression, of two classes or more.

    By default, `fit` starts at zero and takes at most 100 Newton steps, until the gradient is
    shorter than 1e-8. There is a bias and *no penalty*. If a line separates the classes, no best
    answer exists, and the weights grow until the last epoch. scikit-learn's class of this name has
    C = 1, which is l2 = 1 / (C N) here. Inputs are not scaled.
    """

    def __init__(self, *, optimizer="newton", lr=1.0, momentum=0.9, l2=0.0, epochs=100,
                 tolerance=1e-8, init="zero", init_scale=1.0, bias=True,
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
        self.random_state = random_state
        self.warm_start = warm_start

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
                 shuffle=True, l2=0.0, epochs=200, random_state=0, warm_start=False):  # fmt: skip
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
        self.warm_start = warm_start

    @property
    def coefs_(self):
        """The weights of each layer, [(D, H), ..., (H, K)]."""
        return [array[0] for name, array in self.net_.items() if name.startswith("W")]

    @property
    def intercepts_(self):
        """The biases of each layer, [(H,), ..., (K,)]."""
        return [array[0, 0] for name, array in self.net_.items() if name.startswith("b")]

    def _model(self, shape, n_outputs):
        sizes = (shape[1], *[self.width] * self.depth, n_outputs)
        examples = min(shape[0], self.batch_size or shape[0])
        output = "sigmoid" if n_outputs == 1 else "softmax"
        return mlp.MLP(sizes, self.activation, output, fitting(examples, sizes))

    def _plan(self):
        return Plan(self.loss, self.optimizer, self.epochs, self.lr, self.momentum, self.l2,
                    batch_size=self.batch_size, shuffle=self.shuffle)  # fmt: skip
