"""Real data sets, as scikit-learn ships them; `scratchml` itself makes only its own."""

from functools import cache
from typing import NamedTuple


class Real(NamedTuple):
    """A real data set's size, known before it is loaded, and its loader in `sklearn.datasets`."""

    n_samples: int
    n_features: int
    n_classes: int
    loader: str


REAL = {
    "breast_cancer": Real(569, 30, 2, "load_breast_cancer"),
    "digits": Real(1797, 64, 10, "load_digits"),
}


@cache  # a sweep asks once a task, and the digits take 20 ms to parse
def load(name):
    """(X, y) of a real data set, all examples; None for a data set that is generated."""
    if name not in REAL:
        return None
    import sklearn.datasets  # half a second, and only for those who ask

    return getattr(sklearn.datasets, REAL[name].loader)(return_X_y=True)
