"""What do a penalty and early stopping do, and are they the same?

On n examples of d normal features, y = x.u + e with e of variance v, descend

    L = |X w - y|^2 / 2n + l2/2 |w|^2

The best penalty is l2 n/d = v / |u|^2, whatever n/d (Krogh & Hertz 1992). Without a penalty, from
zero, descent at time t = lr epoch is nearly where l2 = 1/t ends: its risk is at most 1.69 times as
high (Ali, Kolter & Tibshirani 2019, for steps without length).
"""

import numpy as np

from analysis import groups, theory
from analysis.claims import Caveat, Cells, Claim
from analysis.figures import colours, plots
from analysis.figures.panels import each, grid, means, panel, ring
from analysis.measures import at, descent_over_penalty
from analysis.verdicts import largest, mostly, note, number
from analysis.verdicts.tables import lowest_at

CHAPTER = 12
CAPTION = """Risk of least squares with 100 features. Top left: mean of the nets against the
penalty; the dashed line is theory's best. Top right: descent without a penalty against time (lines)
and the end with penalty l2 at time 1/l2 (markers), means. Bottom left: n = d, each net in grey,
median and band from 5 % to 95 % of nets. Bottom right: as top right, without noise."""
CAVEAT = """Without noise neither helps: no penalty and no end are best. Fixed: |u| = 1, normal
features, zero start; other data have another best penalty, which must then be searched."""
ALI = 1.69  # the factor that the theorem allows
RISK = "risk, |w - u|$^2$"


def cells(data):
    nets, curves = data.select(optimizer="newton").nets, data.select(optimizer="sgd").curves
    strength = (nets.l2 * nets.n_samples / nets.n_features).round(9)
    return Cells(
        d=int(nets.n_features.iloc[0]), best=round(float(nets.noise.max() ** 2), 9),
        # noisy or not: {n: one row a seed, one column a strength, l2 n/d}
        penalized=tables(nets.assign(strength=strength), "strength"),
        # noisy or not: {n: one row a seed, one column a time}
        paths=tables(curves.assign(time=curves.lr * curves.epoch), "time"),
    )  # fmt: skip


def tables(frame, columns):
    frame = frame.assign(risk=theory.measured_risk(frame))
    return {noisy: groups.tables(rows, "n_samples", columns, "risk")
            for noisy, rows in frame.groupby(frame.noise > 0.0)}  # fmt: skip


def claims(cells):
    d, best = cells.d, cells.best
    found = descent_over_penalty(cells.paths[True], cells.penalized[True], d)
    worst, path = max(found, key=found.get), cells.paths[True][d]
    early, end, last = at(1.0 / best, path), path.to_numpy()[:, -1], path.columns[-1]
    clean, walks = cells.penalized[False], cells.paths[False]
    paid = np.concatenate([table[best] - table[0.0] for table in clean.values()])
    gain = np.concatenate([at(n / (d * best), walk) - walk.iloc[:, -1]
                           for n, walk in walks.items()])  # fmt: skip
    said = {s: ", ".join(number(table[s].mean()) for table in clean.values()) for s in (0.0, best)}
    return [
        *(Claim(f"n/d = {n / d:g}: the best l2 n/d is noise^2 / |u|^2 = {number(best)}",
                lowest_at(table, best, p=0.05, name="risk"))
          for n, table in cells.penalized[True].items()),
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


def answer(cells):
    path = cells.paths[True][cells.d]
    times = path.iloc[:, -1].mean() / at(1.0 / cells.best, path).mean()
    most = max(descent_over_penalty(cells.paths[True], cells.penalized[True], cells.d).values())
    return (f"Nearly the same: their risks differ {number(most)} times at most; where examples "
            f"equal features stopping early cuts the risk {number(times)} times.")  # fmt: skip


def draw(cells):
    fig, (strengths, noisy, peak, clean) = grid(2, 2, height=3.8)
    d, ticks = cells.d, [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]
    risks = {n / d: table for n, table in cells.penalized[True].items()}
    plots.theory(strengths, "noise$^2$ / |u|$^2$", x=cells.best)
    each(means, strengths, risks, labels="n/d = {:g}", bars=False)
    for size, color in colours.palette(risks).items():
        mean = risks[size].mean()
        ring(strengths, mean.idxmin(), mean.min(), color=color, size=13)
    panel(strengths, "One penalty is best for all n/d (ringed)", x="penalty, l2 n/d", y=RISK,
          log="xy", yticks=ticks[:6], ylim=(0.1, 5.0), legend="upper right")  # fmt: skip
    for ax, noise in ((noisy, True), (clean, False)):
        descent = {n / d: path.iloc[:, 1:] for n, path in cells.paths[noise].items()}
        ends = {n / d: {n / (d * s): table[s] for s in table if s > 0.0}
                for n, table in cells.penalized[noise].items()}  # fmt: skip
        each(means, ax, descent, labels="n/d = {:g}, descent", markers=[""], bars=False)
        each(means, ax, ends, labels="n/d = {:g}, penalty", line=False, bars=False)
    time = {"x": "time t = lr epoch, or 1/l2", "y": RISK, "log": "xy"}
    panel(noisy, "Time t is nearly penalty 1/t", yticks=ticks, ylim=(0.1, 10.0),
          legend="upper left", **time)  # fmt: skip
    panel(clean, "Without noise neither helps", ylim=(1e-6, 2.0), legend="lower left", **time)
    path = cells.paths[True][d].iloc[:, 1:]
    plots.seeds(peak, path.columns, path.to_numpy(), label="descent, median")
    plots.theory(peak, "1 / best l2", x=1.0 / cells.best)
    panel(peak, "n = d: stop early, or pay", x="time t = lr epoch", y=RISK, log="xy",
          yticks=ticks[1:5], ylim=(0.15, 4.0), legend="upper left")  # fmt: skip
    for ax in fig.axes:
        ax.minorticks_off()
    return fig
