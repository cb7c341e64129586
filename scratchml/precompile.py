"""Compiles the loops of all rows of the tables, where an environment is made.

python -m scratchml.precompile
"""

from contextlib import suppress

from scratchml import compiling
from scratchml.activations import ACTIVATIONS
from scratchml.backprop import BACKPROP
from scratchml.formulas import NoFormula
from scratchml.in_numpy import ELEMENTARY
from scratchml.job import BLOCKS
from scratchml.losses import LOSSES, OUTPUTS
from scratchml.mlp import MLP
from scratchml.optimizers import OPTIMIZERS
from scratchml.rows import formulas, row_of

ALL = "all loops"
SAYS = "Compiling the loops of small nets, once for this environment"


def loops():
    """What `compiling.loop` takes for each loop that rows of the tables need."""
    loss, optimizer = next(iter(LOSSES.values())), next(iter(OPTIMIZERS.values()))
    trainings = [(MLP((2, 2, 1), *names), loss, optimizer) for names in _layers()]
    trainings += [(MLP((2, 2, 1), "tanh", each), loss, optimizer) for each in OUTPUTS]
    trainings += [(MLP((2, 2, 1), "tanh", "sigmoid"), each, optimizer) for each in LOSSES.values()]
    trainings += [(MLP((2, 2, 1), "tanh", "sigmoid"), loss, each) for each in OPTIMIZERS.values()]
    found = [*map(row_of, ELEMENTARY)]
    for training in trainings:
        with suppress(NoFormula):
            found += formulas(*training).values()
    rows = [(text,) for text in dict.fromkeys(found)]
    rows.append((compiling.PRODUCT,))
    return rows + [(name, block) for name in compiling.LOOPS for block in BLOCKS]


def _layers():
    return [(activation, "sigmoid", way) for activation in ACTIVATIONS for way in BACKPROP]


def precompile(say):
    """Compiles what no file has yet; `say` gets a sentence if there is anything."""
    if compiling.machine() is None or compiling.is_there(ALL):
        return
    missing = [each for each in loops() if not compiling.is_there(*each)]
    if missing:
        say(SAYS)
        with suppress(compiling.NotCompiled):
            for each in missing:
                compiling.loop(*each)
    with suppress(compiling.NotCompiled):
        compiling.note(ALL)
        compiling.remove_old()


if __name__ == "__main__":
    compiling.allow()
    precompile(print)
