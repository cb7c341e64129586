"""Labels as scikit-learn's users write them: their classes, targets (N, K), and weights."""

import numpy as np
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.validation import _check_sample_weight

from scratchml.problems import PROBLEMS


def classes_of(y):
    """The classes of labels (N,), sorted; of K labels of 0 or 1 each, (N, K): 0, ..., K - 1."""
    return np.unique(y) if y.ndim == 1 else np.arange(y.shape[1])


def problem_of(y, classes):
    """The kind of targets of labels, (N,) or (N, K): a key of `PROBLEMS`."""
    if y.ndim > 1:
        return "multilabel"
    return "binary" if len(classes) == 2 else "multiclass"


def targets(y, classes, problem):
    """(codes, Y): the place of each example's label in `classes`, (N,), and its targets (N, K).

    An example with several labels has no code: codes are then None.
    """
    if not PROBLEMS[problem].exclusive:
        return None, y.astype(float)
    codes = np.searchsorted(classes, y)
    if PROBLEMS[problem].one_hot:
        return codes, np.eye(len(classes))[codes]
    return codes, codes[:, None].astype(float)


def example_weights(X, codes, classes, sample_weight, class_weight):
    """(N,), from 0 to 1: the weight of each example; None if there are no weights.

    Args:
        codes: (N,), the place of each example's label in `classes`; None if it has several labels.
        class_weight: None, {label: weight}, or "balanced": all classes count the same.
    """
    if sample_weight is None and class_weight is None:
        return None
    weights = _check_sample_weight(sample_weight, X, dtype=float, ensure_non_negative=True)
    if class_weight == "balanced":
        total = np.bincount(codes, weights, minlength=len(classes))
        weights = weights / np.where(total > 0.0, total, 1.0)[codes]
    elif class_weight is not None:
        weights = weights * compute_class_weight(class_weight, classes=classes, y=classes)[codes]
    if not weights.any():
        raise ValueError("the weight of some example must be positive; got 0 for all of them")
    return weights / weights.max()
