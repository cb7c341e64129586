"""scikit-learn's estimators as models, so that their answers are runs beside ours.

A scikit-learn model takes from our knobs the data, its shape and its seeds. Everything about its
training goes by scikit-learn's own names in the knob `options`, with scikit-learn's own defaults: a
net of `model=sklearn_logistic options={C:10}` is
`LogisticRegression(random_state=seed, C=10).fit(X, y)`.

`sklearn_fits` fits the estimators.
"""

import inspect
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import NamedTuple

from experiments.models.interface import TRAINING_KNOBS, Entry, options_in_words
from experiments.models.options import foreign
from experiments.models.sklearn_fits import Fits


class Estimator(NamedTuple):
    """A class of scikit-learn's, and those of its parameters that knobs of ours decide."""

    module: str
    name: str
    given: dict[str, Callable]  # parameter -> (config -> value)
    activations: tuple[str, ...] = ()  # names of ours that it has, too
    problems: tuple[str, ...] = ("binary", "multiclass")

    def load(self) -> type:
        """The class itself; this imports scikit-learn, which takes a second."""
        return getattr(import_module(self.module), self.name)

    def parameters(self) -> set[str]:
        """The names of the parameters that the knob `options` may set."""
        return inspect.signature(self.load()).parameters.keys() - self.given.keys()

    def make(self, config, seed) -> object:
        """The estimator of one net, not yet fitted."""
        given = {name: value(config) for name, value in self.given.items()}
        return self.load()(**given, **{"random_state": seed} | (config.options or {}))


# Our activation -> scikit-learn's name of it
ACTIVATIONS = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}

LOGISTIC = Estimator(
    "sklearn.linear_model",
    "LogisticRegression",
    {"fit_intercept": lambda config: config.bias},
)
MLP = Estimator(
    "sklearn.neural_network",
    "MLPClassifier",
    {
        "hidden_layer_sizes": lambda config: (config.width,) * config.depth,
        "activation": lambda config: ACTIVATIONS[config.activation],
    },
    activations=tuple(ACTIVATIONS),
    problems=("binary", "multiclass", "multilabel"),
)

DEEPEST = 10**6  # layers of an estimator that is made to see whether its parameters are allowed


def entry(like: str, estimator: Estimator) -> Entry:
    """The Entry of an estimator whose weights are those of our model `like`."""
    return Entry(
        like=like,
        trainer=partial(Fits, estimator.make),
        problems=estimator.problems,
        words=lambda config, usual: options_in_words(config),
        takes=("options",),
        ignores=TRAINING_KNOBS,
        instead=f"which has {estimator.name}'s own parameters, options={{NAME: VALUE}}",
        constraints=partial(constraints, estimator),
        packages=("scikit-learn",),
    )


def constraints(estimator: Estimator, config):
    """Yields a sentence for each knob, and each parameter, that the estimator cannot have."""
    allowed = estimator.activations
    if config.activation is not None and allowed and config.activation not in allowed:
        yield (
            f"activation must be one of {list(allowed)} for model {config.model}; "
            f"got {config.activation!r}"
        )
        return
    decided = dict.fromkeys(estimator.given, "; another knob decides it")
    wrong = [*foreign(config.model, config.options or {}, estimator.parameters(), decided)]
    yield from wrong
    if wrong or not _has_shape(estimator, config):
        return
    try:
        estimator.make(config, config.seed)._validate_params()  # the first step of `fit`
    except ValueError as error:
        yield f"options: {error}"


def _has_shape(estimator, config):
    """Whether the estimator can be made; if not, other constraints say why."""
    if not estimator.activations:
        return True
    shape = config.width, config.depth, config.activation
    return None not in shape and config.depth <= DEEPEST


ENTRIES = {
    "sklearn_logistic": entry("logistic", LOGISTIC),
    "sklearn_mlp": entry("mlp", MLP),
}
# name -> the class, as any other class of a package is named
PATHS = {
    "sklearn_logistic": f"{LOGISTIC.module}:{LOGISTIC.name}",
    "sklearn_mlp": f"{MLP.module}:{MLP.name}",
}
