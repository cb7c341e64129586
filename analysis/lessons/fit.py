"""What did one line of scikit-learn, fit(X, y), decide for you?

A model, a loss and data are not yet an answer. `LogisticRegression().fit(X, y)` also chose a
penalty, a solver, a tolerance and a number of iterations; `MLPClassifier().fit(X, y)` weights to
start from, batches, their order, and when to stop. Here both are runs beside ours, on the same
examples.
"""

import numpy as np

from analysis import groups
from analysis.claims import Caveat, Cells, Claim
from analysis.figures import colours, plots, style
from analysis.figures.panels import panel, say
from analysis.measures import coefficients
from analysis.peers import apart, changes, peer, with_parameters
from analysis.verdicts import every, largest, least, note, number, ratio

CHAPTER = 15
CAPTION = """Left: the largest difference between a coefficient of ours and scikit-learn's solution
(tolerance 1e-10), iteration by iteration; line: median, grey: each of 5 nets. Right: what changes
when one default is changed alone: root mean square of the change of a predicted probability on
held-out examples (bar: median of 5 nets; dots: each). Below: AND without a penalty has no solution;
the better the fit, the longer the weights, and only the tolerance says where that ends."""
CAVEAT = """Equality needs every choice to be the same: with the tolerance that fit() takes by
itself scikit-learn is not within 1e-5 of its own solution. Fixed: standardized breast cancer data,
300 examples to learn from. Initialization is varied with shuffling off, as one seed is behind
both."""
CANCER = {"dataset": "breast_cancer"}
EXACT = {"tol": 1e-10}
NEWTON = {"solver": "newton-cg", "tol": 1e-10}
CLOSE = 1e-5  # coefficients no further apart are equal

# (default, estimator, its parameter, which was, which is now, all parameters before, and after)
DEFAULTS = (
    ("penalty", "logistic", "C", "1", "10", {}, {"C": 10}),
    ("tolerance", "logistic", "tol", "1e-4", "1e-10", {}, EXACT),
    ("iterations", "logistic", "max_iter", "100", "10", {}, {"max_iter": 10}),
    ("penalty", "mlp", "alpha", "1e-4", "0", {}, {"alpha": 0}),
    ("tolerance", "mlp", "tol", "1e-4", "1e-3", {}, {"tol": 0.001}),
    ("iterations", "mlp", "max_iter", "200", "100", {}, {"max_iter": 100}),
    ("initialization", "mlp", "random_state", "seed", "100", {"shuffle": False},
     {"shuffle": False, "random_state": 100}),
    ("batch size", "mlp", "batch_size", "200", "300", {}, {"batch_size": 300}),
    ("shuffling", "mlp", "shuffle", "True", "False", {}, {"shuffle": False}),
    ("stopping", "mlp", "early_stopping", "False", "True", {}, {"early_stopping": True}),
)  # fmt: skip
OPTIMIZERS = {"sgd": "gradient descent", "momentum": "momentum", "newton": "Newton"}
ESTIMATORS = {"logistic": "LogisticRegression", "mlp": "MLPClassifier"}


def cells(data):
    ours = groups.runs(data.select(model="logistic", **CANCER), "optimizer", OPTIMIZERS)
    runs = {name: run.arrays() for name, run in ours.items()}
    exact, usual = (peer(data, "logistic", given, **CANCER) for given in (EXACT, {}))
    solution = coefficients(exact.arrays())[:, None]
    others = {
        "AND": data.select(model="logistic", dataset="and", optimizer="newton"),
        "digits": data.select(model="logistic", dataset="digits"),
    }
    mlp = data.select(model="mlp", **CANCER), peer(data, "mlp", {}, **CANCER)
    short = {given["max_iter"]: run for given, run in with_parameters(data, "logistic", **CANCER)
             if given.keys() == {"tol", "max_iter"}}  # fmt: skip
    free = {given["tol"]: run.nets.iloc[0]
            for given, run in with_parameters(data, "logistic", dataset="and")
            if given.get("C") == np.inf}  # fmt: skip
    endless = data.select(model="logistic", dataset="and", l2=0.0).arrays()
    return Cells(
        epochs={name: run["epoch"] for name, run in runs.items()},
        far={name: np.abs(coefficients(run, "path") - solution).max(axis=-1)
             for name, run in runs.items()},
        off={name: apart(run, exact) for name, run in ours.items()},
        others={name: apart(run, peer(data, "logistic", given, dataset=name.lower()))
                for (name, run), given in zip(others.items(), (EXACT, NEWTON), strict=True)},
        early=apart(usual, exact), iterations=usual.nets.epochs_used,
        theirs={limit: np.median(apart(short[limit], exact)) for limit in sorted(short)},
        losses=[run.nets["train/loss"] for run in mlp],
        used=mlp[1].nets.epochs_used, allowed=mlp[1].arrays()["epoch"][-1],
        changes=[changes(*(peer(data, model, given, **CANCER) for given in (before, after)))
                 for _, model, *_, before, after in DEFAULTS],
        # {tolerance: (loss, length of the weights)} without a penalty
        unpenalized={tolerance: (free[tolerance]["train/loss"], free[tolerance].weight_norm)
                     for tolerance in sorted(free, reverse=True)},
        loss=endless["curve/train/loss"][0], length=endless["curve/weight_norm"][0],
    )  # fmt: skip


def claims(cells):
    tolerances = [*cells.unpenalized]
    gains = np.diff([length for _, length in cells.unpenalized.values()])
    return [
        *(Claim(f"By {label} our coefficients equal scikit-learn's",
                largest(cells.off[name], "difference").below(CLOSE).on(2 * len(cells.off[name])))
          for name, label in OPTIMIZERS.items()),
        Claim("So they do on AND and on the ten classes of digits",
              largest(groups.pooled(cells.others), "difference").below(CLOSE)
              .on(2 * len(cells.others))
              & note(" and ".join(f"{off.max():.1e} on {on}" for on, off in cells.others.items()))),
        Caveat("With the tolerance that fit() chooses scikit-learn does not equal its own solution",
               largest(cells.early, "difference").above(CLOSE).on(2 * len(cells.early))
               & note(f"{cells.iterations.median():.0f} iterations")),
        Claim("Our net with the choices of MLPClassifier written out ends at about its loss",
              ratio(*cells.losses).above(0.8) & ratio(*cells.losses).below(1.25)),
        *(Claim(f"The {name} was fit()'s choice: {ESTIMATORS[model]} with {parameter} {now} "
                f"instead of {was}, and nothing else changed, predicts something else",
                changed(*found))
          for (name, model, parameter, was, now, *_), found in
          zip(DEFAULTS, cells.changes, strict=True)),
        Caveat("MLPClassifier's own number of iterations ends before its own tolerance is met",
               every(cells.used == cells.allowed, of=f"nets stop at iteration {cells.allowed} for "
                     "want of more")),
        Claim("On AND without penalty there is no solution to equal: the smaller the tolerance, "
              "the longer scikit-learn's weights, and ours grow as long as we train",
              (least(gains[1:] / gains[0], "gain of length, relative to the first,").above(0.5)
               & every(np.diff(cells.length) > 0, of="records of ours are longer"))
              .on(len(tolerances) + 1)
              & note(f"tolerances {tolerances[0]:g} to {tolerances[-1]:g}; ours "
                     f"{cells.length[-1]:.1f} long")),
    ]  # fmt: skip


def changed(points, flipped):
    """That a change of predicted probabilities, in points, is more than rounding in every net."""
    return (least(points, "change of probabilities, in points,").above(1e-6).on(2 * len(points))
            & note(f"median {number(np.median(points))}, largest {number(points.max())}; "
                   f"{flipped.min()} to {flipped.max()} classes"))  # fmt: skip


def answer(cells):
    off = max(off.max() for off in cells.off.values())
    most = max(np.median(points) for points, _ in cells.changes)
    return (f"At least {len(DEFAULTS)} things: with all of them alike our coefficients equal "
            f"scikit-learn's to {off:.0e}; one changed moves probabilities by up to {number(most)} "
            "points.")  # fmt: skip


def draw(cells):
    fig = style.canvas(7.0)
    axes = fig.subplot_mosaic(
        [["distance", "defaults"], ["and", "defaults"]], height_ratios=(1.25, 1.0),
        width_ratios=(1.0, 1.05),
    )  # fmt: skip
    ax = axes["distance"]
    for name, label in OPTIMIZERS.items():
        plots.seeds(ax, cells.epochs[name], cells.far[name], label=label, color=colours.of(name),
                    band=False)  # fmt: skip
    ax.plot([*cells.theirs], [*cells.theirs.values()], "v-", color=colours.INK, ms=5,
            label="theirs (lbfgs)")  # fmt: skip
    ax.plot(cells.iterations.median(), cells.early.max(), "*", ms=14, color=colours.RED, zorder=6,
            label="where fit() stops")  # fmt: skip
    plots.theory(ax, "claimed: 1e-5", y=CLOSE, color=colours.GREY)
    plots.epochs(ax)
    panel(ax, "All roads lead to one solution", x="iteration", log="y", ylim=(2e-12, 10.0),
          y="furthest coefficient from the solution", legend="lower left")  # fmt: skip
    ax = axes["and"]
    ax.plot(cells.loss, cells.length, color=colours.of("logistic"), label="ours, epoch by epoch")
    ax.plot(*zip(*cells.unpenalized.values(), strict=True), "v", color=colours.INK, label="theirs")
    for tolerance, end in cells.unpenalized.items():
        say(ax, f"tol {tolerance:.0e}".replace("e-0", "e-"), end, (6, 2), size=9)
    panel(ax, "AND without a penalty: no end", x="loss (nats)", y="length of the weights", log="x",
          xlim=(2.0, 1e-12), legend="upper left")  # fmt: skip
    draw_bars(axes["defaults"], cells)
    return fig


def draw_bars(ax, cells):
    """Draws one bar a default, sorted by the size of the change."""
    rows = sorted(zip(cells.changes, DEFAULTS, strict=True), key=lambda row: np.median(row[0][0]))
    for i, ((points, _), (name, model, parameter, was, now, *_)) in enumerate(rows):
        ax.barh(i, np.median(points), height=0.5, color=colours.of(model), alpha=0.85)
        ax.plot(points, np.full(len(points), i), "o", ms=4, mfc="white", mec=colours.INK, mew=0.8)
        ax.text(0.0021, i + 0.31, f"{name}: {parameter} {was} to {now}", va="bottom", size=9.5)
    for model, label in ESTIMATORS.items():
        ax.barh(0, 0, color=colours.of(model), label=label)
    panel(ax, "What each default decided", x="change of a predicted probability (points, rms)",
          log="x", ticks=[0.01, 0.1, 1, 10], xlim=(0.002, 60), ylim=(-0.5, len(rows) + 0.8),
          yticks=[], legend={"loc": "upper left", "ncols": 2})  # fmt: skip
    ax.grid(axis="y", visible=False)
