"""A sweep in a few lines: what was varied, which runs are best, and what it cost."""

from experiments import as_json, console
from experiments.console import plural, span
from experiments.errors import reason
from experiments.running.baselines import baselines
from experiments.running.ended import Ended
from experiments.running.remarks import remarks
from experiments.schema.sources import problem
from experiments.tracking.layout import LOSS
from experiments.tracking.places import ui_command
from scratchml.problems import PROBLEMS
from scratchml.stopping import STOPS

SHOWN = (
    *(LOSS, "test/loss", "test/accuracy", "test/rmse"),
    *("solved", "epochs_to_solve", "diverged"),
)
BY_GOAL = ("solved", "epochs_to_solve", LOSS)  # first the share of nets, then medians of nets
BEST = 5  # runs in the table


def ranking(configs, objective):
    """The metrics that say which runs are best: the first one decides, then the next.

    An objective that the user has chosen decides. Otherwise it is the loss, unless nets stop at a
    goal: their loss is that of the moment at which they stopped, and fast nets would come last.
    """
    if objective != LOSS:
        return (objective, LOSS)
    goal = any(STOPS[c.stop].at_goal and PROBLEMS[problem(c)].classes for c in configs)
    return BY_GOAL if goal else (LOSS,)


def report(ledger, store, experiment, objective, mute=()):
    """Prints the best runs, the failures, remarks, the cost, and where to look.

    Args:
        mute: names of remarks that are not made.
    """
    ended = look(ledger, store, objective)
    # An optimizing sweeper, which launches many times, looks at nothing but the objective.
    if ledger.launches > 1:
        console.say(best_so_far(ended, objective))
        as_json.tell(lambda: account(ledger, ended, experiment))
        return
    if len(ended.ranked) > 1:
        best(ended)
    for why, n in ledger.failures_by_reason.items():
        first = next(job for job, error in ledger.errors.items() if reason(error) == why)
        others = f" and {plural(n - 1, 'other')}" if n > 1 else ""
        console.complain(f"failed: {ledger.name(first)}{others}: {why}")
    beside(ended.configs.values())
    splits(ledger)
    ledger.remarks = dict(remarks(ended, mute)) if ended.ranked else {}
    for name, sentence in ledger.remarks.items():
        console.say(f"{name}: {sentence}")
    if ledger.remarks:
        console.say(f"(mute=[{','.join(ledger.remarks)}] silences these remarks)")
    as_json.tell(lambda: account(ledger, ended, experiment))
    cost(ledger)
    console.say(f"look: {ui_command(store.uri)}   (experiment {experiment})")


def look(ledger, store, objective):
    """The Ended sweep of a ledger."""
    configs = {f: ledger.configs[ledger.first[f]] for f in ledger.runs}
    searched = ledger.launches > 1
    ranked_by = (objective,) if searched else ranking(configs.values(), objective)
    keys = dict.fromkeys((*ranked_by, *SHOWN))
    finals = {key: ledger.values(key, ledger.runs.keys(), store) for key in keys}
    return Ended(
        configs, finals, ranked_by, ledger.grid, lambda f: store.nets.arrays(ledger.runs[f])
    )


def account(ledger, ended, experiment):
    """A sweep as a mapping, for programs; its runs, best first."""
    failures = [
        {"name": ledger.name(job), "error": reason(error)} for job, error in ledger.errors.items()
    ]
    runs = [
        facts(
            ended.configs[f],
            ledger.runs[f],
            {k: v[f] for k, v in ended.finals.items() if f in v},
            ended.grid,
        )
        for f in ended.ranked
    ]
    return {
        "experiment": experiment,
        "sweep": ledger.parent,
        "grid": ended.grid,
        "ranked_by": ended.ranked_by,
        **ledger.counts()._asdict(),
        "seconds": ledger.seconds,
        "remarks": ledger.remarks,
        "failures": failures,
        "runs": runs,
    }


def facts(config, run_id, metrics, varied=()):
    """A run as a mapping, for programs."""
    knobs = config.canonical()
    return {"run_id": run_id, "name": config.name(varied), "knobs": knobs, "metrics": metrics}


def cost(ledger):
    """Prints how much was trained, and in which time."""
    counts, seconds = ledger.counts(), ledger.seconds
    if counts.trained or counts.failed:
        trained = f"{plural(counts.trained, 'run')} of {plural(counts.nets, 'net')} trained"
        console.say(
            f"{trained}{ledger.trouble()} in {span(seconds['all'])} "
            f"(composing {span(seconds['composing'])}, "
            f"training {span(seconds['training'])} of all workers, "
            f"storing {span(seconds['storing'])})"
        )


def beside(configs):
    """Prints what the simplest answers reach on data that are read, to compare with."""
    for sentence in baselines(configs):
        console.say(sentence)


def splits(ledger):
    """Prints that some splits of real data left a class out, if they did."""
    if ledger.left_out:
        first, *others = ledger.left_out
        more = f" (and {plural(len(others), 'other run')})" if others else ""
        console.complain(f"classes left out: {first}{more}")


def best(ended):
    """Prints a table of the best runs of an Ended sweep; its columns are in the order of finals."""
    ranked, finals = ended.ranked[:BEST], ended.finals
    knobs = [key for key in ended.grid if hasattr(ended.best, key)]
    metrics = [key for key in finals if any(f in finals[key] for f in ranked)]
    rows = [
        [getattr(ended.configs[f], knob) for knob in knobs]
        + [finals[key].get(f) for key in metrics]
        for f in ranked
    ]
    title = f"best by {', then '.join(ended.ranked_by)} (median over seeds)"
    console.table(title, [*knobs, *metrics], rows)


def best_so_far(ended, objective):
    """The best run of an Ended sweep, in a line."""
    measured = ended.finals[objective]
    ranked = [f for f in ended.ranked if f in measured]
    if not ranked:
        return f"none of {plural(len(ended.configs), 'run')} so far has {objective}"
    config = ended.configs[ranked[0]]
    given = {k: getattr(config, k) for k in ended.grid if hasattr(config, k)}
    knobs = [f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in given.items()]
    value = measured[ranked[0]]
    return f"best of {len(ended.configs):,} so far: {objective} {value:.4g} with {' '.join(knobs)}"
