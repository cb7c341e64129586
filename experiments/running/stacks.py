"""Configurations -> stacks -> tasks, and training one task. Workers import this: NumPy and no more.

Nets whose arrays have one shape and whose steps are the same code are trained as one stack,
whatever their learning rate, initial weights or data. Stacks are cut into tasks that fit the cache.
"""

import math
import traceback
from dataclasses import dataclass

from experiments import own
from experiments.errors import TrainingError, reason
from experiments.models import MODELS
from experiments.models.interface import row
from experiments.process.clock import Stopwatch
from experiments.running.arrays import results
from experiments.running.costs import cost
from experiments.schema import sources
from experiments.schema.config import Config
from experiments.schema.sizes import activations, layers, memory
from experiments.schema.sources import READ, READ_KNOBS, problem, shape
from scratchml import sampling
from scratchml.arithmetic import is_small
from scratchml.datasets import differs_by_seed
from scratchml.training import DATA, stream

# Bytes of activations in a task: a larger task is no faster, and with smaller tasks the overhead of
# Python outweighs a second worker. Machine code trains small nets with the activations of one
# example at a time, and faster if they are many. See docs/log.md for the measurements.
LARGEST, LARGEST_SMALL, SMALLEST = 2**21, 2**24, 2**16
MOST = 4096  # nets in a task, so that a sweep of tiny nets is stored while it trains
MOST_ALONE = 8  # nets in a task that train one by one
MEMORY = 2**30  # bytes that a task may need, unless a single net needs more

# Knobs that nets of one stack need not share, beside the knobs that only change their data.
VARYING = ("lr", "momentum", "l2", "init", "init_scale", "start", "seed", "seeds")


@dataclass(frozen=True)
class Part:
    """Some nets of one configuration; `job` is the number of the configuration in the sweep."""

    job: int
    config: Config
    first: int  # seed
    nets: int

    @property
    def seeds(self):
        return range(self.first, self.first + self.nets)


@dataclass(frozen=True)
class Task:
    """The work of one worker at a time: parts of equal structure, and the real data they need."""

    parts: tuple
    real: dict  # `data_of` a configuration -> its Examples, for data that are read

    @property
    def nets(self):
        return sum(part.nets for part in self.parts)

    @property
    def cost(self):
        """Estimated training time; the longest task is started first."""
        return cost(self.parts[0].config, self.nets)


# --- cutting --------------------------------------------------------------------------------------


def structure(config):
    """The properties that configurations must have in common to share a stack."""
    free = sources.all_knobs().union(VARYING)
    same = {name: value for name, value in config.canonical().items() if name not in free}
    held_out = config.test_fraction if config.test_fraction else 0
    weighted = config.class_weight is not None or config.weights is not None
    kind = shape(config), problem(config), config.dataset in READ, config.split, weighted
    return (*kind, held_out, config.target_scaling, config.l2 > 0, repr(sorted(same.items())))


def cut(jobs, workers=1, size=None, real=None, seeds=None):
    """Tasks for `jobs`, {job: Config}.

    Args:
        workers: how many tasks can run at once; a large stack gives each at least one.
        size: nets in a task at the most; None is as many as fit the cache.
        real: function of all knobs, which loads the Examples of data that are read; or None.
        seeds: {job: ranges of the seeds to train} of jobs of which not all nets are to be trained.
    """
    stacks, seeds = {}, seeds or {}
    for job, config in jobs.items():
        own = seeds.get(job, [range(config.seed, config.seed + config.seeds)])
        members = stacks.setdefault(structure(config), [])
        members += ((job, config, each) for each in own)
    tasks = []
    for members in filter(None, stacks.values()):
        nets = sum(len(own) for _, _, own in members)
        most = size or _task_size(members[0][1], nets, workers)
        parts, room = [], most
        for job, config, own in members:
            first, left = own.start, len(own)
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
    if MODELS[config.model].alone:  # no net is faster beside others
        return max(1, min(MOST_ALONE, math.ceil(nets / workers)))
    one = 8 * activations(config)
    largest = LARGEST_SMALL if is_small(layers(config)) else LARGEST
    fits = min(largest // one, MOST, int(MEMORY / memory(config)))
    most = max(1, min(fits, max(SMALLEST // one, math.ceil(nets / workers))))
    return math.ceil(nets / math.ceil(nets / most))  # the same number of tasks, all of one size


def _task(parts, real):
    loaded = {}
    for part in parts if real else ():
        key = data_of(part.config)
        if key not in loaded:
            loaded[key] = real(vars(part.config))
    return Task(tuple(parts), {key: read for key, read in loaded.items() if read is not None})


def data_of(config):
    """A text that is the same for configurations that read the same examples."""
    return repr([vars(config)[name] for name in ("dataset", *READ_KNOBS)])


# --- training -------------------------------------------------------------------------------------


def train(task):
    """Trains a task to the end.

    Returns:
        [(job, first seed, arrays), ...], one for each part, and the times of beginning and end.
        A part that cannot be trained has a TrainingError in place of arrays. The other parts are
        then trained each alone, with the same results.
    """
    watch = Stopwatch()
    try:
        training = trainer(task)
        for _ in training.run():
            pass
        done = results(task, training)
    except (Exception, SystemExit) as error:  # code of the user's own may raise anything
        if len(task.parts) == 1:
            part = task.parts[0]
            failed = TrainingError(own.where(error) or reason(error), traceback.format_exc())
            done = [(part.job, part.first, failed)]
        else:
            alone = [train(Task((part,), task.real)) for part in task.parts]
            done = [parts[0] for parts, _, _ in alone]
    return done, watch.start, watch.end


def trainer(task):
    """The trainer of a task's nets, with their data: see `experiments.models.interface`."""
    configs, seeds = [], []
    for part in task.parts:
        configs += [part.config] * part.nets
        seeds += part.seeds
    data, first = _data(task), configs[0]
    entry = MODELS[first.model]
    return entry.trainer(configs, seeds, row(entry).build(data, first.knobs()), data)


def _data(task):
    """The data of a task's nets: one array if all nets have the same data, otherwise a stack."""
    sampled, shared, names = [], {}, sorted(sources.all_knobs())
    for part in task.parts:
        knobs, real = part.config.knobs(), task.real.get(data_of(part.config))
        if differs_by_seed(knobs):
            sampled += [_sample(knobs, seed, real) for seed in part.seeds]
            continue
        key = repr([knobs[name] for name in names])
        if key not in shared:
            shared[key] = _sample(knobs, part.first, real)
        sampled += [shared[key]] * part.nets
    same = all(data is sampled[0] for data in sampled)
    return sampled[0] if same else sampling.stack(sampled)


def _sample(knobs, seed, real):
    return sampling.sample(knobs, stream(seed, DATA), seed, real)
