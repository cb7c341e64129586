"""The loop: a stack of nets learns, each by its own rule, until each has stopped.

Nothing here mixes nets: every array has a leading axis of nets, and no reduction crosses it, so
that a net's numbers are the same to the last bit whoever shares its stack.
"""

import math
from dataclasses import dataclass

import numpy as np

from scratchml.arithmetic import BLAS
from scratchml.diagnostics import DIAGNOSTICS, Probe, gradient_norm, norm, weight_norm
from scratchml.losses import LOSSES, OUTPUTS
from scratchml.optimizers import OPTIMIZERS
from scratchml.parameters import is_weight, views

STOPS = ("never", "solved", "loss", "gradient", "no_progress")
TOLERANCE = 0.3  # an example is solved when every output is this close to its target


DATA, START, ORDER = range(3)  # what a net draws: its data, its first weights, whose turn it is


def stream(seed, purpose):
    """A net's generator for one purpose: `np.random.default_rng(seed).spawn(3)[purpose]`.

    They are independent, so that a change of width leaves the data and the order alone.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose,)))


def looks(epochs):
    """The epochs after which nets are looked at: all up to 128, then every 1/128 further.

    Whether a net has stopped is decided at a look, so that `epochs_to_solve` is right to 0.8 %.
    """
    at, epoch = [], 0
    while epoch < epochs:
        at.append(epoch)
        epoch += max(1, epoch // 128)
    return np.array([*at, epochs])


def recorded(epochs, records):
    """The looks at which curves are recorded: about `records` of them, evenly spaced in log t."""
    at = looks(epochs)
    if len(at) <= records:
        return at
    # Counted down, so that of two records the second is the last epoch.
    wanted = np.concatenate([[0.0], np.geomspace(epochs, 1.0, records - 1)])
    return np.unique(at[np.searchsorted(at, np.floor(wanted))])


@dataclass(frozen=True)
class Plan:
    """How a stack is trained. What has a leading axis R may differ from net to net."""

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
    stop_at: float | None = None  # the loss, the gradient's norm or the number of records
    records: int = 40
    measure: tuple = ()
    paths: bool = False


@dataclass
class Stack:
    """The nets that are still learning: arrays with a leading axis R, and what one step needs."""

    model: object
    index: np.ndarray  # (R,) where in the results this net stands
    theta: np.ndarray  # (R, P)
    lr: np.ndarray  # (R, 1), like momentum and l2
    momentum: np.ndarray
    l2: np.ndarray
    slots: list  # what the optimizer remembers, each (R, P)
    data: list  # X, Y, X_test, Y_test
    orders: list  # R generators, or R times None
    best: np.ndarray  # (R,) the lowest loss at a record, and since how many records
    stalled: np.ndarray

    def __post_init__(self):
        lay_out = getattr(self.model, "arithmetic", BLAS).lay_out
        self.theta, *self.slots = (lay_out(array) for array in (self.theta, *self.slots))
        self.data = [lay_out(a) if a is not None and a.ndim == 3 else a for a in self.data]
        self.lay_out = lay_out
        self.gradient, self.previous = np.empty_like(self.theta), np.empty_like(self.theta)
        self.net = views(self.theta, self.model.shapes)
        self.gradients = views(self.gradient, self.model.shapes)
        self.diverged = np.zeros(len(self.theta), dtype=bool)
        self.has_diverged = False  # any of them
        self.probe = None  # of the nets as they are, where they have been looked at

    def __len__(self):
        return len(self.theta)

    def where(self, chosen):
        """The stack of those nets for which `chosen`, (R,), is true."""
        per_net = (self.index, self.theta, self.lr, self.momentum, self.l2)
        return Stack(
            self.model,
            *(array[chosen] for array in per_net),
            [slot[chosen] for slot in self.slots],
            [a[chosen] if a is not None and a.ndim == 3 else a for a in self.data],
            [self.orders[i] for i in np.flatnonzero(chosen)],
            self.best[chosen],
            self.stalled[chosen],
        )


def batches(stack, batch_size, shuffle):
    """Yields (X, Y) for each step of an epoch; the last batch holds what is left over."""
    X, Y = stack.data[:2]
    n = X.shape[-2]
    if batch_size is None or batch_size >= n:
        yield X, Y
        return
    if shuffle:
        order = np.argsort([rng.random(n) for rng in stack.orders], axis=1)
        nets = np.arange(len(stack))[:, None]
    for start in range(0, n, batch_size):
        stop = start + batch_size
        if shuffle:
            which = order[:, start:stop]
            drawn = (A[which] if A.ndim == 2 else A[nets, which] for A in (X, Y))
            yield tuple(map(stack.lay_out, drawn))
        else:
            yield X[..., start:stop, :], Y[..., start:stop, :]


class Trainer:
    """Trains a stack of nets and keeps what is recorded in `arrays`, a flat dict of arrays.

    Args:
        model: the nets' common shape: Perceptron, Logistic, Linear or MLP.
        theta: (R, P) initial parameters.
        data: Data, shared by the nets or stacked.
        plan: Plan.
        orders: R generators for the order of examples; of no use unless the plan shuffles.

    Raises:
        KeyError: The model's outputs and the loss do not go together (see `LOSSES`).
    """

    def __init__(self, model, theta, data, plan, orders):
        self.model, self.data, self.plan = model, data, plan
        self.loss = LOSSES[model.output, plan.loss]
        self.optimizer = OPTIMIZERS[plan.optimizer]
        self.classes = data.problem != "regression"
        self.penalized = is_weight(model.shapes) if np.any(plan.l2) else None
        self.steps = 0
        R = len(theta)
        lr, momentum, l2 = (
            np.array(np.broadcast_to(knob, R), dtype=float)[:, None]
            for knob in (plan.lr, plan.momentum, plan.l2)
        )
        if plan.critical:
            # At theta = 0 cross-entropy bends most, so that this edge holds all the way.
            start = Probe(model, self.loss, np.zeros_like(theta), data.X, data.Y, l2)
            lr *= 2.0 / np.linalg.eigvalsh(start.hessian())[:, -1:]
        slots = [np.zeros_like(theta) for _ in range(self.optimizer.slots)]
        best, stalled = np.full(R, np.inf), np.zeros(R, dtype=np.int64)
        self.stack = Stack(
            model, np.arange(R), theta.copy(), lr, momentum, l2, slots, list(data[1:]),
            list(orders), best, stalled,
        )  # fmt: skip
        self.epochs = recorded(plan.epochs, plan.records)
        self.column = 0  # of the next record
        self.theta = np.array(theta)  # where each net has stopped
        self.path = np.empty((R, len(self.epochs), theta.shape[1])) if plan.paths else None
        self.curves = {}
        self.final = {
            "lr": lr[:, 0].copy(),
            "epochs": np.zeros(R, dtype=np.int64),
            "diverged": np.zeros(R, dtype=bool),
        }
        if self.classes:
            self.final["solved"] = np.zeros(R, dtype=bool)
            self.final["epochs_to_solve"] = np.full(R, np.nan)
        if model.output == "step":
            self.final["mistakes"] = np.zeros(R, dtype=np.int64)
            self.final["clean_epochs"] = np.zeros(R, dtype=np.int64)
            self.final["max_norm"] = norm(theta)

    def run(self):
        """Trains to the end; yields the epoch of each record as soon as it is made."""
        looked, epoch = set(looks(self.plan.epochs).tolist()), 0
        for record in self.epochs.tolist():
            with np.errstate(all="ignore"):  # not around the yield: the caller has its own
                while epoch <= record and len(self.stack):
                    if epoch:
                        self._train_one_epoch()
                    if epoch in looked:
                        self._look(epoch, is_record=epoch == record)
                    elif self.stack.has_diverged:  # the others are not looked at, as if alone
                        self._dismiss(epoch, self.stack.diverged)
                    epoch += 1
            if epoch <= record:
                return
            self.column += 1
            yield record

    def arrays(self):
        """Everything recorded: `epoch`, `curve/...`, `final/...`, `weights/...`, `path/...`."""
        arrays = {"epoch": self.epochs}
        for name, curve in self.curves.items():
            arrays[f"curve/{name}"] = curve
            if curve.ndim == 2:
                arrays[f"final/{name}"] = curve[:, -1].copy()
        arrays |= {f"final/{name}": values for name, values in self.final.items()}
        for name, weights in views(self.theta, self.model.shapes).items():
            arrays[f"weights/{name}"] = weights
        if self.path is not None:
            R, T, P = self.path.shape
            for name, weights in views(self.path.reshape(R * T, P), self.model.shapes).items():
                arrays[f"path/{name}"] = weights.reshape(R, T, *weights.shape[1:])
        return arrays

    def _train_one_epoch(self):
        stack, plan = self.stack, self.plan
        mistakes = 0
        for X, Y in batches(stack, plan.batch_size, plan.shuffle):
            if stack.probe is not None and stack.probe.X is X:  # half of this step is done
                Z, cache = stack.probe.forward
            else:
                Z, cache = self.model.forward(stack.net, X)
            dZ = self.loss.gradient(Z, Y)
            if self.model.output == "step":
                mistakes += np.count_nonzero(dZ, axis=(1, 2))
            self.model.backward(stack.net, cache, dZ, stack.gradients)
            self._descend(X)
            if self.model.output == "step":
                longest = np.maximum(self.final["max_norm"][stack.index], norm(stack.theta))
                self.final["max_norm"][stack.index] = longest
        if self.model.output == "step":
            self.final["mistakes"][stack.index] += mistakes
            self.final["clean_epochs"][stack.index] += mistakes == 0

    def _descend(self, X):
        """One step of the optimizer, taken back for nets that it leads to infinity."""
        stack = self.stack
        theta, gradient = stack.theta, stack.gradient
        if self.penalized is not None:
            gradient += stack.l2 * self.penalized * theta
        if self.optimizer.curvature:
            gradient = self._newton_direction(X)
        np.copyto(stack.previous, theta)
        stack.probe = None
        self.steps += 1
        self.optimizer.step(theta, gradient, stack.slots, stack.lr, stack.momentum, self.steps)
        # One sum tells of any bad number in the stack; only then is it looked for.
        if stack.has_diverged or not math.isfinite(theta.sum()):
            stack.diverged |= ~np.isfinite(theta).all(axis=1)
            stack.has_diverged = stack.diverged.any()
            theta[stack.diverged] = stack.previous[stack.diverged]

    def _newton_direction(self, X):
        """H^-1 g, by the pseudo-inverse: directions without curvature are left alone."""
        stack = self.stack
        hessian = Probe(self.model, self.loss, stack.theta, X, None, stack.l2).hessian()
        return np.matmul(np.linalg.pinv(hessian, hermitian=True), stack.gradient[..., None])[..., 0]

    def _look(self, epoch, is_record):
        """Decides which nets have stopped, records, and dismisses those that have stopped."""
        stack, plan = self.stack, self.plan
        probe = self._probe(stack)
        stopped = np.full(len(stack), epoch == plan.epochs)
        if self.classes:
            solved = are_solved(probe) & ~stack.diverged
            if solved.any():
                first = solved & np.isnan(self.final["epochs_to_solve"][stack.index])
                self.final["epochs_to_solve"][stack.index[first]] = epoch
            self.final["solved"][stack.index] = solved
            if plan.stop == "solved":
                stopped |= solved
        if plan.stop == "loss":
            stopped |= self.loss.value(probe.forward[0], probe.Y) < plan.stop_at
        if plan.stop == "gradient":
            stopped |= gradient_norm(probe) < plan.stop_at
        if is_record:
            self._record(stack)
            if plan.stop == "no_progress":
                loss = self.curves["train/loss"][stack.index, self.column]
                stack.stalled[:] = np.where(loss < stack.best, 0, stack.stalled + 1)
                stack.best[:] = np.minimum(loss, stack.best)
                stopped |= stack.stalled >= plan.stop_at
        self._dismiss(epoch, stopped | stack.diverged, is_record)

    def _dismiss(self, epoch, stopped, is_recorded=False):
        """Sends the nets for which `stopped`, (R,), is true away, with what they end as."""
        if not stopped.any():
            return
        gone = self.stack.where(stopped)
        gone.diverged = self.stack.diverged[stopped]
        if not is_recorded:
            self._record(gone)
        self.theta[gone.index] = gone.theta
        self.final["epochs"][gone.index] = epoch
        self.final["diverged"][gone.index] = gone.diverged
        if self.classes:
            self.final["solved"][gone.index] &= ~gone.diverged
        self.stack = self.stack.where(~stopped)

    def _probe(self, stack):
        if stack.probe is None:
            X, Y = stack.data[:2]
            stack.probe = Probe(self.model, self.loss, stack.theta, X, Y, stack.l2)
        return stack.probe

    def _record(self, stack):
        """Writes the stack's present values into this column and, for now, into all later ones.

        A net whose values are no longer finite has diverged, and keeps its last record.

        Raises:
            ValueError: A net has none, because it starts with values that are not finite.
        """
        values = self._measure(stack)
        finite = [np.isfinite(v).reshape(len(stack), -1).all(axis=1) for v in values.values()]
        stack.diverged |= ~np.all(finite, axis=0)
        if self.column == 0 and stack.diverged.any():
            bad = [name for name, ok in zip(values, finite, strict=True) if not ok.all()]
            raise ValueError(
                f"{', '.join(bad)} not finite before the first step; "
                "the initial weights or the data are too large"
            )
        sound = ~stack.diverged
        shape = (len(self.theta), len(self.epochs))
        for name, value in values.items():
            if name not in self.curves:
                self.curves[name] = np.zeros((*shape, *value.shape[1:]))
            self.curves[name][stack.index[sound], self.column :] = value[sound, None]
        if self.path is not None:
            self.path[stack.index, self.column :] = stack.theta[:, None]

    def _measure(self, stack):
        """Every number that is recorded: name -> (R,) or (R, k)."""
        probe = self._probe(stack)
        values = {}
        for part, X, Y in zip(("train", "test"), stack.data[::2], stack.data[1::2], strict=True):
            if X is None:
                continue
            Z, _ = probe.forward if part == "train" else self.model.forward(stack.net, X)
            values[f"{part}/loss"] = self.loss.value(Z, Y)
            if self.classes:
                values[f"{part}/accuracy"] = accuracy(OUTPUTS[self.model.output](Z), Y)
        values["gradient_norm"] = gradient_norm(probe)
        values["weight_norm"] = weight_norm(probe)
        for name in self.plan.measure:
            values[name] = DIAGNOSTICS[name](probe)
        return values


def are_solved(probe, few=16):
    """(R,): whether all of a net's outputs are within `TOLERANCE` of their targets."""
    output = OUTPUTS[probe.model.output]
    Z, Y = probe.forward[0], probe.Y

    def near(some):
        return (np.abs(output(Z[:, some]) - Y[..., some, :]) < TOLERANCE).all(axis=(1, 2))

    solved = near(slice(few))  # that it is not, a few examples tell of most nets
    if Z.shape[1] > few and solved.any():
        solved &= near(slice(few, None))
    return solved


def accuracy(A, Y):
    """(R,): the share of examples whose output names the right class; above 1/2 means 1."""
    if A.shape[-1] == 1:
        right = (A > 0.5) == (Y > 0.5)
        return right[..., 0].mean(axis=-1)
    return (A.argmax(axis=-1) == Y.argmax(axis=-1)).mean(axis=-1)
