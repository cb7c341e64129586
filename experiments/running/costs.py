"""Estimated training times, by which tasks are ordered, and workers started or not."""

import math

from experiments.models import MODELS
from experiments.schema.config import Config
from experiments.schema.sizes import activations, layers
from experiments.schema.sources import shape
from scratchml.arithmetic import is_small
from scratchml.diagnostics import DIAGNOSTICS

ALONE = 100  # how much longer than a net in a stack a net takes that Python trains alone
CHECKPOINT = 500  # overhead of each checkpoint of small nets
CHECKPOINTS = 1000  # about as many has a long training
PASS = 2000  # overhead of a step, or of a pass of a diagnostic, of nets that NumPy computes
INLINE_COST = 4e5  # cost of tasks that this process has trained before a worker would begin


def cost(config, nets):
    """Estimated training time of `nets` nets in one stack, in steps of a small net (about 0.1 us).

    With nets=0: the overhead of Python alone.
    """
    steps, passes = _steps(config), _passes(config)
    overhead = CHECKPOINT * min(steps, CHECKPOINTS) if is_small(layers(config)) else PASS * passes
    return overhead + nets * _of_a_net(config, passes)


def _steps(config):
    return config.epochs * math.ceil(shape(config)[0] / (config.batch_size or math.inf) or 1)


def _passes(config):
    points = min(config.records, config.epochs + 1)
    passes = _steps(config) + points * sum(DIAGNOSTICS[name].passes for name in config.measure)
    return passes * (ALONE if MODELS[config.model].alone else 1)


def _of_a_net(config, passes):
    return passes * (1 + activations(config) / 20)


def are_worth_workers(configs):
    """Whether the nets of these configurations alone cost more than INLINE_COST."""
    total = 0
    for config in configs:
        if isinstance(config, Config):
            total += config.seeds * _of_a_net(config, _passes(config))
            if total > INLINE_COST:
                return True
    return False
