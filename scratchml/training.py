"""The loop: a stack of nets learns until each net has stopped by its own rule.

Nothing here mixes nets. Every array has a leading axis of nets, and no sum runs along it. So the
numbers of a net are the same to the last bit, whichever nets share its stack.
"""

import math
from dataclasses import dataclass

import numpy as np

from scratchml.compiled import compiled
from scratchml.epochs import sees_checkpoints, train_compiled
from scratchml.evaluation import Evaluation
from scratchml.losses import LOSSES, weighted_gradient
from scratchml.optimizers import OPTIMIZERS
from scratchml.parameters import is_weight
from scratchml.recording import Best, Mistakes, Recorder
from scratchml.stack import Stack, batches, together
from scratchml.stopping import STOPS
from scratchml.times import checkpoints

DATA, START, ORDER = range(3)  # the purposes of random numbers: data, first weights, order
NONE = np.zeros(0, dtype=int)
WORTH = 1e5  # products from which on machine code is loaded, which takes as long as these


def stream(seed, purpose):
    """The random generator of a net for one purpose: `default_rng(seed).spawn(3)[purpose]`.

    The streams are independent, so another width changes neither the data nor the order.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose,)))


@dataclass(frozen=True)
class Plan:
    """How a stack is trained. An array with a leading axis R may differ from net to net."""

    loss: str
    optimizer: str
    epochs: int
    lr: np.ndarray  # (R,)
    momentum: np.ndarray  # (R,)
    l2: np.ndarray  # (R,)
    critical: bool = False  # lr in units of 2 / lambda_max
    batch_size: int | None = None  # None: all examples, 1: one by one
    shuffle: bool = False
    stop: str = "never"
    stop_at: float | None = None  # the number that the stop rule compares with
    records: int = 40  # points of a curve
    spacing: str = "log"  # of the points, see `times.SPACINGS`
    measure: tuple = ()
    paths: bool = False


class Trainer:
    """Trains a stack of nets. `run` trains, `arrays` returns everything recorded.

    Args:
        model: the common shape of the nets: Perceptron, Logistic, Linear or MLP.
        theta: (R, P), the initial parameters.
        data: Data, shared by the nets or stacked.
        plan: Plan.
        orders: R generators for the order of examples; without shuffled batches R times None.
        memory: the `memory` of an earlier Trainer, whose optimizer goes on.

    Raises:
        KeyError: The outputs of the model and the loss do not go together (see `LOSSES`).
    """

    compiles = True  # whether steps may be taken in machine code; a subclass may have its own steps

    def __init__(self, model, theta, data, plan, orders, memory=None):
        self.model, self.data, self.plan = model, data, plan
        self.optimizer, self.stop = OPTIMIZERS[plan.optimizer], STOPS[plan.stop]
        loss, self.shape = LOSSES[model.output, plan.loss], theta.shape
        lr, momentum, l2 = (
            np.array(np.broadcast_to(knob, len(theta)), dtype=float)[:, None]
            for knob in (plan.lr, plan.momentum, plan.l2)
        )
        if plan.critical:
            # Cross-entropy is most curved at theta = 0, so this edge holds all the way.
            zero = np.zeros_like(theta)
            start = Evaluation(model, loss, zero, data.X, data.Y, l2, data.weights)
            lr *= 2.0 / np.linalg.eigvalsh(start.hessian())[:, -1:]
        self.penalized = is_weight(model.shapes) if np.any(plan.l2) else None
        slots = [np.zeros_like(theta) for _ in range(self.optimizer.slots)]
        kind, self.steps, old = memory or (plan.optimizer, 0, slots)
        if kind != plan.optimizer or [s.shape for s in old] != [s.shape for s in slots]:
            self.steps, old = 0, slots
        self.retired = []  # (stack, epochs) of nets that have stopped since the last point
        self.stack = Stack(
            model, loss, np.arange(len(theta)), theta.copy(), lr, momentum, l2,
            memory=np.tile(self.stop.memory, (len(theta), 1)),
            slots=list(old),
            data=[data.X, data.Y, data.X_test, data.Y_test, data.weights],
            orders=list(orders),
            compiled=self._compiled(loss),
        )  # fmt: skip
        self.checkpoints = checkpoints(plan.epochs)
        self.recorder = Recorder(model, theta, plan, lr[:, 0], data)
        self.best = Best(theta) if self.stop.held_out else None
        if self.best:
            self.recorder.final |= self.best.final
        self.mistakes = Mistakes(theta) if model.output == "step" else None
        if self.mistakes:
            self.recorder.final |= self.mistakes.final

    def _compiled(self, loss):
        """The Compiled of the nets, if there is enough to compute for it to be loaded."""
        numbers = math.prod(self.shape) * self.data.X.shape[-2] * self.plan.epochs
        if not self.compiles or numbers < WORTH:
            return None
        return compiled(self.model, loss, self.optimizer)

    def run(self):
        """Trains to the end; yields the epoch of each point as soon as it is recorded.

        Raises:
            ValueError: A value of a net is not finite before the first step.
        """
        points, end = self._train(), object()
        while True:
            with np.errstate(all="ignore"):  # not at the yield: there the caller's settings hold
                epoch = next(points, end)
            if epoch is end:
                return
            yield epoch

    @property
    def memory(self):
        """What the optimizer remembers of the nets that still learn: its name, steps and slots."""
        return self.plan.optimizer, self.steps, self.stack.slots

    def arrays(self):
        """All arrays in one dict, see `Recorder.arrays`."""
        return self.recorder.arrays()

    # --- the loop -----------------------------------------------------------------------------

    def _train(self):
        points, is_checkpoint = set(self.recorder.epochs.tolist()), set(self.checkpoints.tolist())
        before = 0
        for epoch in sorted(points if sees_checkpoints(self) else points | is_checkpoint):
            self._learn(before, epoch)
            before = epoch
            if len(self.stack):
                self._check(epoch, epoch in is_checkpoint, epoch in points)
                if epoch in points:
                    yield epoch
            if not len(self.stack):
                self._record_retired()
                return

    def _learn(self, epoch, end):
        """Trains from one epoch to another. A net that ends between the two retires there."""
        while epoch < end and len(self.stack):
            if self.stack.compiled:
                epoch, ended = train_compiled(self, epoch, end)
                self.stack.diverged = ended > 0
            else:
                self.train_one_epoch()
                epoch += 1
                ended = self.stack.diverged * epoch if self.stack.has_diverged else NONE
            at = np.abs(ended)
            self._retire(at, (0 < at) & (at < end))  # the other nets are left alone

    def train_one_epoch(self):
        """Shows every net each of its examples once, step by step in NumPy."""
        stack, plan = self.stack, self.plan
        for X, Y, weights in batches(stack, plan.batch_size, plan.shuffle):
            logits, cache = stack.forward(X)
            dZ = weighted_gradient(stack.loss, logits, Y, weights)
            stack.backward(cache, dZ)
            self._step(X, Y, weights)
            if self.mistakes:
                self.mistakes.after_step(stack, dZ)
        if self.mistakes:
            self.mistakes.after_epoch(stack)

    def _step(self, X, Y, weights):
        """One step of the optimizer. It is undone for the nets that it makes infinite."""
        stack, optimizer = self.stack, self.optimizer
        theta, gradient = stack.theta, stack.gradient
        if self.penalized is not None:
            gradient += stack.l2 * self.penalized * theta
        if optimizer.direction:
            gradient = optimizer.direction(stack.evaluate(X, Y, weights), gradient)
        np.copyto(stack.previous, theta)
        stack.known = None
        self.steps += 1
        optimizer.step(theta, gradient, stack.slots, stack.lr, stack.momentum, self.steps)
        self.undo_what_diverged()

    def undo_what_diverged(self):
        """Gives nets that are not finite any more the parameters from before the step."""
        stack = self.stack
        theta = stack.theta
        # One sum shows that some number in the stack is not finite. Only then find the net.
        if stack.has_diverged or not math.isfinite(theta.sum()):
            stack.diverged |= ~np.isfinite(theta).all(axis=1)
            stack.has_diverged = stack.diverged.any()
            theta[stack.diverged] = stack.previous[stack.diverged]

    def _check(self, epoch, is_checkpoint, is_point):
        """Records the nets at a checkpoint or a point, and retires those that have stopped.

        At points that are no checkpoints no rule stops a net, so nets end where they would with
        fewer points. (The rules that count points are the exception.)
        """
        stack, plan, recorder = self.stack, self.plan, self.recorder
        if recorder.classes and is_checkpoint:
            recorder.solved(stack, epoch)
        if is_point:
            recorder.record(stack)
        stopped = np.full(len(stack), epoch == plan.epochs)
        if is_point if self.stop.at_points else is_checkpoint:
            evaluation = stack.held_out if self.stop.held_out else stack.evaluation
            stopped |= self.stop.f(evaluation, plan.stop_at, stack.memory)
            if self.best:
                self.best.update(stack, evaluation.value, epoch)
        self._retire(epoch, stopped | stack.diverged, recorded=is_point)
        if is_point:
            self._record_retired()
            recorder.column += 1

    def _retire(self, epoch, stopped, recorded=False):
        """Takes the nets for which `stopped`, (R,), is true out of the stack.

        `epoch` is one for all nets, or (R,). Those that the point of this epoch has not `recorded`
        are recorded at the next one, all at once.
        """
        if not stopped.any():
            return
        gone = self.stack.where(stopped)
        epochs = np.broadcast_to(epoch, stopped.shape)[stopped]
        self.stack = self.stack.where(~stopped)
        if recorded:
            self._record_last(gone, epochs, recorded)
        else:
            self.retired.append((gone, epochs))

    def _record_retired(self):
        if self.retired:
            stacks, epochs = zip(*self.retired, strict=True)
            self._record_last(together(stacks), np.concatenate(epochs))
            self.retired = []

    def _record_last(self, gone, epochs, recorded=False):
        """Records a stack of nets that have stopped, each at its epoch."""
        if not recorded:
            self.recorder.record(gone)
        if self.best and self.best.restore(gone):
            self.recorder.keep(gone, epochs, recorded)
        self.recorder.end(gone, epochs)
