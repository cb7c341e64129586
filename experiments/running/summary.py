"""A sweep in a few lines: what was varied, and what came out best."""

from collections import Counter, defaultdict

from experiments import console

RANKED = "train/loss"
SHOWN = (RANKED, "test/loss", "solved", "epochs_to_solve", "diverged")
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
    ranked = _ranked(finals)[:BEST]
    knobs = [key for key in varied if hasattr(configs[ranked[0]], key)]
    metrics = [key for key in SHOWN if any(f in finals[key] for f in ranked)]
    rows = [
        [getattr(configs[f], knob) for knob in knobs] + [finals[key].get(f) for key in metrics]
        for f in ranked
    ]
    console.table(f"best by {RANKED} (median over seeds)", [*knobs, *metrics], rows)


def best_so_far(configs, finals, varied):
    """The best run, in a line."""
    ranked = _ranked(finals)
    if not ranked:
        return "none is done so far"
    config = configs[ranked[0]]
    given = {k: getattr(config, k) for k in varied if hasattr(config, k)}
    knobs = [f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in given.items()]
    loss = finals[RANKED][ranked[0]]
    return f"best of {len(ranked):,} so far: {RANKED} {loss:.4g} with {' '.join(knobs)}"


def _ranked(finals):
    """Fingerprints, the best first."""
    return sorted(finals[RANKED], key=finals[RANKED].get)
