"""Do big nets need lots of data, and does more data always help?

Least squares on n examples of d normal features, y = x.u + e with e of variance v, and the shortest
solution where there are many, is off by

    E |w - u|^2 = (1 - n/d) |u|^2 + v n / (d - n - 1)   for n < d - 1      (Hastie et al. 2022)
                = v d / (n - d - 1)                     for n > d + 1

which is infinite in between: double descent (Vallet 1989; Belkin et al. 2019).
"""

import numpy as np
import pandas as pd

from analysis.claims import Claim
from analysis.figures import colours, plots, style
from analysis.statistics import bootstrap, mann_whitney, number, sign_test, two_proportions

CHAPTER = 11
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


def linear(data):
    """One row a net of the linear problem: n_samples, decay (whether there is a penalty), risk."""
    nets = data.select(dataset="linear").nets
    # The held-out loss is half of |w - u|^2 + noise^2 on average, because x is from N(0, I).
    return pd.DataFrame({
        "n": nets.n_samples, "d": nets.n_features, "variance": nets.noise**2, "seed": nets.seed,
        "decay": nets.l2 > 0.0, "risk": 2.0 * nets["test/loss"] - nets.noise**2,
    })  # fmt: skip


def theory(n, d, variance):
    """E |w - u|^2 for |u| = 1; infinite where n is within 1 of d."""
    n = np.asarray(n, dtype=float)
    below, above = np.maximum(d - n - 1.0, 0.0), np.maximum(n - d - 1.0, 0.0)
    with np.errstate(divide="ignore"):
        return np.where(n < d, 1.0 - n / d + variance * n / below, variance * d / above)


def digits(data):
    """One row a net trained on digits with their own labels, with its gap in accuracy."""
    nets = data.select(dataset="digits", label_noise=0.0).nets
    return nets.assign(gap=nets["train/accuracy"] - nets["test/accuracy"])


def claims(data):
    return [*risk_claims(linear(data)), *digit_claims(data), *xor_claims(data)]


def risk_claims(nets):
    plain, decay = nets[~nets.decay], nets[nets.decay]
    risk, tame = (part.groupby("n").risk for part in (plain, decay))
    d, variance = int(nets.d.iloc[0]), nets.variance.iloc[0]
    expected = pd.Series(theory(list(risk.groups), d, variance), risk.mean().index)
    expected = expected[np.isfinite(expected)]
    off = risk.mean()[expected.index] - expected
    allowed = np.maximum(3.0 * risk.sem()[expected.index], 0.1 * expected)
    worst = (off.abs() / allowed).idxmax()
    near, half = risk.get_group(0.9 * d), risk.get_group(0.5 * d)
    peak = near.mean() / half.mean()
    no_peak = tame.get_group(0.9 * d).mean() / tame.get_group(0.5 * d).mean()
    at, ahead = risk.get_group(d).to_numpy(), half.to_numpy()
    hurts = mann_whitney(at, ahead, "greater")
    steps = np.diff(tame.mean())
    return [
        Claim("The risk of least squares follows its closed form, below and above n = d",
              f"{len(off)} sizes; farthest at n/d = {worst / d:g}: "
              f"{number(risk.mean()[worst])} against {number(expected[worst])}",
              "each mean within 3 standard errors or 10 %", nets=len(plain[plain.n != d]),
              holds=bool((off.abs() <= allowed).all())),
        Claim("Just below n = d it peaks: the risk at n/d = .9 is at least 2.5 times that at .5",
              f"{number(peak)} times; risk {bootstrap(near, np.mean)} against "
              f"{bootstrap(half, np.mean)}", "ratio of means >= 2.5",
              nets=len(near) + len(half), holds=peak >= 2.5),
        Claim("More data can hurt: twice the examples, n = d instead of d/2, are worse",
              f"median risk {number(np.median(at))} against {number(np.median(ahead))}",
              str(hurts), nets=len(at) + len(ahead), holds=hurts.p < 1e-6, caveat=True),
        Claim("Decay noise^2 d/n removes the peak: every step to more data then helps",
              f"risk {', '.join(number(r) for r in tame.mean())}; at .9 {number(no_peak)} of that "
              "at .5", "all differences of means < 0", nets=len(decay),
              holds=bool((steps < 0.0).all() and no_peak < 1.0), caveat=True),
    ]  # fmt: skip


def digit_claims(data):
    nets, decided = digits(data), []
    few, many = nets.n_samples.min(), nets.n_samples.max()
    for width, part in nets.groupby("width"):
        gap = part.pivot(index="seed", columns="n_samples", values="gap")
        test = sign_test(gap[few] - gap[many], "greater")
        decided.append(Claim(
            f"Width {width:g} on digits: the gap between train and test closes with every doubling",
            ", ".join(f"{number(g)} at {n:g}" for n, g in gap.mean().items()),
            f"means fall at each step; {few:g} against {many:g}, {test}", nets=len(part),
            holds=bool((np.diff(gap.mean()) < 0.0).all()) and test.p < 0.01,
        ))  # fmt: skip
    by_width = nets.pivot(index=["n_samples", "seed"], columns="width", values="test/accuracy")
    small, large = by_width.columns.min(), by_width.columns.max()
    wider = sign_test(by_width[large] - by_width[small], "greater")
    least = by_width.groupby("n_samples").mean().diff(axis=1)[large].min()
    fitted = data.select(label_noise=1.0, width=64).nets
    weights = 64 * (fitted_inputs := data.examples(fitted.run_id.iloc[0]).X.shape[1]) + 64 * 10 + 74
    chance = bootstrap(fitted["test/accuracy"], np.mean)
    return [
        *decided,
        Claim(f"Width 64, {weights:,} weights on {fitted_inputs} inputs, fits 200 random labels",
              f"{(fitted['train/accuracy'] == 1.0).sum()} of {len(fitted)} nets fit all; test "
              f"accuracy {chance}", "all fit all; the interval of test accuracy holds chance, .1",
              nets=len(fitted),
              holds=bool((fitted["train/accuracy"] == 1.0).all()) and 0.1 in chance),
        Claim(f"Bigger does not need more: width {large:g} tests better than {small:g} on "
              f"{few:g} digits as on {many:g}",
              ", ".join(f"{n:g}: {number(a[large])} against {number(a[small])}"
                        for n, a in by_width.groupby("n_samples").mean().iterrows()),
              str(wider), nets=2 * len(by_width), holds=wider.p < 1e-6 and least > -0.05,
              caveat=True),
    ]  # fmt: skip


def xor_claims(data):
    solved = data.select(dataset="xor").nets.groupby("width").solved.agg(["sum", "size"])
    narrow, wide = solved.loc[2], solved.loc[16]
    test = two_proportions(*wide, *narrow, "greater")
    return [Claim("Width 16 finds XOR easier than width 2, from the same four examples",
                  f"{wide['sum']} of {wide['size']} solve it, {narrow['sum']} of {narrow['size']}",
                  str(test), nets=narrow["size"] + wide["size"], holds=test.p < 1e-6,
                  caveat=True)]  # fmt: skip


# ----------------------------------------------------------------------------------------- drawing


def draw(data):
    fig, axes = style.figure(2, 2, height=3.8)
    descent(axes[0, 0], linear(data))
    by_size(axes[0, 1], digits(data), "gap", "accuracy, train - test (points)")
    axes[0, 1].set(title="Digits: the gap closes with data", ylim=(0, None))
    by_size(axes[1, 0], digits(data), "test/accuracy", "test accuracy (%)")
    axes[1, 0].set(title="Wide nets are better on few digits too")
    random_labels(axes[1, 1], data)
    return fig


def descent(ax, nets):
    d, variance = int(nets.d.iloc[0]), nets.variance.iloc[0]
    n = np.linspace(nets.n.min(), nets.n.max(), 2000)
    plots.theory(ax, "theory, no decay", n / d, theory(n, d, variance))
    for decay, label, color, marker in (
        (False, "no decay", colours.RED, "o"),
        (True, "decay noise$^2$ d/n", colours.BLUE, "s"),
    ):
        groups = nets[nets.decay == decay].groupby("n").risk
        found = np.array([bootstrap(risk, np.mean) for _, risk in groups])
        reach = np.abs(found[:, 1:] - found[:, :1]).T
        ax.errorbar(
            np.array(list(groups.groups)) / d, found[:, 0], reach, fmt=marker, ms=5.5, lw=1.6,
            color=color, label=label, ls="-" if decay else "none", zorder=5,
        )  # fmt: skip
    plots.theory(ax, None, x=1.0, color=colours.GREY, lw=1.0)
    ax.set_yscale("log")
    ax.set(xlabel="examples per feature, n/d", ylabel="risk, |w - u|$^2$", ylim=(0.03, 3e3))
    ax.legend(loc="upper right")
    ax.set_title("The worst place is n = d")


def by_size(ax, nets, column, ylabel):
    """Draws a column of the nets on digits against the number of examples, a line a width."""
    widths, sizes = sorted(nets.width.unique()), sorted(nets.n_samples.unique())
    for width, color, marker in zip(widths, colours.palette(widths).values(), "osD", strict=True):
        part = nets[nets.width == width]
        ax.plot(part.n_samples, 100 * part[column], ".", color=colours.PALE, ms=4)
        mean = 100 * part.groupby("n_samples")[column].mean()
        ax.plot(mean.index, mean, marker, ls="-", color=color, ms=6, label=f"width {width:g}")
    ax.set_xscale("log")
    ax.set_xticks(sizes, [f"{n:g}" for n in sizes])
    ax.minorticks_off()
    ax.set(xlabel="training examples", ylabel=ylabel)
    ax.legend()


def random_labels(ax, data):
    nets = data.select(label_noise=1.0).nets
    for part, marker in (("train", "o"), ("test", "s")):
        percent = 100 * nets[f"{part}/accuracy"]
        color = colours.of(part)
        ax.plot(nets.width, percent, ".", color=color, ms=4, alpha=0.5)
        mean = percent.groupby(nets.width).mean()
        ax.plot(mean.index, mean, marker, ls="-", color=color, ms=6, label=part)
    plots.theory(ax, "chance", y=10.0, color=colours.GREY)
    ax.set_xscale("log")
    ax.set_xticks(widths := sorted(nets.width.unique()), [f"{w:g}" for w in widths])
    ax.minorticks_off()
    ax.set(xlabel="hidden units", ylabel="accuracy (%)", ylim=(-3, 103))
    ax.legend(loc="center right")
    ax.set_title("Enough weights fit random labels")
