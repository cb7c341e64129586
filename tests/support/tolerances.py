"""How close is close: the tolerances of the tests, and why each is what it is.

A test that names none of them demands equality, to the last bit, or bounds an error in its own
terms.
"""

# Relative error of a gradient against central differences. With steps of 1e-5 these are good to
# about 1e-9, and a slip in the mathematics is seldom smaller than 1e-3.
GRADIENT = 1e-6

# Relative error of an eigenvalue of a Hessian that is itself made of differences of gradients.
CURVATURE = 1e-5

# The same arithmetic in another order: a few roundings of 1e-16, over a few dozen steps.
PARITY = 1e-12

# The same numbers in another way, by another formula or library, over which roundings add up.
ANOTHER_WAY = 1e-9

# What is left of 1e-8 in the denominators of adaptive optimizers.
EPSILON = 1e-7

# One formula, once: the last digits of a double may differ.
ROUNDING = 1e-14

# A minimum that another library's solver found by its own stopping rule.
SOLVER = 1e-5

# Statistics of random draws: how many standard errors a sample may be away from its expectation.
SIGMAS = 5.0
