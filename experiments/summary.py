"""A sweep in a few lines: what was varied, and what came out best."""

from collections import Counter, defaultdict

from experiments import console

SHOWN = ("train/loss", "test/loss", "solved", "epochs_to_solve", "diverged")
BEST = 5


def grid(overrides):
    """{key: values}: the overrides that differ between jobs, in order of appearance."""
    values = defaultdict(Counter)
    for job in overrides:
        for override in job:
            key, _, value = override.partition("=")
            values[key.lstrip("+~")][value] += 1
    jobs = len(overrides)
    return {k: list(v) for k, v in values.items() if len(v) > 1 or v.total() < jobs}


def best(configs, finals, varied):
    """Prints a table of the runs with the lowest loss on their training data.

    Args:
        configs: {fingerprint: Config}
        finals: {metric: {fingerprint: value}}
        varied: the keys of the grid.
    """
    ranked = sorted(finals["train/loss"].items(), key=lambda item: item[1])[:BEST]
    knobs = [key for key in varied if ranked and hasattr(configs[ranked[0][0]], key)]
    metrics = [key for key in SHOWN if any(f in finals[key] for f, _ in ranked)]
    rows = [
        [_shown(getattr(configs[f], knob)) for knob in knobs]
        + [finals[key].get(f, "-") for key in metrics]
        for f, _ in ranked
    ]
    console.table("best by train/loss (median over seeds)", [*knobs, *metrics], rows)


def _shown(value):
    return "-" if value is None else value
