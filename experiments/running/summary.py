"""A sweep in a few lines: what was varied, which runs are best, and what it cost."""

from collections import Counter, defaultdict

from experiments import console
from experiments.console import plural, span
from experiments.errors import reason
from experiments.tracking.layout import LOSS

RANKED = LOSS
SHOWN = (RANKED, "test/loss", "solved", "epochs_to_solve", "diverged")
BEST = 5  # runs in the table


def grid(overrides):
    """{key: values}: the overrides that differ between jobs, in order of appearance."""
    values = defaultdict(Counter)
    for job in overrides:
        for override in job:
            key, _, value = override.partition("=")
            values[key.lstrip("+~")][value] += 1
    jobs = len(overrides)
    return {k: list(v) for k, v in values.items() if len(v) > 1 or v.total() < jobs}


def report(ledger, store, experiment):
    """Prints the best runs, the failures, the cost, and where to look."""
    finals = {key: ledger.values(key, ledger.runs.keys(), store) for key in SHOWN}
    configs = {f: ledger.configs[ledger.first[f]] for f in ledger.runs}
    varied = grid(ledger.overrides)
    if ledger.launches > 1:  # of an optimizing sweeper, which launches many times
        console.say(best_so_far(configs, finals, varied))
        return
    if len(ledger.runs) > 1:
        best(configs, finals, varied)
    for why, n in ledger.failures_by_reason.items():
        first = next(job for job, error in ledger.errors.items() if reason(error) == why)
        others = f" and {plural(n - 1, 'other')}" if n > 1 else ""
        console.complain(f"failed: {ledger.name(first)}{others}: {why}")
    counts, seconds = ledger.counts(), ledger.seconds
    if counts.trained or counts.failed:
        trained = f"{plural(counts.trained, 'run')} of {plural(counts.nets, 'net')} trained"
        console.say(
            f"{trained}{ledger.trouble()} in {span(seconds['all'])} "
            f"(composing {span(seconds['composing'])}, "
            f"training {span(seconds['training'])} of all workers, "
            f"storing {span(seconds['storing'])})"
        )
    console.say(f"look: scratchml ui   (experiment {experiment})")


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
