"""Machine code for the nets of a sweep: made before any worker asks for it, and said in words."""

from experiments.models import MODELS
from experiments.models.interface import row
from experiments.running.costs import are_worth_workers
from experiments.schema.config import Config
from experiments.schema.sources import problem
from scratchml import compiling
from scratchml.activations import ACTIVATIONS
from scratchml.formulas import NoFormula
from scratchml.losses import LOSSES
from scratchml.mlp import MLP
from scratchml.optimizers import OPTIMIZERS
from scratchml.precompile import precompile
from scratchml.rows import formulas


def prepare(configs, say):
    """Compiles the loops of small nets, if these configurations are worth it and no file has them.

    Args:
        configs: Config each, or the exception that it raised.
        say: gets each sentence, about the compiler, and about rows of one's own that run in NumPy.
    """
    if are_worth_workers(configs):
        compiling.allow()
        precompile(say)
        for sentence in dict.fromkeys(filter(None, map(in_numpy, configs))):
            say(sentence)


def in_numpy(config):
    """A sentence if a row of the user's own has no formula that can be compiled, otherwise None."""
    if not isinstance(config, Config) or MODELS[config.model].alone:
        return None
    if OPTIMIZERS[config.optimizer].direction:
        return None
    lacking = without_formula(config)
    return f"in NumPy, and not in machine code: {lacking}" if lacking else None


def without_formula(config):
    """Which row of a configuration has no formula, and why, in words; None if all have one."""
    output = row(MODELS[config.model]).outputs.get(problem(config))
    if (output, config.loss) not in LOSSES:
        return None
    activation = config.activation or next(iter(ACTIVATIONS))  # any, without hidden units
    model = MLP((2, 2, 1), activation, output, config.backprop or "exact")
    try:
        formulas(model, LOSSES[output, config.loss], OPTIMIZERS[config.optimizer])
    except NoFormula as error:
        return str(error)
    return None
