"""What do a penalty and early stopping do, and are they the same?

On n examples of d normal features, y = x.u + e with e of variance v, descend

    L = |X w - y|^2 / 2n + l2/2 |w|^2

The best penalty is l2 n/d = v / |u|^2, whatever n/d (Krogh & Hertz 1992). Without a penalty, from
zero, descent at time t = lr epoch is nearly where l2 = 1/t ends: its risk is at most 1.69 times as
high (Ali, Kolter & Tibshirani 2019, for steps without length).
"""

import numpy as np
import pandas as pd

from analysis.claims import Claim
from analysis.figures import colours, plots, style
from analysis.statistics import number, sign_test

CHAPTER = 12
CAPTION = """
Risk of least squares with 100 features. Top left: mean of the nets against the penalty; the dashed
line is theory's best. Top right: descent without a penalty against time (lines) and the end with
penalty l2 at time 1/l2 (markers), means. Bottom left: n = d, each net in grey, median and band from
5 % to 95 % of nets. Bottom right: as top right, without noise.
"""
CAVEAT = """
Without noise neither helps: no penalty and no end are best. Fixed: |u| = 1, normal features, zero
start; other data have another best penalty, which must then be searched.
"""
ALI = 1.69  # the factor that the theorem allows


def risks(nets):
    """|w - u|^2 of each net: on average, twice its held-out loss without the noise."""
    return 2.0 * nets["test/loss"] - nets.noise**2


def penalized(data, noisy=True):
    """One row a net and penalty: n, d, seed, l2, strength (l2 n/d) and risk."""
    nets = data.select(optimizer="newton").nets
    nets = nets[(nets.noise > 0.0) == noisy]
    return pd.DataFrame({
        "n": nets.n_samples, "d": nets.n_features, "seed": nets.seed, "l2": nets.l2,
        "strength": (nets.l2 * nets.n_samples / nets.n_features).round(9), "risk": risks(nets),
        "best": nets.noise**2,
    })  # fmt: skip


def paths(data, noisy=True):
    """{n: (times (T,), risks (nets, T))} of gradient descent without a penalty."""
    curves = data.select(optimizer="sgd").curves
    curves = curves[(curves.noise > 0.0) == noisy].assign(risk=risks, time=curves.lr * curves.epoch)
    found = {}
    for n, part in curves.groupby("n_samples"):
        table = part.pivot(index="seed", columns="time", values="risk")
        found[int(n)] = table.columns.to_numpy(), table.to_numpy()
    return found


def at(time, times, risk):
    """(nets,): the risk at a time between two points, straight in the logarithm of time."""
    with np.errstate(divide="ignore"):
        return np.array([np.interp(np.log(time), np.log(times), net) for net in risk])


def ratios(data):
    """{(n, l2): mean risk of descent at time 1/l2 over that of the penalty}, within the time."""
    tracks, found = paths(data), {}
    for (n, l2), part in penalized(data).groupby(["n", "l2"]):
        times, risk = tracks[n]
        if times[1] <= 1.0 / l2 <= times[-1]:
            found[n, l2] = at(1.0 / l2, times, risk).mean() / part.risk.mean()
    return found


def claims(data):
    return [*best_penalty(data), *path_claims(data), *clean_claims(data)]


def best_penalty(data):
    """One claim for each n/d."""
    decided = []
    for n, part in penalized(data).groupby("n"):
        table = part.pivot(index="seed", columns="strength", values="risk")
        best, mean = part.best.iloc[0], table.mean()
        chosen = mean.index[np.abs(np.log(mean.index / best)).argmin()]
        i = mean.index.get_loc(chosen)
        lower, higher = (sign_test(table.iloc[:, j] - table[chosen], "greater")
                         for j in (i - 1, i + 1))  # fmt: skip
        decided.append(Claim(
            f"n/d = {n / part.d.iloc[0]:g}: the best l2 n/d is noise^2 / |u|^2 = {number(best)}",
            f"lowest mean risk, {number(mean.min())}, of {len(mean)} at {number(mean.idxmin())}; "
            f"{number(mean.iloc[i - 1])} at half and {number(mean.iloc[i + 1])} at twice that",
            f"lowest mean is there; neighbours worse, each of p < .05: {lower}; {higher}",
            nets=len(part),
            holds=mean.idxmin() == chosen and max(lower.p, higher.p) < 0.05,
        ))  # fmt: skip
    return decided


def path_claims(data):
    found = ratios(data)
    worst = max(found, key=found.get)
    least = min(found.values())
    part = penalized(data)
    d, best = int(part.d.iloc[0]), part.best.iloc[0]
    times, risk = paths(data)[d]
    early, end = at(1.0 / best, times, risk), risk[:, -1]
    wins = sign_test(end - early, "greater")
    return [
        Claim(f"Stopped at time t, descent has at most {ALI} times the risk of the penalty 1/t",
              f"{len(found)} times and sizes: {number(least)} to {number(found[worst])}, the worst "
              f"at n/d = {worst[0] / d:g}, t = {number(1.0 / worst[1])}",
              f"largest ratio of means <= {ALI}", nets=len(risk) * part.n.nunique(),
              holds=found[worst] <= ALI),
        Claim("At n = d, stopped at 1/l2 of the best penalty beats trained to the end",
              f"mean risk {number(early.mean())} at t = {number(1.0 / best)} against "
              f"{number(end.mean())} at {number(times[-1])}", str(wins),
              nets=len(risk), holds=wins.p < 1e-6),
    ]  # fmt: skip


def clean_claims(data):
    d, best = penalized(data)[["d", "best"]].iloc[0]
    part = penalized(data, noisy=False)
    table = part.pivot(index=["n", "seed"], columns="strength", values="risk")
    mean = table.groupby("n").mean()
    penalty = sign_test(table[round(best, 9)] - table[0.0], "greater")
    gain = np.concatenate([
        at(n / (d * best), times, risk) - risk[:, -1]
        for n, (times, risk) in paths(data, noisy=False).items()
    ])  # fmt: skip
    stopping = sign_test(gain, "greater")
    return [
        Claim("Without noise no penalty beats the one that was best with noise, at every n/d",
              "; ".join(f"mean risk with l2 n/d = {number(strength)}: "
                        f"{', '.join(map(number, mean[strength]))}" for strength in mean),
              str(penalty), nets=len(table), holds=penalty.p < 1e-6, caveat=True),
        Claim("Without noise the end beats the stop that was best with noise, at every n/d",
              f"lower risk at the end: {stopping.statistic:.0f} of {len(gain)}",
              str(stopping), nets=len(gain), holds=stopping.p < 1e-6, caveat=True),
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------- drawing


def draw(data):
    fig, axes = style.figure(2, 2, height=3.8)
    strengths(axes[0, 0], data)
    both(axes[0, 1], data, noisy=True)
    axes[0, 1].set_title("Time t is nearly penalty 1/t")
    at_the_peak(axes[1, 0], data)
    both(axes[1, 1], data, noisy=False)
    axes[1, 1].set_title("Without noise neither helps")
    return fig


def looks(values):
    """(value, colour, marker) of each n."""
    return zip(values, colours.palette(values).values(), "osD", strict=True)


def strengths(ax, data):
    part = penalized(data)
    plots.theory(ax, "noise$^2$ / |u|$^2$", x=part.best.iloc[0])
    for n, color, marker in looks(sorted(part.n.unique())):
        mean = part[part.n == n].groupby("strength").risk.mean()
        ax.plot(mean.index, mean, marker, ls="-", color=color, ms=5,
                label=f"n/d = {n / part.d.iloc[0]:g}")  # fmt: skip
        ax.plot(mean.idxmin(), mean.min(), marker, ms=13, mfc="none", mec=color, mew=1.6)
    _logarithmic(ax, "penalty, l2 n/d", 0.1, 5.0)
    ax.legend(loc="upper right")
    ax.set_title("One penalty is best for all n/d (ringed)")


def both(ax, data, noisy):
    tracks, part = paths(data, noisy), penalized(data, noisy)
    d = int(part.d.iloc[0])
    for n, color, marker in looks(sorted(tracks)):
        times, risk = tracks[n]
        ax.plot(times[1:], risk.mean(axis=0)[1:], color=color, label=f"n/d = {n / d:g}, descent")
        ends = part[(part.n == n) & (part.l2 > 0.0)].groupby("l2").risk.mean()
        ax.plot(1.0 / ends.index, ends, marker, color=color, ms=7, mec="white",
                label=f"n/d = {n / d:g}, penalty")  # fmt: skip
    time = "time t = lr epoch, or 1/l2"
    _logarithmic(ax, time, 0.1, 10.0) if noisy else _logarithmic(ax, time, 1e-6, 2.0)
    ax.legend(loc="upper left" if noisy else "lower left")


def at_the_peak(ax, data):
    part = penalized(data)
    d, best = int(part.d.iloc[0]), part.best.iloc[0]
    times, risk = paths(data)[d]
    plots.seeds(ax, times[1:], risk[:, 1:], color=colours.BLUE, label="descent, median")
    plots.theory(ax, "1 / best l2", x=1.0 / best)
    _logarithmic(ax, "time t = lr epoch", 0.15, 4.0)
    ax.legend(loc="upper left")
    ax.set_title("n = d: stop early, or pay")


def _logarithmic(ax, xlabel, low, high):
    """Makes both axes logarithmic; the risk has ticks at 1, 2 and 5 if there is room for them."""
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set(xlabel=xlabel, ylabel="risk, |w - u|$^2$", ylim=(low, high))
    if high < 1000.0 * low:
        ticks = [t for t in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0) if low <= t <= high]
        ax.set_yticks(ticks, [f"{t:g}" for t in ticks])
    ax.minorticks_off()
