"""What do a penalty and early stopping do, and are they the same?

On n examples of d normal features, y = x.u + e with e of variance v, descend

    L = |X w - y|^2 / 2n + l2/2 |w|^2

The best penalty is l2 n/d = v / |u|^2, whatever n/d (Krogh & Hertz 1992). Without a penalty, from
zero, descent at time t = lr epoch is nearly where l2 = 1/t ends: its risk is at most 1.69 times as
high (Ali, Kolter & Tibshirani 2019, for steps without length).
"""

from types import SimpleNamespace

import numpy as np

from analysis import groups
from analysis.claims import Caveat, Claim
from analysis.figures import colours, plots
from analysis.figures.panels import grid, panel
from analysis.statistics import number
from analysis.verdicts import joined, largest, mostly, note, number_of

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
RISK = "risk, |w - u|$^2$"
LOOKS = tuple(zip(colours.shades(3), "osD", strict=True))  # of the three sizes n


def cells(data):
    nets = data.select(optimizer="newton").nets
    # Twice the held-out loss without the noise is |w - u|^2 on average.
    nets = nets.assign(risk=2.0 * nets["test/loss"] - nets.noise**2,
                       strength=(nets.l2 * nets.n_samples / nets.n_features).round(9))  # fmt: skip
    curves = data.select(optimizer="sgd").curves
    curves = curves.assign(risk=2.0 * curves["test/loss"] - curves.noise**2,
                           time=curves.lr * curves.epoch)  # fmt: skip
    return SimpleNamespace(
        d=int(nets.n_features.iloc[0]), best=round(float(nets.noise.max() ** 2), 9),
        # noisy or not: {n: one row a seed, one column a strength, l2 n/d}
        penalized={noisy: tables(nets, "strength", noisy) for noisy in (True, False)},
        # noisy or not: {n: one row a seed, one column a time}
        paths={noisy: tables(curves, "time", noisy) for noisy in (True, False)},
    )  # fmt: skip


def tables(frame, columns, noisy):
    rows = groups.by(frame[(frame.noise > 0.0) == noisy], "n_samples")
    return {n: part.pivot(index="seed", columns=columns, values="risk") for n, part in rows.items()}


def at(time, path):
    """(nets,): the risk at a time between two points, straight in the logarithm of time."""
    with np.errstate(divide="ignore"):
        times = np.log(path.columns.to_numpy())
    return np.array([np.interp(np.log(time), times, net) for net in path.to_numpy()])


def ratios(cells):
    """{(n, l2): mean risk of descent at time 1/l2 over that of the penalty}, within the time."""
    found = {}
    for n, table in cells.penalized[True].items():
        path = cells.paths[True][n]
        for strength in table:
            l2 = strength * cells.d / n
            if path.columns[1] <= 1.0 / l2 <= path.columns[-1]:
                found[n, l2] = at(1.0 / l2, path).mean() / table[strength].mean()
    return found


def claims(cells):
    d, best = cells.d, cells.best
    found = ratios(cells)
    worst, path = max(found, key=found.get), cells.paths[True][d]
    early, end, last = at(1.0 / best, path), path.to_numpy()[:, -1], path.columns[-1]
    clean, walks = cells.penalized[False], cells.paths[False]
    paid = np.concatenate([table[best] - table[0.0] for table in clean.values()])
    gain = np.concatenate([at(n / (d * best), walk) - walk.to_numpy()[:, -1]
                           for n, walk in walks.items()])  # fmt: skip
    said = {s: ", ".join(number(table[s].mean()) for table in clean.values()) for s in (0.0, best)}
    return [
        *(Claim(f"n/d = {n / d:g}: the best l2 n/d is noise^2 / |u|^2 = {number(best)}",
                best_penalty(table, best)) for n, table in cells.penalized[True].items()),
        Claim(f"Stopped at time t, descent has at most {ALI} times the risk of the penalty 1/t",
              largest([*found.values()], "ratio of mean risks", len(path) * len(cells.paths[True]))
              .at_most(ALI)
              & note(f"{len(found)} times and sizes, least {number(min(found.values()))}; the "
                     f"worst at n/d = {worst[0] / d:g}, t = {number(1.0 / worst[1])}")),
        Claim("At n = d, stopped at 1/l2 of the best penalty beats trained to the end",
              mostly(end - early, p=1e-6,
                     measured=f"mean risk {number(early.mean())} at t = {number(1.0 / best)} "
                     f"against {number(end.mean())} at {number(last)}")),
        Caveat("Without noise no penalty beats the one that was best with noise, at every n/d",
               mostly(paid, p=1e-6, measured="mean risk " + "; ".join(
                   f"{text} with l2 n/d = {number(s)}" for s, text in said.items()))),
        Caveat("Without noise the end beats the stop that was best with noise, at every n/d",
               mostly(gain, p=1e-6)),
    ]  # fmt: skip


def best_penalty(table, best):
    """That the lowest mean risk is at theory's penalty, and both neighbours are worse."""
    mean = table.mean()
    chosen = mean.index[np.abs(np.log(mean.index / best)).argmin()]
    i = mean.index.get_loc(chosen)
    beside = [mostly(table.iloc[:, j] - table[chosen], p=0.05,
                     measured=f"{number(mean.iloc[j])} at {number(mean.index[j])}")
              for j in (i - 1, i + 1)]  # fmt: skip
    lowest = number_of(mean.idxmin(), f"lowest mean risk, {number(mean.min())}, of {len(mean)} at")
    return (lowest.equals(chosen) & joined(beside)).on(table.size)


def answer(cells):
    early = at(1.0 / cells.best, cells.paths[True][cells.d]).mean()
    end = cells.paths[True][cells.d].to_numpy()[:, -1].mean()
    return (
        f"Nearly the same: their risks differ {number(max(ratios(cells).values()))} times at most; "
        f"where examples equal features stopping early cuts the risk {number(end / early)} times."
    )


def draw(cells):
    fig, (strengths, noisy, peak, clean) = grid(2, 2, height=3.8)
    d, ticks = cells.d, [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]
    plots.theory(strengths, "noise$^2$ / |u|$^2$", x=cells.best)
    for (n, table), (color, marker) in zip(cells.penalized[True].items(), LOOKS, strict=True):
        mean = table.mean()
        strengths.plot(
            mean.index, mean, marker, ls="-", color=color, ms=5, label=f"n/d = {n / d:g}"
        )
        strengths.plot(mean.idxmin(), mean.min(), marker, ms=13, mfc="none", mec=color, mew=1.6)
    panel(strengths, "One penalty is best for all n/d (ringed)", x="penalty, l2 n/d", y=RISK,
          log="xy", yticks=ticks[:6], ylim=(0.1, 5.0), legend="upper right")  # fmt: skip
    both(noisy, cells, True)
    panel(noisy, "Time t is nearly penalty 1/t", x="time t = lr epoch, or 1/l2", y=RISK, log="xy",
          yticks=ticks, ylim=(0.1, 10.0), legend="upper left")  # fmt: skip
    path = cells.paths[True][d]
    plots.seeds(peak, path.columns[1:], path.to_numpy()[:, 1:], label="descent, median")
    plots.theory(peak, "1 / best l2", x=1.0 / cells.best)
    panel(peak, "n = d: stop early, or pay", x="time t = lr epoch", y=RISK, log="xy",
          yticks=ticks[1:5], ylim=(0.15, 4.0), legend="upper left")  # fmt: skip
    both(clean, cells, False)
    panel(clean, "Without noise neither helps", x="time t = lr epoch, or 1/l2", y=RISK, log="xy",
          ylim=(1e-6, 2.0), legend="lower left")  # fmt: skip
    for ax in fig.axes:
        ax.minorticks_off()
    return fig


def both(ax, cells, noisy):
    """Draws descent against time, and the end with each penalty at time 1/l2."""
    for (n, path), (color, marker) in zip(cells.paths[noisy].items(), LOOKS, strict=True):
        ax.plot(path.columns[1:], path.mean()[path.columns[1:]], color=color,
                label=f"n/d = {n / cells.d:g}, descent")  # fmt: skip
        ends = cells.penalized[noisy][n].mean()
        ends = ends[ends.index > 0.0]
        ax.plot(n / (cells.d * ends.index), ends, marker, color=color, ms=7, mec="white",
                label=f"n/d = {n / cells.d:g}, penalty")  # fmt: skip
