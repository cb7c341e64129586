"""How many nets does it take to know?

Two ways to train solve XOR from shares p and q of all starts. Of n nets of each, as many solve it
as two binomial distributions say, B(n, p) and B(n, q). So the chance that n nets show the right
order, and the chance that a test sees it (its power, Neyman & Pearson 1933), can be computed. Few
seeds are usual; Henderson et al. (2018) and Agarwal et al. (2021) show what follows from that.
"""

import numpy as np

from analysis import groups
from analysis.claims import Caveat, Cells, Claim
from analysis.figures import colours, plots
from analysis.figures.panels import grid, panel, ring
from analysis.statistics.draws import detected, detected_in_pairs, needed, order
from analysis.verdicts import more_often, note, number, number_of
from analysis.verdicts.chances import follows_from

CHAPTER = 17
NETS_OF = "activation"
NETS = {"dataset": "xor", "init": "uniform", "width": 2, "activation": ["sigmoid", "tanh"]}
CAPTION = """Sigmoid and tanh nets with two hidden units on XOR, 1,000 of each: what n nets of each
would have shown. Left: chances that more sigmoid nets solve XOR than tanh nets, as many, or fewer.
Right: the chance that a test at .05 sees it, for these nets in pairs that have one start, for them
as they are drawn (ring: nine draws of ten), and for a difference of 4 points."""
CAVEAT = """How many nets are enough depends on the difference that matters, which must be named
first. Fixed: one data set, one test at .05, as many nets of each; what is drawn is the start, not
the data."""
POINTS = 0.04  # a difference that might matter
SIZES = np.unique(np.geomspace(2, 2000, 24).round().astype(int))


def cells(data):
    solved = groups.by(data.nets, "activation", groups.solved)
    return Cells(sigmoid=solved["sigmoid"], tanh=solved["tanh"])


def in_pairs(cells, n):
    """The chance that n pairs of nets, each from one start, show that sigmoid is ahead."""
    x, y = cells.sigmoid, cells.tanh
    return detected_in_pairs((x & ~y).mean(), (y & ~x).mean(), n)


def claims(cells):
    x, y = cells.sigmoid, cells.tanh
    alone = detected(x.mean(), y.mean(), 50)

    def chance(words, f):
        return follows_from(f, x, y).named(words)

    def little(n):
        return follows_from(lambda p: detected(p, p - POINTS, n), x).named(f"{n:,} nets: seen")

    return [
        Claim("A thousand nets of each leave no doubt that sigmoid solves XOR more often than tanh",
              more_often(x, y, p=1e-10)),
        Claim("Three nets of each get the order wrong, or tied, in one of three draws or more",
              chance("wrong or tied", lambda p, q: sum(order(p, q, 3)[1:])).at_least(0.33)),
        Claim("Five nets of each still do so in one of four draws or more",
              chance("wrong or tied", lambda p, q: sum(order(p, q, 5)[1:])).at_least(0.25)),
        Claim("Twenty nets of each get it right in four of five draws, but a test at .05 sees it "
              "in fewer than half",
              chance("right", lambda p, q: order(p, q, 20)[0]).at_least(0.8)
              & chance("seen", lambda p, q: detected(p, q, 20)).below(0.5)),
        Claim("With a hundred nets of each the test sees it in two of three draws or more",
              chance("seen", lambda p, q: detected(p, q, 100)).at_least(0.66)),
        Claim("A difference of 4 points takes a thousand: the test then sees it in more than half "
              "of all draws, and with a hundred in fewer than one of five",
              little(1000).above(0.5) & little(100).below(0.2)),
        Caveat("The best of five nets hides the difference: in 95 % of draws or more both have one "
               "that solves XOR",
               chance("both", lambda p, q: (1 - (1 - p) ** 5) * (1 - (1 - q) ** 5)).at_least(0.95)),
        Caveat("Nets in pairs need fewer: tanh solves XOR more often from the starts from which "
               "sigmoid does, and 50 pairs show the difference more often than 50 and 50 nets",
               more_often(y[x], y[~x], p=1e-10)
               & number_of(in_pairs(cells, 50), "seen in 50 pairs", len(x) + len(y)).above(alone)
               & note(f"without pairs {number(alone)}")),
    ]  # fmt: skip


def answer(cells):
    p, q = cells.sigmoid.mean(), cells.tanh.mean()
    return (f"About {needed(p, q)} of each: three miss sigmoid's lead over tanh in "
            f"{sum(order(p, q, 3)[1:]):.0%} of draws, and with 20 a test sees it in "
            f"{detected(p, q, 20):.0%}.")  # fmt: skip


def draw(cells):
    fig, (orders, power) = grid(1, 2, height=4.2)
    p, q = cells.sigmoid.mean(), cells.tanh.mean()
    few = np.arange(1, 101)
    chances = 100.0 * np.array([order(p, q, n)[::-1] for n in few]).T
    orders.stackplot(few, chances, colors=[colours.RED, colours.PALE, colours.BLUE], alpha=0.85)
    for words, at in {"right": (20, 60), "tied": (1.6, 38), "wrong": (1.6, 6)}.items():
        orders.text(*at, words, weight="bold")
    panel(orders, "The order that n nets of each show", x="nets of each", y="draws (%)", log="x",
          ticks=[1, 3, 5, 10, 20, 50, 100], ylim=(0, 100), xlim=(1, 100))  # fmt: skip
    for words, seen, color in (
        ("pairs of one start", lambda n: in_pairs(cells, n), colours.GREEN),
        (f"{p:.0%} against {q:.0%}", lambda n: detected(p, q, n), colours.BLUE),
        (f"{p:.0%} against {p - POINTS:.0%}", lambda n: detected(p, p - POINTS, n), colours.ORANGE),
    ):
        power.plot(SIZES, [100.0 * seen(int(n)) for n in SIZES], color=color, label=words)
    plots.theory(power, "nine of ten", y=90.0, color=colours.GREY)
    ring(power, needed(p, q), 90.0)
    panel(power, "How often a test at .05 sees it", x="nets of each", y="draws (%)", log="x",
          ticks=[2, 5, 20, 100, 500, 2000], ylim=(0, 103),
          legend={"loc": "upper left", "bbox_to_anchor": (0.0, 0.86), "fontsize": 8.5})  # fmt: skip
    return fig
