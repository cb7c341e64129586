"""One error rate for many tests."""

import numpy as np


def holm(p):
    """Holm's adjusted p-values (Holm 1979), in the order given.

        q(i) = max over j <= i of min(1, (m - j + 1) p(j)),     p(1) <= ... <= p(m)

    If the claims with q <= a are believed, the chance that any of them is false is at most a,
    however the tests depend on each other.

    Args:
        p: (m,) p-values.

    Returns:
        (m,) adjusted p-values.

    Raises:
        ValueError: A p-value is outside [0, 1].
    """
    p = np.asarray(p, dtype=float)
    if not ((p >= 0.0) & (p <= 1.0)).all():
        raise ValueError("p-values must be in [0, 1]")
    order = np.argsort(p, kind="stable")
    stepped = np.minimum(1.0, np.arange(len(p), 0, -1) * p[order])
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(stepped)
    return adjusted
