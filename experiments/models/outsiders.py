"""Classes that are not ours as entries of the table of models."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from experiments.models import classes
from experiments.models.calls import preserved
from experiments.models.classes import Signature
from experiments.models.guest import Guest
from experiments.models.interface import TRAINING_KNOBS, Entry, Word, options_in_words
from experiments.models.learning import Answers
from experiments.models.outside import Outside
from experiments.own import Code, Fault
from scratchml.losses import OUTPUTS
from scratchml.models import Model
from scratchml.problems import PROBLEMS
from scratchml.stopping import STOPS

# Knobs of training that the harness itself obeys: what is recorded, and when a net stops.
OURS = ("epochs", "stop", "stop_at", "records", "spacing", "loss")
WEIGHTED = ("weights", "class_weight")
STARTS = ("start", "init", "init_scale")  # knobs that decide the start of a net
FORM = ("width", "depth", "activation")


def entry(name: str, cls: type, packages: tuple[str, ...] = ()) -> Entry:
    """The Entry of a class.

    Args:
        packages: whose versions its numbers depend on, beside NumPy's.

    Raises:
        ConfigError: It cannot be used as a model.
    """
    signature = classes.inspected(name, cls)
    asked = {*signature.asks.values()}
    starts = STARTS if "start" in asked else ()
    form = FORM if starts else ()
    obeyed = {*asked, *starts, *(WEIGHTED if signature.weights else ())}
    obeyed |= {"loss"} if signature.at_once else {*OURS}
    outputs = _outputs(signature)
    return Entry(
        like=Model(
            partial(_answers, outputs), outputs, ("bias",) if "bias" in asked or starts else ()
        ),
        trainer=partial(Outside, signature),
        problems=tuple(outputs),
        words=partial(_words, signature),
        takes=("options", *(knob for knob in FORM if knob in asked or knob in form)),
        ignores=tuple(knob for knob in (*TRAINING_KNOBS, "measure") if knob not in obeyed),
        obeys=tuple(asked),
        instead="which its own code trains",
        constraints=partial(_constraints, signature),
        packages=packages,
        alone=True,
        answers=partial(_answers_of, name, signature, outputs),
        defaults=signature.defaults,
    )


def _outputs(signature):
    """{problem: output units}: logits of probabilities, or the numbers that a class answers."""
    if signature.probabilities:
        return {problem: facts.output for problem, facts in PROBLEMS.items()}
    return dict.fromkeys(PROBLEMS, PROBLEMS["regression"].output)


def _answers(outputs, data, knobs):
    return Answers(outputs[data.problem])


def _distribution(cls):
    """The distribution that a class of a package comes from, whose version counts."""
    from importlib import metadata  # a tenth of a worker's import time, and few workers need it

    top = cls.__module__.partition(".")[0]
    return tuple(metadata.packages_distributions().get(top, ())[:1])


def _words(signature, config, usual) -> list[Word]:
    """The learning rate, if the class asks for it, and its options, for a run's name."""
    found = [Word(f"lr={config.lr:g}", "lr")] if "lr" in signature.asks.values() else []
    return found + options_in_words(config)


def _constraints(signature: Signature, config: Any) -> Iterator[str]:
    """Sentences about what the class, or any class that is not ours, cannot do."""
    yield from classes.problems(config.model, signature, config.options or {})
    if STOPS[config.stop].needs_gradient:
        yield f"stop={config.stop} needs a gradient, which model {config.model} does not tell"


def _answers_of(name, signature, outputs, knobs, weights, problem, shape):
    """The outputs of a net with given weights as a function of X, see `Entry.answers`.

    Raises:
        Fault: The class has not these weights, so that no net of it can be made again.
    """
    n_inputs, n_outputs = shape
    wrong = classes.problems(name, signature, knobs.get("options") or {})
    if wrong:
        raise Fault(wrong[0])
    known = {word: knobs.get(word) for word in signature.asks.values()}
    known |= {"n_inputs": n_inputs, "n_outputs": n_outputs, "seed": 0, "start": None}
    known["rng"] = np.random.default_rng(0)
    with preserved():
        guest = Guest(name, signature, known, knobs.get("options") or {}, problem)
    guest.set_weights(weights)

    def answers(X):
        with preserved():
            return OUTPUTS[outputs[problem]](guest.logits(np.asarray(X, dtype=float))[None])[0]

    return answers


def entries(code: Code, module: Mapping[str, Any]) -> dict[str, Entry]:
    """{`mine.py:TinyNet`: Entry} of the classes in a file that can be models.

    Args:
        module: the names in the module of the file.

    Raises:
        ConfigError: The one class that the file is there for cannot be a model.
    """
    if code.imports:
        cls = module[code.imports]
        return {code.name: entry(code.name, cls, _distribution(cls))}
    own = {n: v for n, v in module.items() if isinstance(v, type) and v.__module__ == code.module}
    return {
        f"{code.name}:{name}": entry(f"{code.name}:{name}", value)
        for name, value in own.items()
        if classes.can_be_a_model(value)
    }
