"""Steps of the reader's in place of ours: same starts, data, records and stop rules.

A file that `scratchml learn lesson` writes ends with

    STAND_INS = stand_ins(4, globals())

Where a command names this file, `code=workbook/lessons/step4.py`, each step of a net that step 4
of the workbook can make is made by the reader's functions, and all else by ours.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from experiments.models import ours
from experiments.models.calls import Randomness, preserved, theirs
from experiments.workbook.gaps import STEPS as GAPS
from scratchml.training import Trainer

FILES = {step.number: step.file for step in GAPS}
IMPORT = re.compile(r"^from step\d_\w+ import .*$", re.MULTILINE)  # of a file that is joined
MAIN = 'if __name__ == "__main__":'
END = """from experiments.workbook.stand_in import stand_ins

STAND_INS = stand_ins({number}, globals())
"""

Net = dict[str, Any]  # {"W1": (D, H), "b1": (1, H), ...} as arrays, or what goes into them


def perceptron_step(reader: Mapping[str, Callable], form: Callable, net: Net, X, Y, lr) -> Net:
    """`update` of step 1, for each of the examples."""
    w, b = form(net["W1"][:, 0]), float(net["b1"][0, 0])
    for x, y in zip(X, Y.tolist(), strict=True):
        w, b = reader["update"](w, b, form(x), y, lr)
    return {"W1": w, "b1": b}


def logistic_step(reader: Mapping[str, Callable], form: Callable, net: Net, X, Y, lr) -> Net:
    """A step down `gradient` of step 3."""
    w, b = form(net["W1"][:, 0]), float(net["b1"][0, 0])
    dw, db = reader["gradient"](reader["probabilities"](w, b, form(X)), form(X), form(Y))
    return {"W1": net["W1"][:, 0] - lr * np.ravel(dw), "b1": b - lr * float(db)}


def net_step(reader: Mapping[str, Callable], form: Callable, net: Net, X, Y, lr) -> Net:
    """`train_step` of step 4."""
    W1, b1, W2 = form(net["W1"]), form(net["b1"][0]), form(net["W2"][:, 0])
    new = reader["train_step"](W1, b1, W2, float(net["b2"][0, 0]), form(X), form(Y), lr)
    return dict(zip(("W1", "b1", "W2", "b2"), new, strict=True))


class StandIn(NamedTuple):
    """A step of the workbook that can take the place of ours."""

    lesson: str  # the lesson that is about it
    files: tuple[int, ...]  # the numbers of the steps whose files it needs
    functions: tuple[str, ...]  # those of the reader that it calls
    model: str
    step: Callable  # (reader's functions, form, net, X, Y, lr) -> the net after a step
    only: dict[str, Any]  # {knob: value} of the nets that it can train


_BATCH = {"optimizer": "sgd", "l2": 0.0, "bias": True, "backprop": "exact"}
_ONE = _BATCH | {"batch_size": 1}  # example by example
_PLAIN = _BATCH | {"loss": "cross_entropy"}
STEPS = {
    1: StandIn("perceptron", (1,), ("update",), "perceptron", perceptron_step, _ONE),
    2: StandIn("xor", (1,), ("update",), "perceptron", perceptron_step, _ONE),
    3: StandIn("logistic", (3,), ("probabilities", "gradient"), "logistic", logistic_step, _PLAIN),
    4: StandIn("hidden_layer", (3, 4), ("train_step",), "mlp", net_step,
               _PLAIN | {"activation": "sigmoid", "depth": 1}),
}  # fmt: skip


class Reader(Trainer):
    """A Trainer whose steps are made by a function of one net.

    The reader's functions are given lists or, if they cannot do with lists, NumPy's arrays.

    Args:
        step: (form, net, X, Y, lr) -> the net after a step; `form` makes lists, or copies.
    """

    compiles = False

    def __init__(self, step, *arguments):
        super().__init__(*arguments)
        self.one_step, self.form, self.randomness = step, None, Randomness(0)

    def train_one_epoch(self):
        with preserved(), theirs("an epoch of the workbook's steps", self.randomness):
            super().train_one_epoch()

    def _step(self, X, Y, weights):
        stack = self.stack
        np.copyto(stack.previous, stack.theta)
        stack.known = None
        self.steps += 1
        for r in range(len(stack)):
            net = {name: array[r] for name, array in stack.net.items()}
            x, y = (A if A.ndim == 2 else A[r] for A in (X, Y))
            given = net, x, y[:, 0].astype(int), float(stack.lr[r, 0])
            self.form = self.form or self._form(given)
            for name, new in self.one_step(self.form, *given).items():
                net[name].flat = np.ravel(new)
        self.undo_what_diverged()

    def _form(self, given):
        try:
            self.one_step(np.ndarray.tolist, *given)
        except (TypeError, AttributeError):  # of `X @ w`, or of `X.T`
            return np.copy
        return np.ndarray.tolist


def stand_ins(number: int, reader: Mapping[str, Callable]) -> dict[str, Callable]:
    """{model: trainer} that takes the place of ours for the nets that a step can train.

    Args:
        reader: {name: function} of the reader's, among others.
    """
    of = STEPS[number]
    functions = {name: reader[name] for name in of.functions}
    return {of.model: partial(trainer, of, partial(of.step, functions))}


def trainer(of, step, configs, seeds, model, data):
    """The Trainer of a stack of nets, see `experiments.models.ours.trainer`."""
    mine = all(
        getattr(config, knob) == value for config in configs for knob, value in of.only.items()
    )
    mine = mine and data.Y.shape[-1] == 1 and data.weights is None
    make = partial(Reader, step) if mine else Trainer
    return ours.trainer(configs, seeds, model, data, make)


def text(folder: Path, number: int) -> str:
    """The reader's files of a step as one file, which has a table STAND_INS."""
    parts = []
    for file in STEPS[number].files:
        source = (folder / FILES[file]).read_text(encoding="utf-8")
        parts.append(IMPORT.sub("", source).partition(MAIN)[0].rstrip())
    return "\n\n\n".join([*parts, END.format(number=number)])
