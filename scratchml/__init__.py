"""scratchml: perceptrons, logistic regressions and small nets from scratch, in NumPy.

Read the files in this order: plain, activations, initializers, losses, optimizers, datasets,
perceptron, logistic, mlp, training, diagnostics.
"""

_ESTIMATORS = ("Perceptron", "LogisticRegression", "MLP")


def __getattr__(name):
    """The classes with scikit-learn's habits, imported when asked for: they need scikit-learn."""
    if name in _ESTIMATORS:
        from scratchml import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module 'scratchml' has no attribute {name!r}")
