"""Peers: scikit-learn's estimators as models, so that its answers are runs beside ours.

From our knobs a peer takes what it learns from, its shape and its seeds. All else it has by
scikit-learn's own names, in the knob `sklearn`, with scikit-learn's own defaults: a net of
`model=sklearn_logistic sklearn={C:10}` is `LogisticRegression(random_state=seed, C=10).fit(X, y)`.

What it has learned is measured by our code, as a net that is trained no further. The gradient that
is recorded is that of the loss without penalty.
"""

import inspect
import warnings
from importlib import import_module
from typing import NamedTuple

import numpy as np

from scratchml.parameters import count, views
from scratchml.training import Plan, Trainer


class Peer(NamedTuple):
    """An estimator, the model of ours that it is like, and its parameters that are knobs."""

    module: str
    name: str
    like: str
    shape: dict  # parameter -> config -> value


PEERS = {
    "sklearn_logistic": Peer(
        "sklearn.linear_model", "LogisticRegression", "logistic",
        {"fit_intercept": lambda config: config.bias},
    ),
    "sklearn_mlp": Peer(
        "sklearn.neural_network", "MLPClassifier", "mlp",
        {"hidden_layer_sizes": lambda config: (config.width,) * config.depth,
         "activation": lambda config: ACTIVATIONS[config.activation]},
    ),
}  # fmt: skip

DEEPEST = 10**6  # layers of a net that is made to see whether its parameters are allowed

ACTIVATIONS = {"identity": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}

# Knobs that a peer has no use for, and what they are when nobody has touched them.
MEANINGLESS = {
    "init": "uniform", "init_scale": 1.0, "start": None, "loss": "cross_entropy",
    "optimizer": "sgd", "lr": 1.0, "lr_unit": "absolute", "momentum": 0.9, "batch_size": None,
    "shuffle": True, "l2": 0.0, "epochs": 10000, "stop": "never", "stop_at": None, "records": 40,
    "paths": False,
}  # fmt: skip


def like(model):
    """The model of ours that a model is like: itself, or a peer's."""
    return PEERS[model].like if model in PEERS else model


def version():
    """What a peer's numbers depend on beside its knobs."""
    from importlib import metadata  # a tenth of what a worker's imports take, and few need it

    return f"scikit-learn {metadata.version('scikit-learn')}"


def _class(config):
    peer = PEERS[config.model]
    return getattr(import_module(peer.module), peer.name)  # a second, and only for those who ask


def estimator(config, seed):
    """A configuration's estimator, not yet fitted."""
    shape = {name: value(config) for name, value in PEERS[config.model].shape.items()}
    return _class(config)(**shape, **{"random_state": seed} | (config.sklearn or {}))


def clashes(config):
    """Yields a sentence for each knob that a peer cannot have."""
    peer = PEERS[config.model]
    for name, usual in MEANINGLESS.items():
        if getattr(config, name) != usual:
            yield (
                f"{name} has no meaning for model {config.model}, which has {peer.name}'s own "
                "parameters, sklearn={NAME: VALUE}; leave it out"
            )
    if config.activation is not None and config.activation not in ACTIVATIONS:
        yield (
            f"activation must be one of {list(ACTIVATIONS)} for model {config.model}; "
            f"got {config.activation!r}"
        )
        return
    known = inspect.signature(_class(config)).parameters.keys() - peer.shape.keys()
    wrong = [name for name in config.sklearn or () if name not in known]
    for name in wrong:
        yield (
            f"sklearn.{name} is not for model {config.model}; {peer.name} has {sorted(known)} "
            "beside what are knobs here"
        )
    shape = (config.width, config.depth, config.activation)
    if wrong or peer.like == "mlp" and (None in shape or config.depth > DEEPEST):
        return  # said by others
    try:
        estimator(config, config.seed)._validate_params()  # what `fit` does first
    except ValueError as error:
        yield f"sklearn: {error}"


class Fits:
    """Estimators, one a net, that are fitted where a `Trainer` trains.

    Args:
        configs: one Config a net.
        seeds: one seed a net.
        model: the model of ours that the estimators are like.
        data: Data, shared by the nets or stacked.
    """

    def __init__(self, configs, seeds, model, data):
        self.estimators = [
            estimator(config, seed) for config, seed in zip(configs, seeds, strict=True)
        ]
        self.model, self.data, self.measure = model, data, configs[0].measure

    def run(self):
        """Fits them all; yields their last iteration."""
        from sklearn.exceptions import ConvergenceWarning

        for r, estimator in enumerate(self.estimators):
            X, Y = (A if A.ndim == 2 else A[r] for A in self.data[1:3])
            y = Y.argmax(axis=1) if Y.shape[1] > 1 else Y[:, 0]
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore", ConvergenceWarning)  # final/epochs says as much
                estimator.fit(X, y)
            if len(estimator.classes_) != max(2, Y.shape[1]):
                raise ValueError(f"no example of some class among {len(y)}; use more n_samples")
        theta = np.stack([parameters(fitted, self.model.shapes) for fitted in self.estimators])
        plan = Plan("cross_entropy", "sgd", 0, 0.0, 0.0, 0.0, measure=self.measure)
        self.trainer = Trainer(self.model, theta, self.data, plan, [None] * len(theta))
        for _ in self.trainer.run():
            pass
        yield self.estimators[0].max_iter

    def arrays(self):
        """As those of a Trainer, with one record: the end."""
        arrays = self.trainer.arrays()
        iterations = np.array([int(np.max(e.n_iter_)) for e in self.estimators])
        solved = arrays["final/solved"]
        del arrays["final/lr"]
        return arrays | {
            "epoch": np.array([self.estimators[0].max_iter]),
            "final/epochs": iterations,
            "final/epochs_to_solve": np.where(solved, iterations, np.nan),  # at the latest
        }


def parameters(fitted, shapes):
    """(P,): a fitted estimator's coefficients in our order."""
    layers = hasattr(fitted, "coefs_")
    weights = fitted.coefs_ if layers else [fitted.coef_.T]
    biases = fitted.intercepts_ if layers else [fitted.intercept_]
    theta = np.empty((1, count(shapes)))
    net = views(theta, shapes)
    for layer, (W, b) in enumerate(zip(weights, biases, strict=True), start=1):
        net[f"W{layer}"][0] = W
        if f"b{layer}" in net:
            net[f"b{layer}"][0] = b
    return theta[0]
