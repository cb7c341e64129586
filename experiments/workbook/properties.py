"""What the answers of two gaps must be like, where many answers are right.

Each function returns None, or the sentence about what is wrong and a question to think about.
"""

import numpy as np

from experiments.workbook.reference import XOR_X, XOR_Y, predict


def solves_xor(calls):
    """Three units, as pairs of weights and bias: together they must answer as XOR does."""
    try:
        units = [(np.array(w, dtype=float).reshape(2), float(b)) for w, b in calls[0]]
        _, _, _ = units
    except (TypeError, ValueError):
        return "It must return three pairs.", (
            "Each pair is a list of two weights and a bias, such as ([3, 4], 5)."
        )
    inputs = [np.array(x) for x in XOR_X]
    hidden = [[predict(*unit, x) for unit in units[:2]] for x in inputs]
    answers = [predict(*units[2], np.array(h)) for h in hidden]
    if answers == list(XOR_Y):
        return None
    rows = zip(inputs, XOR_Y, hidden, answers, strict=True)
    x, y, h, answer = next(row for row in rows if row[3] != row[1])
    said = (
        f"For x = [{x[0]:g}, {x[1]:g}] the hidden units say h1 = {h[0]:g} and h2 = {h[1]:g}, and "
        f"the third unit answers {answer:g}. XOR is {y:g}."
    )
    first, second = zip(*hidden, strict=True)
    if answers == [1 - y for y in XOR_Y]:
        return said, "All four answers are exchanged. What turns the answer of the third unit?"
    if first == second:
        return said, "The two hidden units say the same for all four x. Draw two different lines."
    for name, unit in {"first": first, "second": second}.items():
        if len(set(unit)) == 1:
            return said, f"The {name} unit says {unit[0]:g} for all four x: its line is far away."
    if len({answer for h, answer in zip(hidden, XOR_Y, strict=True) if h == hidden[1]}) == 2:
        return said, "Two x with different targets have the same h1 and h2. Move a line."
    return (
        said,
        "Draw the four points in the plane of h1 and h2. Is each on the side that it needs?",
    )


def is_a_start(calls):
    """Nets from different seeds, W1, b1, W2, b2 each: random, and no two hidden units alike."""
    nets = [[np.array(part, dtype=float) for part in net] for net in calls]
    W1, W2 = nets[0][0], nets[0][2]
    D, H = W1.shape
    if not W1.any():
        return "All weights W1 are 0.", (
            "Then all hidden units say the same, have the same gradient, and stay the same for "
            "ever. What makes them different?"
        )
    if all((net[0] == net[0][:, :1]).all() for net in nets):
        return "The hidden units have equal weights.", (
            "Equal units have equal gradients and stay equal. Is a number drawn once, and used "
            "for all units? ([[0] * H] * D is also one list, D times.)"
        )
    if D > 1 and all((net[0] == net[0][:1]).all() for net in nets):
        return "All inputs have the same weights: each row of W1 is the same.", (
            "Is one row drawn, and used D times?"
        )
    if not W2.any():
        return "All weights W2 are 0.", "Which gradient does the hidden layer get through them?"
    if all((net[0] == W1).all() and (net[2] == W2).all() for net in nets):
        return "Every seed gives the same net.", "Do the numbers come from rng?"
    values = np.concatenate([part.ravel() for net in nets for part in (net[0], net[2])])
    if values.min() >= 0 or values.max() <= 0:
        sign = "below" if values.min() >= 0 else "above"
        return f"Of {len(values)} weights that were drawn, none is {sign} 0.", (
            "rng.random() lies between 0 and 1. Which interval is wanted?"
        )
    if np.abs(values).max() > 1:
        return f"The largest of {len(values)} weights is {np.abs(values).max():.3g}.", (
            "The uniform distribution between -1 and 1 has none above 1. Large weights put the "
            "sigmoid where it has no slope."
        )
    return None
