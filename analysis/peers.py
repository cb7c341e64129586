"""Runs of scikit-learn's estimators beside ours: their parameters, and how far they are apart."""

import json

import numpy as np

from analysis.measures import coefficients


def peer(data, model, parameters, **knobs):
    """The run of a scikit-learn estimator with these parameters, and with defaults otherwise."""
    written = json.dumps(parameters) if parameters else None
    return data.select(model=f"sklearn_{model}", options=written, **knobs)


def with_parameters(data, model, **knobs):
    """[(parameters, run)] of all runs of a scikit-learn estimator that differ from its defaults."""
    runs = data.select(model=f"sklearn_{model}", **knobs)
    return [(json.loads(text), runs.select(options=text)) for text in runs.values("options")]


def apart(ours, theirs):
    """(R,): the largest difference between a coefficient of ours and of theirs."""
    return np.abs(coefficients(ours.arrays()) - coefficients(theirs.arrays())).max(axis=1)


def changes(before, after):
    """What changes on held-out examples from one run to another, net by net that both have.

    Returns:
        (R,) root mean squares of the change of a probability, in points; (R,) how many examples
        are of another class.
    """
    points, flipped = [], []
    for net in range(min(len(before.nets), len(after.nets))):
        X = before.examples(index=net).X_test
        p, q = (run.net(index=net)(X)[:, 0] for run in (before, after))
        points.append(100.0 * np.sqrt(np.mean((p - q) ** 2)))
        flipped.append(int(((p > 0.5) != (q > 0.5)).sum()))
    return np.array(points), np.array(flipped)
