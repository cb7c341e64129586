"""Nets of a class that is not ours as a Training: trained one by one, and measured as ours are.

Between two checkpoints each net trains by its own code. At a checkpoint it is asked for its
answers. From these the same functions as for our nets compute losses, accuracies and stop rules.
"""

from dataclasses import replace

import numpy as np

from experiments.models.calls import preserved
from experiments.models.guest import Guest
from experiments.models.learning import BestGuests, Learning
from experiments.models.ours import initial
from scratchml.losses import LOSSES
from scratchml.parameters import layer_shapes, views
from scratchml.recording import Recorder
from scratchml.stopping import STOPS
from scratchml.times import checkpoints
from scratchml.training import START, Plan, stream


class Outside:
    """A Training of nets of one class.

    Args:
        signature: of the class, see `classes.inspected`.
        configs: the Config of each net; they differ only in what one net may have for itself.
        seeds: the seed of each net.
        model: Answers.
        data: Data, shared by the nets or stacked.
    """

    def __init__(self, signature, configs, seeds, model, data):
        config, R = configs[0], len(seeds)
        self.data, self.config, self.stop = data, config, STOPS[config.stop]
        self.epochs = 1 if signature.at_once else config.epochs
        self.first = 1 if signature.at_once else 0  # the first epoch with answers
        nets = zip(configs, seeds, strict=True)
        with preserved():
            guests = tuple(_guest(signature, config, seed, model, data) for config, seed in nets)
        plan = Plan(config.loss, "", self.epochs, 0.0, 0.0, 0.0)
        plan = replace(plan, records=config.records, spacing=config.spacing)
        rates = np.array([config.lr for config in configs], dtype=float)
        self.recorder = Recorder(model, np.empty((R, 0)), plan, rates, data, always=())
        if "lr" not in signature.asks.values():
            del self.recorder.final["lr"]
        self.recorder.epochs = self.recorder.epochs[self.first :]
        self.best = BestGuests(R) if self.stop.held_out else None
        self.guests = list(guests)
        self.learning = Learning(
            replace(model, guests=guests),
            LOSSES[model.output, config.loss],
            np.arange(R),
            np.tile(self.stop.memory, (R, 1)),
            [data.X, data.Y, data.X_test, data.Y_test, data.weights],
        )

    def run(self):
        """Trains to the end; yields the epoch of each point as soon as it is recorded.

        Raises:
            Fault: The class raises an error, or answers with what is no answer.
        """
        recorder, points = self.recorder, set(self.recorder.epochs.tolist())
        is_checkpoint = set(checkpoints(self.epochs).tolist())
        epoch = 0
        for look in sorted(points | is_checkpoint):
            self._train(look - epoch)
            epoch = look
            if epoch >= self.first:
                with np.errstate(all="ignore"):
                    self._look(epoch, epoch in is_checkpoint, epoch in points)
            if epoch in points:
                recorder.column += 1
                yield epoch
            if not len(self.learning):
                return

    def _train(self, epochs):
        if not epochs:
            return
        X, Y, _, _, weights = self.learning.data
        with preserved():
            for r, guest in enumerate(self.learning.model.guests):
                own = (A if A is None or A.ndim == 2 else A[r] for A in (X, Y, weights))
                guest.train(*own, epochs)
        self.learning = self.learning.renewed()

    def _look(self, epoch, is_checkpoint, is_point):
        """Records the nets that learn, and retires those that stop. See `Trainer._check`."""
        nets, recorder, stop = self.learning, self.recorder, self.stop
        nets.diverged |= ~np.isfinite(nets.evaluation.forward[0]).all(axis=(1, 2))
        if recorder.column == 0 and nets.diverged.any():
            guest = nets.model.guests[0]
            raise guest.fault(guest.asks, f" answers with nan or inf at epoch {epoch}")
        if recorder.classes and is_checkpoint:
            recorder.solved(nets, epoch)
        if is_point:
            recorder.record(nets)
        stopped = np.full(len(nets), epoch == self.epochs)
        if is_point if stop.at_points else is_checkpoint:
            evaluation = nets.held_out if stop.held_out else nets.evaluation
            stopped |= stop.f(evaluation, self.config.stop_at, nets.memory)
            if self.best:
                self.best.update(nets, evaluation.value, epoch)
        stopped |= nets.diverged
        if stopped.any():
            self._retire(stopped, epoch, is_point)

    def _retire(self, stopped, epoch, is_point):
        gone = self.learning.where(stopped)
        if self.best:
            gone = self.best.restored(gone)
            self.recorder.keep(gone, epoch, is_point)
        elif not is_point:
            self.recorder.record(gone)
        self.recorder.end(gone, epoch)
        for row, guest in zip(gone.index, gone.model.guests, strict=True):
            self.guests[row] = guest
        self.learning = self.learning.where(~stopped)

    def arrays(self):
        """Everything recorded so far, as a Trainer has it, and the weights that can be read."""
        arrays = self.recorder.arrays()
        if self.best:
            arrays["final/best_epoch"] = self.best.epoch
        weights = [guest.weights() for guest in self.guests]
        for name, first in weights[0].items():
            if all(name in own and own[name].shape == first.shape for own in weights):
                arrays[f"weights/{name}"] = np.stack([own[name] for own in weights])
        return arrays


def _guest(signature, config, seed, model, data):
    """The net of one seed."""
    knobs = config.knobs()
    n_inputs, n_outputs = data.X.shape[-1], data.Y.shape[-1]
    facts = {"n_inputs": n_inputs, "n_outputs": n_outputs, "rng": stream(seed, START)}
    known = knobs | facts | {"seed": seed}
    if "start" in signature.asks.values() and (config.width or config.depth == 0):
        start = _start(config, seed, n_inputs, n_outputs)
        lists = {name: array.tolist() for name, array in start.items()}
        known["start"] = start if signature.arrays else lists
    return Guest(config.model, signature, known, config.options or {}, data.problem)


def _start(config, seed, n_inputs, n_outputs):
    """{"W1": (D, H), "b1": (H,), ...}: the weights with which our net of this seed begins.

    It has the hidden layers that the knobs width and depth say; a null depth is 1.
    """
    hidden = [config.width] * (1 if config.depth is None else config.depth)
    shapes = layer_shapes((n_inputs, *hidden, n_outputs))
    theta = initial(config, seed, shapes)
    named = views(theta[None], shapes)
    return {name: A[0, 0] if name.startswith("b") else A[0] for name, A in named.items()}
