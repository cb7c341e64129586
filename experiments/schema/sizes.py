"""How large a configuration is, known before anything is made: parameters and bytes."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from experiments.schema.sources import shape, source
from scratchml.backprop import BACKPROP
from scratchml.optimizers import OPTIMIZERS

if TYPE_CHECKING:
    from experiments.schema.config import Config

NUMBER = 8.0  # bytes
SCALARS = 8  # numbers of a point: losses, accuracies, norms
VECTORS = 8  # arrays like the parameters: gradient, slots, copies


def hidden(config: "Config") -> tuple[int, int]:
    """(H, L): units in a hidden layer, and hidden layers; a null depth is 1."""
    depth = 1 if config.depth is None else config.depth
    return (config.width, depth) if config.width and depth else (0, 0)


def layers(config: "Config") -> tuple[int, ...]:
    """(D, H, ..., K): inputs, units of each hidden layer, and outputs."""
    (_, d, k), (h, depth) = shape(config), hidden(config)
    return d, *[h] * depth, k


def n_parameters(config: "Config") -> int:
    """P, the number of weights and biases of one net."""
    (_, d, k), (h, depth), one = shape(config), hidden(config), int(config.bias)
    if not depth:
        return (d + one) * k
    of_feedback = (depth - 1) * h * h + h * k if BACKPROP[config.backprop].random else 0
    return (d + one) * h + (depth - 1) * (h + one) * h + (h + one) * k + of_feedback


def examples(knobs: Mapping[str, Any]) -> float:
    """Bytes of the examples of one net, held-out ones too, from the knobs of its data."""
    return _bytes(lambda: _examples(source(knobs["dataset"]).shape(knobs), knobs["test_fraction"]))


def _examples(shape, test_fraction):
    n, d, k = shape
    return n * (d + k) / (1.0 - test_fraction)


def activations(config: "Config") -> int:
    """Numbers that one net holds between forward and backward, with one batch of data."""
    (n, d, k), (h, depth) = shape(config), hidden(config)
    return min(n, config.batch_size or n) * (d + depth * h + k)


def memory(config: "Config") -> float:
    """Bytes that one net needs: its data, activations, parameters and everything recorded."""
    return _bytes(lambda: _numbers(config))


def results(config: "Config") -> float:
    """Bytes of what all nets of a run leave behind."""
    return _bytes(lambda: config.seeds * _recorded(config, n_parameters(config)))


def _numbers(config):
    parameters = n_parameters(config)
    second_order = OPTIMIZERS[config.optimizer].needs_convex or config.lr_unit == "critical"
    hessians = 3 * parameters**2 if second_order else 0
    data = _examples(shape(config), config.test_fraction)
    held = data + 3 * activations(config) + VECTORS * parameters + hessians
    return held + _recorded(config, parameters)


def _recorded(config, parameters):
    """Numbers that are recorded of one net: its curves, its last parameters, and its path."""
    points = min(config.records, config.epochs + 1)
    return points * (SCALARS + (parameters if config.paths else 0)) + parameters


def _bytes(numbers):
    try:
        return NUMBER * numbers()
    except OverflowError:  # a whole number that no float can hold
        return math.inf
