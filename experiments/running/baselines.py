"""What the simplest answers reach on data that are read: nets should be better than they are."""

from collections.abc import Iterable, Iterator

import numpy as np

from experiments.running.stacks import data_of
from experiments.schema.config import Config
from experiments.schema.sources import READ, load
from scratchml import sampling
from scratchml.evaluation import accuracy, rmse
from scratchml.problems import PROBLEMS
from scratchml.training import DATA, stream

SEEDS = 5  # splits of which the median is told
LARGEST = 10**9  # N D^2 of a least-squares fit that takes no noticeable time


def baselines(configs: Iterable[Config]) -> Iterator[str]:
    """A sentence for each data set that is read, of the first configuration that has it."""
    first = {}
    for config in configs:
        if config.dataset in READ:
            first.setdefault(data_of(config), config)
    for config in first.values():
        yield sentence(config)


def sentence(config: Config) -> str:
    """What the most frequent class, or the mean, and a linear model by least squares reach."""
    examples, scores = load(config.knobs()), []
    kind = PROBLEMS[examples.problem]
    frequent = "the most frequent class" + ("" if kind.exclusive else " of each label")
    models = {frequent if kind.classes else "the mean": constant}
    if len(examples.X) * examples.X.shape[1] ** 2 < LARGEST:
        models["a linear model by least squares"] = linear
    for seed in range(config.seed, config.seed + min(config.seeds, SEEDS)):  # one split in memory
        data = sampling.sample(config.knobs(), stream(seed, DATA), seed, examples)
        scores.append([score(fit(data), data) for fit in models.values()])
    medians = zip(models, np.median(scores, axis=0).tolist(), strict=True)
    where = "training" if data.X_test is None else "held-out"
    told = ", ".join(f"{name} {_told(value, examples)}" for name, value in medians)
    return f"to compare with, on {where} examples: {told}"


def constant(data: sampling.Data):
    """The answer that does not look at its input: the mean of the targets, a function of X."""
    mean = data.Y.mean(axis=0)
    return lambda X: np.broadcast_to(mean, (len(X), len(mean)))


def linear(data: sampling.Data):
    """The least-squares fit of the targets by a linear function of the inputs, a function of X."""
    W = np.linalg.lstsq(_with_ones(data.X), data.Y, rcond=None)[0]
    return lambda X: _with_ones(X) @ W


def _with_ones(X):
    return np.concatenate([X, np.ones((len(X), 1))], axis=1)


def score(model, data: sampling.Data) -> float:
    """The accuracy of a classifier, or the rmse of a regression, on held-out examples if there are.

    The rmse is in the targets' own units.

    A constant answer of mean targets names the most frequent class.
    """
    held_out = data.X_test is not None
    X, Y = (data.X_test, data.Y_test) if held_out else (data.X, data.Y)
    A = model(X)
    if PROBLEMS[data.problem].classes:
        return float(accuracy(A[None], Y, data.problem)[0])
    std = np.ones(Y.shape[1]) if data.units is None else data.units[1]
    return float(rmse(A[None], Y, std[None])[0])


def _told(value, examples):
    return f"is right for {value:.1%}" if examples.n_classes else f"has an rmse of {value:.4g}"
