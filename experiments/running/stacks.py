"""Configurations -> stacks -> tasks, and training one task. Workers import this: NumPy and no more.

Nets whose arrays have one shape and whose steps are the same code are trained as one stack,
whatever their learning rate, initial weights or data. Stacks are cut into tasks that fit the cache.
"""

import math
import time
import traceback
from dataclasses import dataclass

import numpy as np

from experiments.errors import TrainingError, reason
from experiments.running.arrays import results
from experiments.schema.config import Config
from experiments.schema.sizes import activations, memory, problem, shape
from experiments.schema.sklearn_models import PEERS, Fits, like
from scratchml import datasets, models
from scratchml.initializers import INITIALIZERS
from scratchml.training import DATA, ORDER, START, Plan, Trainer, stream

# Bytes of activations in a task: above, it is no faster; below, Python's overhead outweighs a
# second worker. See docs/log.md for what was measured.
LARGEST, SMALLEST = 2**21, 2**16
MOST = 4096  # nets in a task: a sweep of tiny ones is to be stored as it goes
MEMORY = 2**30  # bytes that a task may need, unless a single net needs more

# Knobs that nets of one stack need not share, beside everything that only changes their data.
VARYING = ("lr", "momentum", "l2", "init", "init_scale", "start", "seed", "seeds")
DATA_KNOBS = (
    *("dataset", "n_samples", "noise", "label_noise", "test_fraction", "scaling", "inputs"),
    *("table", "coding", "order", "n_features", "n_classes", "condition", "degree"),
)


@dataclass(frozen=True)
class Part:
    """Some nets of one configuration: `job` says which, in the order of the sweep."""

    job: int
    config: Config
    first: int  # seed
    nets: int

    @property
    def seeds(self):
        return range(self.first, self.first + self.nets)


@dataclass(frozen=True)
class Task:
    """What one worker trains at once: parts of equal structure, and the real data they need."""

    parts: tuple
    real: dict  # name -> (X, y)

    @property
    def nets(self):
        return sum(part.nets for part in self.parts)

    @property
    def cost(self):
        """About how long it takes: for starting the longest first."""
        return cost(self.parts[0].config, self.nets)


def cost(config, nets):
    """About how long so many nets train in one stack, in units of .1 to .8 us: a small net's step.

    Of 0 nets it is what each step takes beside them.
    """
    steps = config.epochs * math.ceil(shape(config)[0] / (config.batch_size or math.inf) or 1)
    measured = min(config.records, config.epochs + 1) if "sharpness" in config.measure else 0
    passes = steps + 100 * measured  # it goes through the net some hundred times
    return steps * 100 + passes * nets * (1 + activations(config) / 20)


def structure(config):
    """What configurations must have in common to share a stack."""
    same = {k: v for k, v in config.canonical().items() if k not in VARYING and k not in DATA_KNOBS}
    held_out = config.test_fraction if config.test_fraction else 0
    return (shape(config), problem(config), held_out, config.l2 > 0, repr(sorted(same.items())))


def cut(jobs, workers=1, size=None, real=None):
    """Tasks for `jobs`, {job: Config}.

    Args:
        workers: how many tasks can run at once; a large stack gives each at least one.
        size: nets in a task at the most; None is what fits the cache.
        real: loader of real data, name -> (X, y) or None.
    """
    stacks = {}
    for job, config in jobs.items():
        stacks.setdefault(structure(config), []).append((job, config))
    tasks = []
    for members in stacks.values():
        nets = sum(config.seeds for _, config in members)
        most = size or _task_size(members[0][1], nets, workers)
        parts, room = [], most
        for job, config in members:
            first, left = config.seed, config.seeds
            while left:
                n = min(left, room)
                parts.append(Part(job, config, first, n))
                first, left, room = first + n, left - n, room - n
                if not room:
                    tasks.append(_task(parts, real))
                    parts, room = [], most
        if parts:
            tasks.append(_task(parts, real))
    return sorted(tasks, key=lambda task: -task.cost)


def _task_size(config, nets, workers):
    one = 8 * activations(config)
    fits = min(LARGEST // one, MOST, int(MEMORY / memory(config)))
    most = max(1, min(fits, max(SMALLEST // one, math.ceil(nets / workers))))
    return math.ceil(nets / math.ceil(nets / most))  # as many tasks, but all of one size


def _task(parts, real):
    names = {part.config.dataset for part in parts}
    loaded = {name: real(name) for name in names} if real else {}
    return Task(tuple(parts), {name: data for name, data in loaded.items() if data is not None})


def trainer(task):
    """The Trainer of a task: its nets' data, initial weights and plan. Peers have their own."""
    configs, seeds = [], []
    for part in task.parts:
        configs += [part.config] * part.nets
        seeds += part.seeds
    data = _data(task)
    first = configs[0]
    model = models.build(first.knobs() | {"model": like(first.model)}, data)
    if first.model in PEERS:
        return Fits(configs, seeds, model, data)
    shapes = model.shapes
    theta = np.stack([_start(c, seed, shapes) for c, seed in zip(configs, seeds, strict=True)])
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
        measure=first.measure,
        paths=first.paths,
    )
    drawn = first.shuffle and first.batch_size is not None  # else an order has no meaning
    orders = [stream(seed, ORDER) if drawn else None for seed in seeds]
    return Trainer(model, theta, data, plan, orders)


def _start(config, seed, shapes):
    """(P,): one net's initial parameters."""
    if config.init == "given":
        return np.array(config.start)
    return INITIALIZERS[config.init](stream(seed, START), shapes, config.init_scale)


def _data(task):
    """The data of a task's nets: one array for all where all see the same, else a stack."""
    drawn, one_for_all = [], {}
    for part in task.parts:
        knobs, real = part.config.knobs(), task.real.get(part.config.dataset)

        def draw(seed, knobs=knobs, real=real):
            return datasets.sample(knobs, stream(seed, DATA), seed, real)

        if datasets.differs_by_seed(knobs):
            drawn += [draw(seed) for seed in part.seeds]
            continue
        key = repr([knobs[name] for name in DATA_KNOBS])
        if key not in one_for_all:
            one_for_all[key] = draw(part.first)
        drawn += [one_for_all[key]] * part.nets
    same = all(data is drawn[0] for data in drawn)
    return drawn[0] if same else datasets.stack(drawn)


def train(task):
    """Trains a task to the end.

    Returns:
        [(job, first seed, arrays), ...], one for each part, and the times of beginning and end.
        A part that cannot be trained has a TrainingError in place of arrays: the others are then
        trained each alone, and come out the same.
    """
    began = time.time()
    try:
        training = trainer(task)
        for _ in training.run():
            pass
        done = results(task, training)
    except Exception as error:
        if len(task.parts) == 1:
            part = task.parts[0]
            failed = TrainingError(reason(error), traceback.format_exc())
            done = [(part.job, part.first, failed)]
        else:
            alone = [train(Task((part,), task.real)) for part in task.parts]
            done = [parts[0] for parts, _, _ in alone]
    return done, began, time.time()
