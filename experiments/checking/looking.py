"""What the checks of all kinds share: numbers to check with, comparisons, and a limit of time."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from experiments import own
from experiments.process.limits import limited
from scratchml.activations import ACTIVATIONS
from scratchml.elementary import tanh
from scratchml.evaluation import Evaluation
from scratchml.logistic import Logistic
from scratchml.losses import LOSSES
from scratchml.mlp import MLP
from scratchml.parameters import count
from scratchml.problems import PROBLEMS

NETS, EXAMPLES, HIDDEN = 3, 6, 4
SECONDS = 10  # that one check of one entry may take
STEP = 1e-6  # of a central difference, whose error is about STEP^2 and 1e-16 / STEP
TOLERANCE = 1e-5  # of a slope against its central difference, relative to the slopes' size
BINARY, MULTICLASS = (PROBLEMS[problem].output for problem in ("binary", "multiclass"))
SMOOTH = next(name for name, row in ACTIVATIONS.items() if row.f is tanh)
EXTREMES = (0.0, 1e9, -1e9)


class Entry:
    """An entry to check: its word, its guarded row, and the place of its functions in their file.

    Attributes:
        what: such as `activation swish`.
        key: its key in the table.
        row: the guarded row.
    """

    def __init__(self, what: str, key: Any, row: Any):
        self.what, self.key, self.row = what, key, row

    def at(self, function: Callable) -> str:
        """`mine.py, line 12: activation swish`, the beginning of a sentence."""
        return f"{own.place(function)}: {self.what}"


def rng() -> np.random.Generator:
    """A generator that gives every check the same numbers."""
    return np.random.default_rng(20)


def same(one: Any, other: Any) -> bool:
    """Whether two results are the same to the bit."""
    one, other = np.asarray(one), np.asarray(other)
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def of_nets(entry: Entry, function: Callable, call: Callable) -> Iterator[str]:
    """A sentence if results differ from call to call, or a net alone has others than in a stack.

    Args:
        function: the function that is blamed.
        call: (nets) -> results of these nets, (R, ...); nets is a slice.
    """
    whole = call(slice(None))
    if not same(whole, call(slice(None))):
        yield f"{entry.at(function)} returns other numbers when it is called again"
        return
    for net in range(NETS):
        if not same(whole[net : net + 1], call(slice(net, net + 1))):
            yield (
                f"{entry.at(function)} has other bits for a net alone than beside others: let no "
                "sum or mean run along the first axis, that of nets"
            )
            return


def differ(slope: np.ndarray, difference: np.ndarray) -> np.ndarray:
    """Where slopes are not those of central differences."""
    size = np.abs(slope) + np.abs(difference)
    return ~(np.abs(slope - difference) <= TOLERANCE * (1.0 + size))


def evaluation(
    nets: slice = slice(None), *, output: str = BINARY, activation: str = SMOOTH,
    inputs: int = 2, loss: Any = None, convex: bool = False,
) -> Evaluation:  # fmt: skip
    """The Evaluation of some of NETS small nets, with random weights and data.

    Args:
        convex: logistic regressions in place of nets with a hidden layer.
    """
    draws, outputs = rng(), 3 if output == MULTICLASS else 1
    sizes = (inputs, HIDDEN, outputs)
    model = Logistic(inputs, outputs) if convex else MLP(sizes, activation, output)
    X = draws.standard_normal((EXAMPLES, inputs))
    labels = np.arange(EXAMPLES) % max(outputs, 2)
    Y = np.eye(3)[labels] if outputs > 1 else labels[:, None].astype(float)
    start = draws.standard_normal((NETS, count(model.shapes)))
    loss = loss or next(each for (of, _), each in LOSSES.items() if of == output)
    theta = np.ascontiguousarray(start[nets])
    return Evaluation(model, loss, theta, X, Y, np.zeros((len(theta), 1)))


def gradient_of_nets(entry: Entry, function: Callable, **chosen: Any) -> Iterator[str]:
    """A sentence if gradients of nets are not the slopes of their loss along random directions."""
    at = evaluation(**chosen)
    directions = rng().standard_normal(at.theta.shape)
    ahead, behind = (at.at(at.theta + sign * STEP * directions).value for sign in (1.0, -1.0))
    slope, difference = (at.gradient * directions).sum(axis=1), (ahead - behind) / (2.0 * STEP)
    if differ(slope, difference).all():
        yield (
            f"{entry.at(function)}: the gradient of a net along a random direction is "
            f"{slope[0]:.6g}, and the slope of its loss is {difference[0]:.6g}"
        )


def sentences(entry: Entry, check: Callable[[Entry], Iterator[str]]) -> Iterator[str]:
    """What one check says; what the user's code raises is a sentence, too."""
    late = TimeoutError(f"there is no answer after {SECONDS} seconds")
    try:
        with limited(SECONDS, late, entry.what), np.errstate(all="ignore"):
            yield from check(entry)
    except (Exception, SystemExit) as error:
        yield own.where(error) or f"{entry.what}: {type(error).__name__}: {error}"
