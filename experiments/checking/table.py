"""All checks, by the kind of entry, and what they say of one file."""

from collections.abc import Callable, Iterator

from experiments.checking import formulas, models, rules
from experiments.checking.looking import Entry, sentences
from experiments.models import MODELS
from experiments.own import Code
from experiments.schema import own_entries
from experiments.schema.own_rows import KINDS, word

# Kind, as in `own_rows.KINDS` -> checks, each an Entry -> sentences about what is wrong.
CHECKS: dict[str, tuple[Callable[[Entry], Iterator[str]], ...]] = {
    "ACTIVATIONS": (
        formulas.activation_values,
        formulas.activation_slope,
        formulas.activation_extremes,
    ),
    "LOSSES": (formulas.loss_values, formulas.loss_slope, formulas.loss_extremes),
    "OPTIMIZERS": (rules.optimizer_steps, rules.optimizer_facts),
    "INITIALIZERS": (rules.initializer_draws,),
    "DATASETS": (rules.data_are_made,),
    "DIAGNOSTICS": (rules.measured,),
    "STOPS": (rules.stops,),
    "MODELS": (models.trains,),
}


def entries(code: Code) -> Iterator[tuple[str, Entry]]:
    """(kind, Entry) of all that a file adds; its rows must be in our tables already."""
    for name, key in own_entries.added(code):
        kind = KINDS[name]
        yield name, Entry(f"{kind.knob} {word(key)}", key, kind.table[key])
    for name, entry in MODELS.items():
        if name.startswith(f"{code.name}:"):
            yield "MODELS", Entry(f"model {name}", name, entry)


def findings(kind: str, entry: Entry) -> list[str]:
    """What is wrong with an entry, a sentence each, and none twice."""
    found = [said for check in CHECKS[kind] for said in sentences(entry, check)]
    return list(dict.fromkeys(found))
