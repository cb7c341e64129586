"""What did one line of scikit-learn, fit(X, y), decide for you?

A model, a loss and data are not yet an answer. `LogisticRegression().fit(X, y)` also chose a
penalty, a solver, a tolerance and a number of iterations; `MLPClassifier().fit(X, y)` weights to
start from, batches, their order, and when to stop. Here both are runs beside ours, on the same
examples.
"""

import json

import numpy as np

from analysis.claims import Claim
from analysis.figures import colours, plots, style
from analysis.statistics import number

CHAPTER = 15
CAPTION = """
Left: the largest difference between a coefficient of ours and scikit-learn's solution (tolerance
1e-10), iteration by iteration; line: median, grey: each of 5 nets. Right: what changes when one
default is changed alone: root mean square of the change of a predicted probability on held-out
examples (bar: median of 5 nets; dots: each). Below: AND without a penalty has no solution; the
better the fit, the longer the weights, and only the tolerance says where that ends.
"""
CAVEAT = """
Equality needs every choice to be the same: with the tolerance that fit() takes by itself
scikit-learn is not within 1e-5 of its own solution. Fixed: standardized breast cancer data, 300
examples to learn from. Initialization is varied with shuffling off, as one seed is behind both.
"""
CANCER = {"dataset": "breast_cancer"}
EXACT = {"tol": 1e-10}

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


def peer(data, model, parameters, **knobs):
    """The run of a scikit-learn estimator with these parameters, and with defaults otherwise."""
    written = json.dumps(parameters) if parameters else None
    return data.select(model=f"sklearn_{model}", sklearn=written, **knobs)


def coefficients(arrays, prefix="weights"):
    """(R, P), or of a path (R, T, P): weights and biases in a row."""
    W, b = arrays[f"{prefix}/W1"], arrays[f"{prefix}/b1"]
    return np.concatenate([W.reshape(*W.shape[:-2], -1), b.reshape(*b.shape[:-2], -1)], axis=-1)


def apart(ours, theirs):
    """The largest difference between a coefficient of ours and of theirs."""
    return np.abs(coefficients(ours.arrays()) - coefficients(theirs.arrays())).max()


def changes(data, model, before, after):
    """(R,) root mean square changes of held-out probabilities, (R,) counts of changed classes."""
    runs = [peer(data, model, parameters, **CANCER) for parameters in (before, after)]
    size, flipped = [], []
    for net in range(len(runs[0].nets)):
        X = runs[0].examples(index=net).X_test
        p, q = (run.net(index=net)(X)[:, 0] for run in runs)
        size.append(np.sqrt(np.mean((p - q) ** 2)))
        flipped.append(int(((p > 0.5) != (q > 0.5)).sum()))
    return np.array(size), np.array(flipped)


def claims(data):
    return [*equality_claims(data), *default_claims(data), *no_solution_claims(data)]


def equality_claims(data):
    ours = data.select(model="logistic", **CANCER)
    exact, usual = (peer(data, "logistic", parameters, **CANCER) for parameters in (EXACT, {}))
    off = {name: apart(ours.select(optimizer=name), exact) for name in OPTIMIZERS}
    digits = apart(data.select(model="logistic", dataset="digits"),
                   peer(data, "logistic", EXACT, dataset="digits"))  # fmt: skip
    penalized = apart(data.select(model="logistic", dataset="and", optimizer="newton"),
                      peer(data, "logistic", EXACT, dataset="and"))  # fmt: skip
    early = apart(usual, exact)
    mlp = data.select(model="mlp", **CANCER), peer(data, "mlp", {}, **CANCER)
    losses = [np.median(run.nets["train/loss"]) for run in mlp]
    return [
        *(
            Claim(
                f"By {label} our coefficients equal scikit-learn's",
                f"largest difference {off[name]:.1e}", "< 1e-5", nets=2 * len(exact.nets),
                holds=off[name] < 1e-5,
            )
            for name, label in OPTIMIZERS.items()
        ),
        Claim("So they do on AND and on the ten classes of digits",
              f"largest differences {penalized:.1e} and {digits:.1e}", "< 1e-5", nets=4,
              holds=max(penalized, digits) < 1e-5),
        Claim(
            "With the tolerance that fit() chooses scikit-learn does not equal its own solution",
            f"{usual.nets.epochs_used.median():.0f} iterations, {early:.1e} off",
            "largest difference > 1e-5", nets=2 * len(usual.nets), holds=early > 1e-5, caveat=True,
        ),
        Claim(
            "Our net with the choices of MLPClassifier written out ends at about its loss",
            f"median {number(losses[0])} against {number(losses[1])}",
            "ratio of medians from .8 to 1.25", nets=sum(len(run.nets) for run in mlp),
            holds=0.8 < losses[0] / losses[1] < 1.25,
        ),
    ]  # fmt: skip


def default_claims(data):
    """One claim a default: the change of the result when this default alone is changed."""
    found = []
    for name, model, parameter, was, now, before, after in DEFAULTS:
        size, flipped = changes(data, model, before, after)
        points = 100.0 * size
        found.append(
            Claim(
                f"The {name} was fit()'s choice: {ESTIMATORS[model]} with {parameter} {now} "
                f"instead of {was}, and nothing else changed, predicts something else",
                f"probabilities differ by {number(np.median(points))} points "
                f"({number(points.min())} to {number(points.max())}), {flipped.min()} to "
                f"{flipped.max()} classes",
                "in every net by more than rounding, 1e-6 points", nets=2 * len(size),
                holds=bool((points > 1e-6).all()),
            )
        )  # fmt: skip
    usual = peer(data, "mlp", {}, **CANCER)
    used = usual.nets.epochs_used
    return [
        *found,
        Claim(
            "MLPClassifier's own number of iterations ends before its own tolerance is met",
            f"{(used == usual.arrays()['epoch'][-1]).sum()} of {len(used)} nets stop at iteration "
            f"{used.max():.0f} for want of more", "all", nets=len(used), caveat=True,
            holds=bool((used == usual.arrays()["epoch"][-1]).all()),
        ),
    ]  # fmt: skip


def unpenalized(data):
    """{tolerance: (loss, length of the weights)} of scikit-learn on AND without a penalty."""
    runs = data.select(model="sklearn_logistic", dataset="and")
    found = {}
    for text in runs.values("sklearn"):
        if json.loads(text).get("C") == np.inf:
            net = runs.select(sklearn=text).nets.iloc[0]
            found[json.loads(text)["tol"]] = (net["train/loss"], net.weight_norm)
    return dict(sorted(found.items(), reverse=True))


def no_solution_claims(data):
    lengths = [length for _, length in unpenalized(data).values()]
    tolerances = list(unpenalized(data))
    ours = data.select(model="logistic", dataset="and", l2=0.0).arrays()["curve/weight_norm"][0]
    return [
        Claim(
            "On AND without penalty there is no solution to equal: the smaller the tolerance, the "
            "longer scikit-learn's weights, and ours grow as long as we train",
            f"length {', '.join(f'{length:.0f}' for length in lengths)} at tolerances "
            f"{tolerances[0]:g} to {tolerances[-1]:g}; ours {ours[-1]:.1f} and growing",
            "longer each time, by no less than half of the first gain", nets=len(lengths) + 1,
            holds=bool(
                (np.diff(lengths) > 0.5 * (lengths[1] - lengths[0])).all()
                and (np.diff(ours) > 0).all()
            ),
        ),
    ]  # fmt: skip


# ----------------------------------------------------------------------------------------- drawing


def draw(data):
    fig = style.canvas(7.0)
    axes = fig.subplot_mosaic(
        [["distance", "defaults"], ["and", "defaults"]],
        height_ratios=(1.25, 1.0),
        width_ratios=(1.0, 1.05),
    )
    distances(axes["distance"], data)
    lengths(axes["and"], data)
    bars(axes["defaults"], data)
    return fig


def distances(ax, data):
    """Draws the distance of each net from scikit-learn's solution, iteration by iteration."""
    solution = coefficients(peer(data, "logistic", EXACT, **CANCER).arrays())
    for name, label in OPTIMIZERS.items():
        run = data.select(model="logistic", optimizer=name, **CANCER).arrays()
        far = np.abs(coefficients(run, "path") - solution[:, None]).max(axis=-1)
        plots.seeds(ax, run["epoch"], far, label=label, color=colours.of(name), band=False)
    theirs = {}
    for text in data.select(model="sklearn_logistic", **CANCER).values("sklearn"):
        parameters = json.loads(text)
        if parameters.keys() == {"tol", "max_iter"}:
            end = coefficients(peer(data, "logistic", parameters, **CANCER).arrays())
            theirs[parameters["max_iter"]] = np.median(np.abs(end - solution).max(axis=1))
    ax.plot(*zip(*sorted(theirs.items()), strict=True), "v-", color=colours.INK, ms=5,
            label="theirs (lbfgs)")  # fmt: skip
    usual = peer(data, "logistic", {}, **CANCER)
    ax.plot(usual.nets.epochs_used.median(), apart(usual, peer(data, "logistic", EXACT, **CANCER)),
            "*", ms=14, color=colours.RED, zorder=6, label="where fit() stops")  # fmt: skip
    plots.theory(ax, "claimed: 1e-5", y=1e-5, color=colours.GREY)
    ax.set(yscale="log", ylim=(2e-12, 10.0))
    plots.epochs(ax)
    ax.set_title("All roads lead to one solution")
    ax.set(xlabel="iteration", ylabel="furthest coefficient from the solution")
    ax.legend(loc="lower left")


def bars(ax, data):
    """Draws one bar a default, sorted by the size of the change."""
    rows = []
    for name, model, parameter, was, now, before, after in DEFAULTS:
        points = 100.0 * changes(data, model, before, after)[0]
        rows.append((points, model, f"{name}: {parameter} {was} to {now}"))
    rows.sort(key=lambda row: np.median(row[0]))
    for i, (points, model, change) in enumerate(rows):
        color = colours.of(model)
        ax.barh(i, np.median(points), height=0.5, color=color, alpha=0.85)
        ax.plot(points, np.full(len(points), i), "o", ms=4, mfc="white", mec=colours.INK, mew=0.8)
        ax.text(0.0021, i + 0.31, change, va="bottom", size=9.5)
    for model, label in ESTIMATORS.items():
        ax.barh(0, 0, color=colours.of(model), label=label)
    ax.set(xscale="log", xlim=(0.002, 60), ylim=(-0.5, len(rows) + 0.8), yticks=[],
           xlabel="change of a predicted probability (points, rms)")  # fmt: skip
    ax.set_xticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
    ax.grid(axis="y", visible=False)
    ax.set_title("What each default decided")
    ax.legend(loc="upper left", ncols=2)


def lengths(ax, data):
    """Draws weights against the loss on AND without a penalty: our epochs, and their ends."""
    ours = data.select(model="logistic", dataset="and", l2=0.0).arrays()
    ax.plot(ours["curve/train/loss"][0], ours["curve/weight_norm"][0],
            color=colours.of("logistic"), label="ours, epoch by epoch")  # fmt: skip
    theirs = unpenalized(data)
    ax.plot(*zip(*theirs.values(), strict=True), "v", color=colours.INK, label="theirs")
    for tolerance, (loss, length) in theirs.items():
        ax.annotate(f"tol {tolerance:.0e}".replace("e-0", "e-"), (loss, length), (6, 2),
                    textcoords="offset points", size=9)  # fmt: skip
    ax.set(xscale="log", xlim=(2.0, 1e-12))
    ax.set_title("AND without a penalty: no end")
    ax.set(xlabel="loss (nats)", ylabel="length of the weights")
    ax.legend(loc="upper left")
