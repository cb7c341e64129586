"""The base of the estimators: one net is trained, in the way that scikit-learn's users expect."""

import warnings
from dataclasses import replace

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from scratchml import arguments
from scratchml.initializers import INITIALIZERS
from scratchml.labels import classes_of, example_weights, problem_of, targets
from scratchml.sampling import Data
from scratchml.threads import one_thread
from scratchml.training import ORDER, START, Trainer, stream


class Classifier(ClassifierMixin, BaseEstimator):
    """One net, a stack of R = 1, trained by `Trainer`.

    A subclass has its arguments, `_model(shape, n_outputs, problem)` and `_plan()`.
    """

    _convex = False  # whether its loss is convex, which some optimizers need

    def fit(self, X, y, sample_weight=None):
        """Trains one net on X, (N, D), and labels y, (N,), or 0 and 1 of K labels, (N, K).

        With `warm_start`, a second call starts at the weights of the first if they have its shapes.

        Args:
            sample_weight: (N,), factors of the examples' losses; only their ratios matter. An
                example of weight 2 counts as two equal examples, and one of weight 0 is left out.

        Warns:
            ConvergenceWarning: Training has diverged, or its last epoch came too early.

        Raises:
            ValueError: scikit-learn does not accept X, y or the weights, y has a single class, or
                an argument has a value that is not allowed.
        """
        X, y = self._examples(X, y)
        data, plan, seed = (
            self._data(X, y, classes_of(y), sample_weight),
            self._plan(),
            self._seed(),
        )
        theta = self._theta(seed, go_on=self.warm_start)
        with one_thread:
            training = Trainer(self.model_, theta, data, plan, [stream(seed, ORDER)])
            for _ in training.run():
                pass
        arrays = training.arrays()
        self.net_ = {n[8:]: a for n, a in arrays.items() if n.startswith("weights/")}
        self.epochs_, self.loss_curve_ = arrays["epoch"], arrays["curve/train/loss"][0]
        self.n_iter_ = max(1, int(arrays["final/epochs"][0]))
        self._memory = None
        self._warn(plan, {name[6:]: a[0] for name, a in arrays.items() if name[:6] == "final/"})
        return self

    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Trains the net for one epoch on these examples, from where the last call has ended.

        What the optimizer remembers, such as momentum, lasts from call to call. `epochs`, stop
        rules and `warm_start` have no meaning here.

        Args:
            classes: all labels that any call will have; the first call needs them. Of targets with
                K columns they are 0, ..., K - 1.
            sample_weight: as for `fit`; the ratios are those within this call.

        Warns:
            ConvergenceWarning: Training has diverged.

        Raises:
            ValueError: As for `fit`; a label is not among the classes; or class_weight is
                "balanced", which would need all examples.
        """
        begins = not hasattr(self, "net_")
        if begins and classes is None:
            raise ValueError("the first call of partial_fit needs classes, all labels of all calls")
        known = unique_labels(classes) if begins else self.classes_
        if classes is not None and not np.array_equal(known, unique_labels(classes)):
            raise ValueError(f"classes must be those of the first call, {known}; got {classes}")
        if isinstance(self.class_weight, str):
            raise ValueError(f"class_weight={self.class_weight!r} needs all examples; for "
                             "partial_fit give a mapping, {label: weight}")  # fmt: skip
        X, y = self._examples(X, y, begins)
        if strange := sorted(set(classes_of(y).tolist()) - set(known.tolist())):
            raise ValueError(f"labels must be among classes, {known}; got {strange}")
        data = self._data(X, y, known, sample_weight)
        plan, seed = replace(self._plan(), epochs=1), self._seed()
        if begins:
            self._memory, self.n_iter_ = None, 0
            self.epochs_, self.loss_curve_ = np.array([], dtype=int), np.array([])
        order, memory = self._memory or (stream(seed, ORDER), None)
        theta = self._theta(seed, go_on=not begins)
        with one_thread, np.errstate(all="ignore"):
            training = Trainer(self.model_, theta, data, plan, [order], memory)
            training.train_one_epoch()
            loss = training.stack.evaluation.value
        self.net_ = {name: array.copy() for name, array in training.stack.net.items()}
        self._memory = order, training.memory
        self.n_iter_ += 1
        self.epochs_ = np.append(self.epochs_, self.n_iter_)
        self.loss_curve_ = np.append(self.loss_curve_, loss)
        if training.stack.has_diverged:
            self._warn_of_divergence(plan, self.n_iter_)
        return self

    # --- what training needs ----------------------------------------------------------------------

    def _examples(self, X, y, reset=True):
        """X and y as scikit-learn accepts them."""
        X, y = validate_data(self, X, y, dtype=float, multi_output=True, reset=reset)
        check_classification_targets(y)
        return X, column_or_1d(y, warn=True) if y.ndim == 1 or y.shape[1] == 1 else y

    def _data(self, X, y, classes, sample_weight):
        """The Data of examples that scikit-learn accepts; sets `classes_` and `model_`."""
        self.classes_, K = classes, len(classes)
        if K < 2:
            raise ValueError(f"y must have at least two classes; got {K} class")
        problem = problem_of(y, classes)
        tags = self.__sklearn_tags__().classifier_tags
        if not {"multiclass": tags.multi_class, "multilabel": tags.multi_label}.get(problem, True):
            raise ValueError("Only binary classification is supported. The type of the target is "
                             f"{problem}.")  # fmt: skip
        codes, Y = targets(y, classes, problem)
        if codes is None and self.class_weight is not None:
            raise ValueError("class_weight must be None if an example has several labels")
        arguments.check(self.get_params(), (*X.shape, Y.shape[1]), self._convex)
        weights = example_weights(X, codes, classes, sample_weight, self.class_weight)
        if weights is not None:
            X, Y, weights = (A[weights > 0.0] for A in (X, Y, weights))
            # Weights that are all equal change no bit.
            weights = None if np.all(weights == weights[0]) else weights[:, None] / weights.mean()
        self.model_ = self._model(X.shape, Y.shape[1], problem)
        return Data(problem, X, Y, weights=weights)

    def _seed(self):
        """The seed of the net: `random_state`, or a number that it draws."""
        seed = self.random_state
        if isinstance(seed, int | np.integer):
            return seed
        return check_random_state(seed).randint(2**31)

    def _theta(self, seed, go_on):
        """(1, P): the weights before the first step; to `go_on`, those of before if they fit."""
        shapes = self.model_.shapes
        old = getattr(self, "net_", None) if go_on else None
        if old and {name: array.shape[1:] for name, array in old.items()} == shapes:
            return np.concatenate([old[name].reshape(1, -1) for name in shapes], axis=1)
        return INITIALIZERS[self.init].f(stream(seed, START), shapes, self.init_scale)[None]

    def _warn(self, plan, final):
        """Warns of a net that did not end as it should; `final` has its last values."""
        reached = {"solved": final["solved"], "never": True}.get(plan.stop)
        if reached is None:
            reached = final["gradient_norm"] < plan.stop_at
        if final["diverged"]:
            self._warn_of_divergence(plan, final["epochs"])
        elif not reached:
            said = f"training did not converge in {plan.epochs} epochs"
            warnings.warn(said, ConvergenceWarning, stacklevel=3)

    def _warn_of_divergence(self, plan, epoch):
        said = f"training diverged in epoch {epoch}; the last finite weights are kept"
        said += f" (a lower lr may help; it is {plan.lr:g})"
        warnings.warn(said, ConvergenceWarning, stacklevel=3)

    # --- answers ----------------------------------------------------------------------------------

    def decision_function(self, X):
        """The logits: (N,), above 0 for the second of two classes; (N, K) of classes or labels."""
        Z = self._logits(X)
        return Z[:, 0] if Z.shape[1] == 1 else Z

    def predict(self, X):
        """The more probable class of each example, (N,); of K labels 0 or 1 each, (N, K)."""
        Z = self._logits(X)
        if self._has_labels(Z):
            return (Z > 0.0).astype(int)
        return self.classes_[Z.argmax(axis=1) if Z.shape[1] > 1 else (Z[:, 0] > 0.0).astype(int)]

    def _has_labels(self, Z):
        """Whether logits, (N, K), are those of K labels, and not of K classes."""
        return Z.shape[1] > 1 and self.model_.output == "sigmoid"

    def _logits(self, X):
        check_is_fitted(self, "net_")
        X = validate_data(self, X, dtype=float, reset=False)
        return self.model_.forward(self.net_, X)[0][0]
