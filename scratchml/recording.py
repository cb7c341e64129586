"""The record of training: the numbers of nets that are kept, and the points of their curves."""

import numpy as np

from scratchml.arithmetic import norm
from scratchml.diagnostics import DIAGNOSTICS
from scratchml.evaluation import accuracy, rmse
from scratchml.losses import OUTPUTS
from scratchml.parameters import views
from scratchml.problems import PROBLEMS
from scratchml.times import points

ALWAYS = ("gradient_norm", "weight_norm")  # diagnostics that all our nets have


class Recorder:
    """Curves, paths and final values of R nets: arrays with a row for each net.

    Args:
        model: the model that all nets have.
        theta: (R, P), the parameters before the first step.
        plan: the Plan of the training.
        lr: (R,), the learning rates in absolute units.
        data: the Data of the nets, shared or stacked.
        always: names of diagnostics that are recorded besides those of the plan.

    Attributes:
        epochs: (T,), the epochs of the points.
        column: the index of the next point.
        theta: (R, P), the parameters with which each net has stopped.
        curves: name -> (R, T) or (R, T, L).
        final: name -> (R,), values that no curve has.
    """

    def __init__(self, model, theta, plan, lr, data, always=ALWAYS):
        self.model, self.measure, self.problem = model, (*always, *plan.measure), data.problem
        self.classes = PROBLEMS[data.problem].classes
        std = 1.0 if data.units is None else data.units[..., 1, :]
        self.std = np.broadcast_to(std, (len(theta), data.Y.shape[-1]))  # of a target's own units
        R, P = theta.shape
        self.epochs = points(plan.epochs, plan.records, plan.spacing)
        self.column = 0
        self.theta = np.array(theta)
        self.path = np.empty((R, len(self.epochs), P)) if plan.paths else None
        self.curves = {}
        self.final = {
            "lr": lr.copy(),
            "epochs": np.zeros(R, dtype=np.int64),
            "diverged": np.zeros(R, dtype=bool),
        }
        if self.classes:
            self.final["solved"] = np.zeros(R, dtype=bool)
            self.final["epochs_to_solve"] = np.full(R, np.nan)

    def record(self, stack, column=None):
        """Writes the present values of a stack into the next point and, for now, all later points.

        Another `column` than that of the next point may be given.

        A net with a value that is not finite has diverged. It keeps the point before.

        Raises:
            ValueError: A value is not finite before the first step, so there is no point before.
        """
        column = self.column if column is None else column
        values = self._values(stack)
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
            self.curves[name][stack.index[sound], column:] = value[sound, None]
        if self.path is not None:
            self.path[stack.index, column:] = stack.theta[:, None]

    def keep(self, stack, epoch, recorded):
        """Records nets that stop with other weights than those of the point that is `recorded`."""
        if self.classes:
            self.solved(stack, epoch)
        self.record(stack, min(self.column + recorded, len(self.epochs) - 1))

    def solved(self, stack, epoch):
        """Records the nets that are solved at this checkpoint, and since which epoch they are.

        `epoch` is one for all nets, or (R,).
        """
        solved = stack.evaluation.solved & ~stack.diverged
        self.solved_since(stack, solved, np.where(solved, epoch, np.nan))

    def solved_since(self, stack, solved, since):
        """Records, (R,) each, which nets are solved now, and the first epoch of each, or NaN."""
        if not np.isnan(since).all():
            first = self.final["epochs_to_solve"][stack.index]
            self.final["epochs_to_solve"][stack.index] = np.where(np.isnan(first), since, first)
        self.final["solved"][stack.index] = solved

    def end(self, stack, epoch):
        """Records the final values of nets that have stopped, at one `epoch` or each at its own."""
        self.theta[stack.index] = stack.theta
        self.final["epochs"][stack.index] = epoch
        self.final["diverged"][stack.index] = stack.diverged
        if self.classes:
            self.final["solved"][stack.index] &= ~stack.diverged

    def arrays(self):
        """All arrays in one dict: `epoch`, `curve/...`, `final/...`, `weights/...`, `path/...`."""
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

    def _values(self, stack):
        """Every number of a point: name -> (R,) or (R, L)."""
        evaluation, (_, Y, X_test, Y_test, _) = stack.evaluation, stack.data
        values = {"train/loss": evaluation.value}
        values |= self._how_right("train", evaluation.forward[0], Y, stack)
        if X_test is not None:
            Z, _ = stack.held_out.forward
            values["test/loss"] = stack.loss.value(Z, Y_test)
            values |= self._how_right("test", Z, Y_test, stack)
        for name in self.measure:
            values[name] = DIAGNOSTICS[name].f(evaluation)
        return values

    def _how_right(self, part, Z, Y, stack):
        """The accuracy of classifiers, or the rmse of regressions, on one part of the examples."""
        if self.classes:
            return {f"{part}/accuracy": accuracy(OUTPUTS[self.model.output](Z), Y, self.problem)}
        return {f"{part}/rmse": rmse(Z, Y, self.std[stack.index])}


class Best:
    """The weights of each net that had the lowest loss on held-out examples.

    Args:
        theta: (R, P), the parameters before the first step.

    Attributes:
        final: name -> (R,): `best_epoch`, at which each net had these weights.
    """

    def __init__(self, theta):
        self.theta, self.loss = np.array(theta), np.full(len(theta), np.inf)
        self.final = {"best_epoch": np.zeros(len(theta), dtype=np.int64)}

    def update(self, stack, loss, epoch):
        """Notes the nets of a stack whose loss, (R,), is lower than at any point before."""
        better = (loss < self.loss[stack.index]) & ~stack.diverged
        nets = stack.index[better]
        self.loss[nets], self.theta[nets] = loss[better], stack.theta[better]
        self.final["best_epoch"][nets] = epoch

    def restore(self, stack):
        """Gives the nets of a stack their best weights; returns whether any has others now.

        A net that has diverged keeps its last finite weights.
        """
        best = self.theta[stack.index]
        changed = (best != stack.theta).any(axis=1) & ~stack.diverged
        stack.theta[changed] = best[changed]
        stack.known = None
        return changed.any()


class Mistakes:
    """Numbers of perceptrons alone: mistakes, epochs without a mistake, and the longest weights.

    Args:
        theta: (R, P), the parameters before the first step.

    Attributes:
        final: name -> (R,).
    """

    def __init__(self, theta):
        R = len(theta)
        self.this_epoch = np.zeros(R, dtype=np.int64)
        self.final = {
            "mistakes": np.zeros(R, dtype=np.int64),
            "clean_epochs": np.zeros(R, dtype=np.int64),
            "max_norm": norm(theta),
        }

    def after_step(self, stack, dZ):
        """Counts the wrong examples of a step, whose dZ is not zero, and measures the weights."""
        self.this_epoch[stack.index] += np.count_nonzero(dZ, axis=(1, 2))
        longest = np.maximum(self.final["max_norm"][stack.index], norm(stack.theta))
        self.final["max_norm"][stack.index] = longest

    def after_epoch(self, stack):
        """Adds up the mistakes of an epoch."""
        mistakes = self.this_epoch[stack.index]
        self.final["mistakes"][stack.index] += mistakes
        self.final["clean_epochs"][stack.index] += mistakes == 0
        self.this_epoch[:] = 0

    def of(self, stack):
        """Mistakes, clean epochs and longest weights of a stack, (R,) each, for `keep`."""
        return [values[stack.index] for values in self.final.values()]

    def keep(self, stack, counts):
        """Takes over what `of` gave, after more epochs."""
        for values, new in zip(self.final.values(), counts, strict=True):
            values[stack.index] = new
