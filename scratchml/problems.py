"""Problems: what the targets of a data set are, and when an answer to them is right.

Targets Y are (N, K) for every problem. Two classes and one number have a single column, several
classes a column each (one-hot), several labels a column of 0 and 1 each, and several numbers a
column each.
"""

from collections.abc import Callable
from typing import NamedTuple


def all_sides(A, Y):
    """(R, N): whether each output A is on its target's side of 1/2."""
    return ((A > 0.5) == (Y > 0.5)).all(axis=-1)


def largest(A, Y):
    """(R, N): whether the largest output A names the class whose target is 1."""
    return A.argmax(axis=-1) == Y.argmax(axis=-1)


def plain(Y, problem):
    """(N,) or (N, K): targets Y, (N, K), of a Problem as scikit-learn's users write them.

    Classes are 0, 1, ..., labels are 0 and 1. A single column becomes (N,).
    """
    if problem.one_hot:
        return Y.argmax(axis=1)
    y = Y[:, 0] if Y.shape[1] == 1 else Y
    return y.astype(int) if problem.classes else y


class Problem(NamedTuple):
    """A kind of targets, and every fact about it that others must respect."""

    output: str  # the usual output units of a net, a key of `losses.OUTPUTS`
    says: str  # of a data set, as the end of a sentence
    right: Callable | None = None  # (A, Y) -> (R, N); None where no answer is right or wrong
    one_hot: bool = False  # a column of Y for each class
    exclusive: bool = False  # each example belongs to exactly one class

    @property
    def classes(self):
        """Whether an answer is right or wrong."""
        return self.right is not None


PROBLEMS = {
    "binary": Problem("sigmoid", "has two classes", all_sides, exclusive=True),
    "multiclass": Problem("softmax", "has more", largest, one_hot=True, exclusive=True),
    "multilabel": Problem("sigmoid", "has several labels", all_sides),
    "regression": Problem("identity", "is a regression"),
}
