"""How large a configuration is, known before anything is made: shapes, parameters, bytes."""

import math

from experiments.schema.sources import REAL
from scratchml.datasets import DATASETS, truth_table

ONE_A_FEATURE = ("quadratic", "turned")  # data sets with as many examples as inputs


def problem(config):
    """binary, multiclass or regression: what the data's targets are."""
    if config.dataset in REAL:
        n_classes = REAL[config.dataset].n_classes
    elif DATASETS[config.dataset].regression:
        return "regression"
    else:
        n_classes = config.n_classes or 2
    return "binary" if n_classes == 2 else "multiclass"


def has_own_size(dataset):
    """Whether a generated data set needs no n_samples."""
    return dataset in (*ONE_A_FEATURE, "point") or DATASETS[dataset].make is truth_table


def shape(config):
    """(N, D, K): training examples, inputs and outputs."""
    kind = problem(config)
    if config.dataset in REAL:
        real = REAL[config.dataset]
        n = config.n_samples or real.n_samples - round(real.n_samples * config.test_fraction)
        return n, real.n_features, real.n_classes if kind == "multiclass" else 1
    if DATASETS[config.dataset].make is truth_table:
        inputs = config.inputs or 2
        return config.n_samples or 2**inputs, inputs, 1
    if config.dataset in ONE_A_FEATURE:
        return config.n_features or 1, config.n_features or 1, 1
    plane = config.dataset in ("moons", "circles", "spirals", "rings")
    features = config.n_features or (2 if plane else 1)
    return config.n_samples or 1, features, config.n_classes if kind == "multiclass" else 1


def hidden(config):
    """(H, L): units in a hidden layer, and hidden layers."""
    return (config.width, config.depth) if config.width and config.depth else (0, 0)


def n_parameters(config):
    """P, the number of weights and biases of one net."""
    (_, d, k), (h, depth), one = shape(config), hidden(config), int(config.bias)
    if not depth:
        return (d + one) * k
    return (d + one) * h + (depth - 1) * (h + one) * h + (h + one) * k


def activations(config):
    """How many numbers one net holds between forward and backward, with one batch of data."""
    (n, d, k), (h, depth) = shape(config), hidden(config)
    return min(n, config.batch_size or n) * (d + depth * h + k)


def recorded(config):
    """How many numbers are kept of one net: its curves, its last weights, and its path."""
    parameters = n_parameters(config)
    points = min(config.records, config.epochs + 1)
    return points * (8 + (parameters if config.paths else 0)) + parameters


def memory(config):
    """Bytes that one net needs: its data, activations, weights and what is recorded."""
    try:
        return 8.0 * _numbers(config)
    except OverflowError:  # more than a float can say
        return math.inf


def kept(config):
    """Bytes that are kept of all nets of a run."""
    try:
        return 8.0 * (config.seeds * recorded(config))
    except OverflowError:
        return math.inf


def _numbers(config):
    n, d, k = shape(config)
    parameters = n_parameters(config)
    second = config.optimizer == "newton" or config.lr_unit == "critical"
    hessians = 3 * parameters**2 if second else 0
    data = n * (d + k) / (1.0 - config.test_fraction)
    return data + 3 * activations(config) + 8 * parameters + hessians + recorded(config)
