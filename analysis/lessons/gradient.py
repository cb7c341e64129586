"""Is a net that learns a net whose gradient is right?

A wrong gradient often points downhill, too: nets learn through random weights on the way back
(Lillicrap et al. 2016), or through signs alone (Liao, Leibo & Poggio 2016). What tells is a look at
the gradient itself. A difference (L(theta + h) - L(theta)) / h is wrong by its own curvature, of
the order h, and by rounding, of the order 1/h; a step into the complex plane is wrong by rounding
of the last digit alone (Squire & Trapp 1998).
"""

import numpy as np

from analysis import differences, groups
from analysis.claims import Caveat, Cells, Claim
from analysis.figures import colours, plots
from analysis.figures.panels import each, grid, panel, rates
from analysis.verdicts import difference, joined, largest, least, note, number_of, share

CHAPTER = 16
CAPTION = """Left: error of a gradient by differences, relative to the gradient itself, against the
step h: the median of 40 tanh nets, and a band from 5 to 95 % of them. Right: share of sigmoid nets
that solve XOR within 10,000 epochs, with the right gradient and with seven wrong ones (bars: Wilson
95 %)."""
CAVEAT = """"It learns, so the gradient is right" is false: at width 8 nets with four wrong
gradients solve XOR. A check by differences is itself only good to 1e-8 or 1e-11. Fixed: sigmoid,
U(-1, 1), learning rate 1, full batch; W1 can be transposed by mistake only where it is square."""
EXACT = "exact"
WORDS = {
    EXACT: "right", "no_hidden_bias": "no hidden biases", "random_feedback": "random feedback",
    "sign_feedback": "sign of the feedback", "slope_of_output": "f'(a) for f'(z)",
    "transposed": "W1's gradient transposed", "frozen": "hidden layer frozen",
    "no_slope": "no derivative",
}  # fmt: skip
NEVER = ("no_slope", "frozen")  # gradients with which the hidden layer does not learn
EPS = np.finfo(float).eps
ORDER = 0.1  # of a power of h, which is whole: between two of them, and rounding is not smooth


def cells(data):
    xor = data.select(dataset="xor")
    start = xor.curves[xor.curves.epoch == 0]
    is_right = start.backprop.isna()
    nets = xor.nets.assign(backprop=xor.nets.backprop.fillna(EXACT))
    return Cells(
        errors=differences.errors(data.select(dataset="chebyshev")),
        solved=groups.by(nets, ("backprop", "width"), groups.solved),
        right=start.gradient_error[is_right], wrong=start.gradient_error[~is_right],
    )  # fmt: skip


def order(errors, low, high):
    """The power of h with which the median error grows between two steps, as a Measure."""
    power = differences.order(errors, low, high)
    return number_of(power, f"power of h from {low:g} to {high:g}", errors.shape[1])


def near(errors, root):
    """That the best step is a root of the rounding, but for a factor of 10."""
    step, error = differences.best(errors)
    factor = number_of(max(step / root, root / step), "factor", errors.shape[1])
    return note(f"h = {step:.0e} with an error of {error:.0e}") & factor.at_most(10)


def claims(cells):
    forward, central, exact = (cells.errors[kind] for kind in ("forward", "central", "complex"))
    right, wrong = cells.solved[EXACT], [name for name in cells.solved if name != EXACT]
    learns = [name for name in wrong if name not in NEVER and 8 in cells.solved[name]]
    return [
        Claim("A forward difference errs as h", order(forward, 1e-6, 1e-2).within(ORDER, of=1)),
        Claim("A central difference errs as h^2", order(central, 1e-3, 1e-1).within(ORDER, of=2)),
        Claim("Below its best step a forward difference errs as 1/h",
              order(forward, 1e-14, 1e-10).within(ORDER, of=-1)),
        Claim("Below its best step a central difference errs as 1/h, too",
              order(central, 1e-13, 1e-8).within(ORDER, of=-1)),
        Claim("The best steps are near the roots of the rounding, eps^(1/2) and eps^(1/3)",
              near(forward, EPS ** (1 / 2)) & near(central, EPS ** (1 / 3))),
        Claim("A complex step is right to the last digits",
              largest(exact, "error", exact.shape[1]).below(1e-14)),
        Claim("At width 2 all wrong gradients but random feedback cost nets",
              joined(difference(right[2], cells.solved[name][2]).above(0.0)
                     for name in wrong if name != "random_feedback")),
        Claim("Without the derivative, or with the hidden layer frozen, hardly a net solves XOR",
              joined(share(hits).below(0.15) for name in NEVER
                     for hits in cells.solved[name].values())),
        Caveat("At width 8 nets with four kinds of wrong gradient solve XOR: it proves nothing",
               joined(share(cells.solved[name][8]).above(0.95) for name in learns)
               & number_of(len(learns), "kinds that solve it").at_least(4)),
        Claim("A check by central differences tells every wrong gradient before the first step",
              note(f"error at most {cells.right.max():.0e} if right")
              & least(cells.wrong, "error if wrong").above(1e3 * cells.right.max())),
    ]  # fmt: skip


def answer(cells):
    eight = cells.solved["slope_of_output"][8]
    return (f"No: with f'(a) for f'(z) {eight.mean():.0%} of nets of width 8 solve XOR; a check by "
            f"differences finds it before the first step.")  # fmt: skip


def draw(cells):
    fig, (left, right) = grid(1, 2, height=4.4)
    for kind, color in (("forward", colours.BLUE), ("central", colours.ORANGE)):
        plots.seeds(left, differences.STEPS, cells.errors[kind].T, label=kind, color=color, shown=0)
    plots.theory(left, "complex step", y=np.median(cells.errors["complex"]), color=colours.GREEN)
    panel(left, "Differences: the best step lies between", x="step h", y="error of the gradient",
          log="xy", legend="best")  # fmt: skip
    each(rates, right, cells.solved, knob="backprop", labels=WORDS)
    panel(right, "Nets that learn with a wrong gradient", x="hidden units", log="x",
          y="nets that solve XOR (%)", ticks=[2, 4, 8],
          legend={"loc": "center right", "fontsize": 8})  # fmt: skip
    return fig
