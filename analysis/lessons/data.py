"""Do big nets need lots of data, and does more data always help?

Least squares on n examples of d normal features, y = x.u + e with e of variance v, and the shortest
solution where there are many, is off by

    E |w - u|^2 = (1 - n/d) |u|^2 + v n / (d - n - 1)   for n < d - 1      (Hastie et al. 2022)
                = v d / (n - d - 1)                     for n > d + 1

which is infinite in between: double descent (Vallet 1989; Belkin et al. 2019).
"""

import numpy as np

from analysis import groups, theory
from analysis.claims import Caveat, Cells, Claim
from analysis.figures import colours, plots
from analysis.figures.panels import each, grid, law, means, panel
from analysis.verdicts import LAW, average, every, larger, least, more_often, mostly, note, number
from analysis.verdicts.samples import ratio_of_means
from analysis.verdicts.tables import falls, follows

CHAPTER = 11
CAPTION = """Top left: risk of least squares with 100 features (points: mean of the nets, bars:
bootstrap 95 %) and theory; with decay the peak is gone. Digits: how much better a net is on those
it was trained on (top right), and how good on others (bottom left); grey: each net, points: mean.
Bottom right: nets trained on 200 digits with labels drawn at random; dots: each net, lines:
mean."""
CAVEAT = """The worst number of examples is that of the features: more data can hurt there, and a
well chosen decay removes it. Nor do bigger nets need more data: wide ones are better on few digits
too, and width 16 finds XOR easier than width 2. Fixed: |u| = 1, noise of variance .2, adam at .02
on digits."""


def cells(data):
    linear = data.select(dataset="linear").nets
    linear = linear.assign(risk=theory.measured_risk(linear), decay=linear.l2 > 0.0)
    risk = groups.by(linear, ("decay", "n_samples"), "risk")
    digits = data.select(dataset="digits", label_noise=0.0).nets
    digits = digits.assign(gap=digits["train/accuracy"] - digits["test/accuracy"])
    random = data.select(label_noise=1.0)
    return Cells(
        plain=risk[False], decay=risk[True],
        d=int(linear.n_features.iloc[0]), variance=float(linear.noise.iloc[0] ** 2),
        # {width: one row a seed, one column a number of examples}
        gap=groups.tables(digits, "width", "n_samples", "gap"),
        test=groups.tables(digits, "width", "n_samples", "test/accuracy"),
        random={part: groups.by(random.nets, "width", f"{part}/accuracy")
                for part in ("train", "test")},
        inputs=random.examples(random.runs.run_id[0]).X.shape[1],
        xor=groups.by(data.select(dataset="xor").nets, "width", groups.solved),
    )  # fmt: skip


def claims(cells):
    plain, decay, d = cells.plain, cells.decay, cells.d
    tame = np.array([risk.mean() for risk in decay.values()])
    small, large = min(cells.test), max(cells.test)
    wider = cells.test[large] - cells.test[small]
    fit, chance = cells.random["train"][64], cells.random["test"][64]
    weights = 64 * cells.inputs + 64 * 10 + 74
    said = ", ".join(f"{n:g}: {number(cells.test[large][n].mean())} against "
                     f"{number(cells.test[small][n].mean())}" for n in wider)  # fmt: skip
    return [
        Claim("The risk of least squares follows its closed form, below and above n = d, to within "
              "10 %", follows(plain, lambda n: theory.risk(n, d, cells.variance), margin=0.1,
                              of=lambda n: f"n/d = {n / d:g}")),
        Claim("Just below n = d it peaks: the risk at n/d = .9 is at least 2.5 times that at .5",
              ratio_of_means(plain[0.9 * d], plain[0.5 * d]).at_least(2.5)),
        Caveat("More data can hurt: twice the examples, n = d instead of d/2, are worse",
               larger(plain[d], plain[d // 2], p=1e-6)),
        Caveat("Decay noise^2 d/n removes the peak: every step to more data then helps",
               every(np.diff(tame) < 0.0, groups.count(decay), "steps lower the mean")
               & ratio_of_means(decay[0.9 * d], decay[0.5 * d]).below(1.0)
               & note(f"risk {', '.join(map(number, tame))}")),
        *(Claim(f"Width {width:g} on digits: the gap between train and test closes with every "
                "doubling", falls(gap, p=0.01, of="doublings lower the mean"))
          for width, gap in cells.gap.items()),
        Claim(f"Width 64, {weights:,} weights on {cells.inputs} inputs, fits 200 random labels, "
              "and says of other digits what chance says, .1, to within .05",
              every(fit == 1.0, of="nets fit all") & average(chance).within(LAW, of=0.1)),
        Caveat(f"Bigger does not need more: width {large:g} tests better than {small:g} on "
               f"{min(wider):g} digits as on {max(wider):g}",
               mostly(wider.to_numpy().ravel(), p=1e-6, measured=said).on(2 * wider.size)
               & least(wider.mean(), "difference of means").above(-0.05)),
        Caveat("Width 16 finds XOR easier than width 2, from the same four examples",
               more_often(cells.xor[16], cells.xor[2], p=1e-6)),
    ]  # fmt: skip


def answer(cells):
    small, large, few = min(cells.test), max(cells.test), min(cells.test[4])
    wide, narrow = (100 * cells.test[w][few].mean() for w in (large, small))
    return (f"No and no: on {few:g} digits width {large} gets {wide:.0f}% right, width {small} "
            f"{narrow:.0f}%; least squares is worst where examples equal features.")  # fmt: skip


def draw(cells):
    fig, (descent, gaps, tests, random) = grid(2, 2, height=3.8)
    d, v = cells.d, cells.variance
    law(descent, "theory, no decay", lambda ratio: theory.risk(d * ratio, d, v), 0.25, 4.0)
    plain, decay = ({n / d: nets for n, nets in of.items()} for of in (cells.plain, cells.decay))
    means(descent, plain, color=colours.RED, line=False, label="no decay")
    means(descent, decay, color=colours.BLUE, marker="s", label="decay noise$^2$ d/n")
    plots.theory(descent, None, x=1.0, color=colours.GREY, lw=1.0)
    panel(descent, "The worst place is n = d", x="examples per feature, n/d", log="y",
          y="risk, |w - u|$^2$", ylim=(0.03, 3e3), legend="upper right")  # fmt: skip
    each(means, gaps, groups.percent(cells.gap), labels="width {}", bars=False, every=True)
    each(means, tests, groups.percent(cells.test), labels="width {}", bars=False, every=True)
    sizes = {"x": "training examples", "log": "x", "ticks": cells.test[4], "legend": "best"}
    panel(gaps, "Digits: the gap closes with data", y="accuracy, train - test (points)",
          ylim=(0, None), **sizes)  # fmt: skip
    panel(tests, "Wide nets are better on few digits too", y="test accuracy (%)", **sizes)
    each(means, random, groups.percent(cells.random), bars=False, every=True)
    plots.theory(random, "chance", y=10.0, color=colours.GREY)
    panel(random, "Enough weights fit random labels", x="hidden units", y="accuracy (%)", log="x",
          ticks=cells.random["test"], ylim=(-3, 103), legend="center right")  # fmt: skip
    return fig
