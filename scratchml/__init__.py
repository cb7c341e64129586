"""scratchml: perceptrons, logistic regressions and small nets from scratch, in NumPy.

Read the files in this order:

    plain               the three models in plain Python lists
    elementary          exp, tanh, log, ... with the same bits on every processor
    activations, problems, boolean, tables, generators, mnist1d, datasets, losses, optimizers,
    backprop, initializers
                        functions, and tables with the facts about them
    splitting, scaling, sampling
                        the examples that a net learns from
    parameters, arithmetic
                        the memory of a stack of nets; products and sums, and what their bits are
    mlp, perceptron, logistic, models
                        forward and backward
    job, kernel, formulas, rows, compiling, blocks, compiled
                        the same in machine code, with the same bits
    evaluation, diagnostics, stopping, stack, epochs, times, recording, training
                        the loop, the numbers that it records, and the end of a net
    estimators, columns, portable
                        scikit-learn's interface; a table as numbers; a net in a folder of its own
"""

_ESTIMATORS = ("Perceptron", "LogisticRegression", "MLP")


def __getattr__(name):
    """The classes with scikit-learn's interface, imported on first use: they need scikit-learn."""
    if name in _ESTIMATORS:
        from scratchml import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module 'scratchml' has no attribute {name!r}")
