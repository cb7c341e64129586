"""Do big nets need lots of data, and does more data always help?

Least squares on n examples of d normal features, y = x.u + e with e of variance v, and the shortest
solution where there are many, is off by

    E |w - u|^2 = (1 - n/d) |u|^2 + v n / (d - n - 1)   for n < d - 1      (Hastie et al. 2022)
                = v d / (n - d - 1)                     for n > d + 1

which is infinite in between: double descent (Vallet 1989; Belkin et al. 2019).
"""

from types import SimpleNamespace

import numpy as np

from analysis import groups
from analysis.claims import Caveat, Claim
from analysis.figures import colours, plots
from analysis.figures.panels import dots, grid, means, panel
from analysis.statistics import number
from analysis.verdicts import (
    LAW,
    average,
    every,
    larger,
    largest,
    least,
    more_often,
    mostly,
    note,
    ratio_of_means,
)

CHAPTER = 11
SAYINGS = {"big nets need lots of data": "no: wide ones are better on few data, too"}
CAPTION = """
Top left: risk of least squares with 100 features (points: mean of the nets, bars: bootstrap 95 %)
and theory; with decay the peak is gone. Digits: how much better a net is on those it was trained on
(top right), and how good on others (bottom left); grey: each net, points: mean. Bottom right: nets
trained on 200 digits with labels drawn at random; dots: each net, lines: mean.
"""
CAVEAT = """
The worst number of examples is that of the features: more data can hurt there, and a well chosen
decay removes it. Nor do bigger nets need more data: wide ones are better on few digits too, and
width 16 finds XOR easier than width 2. Fixed: |u| = 1, noise of variance .2, adam at .02 on digits.
"""


def cells(data):
    linear = data.select(dataset="linear").nets
    # The held-out loss is half of |w - u|^2 + noise^2 on average, because x is from N(0, I).
    linear = linear.assign(risk=2.0 * linear["test/loss"] - linear.noise**2)
    decay = linear.l2 > 0.0
    digits = data.select(dataset="digits", label_noise=0.0).nets
    digits = digits.assign(gap=digits["train/accuracy"] - digits["test/accuracy"])
    random = data.select(label_noise=1.0)
    return SimpleNamespace(
        plain=groups.by(linear[~decay], "n_samples", "risk"),
        decay=groups.by(linear[decay], "n_samples", "risk"),
        d=int(linear.n_features.iloc[0]), variance=float(linear.noise.iloc[0] ** 2),
        # {width: one row a seed, one column a number of examples}
        gap={w: table(nets, "gap") for w, nets in groups.by(digits, "width").items()},
        test={w: table(nets, "test/accuracy") for w, nets in groups.by(digits, "width").items()},
        random={part: groups.by(random.nets, "width", f"{part}/accuracy") for part in
                ("train", "test")},
        inputs=random.examples(random.runs.run_id[0]).X.shape[1],
        xor=groups.by(data.select(dataset="xor").nets, "width", groups.solved),
    )  # fmt: skip


def table(nets, column):
    return nets.pivot(index="seed", columns="n_samples", values=column)


def theory(n, d, variance):
    """E |w - u|^2 for |u| = 1; infinite where n is within 1 of d."""
    n = np.asarray(n, dtype=float)
    below, above = np.maximum(d - n - 1.0, 0.0), np.maximum(n - d - 1.0, 0.0)
    with np.errstate(divide="ignore"):
        return np.where(n < d, 1.0 - n / d + variance * n / below, variance * d / above)


def claims(cells):
    plain, decay, d = cells.plain, cells.decay, cells.d
    tame = np.array([risk.mean() for risk in decay.values()])
    small, large = min(cells.test), max(cells.test)
    wider = cells.test[large] - cells.test[small]
    few = wider.columns.min()
    fit, chance = cells.random["train"][64], cells.random["test"][64]
    weights = 64 * cells.inputs + 64 * 10 + 74
    said = ", ".join(f"{n:g}: {number(cells.test[large][n].mean())} against "
                     f"{number(cells.test[small][n].mean())}" for n in wider)  # fmt: skip
    return [
        Claim("The risk of least squares follows its closed form, below and above n = d, to within "
              "10 %", follows(cells)),
        Claim("Just below n = d it peaks: the risk at n/d = .9 is at least 2.5 times that at .5",
              ratio_of_means(plain[0.9 * d], plain[0.5 * d]).at_least(2.5)),
        Caveat("More data can hurt: twice the examples, n = d instead of d/2, are worse",
               larger(plain[d], plain[d // 2], p=1e-6)),
        Caveat("Decay noise^2 d/n removes the peak: every step to more data then helps",
               every(np.diff(tame) < 0.0, sum(map(len, decay.values())), "steps lower the mean")
               & ratio_of_means(decay[0.9 * d], decay[0.5 * d]).below(1.0)
               & note(f"risk {', '.join(map(number, tame))}")),
        *(Claim(f"Width {width:g} on digits: the gap between train and test closes with every "
                "doubling", closes(gap)) for width, gap in cells.gap.items()),
        Claim(f"Width 64, {weights:,} weights on {cells.inputs} inputs, fits 200 random labels, "
              "and says of other digits what chance says, .1, to within .05",
              every(fit == 1.0, of="nets fit all") & average(chance).within(LAW, of=0.1)),
        Caveat(f"Bigger does not need more: width {large:g} tests better than {small:g} on {few:g} "
               f"digits as on {wider.columns.max():g}",
               mostly(wider.to_numpy().ravel(), p=1e-6, measured=said).on(2 * wider.size)
               & least(wider.mean(), "difference of means").above(-0.05)),
        Caveat("Width 16 finds XOR easier than width 2, from the same four examples",
               more_often(cells.xor[16], cells.xor[2], p=1e-6)),
    ]  # fmt: skip


def follows(cells):
    """That each mean is within 10 % of theory, where that is finite."""
    off = {n: risk.mean() / float(theory(n, cells.d, cells.variance)) for n, risk in
           cells.plain.items() if n != cells.d}  # fmt: skip
    far = max(off, key=lambda n: abs(off[n] - 1.0))
    return (largest(np.abs(np.array([*off.values()]) - 1.0), "relative error of a mean",
                    sum(len(cells.plain[n]) for n in off)).at_most(0.1)
            & note(f"{len(off)} sizes; farthest at n/d = {far / cells.d:g}: "
                   f"{average(cells.plain[far]).text} against "
                   f"{number(theory(far, cells.d, cells.variance))}"))  # fmt: skip


def closes(gap):
    """That the mean gap falls at each step, and in most pairs of nets from first to last."""
    mean, (few, *_, many) = gap.mean(), gap.columns
    return (every(np.diff(mean) < 0.0, gap.size, "doublings lower the mean")
            & mostly(gap[few] - gap[many], p=0.01,
                     measured=", ".join(f"{number(g)} at {n:g}" for n, g in mean.items()))
            )  # fmt: skip


def answer(cells):
    small, large = min(cells.test), max(cells.test)
    few = min(cells.test[large].columns)
    wide, narrow = (100 * cells.test[w][few].mean() for w in (large, small))
    return (f"No and no: on {few:g} digits width {large} gets {wide:.0f}% right, width {small} "
            f"{narrow:.0f}%; least squares is worst where examples equal features.")  # fmt: skip


def draw(cells):
    fig, (descent, gaps, tests, random) = grid(2, 2, height=3.8)
    d = cells.d
    n = np.linspace(min(cells.plain), max(cells.plain), 2000)
    plots.theory(descent, "theory, no decay", n / d, theory(n, d, cells.variance))
    for risk, label, color, marker in (
        (cells.plain, "no decay", colours.RED, "o"),
        (cells.decay, "decay noise$^2$ d/n", colours.BLUE, "s"),
    ):
        means(descent, {n / d: values for n, values in risk.items()}, label=label, color=color,
              marker=marker, ms=5.5, line=risk is cells.decay)  # fmt: skip
    plots.theory(descent, None, x=1.0, color=colours.GREY, lw=1.0)
    panel(descent, "The worst place is n = d", x="examples per feature, n/d", log="y",
          y="risk, |w - u|$^2$", ylim=(0.03, 3e3), legend="upper right")  # fmt: skip
    for ax, tables in ((gaps, cells.gap), (tests, cells.test)):
        shades = colours.palette(tables).values()
        for (width, nets), color, marker in zip(tables.items(), shades, "osD", strict=True):
            per_cent = {n: 100 * nets[n].to_numpy() for n in nets}
            means(ax, per_cent, color=color, marker=marker, label=f"width {width:g}", bars=False,
                  every=True)  # fmt: skip
    sizes = {"x": "training examples", "log": "x", "ticks": per_cent, "legend": "best"}
    panel(gaps, "Digits: the gap closes with data", y="accuracy, train - test (points)",
          ylim=(0, None), **sizes)  # fmt: skip
    panel(tests, "Wide nets are better on few digits too", y="test accuracy (%)", **sizes)
    for part, marker in (("train", "o"), ("test", "s")):
        per_cent = {width: 100 * nets for width, nets in cells.random[part].items()}
        dots(random, per_cent, color=colours.of(part), marker=".", ms=4, alpha=0.5)
        means(random, per_cent, color=colours.of(part), marker=marker, label=part, bars=False)
    plots.theory(random, "chance", y=10.0, color=colours.GREY)
    panel(random, "Enough weights fit random labels", x="hidden units", y="accuracy (%)", log="x",
          ticks=per_cent, ylim=(-3, 103), legend="center right")  # fmt: skip
    return fig
