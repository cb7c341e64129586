"""scratchml's own models: trained by gradient descent, each net from its own initial weights."""

from collections.abc import Iterator

import numpy as np

from experiments.models.interface import Entry, Word
from scratchml.initializers import INITIALIZERS
from scratchml.models import MODELS
from scratchml.training import ORDER, START, Plan, Trainer, stream


def entry(name: str) -> Entry:
    """The Entry of a model of `scratchml.models.MODELS`."""
    return Entry(like=name, trainer=trainer, problems=tuple(MODELS[name].outputs), words=words)


def trainer(configs, seeds, model, data, make=Trainer) -> Trainer:
    """The Trainer of a stack of nets.

    Args:
        configs: the Config of each net; they may differ in what `Plan` holds for each net.
        seeds: the seed of each net.
        model: the nets' common shape, from `scratchml.models.build`.
        data: Data, shared by the nets or stacked.
        make: what makes the trainer, from the arguments of a Trainer.
    """
    first, shapes = configs[0], model.shapes
    theta = np.stack([initial(c, seed, shapes) for c, seed in zip(configs, seeds, strict=True)])
    plan = Plan(
        loss=first.loss,
        optimizer=first.optimizer,
        epochs=first.epochs,
        lr=[c.lr for c in configs],
        momentum=[c.momentum for c in configs],
        l2=[c.l2 for c in configs],
        critical=first.lr_unit == "critical",
        batch_size=first.batch_size,
        shuffle=first.shuffle,
        stop=first.stop,
        stop_at=first.stop_at,
        records=first.records,
        spacing=first.spacing,
        measure=first.measure,
        paths=first.paths,
    )
    sampled = first.shuffle and first.batch_size is not None  # otherwise no order is asked for
    orders = [stream(seed, ORDER) if sampled else None for seed in seeds]
    return make(model, theta, data, plan, orders)


def initial(config, seed, shapes):
    """(P,): one net's initial parameters."""
    if config.init == "given":
        return np.array(config.start)
    return INITIALIZERS[config.init].f(stream(seed, START), shapes, config.init_scale)


def words(config, usual) -> Iterator[Word]:
    """The optimizer, the learning rate, the initialization and the loss, where they are unusual."""
    if config.optimizer != usual["optimizer"]:
        yield Word(config.optimizer, "optimizer")
    yield Word(f"lr={config.lr:g}" + "c" * (config.lr_unit == "critical"), "lr", "lr_unit")
    scaled = "init_scale" in config.canonical() and config.init_scale != usual["init_scale"]
    init = f"{config.init}*{config.init_scale:g}" if scaled else config.init
    yield Word(init, "init", "init_scale")
    if config.loss != usual["loss"]:
        yield Word(config.loss, "loss")
