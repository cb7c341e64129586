"""Too small crawls, too large explodes: where is the edge, and what sets it?

On a quadratic a step multiplies the distance to the minimum, along each eigenvector of the Hessian,
by 1 - lr lambda (Cauchy 1847): it shrinks if lr < 2/lambda. The largest eigenvalue sets the edge.
A net's largest eigenvalue, its sharpness, moves and goes to the edge by itself (Cohen 2021).
"""

import numpy as np

from analysis.claims import Claim
from analysis.figures import colours, plots, style
from analysis.statistics import number, slope, wilson

CHAPTER = 7
CAPTION = """
Top left: loss after 1,000 epochs over six decades of the learning rate (median of 20 nets), dashed
the edge of the linear models on AND. Top right: epochs to a given loss. Bottom left: the sharpness
of a 1-50-50-1 tanh net on 20 points climbs to 2/lr and stays (grey: nets, line: median). Bottom
right: three models trained above their edge (grey: nets, line: median, band: 5 % to 95 % of nets).
"""
CAVEAT = """
Above the edge a perceptron learns as before, logistic regression oscillates without exploding, and
a net may jump to where it is flatter and converge. Fixed: full batch, no momentum.
"""
ROADS = {
    "linear": ("AND, least squares", 0.04, "o"),
    "logistic": ("AND, logistic", 0.1, "s"),
    "mlp": ("XOR, tanh net", 0.1, "D"),
}  # model: its data, the loss to reach, its look


def edge(examples, bend=1.0):
    """2/lambda_max of the Hessian bend/N A'A with A = [X, 1]: bend is 1, or 1/4 for logistic."""
    A = np.column_stack([examples.X, np.ones(len(examples.X))])
    return 2.0 / (bend * np.linalg.svd(A, compute_uv=False)[0] ** 2 / len(A))


def decades(data, model):
    """The runs over six decades of lr."""
    return data.select(model=model, epochs=1000, lr_unit="absolute")


def duration(data, model):
    """(lr, median epochs to the given loss) of one model, one row a learning rate."""
    nets = data.select(model=model, stop="loss").nets
    medians = nets.groupby("lr").agg({"lr_used": "first", "epochs_used": "median"})
    return medians.lr_used.to_numpy(), medians.epochs_used.to_numpy()


def least_squares(data, dataset):
    """The runs just below and just above the edge."""
    return data.select(dataset=dataset, model="linear", lr_unit="critical", stop="never")


def beyond(data):
    """The nets that start above their edge."""
    return data.select(model="mlp", width=8)


def times_edge(arrays, record):
    """(R,): the position of each net in units of its edge, lr x sharpness / 2."""
    return 0.5 * arrays["final/lr"] * arrays["curve/sharpness"][:, record]


def locked(run):
    """(R,): the mean of lr x sharpness / 2 over the last quarter, and its largest |. - 1|."""
    arrays = run.arrays()
    late = arrays["epoch"] > 0.75 * arrays["epoch"][-1]
    ratio = 0.5 * arrays["final/lr"][:, None] * arrays["curve/sharpness"][:, late]
    return ratio.mean(axis=1), np.abs(ratio - 1.0).max()


def claims(data):
    return [*edges(data), *slopes(data), stability(data), *fates(data)]


def edges(data):
    """The claims that least squares converges just below 2/lambda_max and explodes just above."""
    for dataset, what in (("linear", "100 random problems"), ("and", "AND")):
        runs = least_squares(data, dataset)
        below, above = (runs.select(lr=lr) for lr in runs.values("lr"))
        shown = [runs.examples(below.run_id, i) for i in range(len(below.nets))]
        at = np.array([edge(examples) for examples in shown])
        fell, rose = (
            r.arrays()["curve/gradient_norm"][:, [0, -1]] @ [-1.0, 1.0] for r in (below, above)
        )
        near = max(np.abs(r.nets.lr_used.to_numpy() / at - 1.0).max() for r in (below, above))
        apart = f"; AND's edge is {at[0]:.5f}" if dataset == "and" else ""
        yield Claim(
            f"Least squares explodes above lr = 2/lambda_max, within 1 % ({what})",
            f"{(fell < 0).sum()} of {len(fell)} nets converge at .99 of it, {(rose > 0).sum()} of "
            f"{len(rose)} explode at 1.01{apart}",
            "all, by the gradient's norm at the end and at the start; lambda_max from singular "
            f"values of the data; learning rates within {near:.1%} of it",
            nets=len(fell) + len(rose),
            holds=bool((fell < 0).all() and (rose > 0).all() and near <= 0.01 + 1e-9),
        )


def slopes(data):
    """The claims that half the learning rate needs twice the epochs."""
    fits = {model: slope(*duration(data, model)) for model in ROADS}
    used = data.select(model=list(ROADS), stop="loss").nets
    inside = {m: abs(fit.low + 1.0) <= 0.05 and abs(fit.high + 1.0) <= 0.05
              for m, fit in fits.items()}  # fmt: skip
    yield Claim(
        "Below the edge the epochs to a given loss go as 1/lr",
        "exponent " + ", ".join(f"{fit} ({ROADS[m][0]})" for m, fit in fits.items()),
        "95 % interval of each log-log slope within -1 +- .05", nets=len(used),
        holds=all(inside.values()),
    )  # fmt: skip


def stability(data):
    """The claims about the edge of stability."""
    runs = [data.select(dataset="chebyshev", lr=lr) for lr in (0.1, 0.05)]
    means, worst = zip(*map(locked, runs), strict=True)
    off = max(np.abs(mean - 1.0).max() for mean in means)
    return Claim(
        "Full-batch training of a tanh net drives its sharpness to 2/lr and holds it there",
        "lr x sharpness / 2 over the last quarter of training: "
        + ", ".join(f"{m.min():.3f} to {m.max():.3f} (lr {run.values('lr')[0]:g})"
                    for m, run in zip(means, runs, strict=True))
        + f"; single records are off by {max(worst):.3f} at most",
        f"the mean of every net within .05 of 1; worst {number(off)}",
        nets=sum(map(len, means)), holds=off <= 0.05,
    )  # fmt: skip


def fates(data):
    """The claims about three ways not to explode."""
    perceptrons = data.select(model="perceptron")
    mistakes = {tuple(part.mistakes) for _, part in perceptrons.nets.groupby("lr")}
    lrs = perceptrons.values("lr")
    logistic = data.select(dataset="xor", model="logistic").nets
    least = logistic.gradient_norm.min()
    arrays = beyond(data).arrays()
    start, end = times_edge(arrays, 0), times_edge(arrays, -1)
    loss = arrays["curve/train/loss"]
    jumped = (start > 1.0) & (loss.max(axis=1) > loss[:, 0])
    landed = jumped & arrays["final/solved"]
    share = wilson(landed.sum(), jumped.sum())
    return [
        Claim("A perceptron does not care: from zero it makes the same mistakes at every lr",
              f"lr {lrs[0]:g} to {lrs[-1]:g}: {len(mistakes)} list of mistakes in "
              f"{len(perceptrons.values('lr'))} runs",
              "equality, net by net", nets=len(perceptrons.nets), holds=len(mistakes) == 1,
              caveat=True),
        Claim("Logistic regression on XOR oscillates above the edge and never explodes",
              f"1.01 to 100 times the edge: {logistic.diverged.sum()} of {len(logistic)} diverge, "
              f"weights stay below {logistic.weight_norm.max():.0f}, gradients above {least:.3f}",
              "none diverges and none converges (gradient > .01)", nets=len(logistic),
              holds=not logistic.diverged.any() and least > 0.01, caveat=True),
        Claim(
            "A net that starts above the edge may jump and converge",
            f"{jumped.sum()} of {len(loss)} nets start at lr x sharpness / 2 > 1 (median "
            f"{np.median(start):.2f}) and their loss rises; a share of {share} of these solve XOR, "
            f"and end at {end[landed].max(initial=0.0):.3f} or less",
            "Wilson 95 %, lower end > .5", nets=len(loss),
            holds=bool(share.low > 0.5 and (end[landed] < 1.0).all()), caveat=True,
        ),
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------- drawing


def draw(data):
    fig, axes = style.figure(2, 2, height=3.6)
    six_decades(axes[0, 0], data)
    crawling(axes[0, 1], data)
    sharpening(axes[1, 0], data)
    above_the_edge(axes[1, 1], data)
    return fig


def six_decades(ax, data, top=300.0):
    for model, (label, _, marker) in ROADS.items():
        nets = decades(data, model).nets.groupby("lr")
        loss = nets["train/loss"].median().where(~nets.diverged.any(), top)
        alive = loss[loss < top]
        color = colours.of(model, "model")
        ax.plot(alive.index, alive, marker=marker, ms=5, color=color, label=label)
        gone = loss[loss >= top]
        ax.plot(gone.index, gone, "X", ms=8, color=color)
    example = data.examples(decades(data, "linear").runs.run_id[0])
    for model, bend in (("linear", 1.0), ("logistic", 0.25)):
        plots.theory(ax, None, x=edge(example, bend), color=colours.of(model, "model"))
    plots.theory(ax, r"$2/\lambda_{max}$", [], [])
    ax.plot([], [], "X", ms=8, color=colours.of("linear", "model"), label="diverged")
    ax.set(xscale="log", yscale="log", ylim=(1e-6, 2 * top), xlabel="learning rate",
           ylabel="loss after 1,000 epochs")  # fmt: skip
    ax.set_title("Small crawls, large explodes or jumps")
    ax.legend(loc="lower left")


def crawling(ax, data):
    for model, (label, loss, marker) in ROADS.items():
        lr, epochs = duration(data, model)
        color = colours.of(model, "model")
        ax.plot(lr, epochs, ls="none", marker=marker, color=color, label=f"{label}, to {loss:g}")
        middle = len(lr) // 2
        plots.theory(ax, None, lr, epochs[middle] * lr[middle] / lr, color=color)
    plots.theory(ax, "as 1/lr", [], [])
    ax.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="epochs to the given loss",
           ylim=(5, 1e5))  # fmt: skip
    ax.set_title("Half the rate, twice the epochs")
    ax.legend(loc="upper right")


def sharpening(ax, data):
    for lr, color in ((0.05, colours.BLUE), (0.1, colours.ORANGE)):
        arrays = data.select(dataset="chebyshev", lr=lr).arrays()
        plots.seeds(ax, arrays["epoch"], arrays["curve/sharpness"], color=color, band=False,
                    label=f"lr {lr:g}")  # fmt: skip
        plots.theory(ax, None, y=2.0 / lr, color=color)
        ax.annotate(f"2/lr = {2 / lr:g}", (18_000, 2.0 / lr), (0, -6), ha="right", va="top",
                    textcoords="offset points", color=color)  # fmt: skip
    ax.set(xlabel="epoch", ylabel="sharpness", ylim=(0, 47), xticks=range(0, 18_001, 6000))
    ax.set_title("A net climbs to its edge and stays there")
    ax.legend(loc="lower right")


def above_the_edge(ax, data):
    net_at = np.median(times_edge(beyond(data).arrays(), 0))
    runs = {
        "least squares, 1.01 x edge": (least_squares(data, "and").select(lr=1.01), "linear"),
        "logistic, 2 x edge": (data.select(dataset="xor", model="logistic", lr=2), "logistic"),
        f"tanh net, {net_at:.1f} x edge": (beyond(data), "mlp"),
    }
    for label, (run, model) in runs.items():
        arrays = run.arrays()
        color = colours.of(model, "model")
        plots.seeds(ax, arrays["epoch"], arrays["curve/train/loss"], color=color, label=label)
    plots.epochs(ax, 1000)
    ax.set(yscale="log", ylim=(1e-3, 1e4), ylabel="loss")
    ax.set_title("Above the edge: three fates")
    ax.legend(loc="upper left")
