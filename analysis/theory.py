"""Theory: formulas that lessons hold their measurements against, each with its source."""

import numpy as np

from scratchml.activations import ACTIVATIONS


def curvatures(X):
    """The eigenvalues of the Hessian of least squares, A'A/N with A = [X, 1], largest first.

    Those of logistic regression at zero weights are a quarter of them, because p (1 - p) = 1/4.
    """
    A = np.column_stack([X, np.ones(len(X))])
    return np.linalg.svd(A, compute_uv=False) ** 2 / len(A)


def edge(X):
    """The learning rate above which least squares explodes, 2/lambda_max (Cauchy 1847)."""
    return 2.0 / curvatures(X)[0]


def risk(n, d, variance):
    """The risk of least squares, E |w - u|^2, of the shortest solution where there are many.

        (1 - n/d) |u|^2 + v n / (d - n - 1)   for n < d - 1
        v d / (n - d - 1)                     for n > d + 1

    Args:
        n, d: examples, one number or several, and normal features; |u| = 1.
        variance: v, of the noise.

    Returns:
        The risk, infinite where n is within 1 of d (Hastie et al. 2022).
    """
    n = np.asarray(n, dtype=float)
    below, above = np.maximum(d - n - 1.0, 0.0), np.maximum(n - d - 1.0, 0.0)
    with np.errstate(divide="ignore"):
        return np.where(n < d, 1.0 - n / d + variance * n / below, variance * d / above)


def measured_risk(nets):
    """|w - u|^2 of nets, as their held-out loss shows it: it is half of |w - u|^2 + noise^2.

    That is so on average, because features are from N(0, I).
    """
    return 2.0 * nets["test/loss"] - nets.noise**2


def alternating(n, m):
    """The least share of n points labelled 0, 1, 0, ... that one layer of m relu units gets wrong.

        (n - m - 2) / 2n

    Its output has at most m + 1 pieces and changes sides m + 1 times (after Telgarsky 2015).
    """
    return np.maximum(0.0, (n - m - 2.0) / (2.0 * n))


def born_dead(N, L):
    """The chance that one of L layers of N relu units is 0 on every example, before training.

        1 - (1 - 2^-N)^L

    Exact for one input from 0 to 1 and no biases: a unit is dead with chance 1/2 (after Lu et al.
    2019).
    """
    return 1.0 - (1.0 - 2.0**-N) ** L


def layer_factor(activation, s2):
    """The factor of a layer on the size of the gradient that passes back through it.

        sqrt(s2 E[phi'(z)^2]),   z ~ N(0, q),   q = s2 E[phi(z)^2]

    Args:
        s2: number of units times the variance of a weight.

    Returns:
        The factor once q has settled (Schoenholz et al. 2017), by Gauss-Hermite quadrature.
    """
    f, df = ACTIVATIONS[activation]
    z, weights = np.polynomial.hermite_e.hermegauss(100)  # even: no node is at 0
    weights = weights / weights.sum()
    q = 1.0
    for _ in range(1000):
        q = s2 * weights @ f(np.sqrt(q) * z) ** 2
    z = np.sqrt(q) * z
    return float(np.sqrt(s2 * weights @ df(z, f(z)) ** 2))
