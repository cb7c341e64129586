"""A class that is not ours as the harness sees it: what it is made of, how it learns and answers.

Such a class is written as in a textbook. It is made for a number of inputs, it has a method that
learns from examples, and a method that answers:

    class TinyNet:
        def __init__(self, n_inputs, lr=0.5, seed=None): ...
        def train(self, xs, ys, epochs=1): ...      # or fit, or partial_fit
        def predict_proba(self, x): ...             # or forward, or predict

A parameter of its constructor that has the name of a knob, or a usual word for it such as
`learning_rate`, gets the value of the knob. The other parameters keep their defaults, or are set by
the knob `options`.
"""

import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

from experiments.errors import ConfigError
from experiments.models.options import foreign, missing
from experiments.words import KNOB_WORDS
from scratchml.activations import ACTIVATIONS
from scratchml.losses import LOSSES
from scratchml.optimizers import OPTIMIZERS

# Knobs whose values a constructor may ask for.
KNOBS = (
    *("lr", "width", "depth", "activation", "bias", "l2", "momentum", "batch_size", "shuffle"),
    *("loss", "optimizer", "start", "epochs", "seed"),
)
# What else it may ask for, and the names of parameters that do.
FACTS = {
    "n_inputs": "n_inputs n_in n_features inputs input_size input_dim dim d",
    "n_outputs": "n_outputs n_out outputs output_size output_dim n_classes",
    "rng": "rng generator",
}
WORDS = {
    **{word: knob for word, knob in KNOB_WORDS.items() if knob in KNOBS},
    **{knob: knob for knob in KNOBS},
    **{word: fact for fact, words in FACTS.items() for word in words.split()},
}
WEIGHTS = ("sample_weight", "weights")
FLAGS = ("bias", "shuffle")
TABLES = {
    "activation": ACTIVATIONS,
    "loss": {name for _, name in LOSSES},
    "optimizer": OPTIMIZERS,
}

# Methods by what they do; the first that a class has is used.
LEARN = ("train", "fit", "partial_fit")
PROBABILITIES = ("predict_proba", "forward")
VALUES = ("predict", "forward")


class Signature(NamedTuple):
    """How a class is used; see `inspected`."""

    cls: type
    asks: dict[str, str]  # parameter of the constructor -> knob or fact
    options: tuple[str, ...] | None  # its other parameters; None: any name is allowed
    required: tuple[str, ...]  # those of `options` that have no default
    defaults: dict[str, Any]  # knob -> the class's own default
    learn: str  # the method that learns
    epochs: str | None  # the parameter of `learn` that is a number of epochs
    weights: str | None  # the parameter of `learn` that weights examples
    probabilities: str | None  # the method that answers with probabilities of classes
    values: str | None  # the method that answers with numbers, or with classes
    arrays: bool  # it is given NumPy's arrays; otherwise lists

    @property
    def at_once(self) -> bool:
        """Whether one call trains to the end, so that there is nothing to see before it."""
        return self.learn == "fit" and self.epochs is None


def inspected(name: str, cls: Any) -> Signature:
    """The Signature of a class.

    Raises:
        ConfigError: It cannot be used; the sentence says what it lacks.
    """
    if not isinstance(cls, type):
        raise ConfigError(f"model {name} is not a class")
    learn, probabilities, values = (_first(cls, names) for names in (LEARN, PROBABILITIES, VALUES))
    if learn is None:
        raise ConfigError(f"model {name} has no method that learns, such as train(xs, ys, epochs)")
    if values is None and probabilities is None:
        raise ConfigError(f"model {name} has no method that answers: predict(x) or forward(x)")
    parameters, learning = _parameters(cls), _parameters(getattr(cls, learn))
    like_sklearn = hasattr(cls, "get_params")  # its parameters have meanings of their own
    asks = _asks({"random_state"} & parameters.keys() if like_sklearn else parameters, parameters)
    epochs = next((word for word in learning if WORDS.get(word) == "epochs"), None)
    others = tuple(word for word in parameters if word not in asks)
    return Signature(
        cls=cls,
        asks=asks,
        options=None if _takes_any(cls) else others,
        required=tuple(word for word in others if _is_required(parameters[word])),
        defaults=_defaults(asks, parameters) | _defaults({epochs: "epochs"}, learning),
        learn=learn,
        epochs=epochs,
        weights=next((word for word in WEIGHTS if word in learning), None),
        probabilities=probabilities,
        values=values,
        arrays=like_sklearn or _imports_numpy(cls),
    )


def can_be_a_model(cls: type) -> bool:
    """Whether a class has a method that learns and a method that answers."""
    return bool(_first(cls, LEARN) and _first(cls, (*PROBABILITIES, *VALUES)))


def _first(cls, methods):
    return next((name for name in methods if callable(getattr(cls, name, None))), None)


def _signature(function):
    try:
        return inspect.signature(function).parameters
    except ValueError:  # it is written in C
        return {}


def _parameters(function):
    """{name: Parameter} of the arguments that can be given by name."""
    found = _signature(function).items()
    return {n: p for n, p in found if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}


def _takes_any(cls):
    return any(p.kind is p.VAR_KEYWORD for p in _signature(cls).values())


def _is_required(parameter):
    return parameter.default is parameter.empty


def _asks(words, parameters):
    """{parameter: knob or fact} of a constructor.

    A parameter whose own default no knob can have means something else. A first parameter that has
    no default, and no name that is known, is the number of inputs.
    """
    asks = {
        word: WORDS[word]
        for word in words
        if word in WORDS and _suits(WORDS[word], parameters[word].default)
    }
    first = next(iter(parameters), None)
    if first is not None and _is_required(parameters[first]) and first not in WORDS:
        if "n_inputs" not in asks.values():
            asks[first] = "n_inputs"
    return asks


def _suits(knob, default):
    """Whether a knob can have a class's own default; an empty one, and None, it can."""
    if default is inspect.Parameter.empty or default is None or knob in FACTS:
        return True
    if knob in TABLES:
        return default in TABLES[knob]
    if knob in FLAGS:
        return isinstance(default, bool)
    return isinstance(default, int | float) and not isinstance(default, bool)


def _defaults(asks, parameters):
    """{knob: the class's own default} of parameters that ask for a knob."""
    found = {
        knob: parameters[word].default
        for word, knob in asks.items()
        if word in parameters and knob in KNOBS and knob != "seed"
    }
    return {knob: value for knob, value in found.items() if type(value) in (int, float, str, bool)}


def _imports_numpy(cls):
    return any(map(_is_of_numpy, vars(inspect.getmodule(cls)).values()))


def _is_of_numpy(value):
    homes = (value, "__module__"), (value, "__name__"), (type(value), "__module__")
    return any(str(getattr(*home, "")).partition(".")[0] == "numpy" for home in homes)


def problems(name: str, signature: Signature, options: Mapping[str, Any]) -> list[str]:
    """A sentence for each of `options` that the constructor has not, and for each that it needs."""
    decided = {
        word: f"; the knob {knob} decides it" if knob in KNOBS else ""
        for word, knob in signature.asks.items()
    }
    found = foreign(name, options, signature.options, decided)
    return [*found, *missing(name, signature.required, options)]


def arguments(signature: Signature, known: Mapping[str, Any], options: Mapping[str, Any]) -> dict:
    """The arguments of the constructor: knobs and facts that it asks for, then `options`.

    Args:
        known: the value of each knob and fact; a knob that is null leaves the class its default.
    """
    given = {word: known[knob] for word, knob in signature.asks.items()}
    return {word: value for word, value in given.items() if value is not None} | dict(options)
