"""The epochs at which nets may stop, and the epochs that are kept as points of a curve."""

import math

import numpy as np

LATE = 128  # from here on, points may be some epochs apart
PERIODS = (2, 3, 5)  # epochs; where one of them is seen, its multiples are, too
NEAR = 3  # epochs by which a late point may be moved


def checkpoints(epochs):
    """The epochs at which nets may stop: all up to 256, then in steps of 1/128 of the epoch.

    A net can stop only at a checkpoint, so `epochs_to_solve` is right to 0.8 %. Where two steps in
    a row would have a common divisor, the second is shorter. So three checkpoints in a row are
    never in the same phase of a period: a net that jumps to and fro is seen to.
    """
    at, epoch, step = [], 0, 1
    while epoch < epochs:
        at.append(epoch)
        longest = max(1, epoch // 128)
        step = next(s for s in range(longest, 0, -1) if math.gcd(s, step) == 1)
        epoch += step
    return np.array([*at, epochs])


def points(epochs, records, spacing="log"):
    """The `records` epochs that are kept on a curve: the first, the last, others evenly between.

    More `records` than epochs are every epoch. Points after epoch 128 are moved by up to 3 epochs,
    so that no three in a row are in the same phase of a period of 2, 3 or 5 epochs, or of a
    multiple. A weight that jumps to and fro would otherwise be recorded as rest.

    Args:
        spacing: a name of `SPACINGS`.
    """
    if records > epochs:
        return np.arange(epochs + 1)
    return np.array(_out_of_step(SPACINGS[spacing](epochs, records).tolist()))


def linear(epochs, records):
    """`records` epochs, even in the epoch."""
    return np.round(np.linspace(0, epochs, records)).astype(int)


def logarithmic(epochs, records):
    """`records` epochs: each at first, and then in steps of one ratio, even in log(epoch)."""
    at = [0, 1 if records > 2 else epochs]
    for left in range(records - 2, 0, -1):
        ratio = (epochs / at[-1]) ** (1.0 / left)
        at.append(max(at[-1] + 1, round(at[-1] * ratio)))
    return np.array(at)


SPACINGS = {"log": logarithmic, "linear": linear}  # (epochs, records) -> epochs


def _out_of_step(at):
    """The epochs `at`, with late ones moved a little: see `points`. From the last one down."""
    at = list(at)
    for i in range(len(at) - 3, 0, -1):
        if at[i] <= LATE:
            break
        gap = at[i + 2] - at[i + 1]
        in_step = [period for period in PERIODS if gap % period == 0]
        for epoch in sorted(range(at[i] - NEAR, at[i] + NEAR + 1), key=lambda e: abs(e - at[i])):
            seen = all((at[i + 1] - epoch) % period for period in in_step)
            if at[i - 1] < epoch < at[i + 1] and seen:
                at[i] = epoch
                break
    return at
