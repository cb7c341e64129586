"""Scaling of inputs and targets, and what stands for values that are missing."""

import numpy as np

FILLS = {"mean": np.nanmean, "median": np.nanmedian}


def fills(X, missing):
    """(D,): what stands for missing values, NaN, in each column of X; 0 where all are missing."""
    known = np.isfinite(X).any(axis=0)
    values = np.zeros(X.shape[1])
    values[known] = FILLS[missing](X[:, known], axis=0)
    return values


def scale(X, scaling):
    """(mean, std), (D,) each, that `scaling` subtracts from X, (N, D), and divides it by.

    A feature is constant if its deviation is rounding of the sum of N such numbers: at most N eps
    times its largest number. Then its std is 1 and its mean is its first number, so that equal
    numbers become exactly zero.
    """
    mean = X.mean(axis=0) if scaling != "none" else np.zeros(X.shape[1])
    std = X.std(axis=0) if scaling == "standard" else np.ones(X.shape[1])
    if scaling != "none":
        rounding = len(X) * np.finfo(float).eps * np.abs(X).max(axis=0)
        constant = X.std(axis=0) <= rounding
        mean[constant], std[constant] = X[0, constant], 1.0
    return mean, std


def rescaled(Y, units):
    """Targets or outputs of a regression in the targets' own units: Y std + mean.

    Args:
        Y: (..., N, K).
        units: (..., 2, K), the mean and the std of the training targets; None if they were not
            scaled.
    """
    return Y if units is None else Y * units[..., 1:, :] + units[..., :1, :]
