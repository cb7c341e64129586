"""scratchml: perceptrons, logistic regressions and small nets from scratch, in NumPy.

Read the files in this order: plain, activations, initializers, losses, optimizers, datasets,
perceptron, logistic, mlp, training, diagnostics.
"""
